//! Downloads from a server that truncates, alters, ignores and changes its mind.

mod server;
mod trust;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::{Arc, Mutex};

use camino::Utf8PathBuf;
use server::{Server, answer, honest};

use super::part::Part;
use super::signature::tests::{FINGERPRINT, fixture};
use super::*;
use crate::digest::Digest;
use crate::home::Home;
use crate::pins::{Met, Pin, Pins};

/// What the fixture `SHA256SUMS` lists as `disk.qcow2`.
const SMALL: &[u8] = b"a small disk";

struct Case {
    _folder: tempfile::TempDir,
    folder: Utf8PathBuf,
    downloader: Downloader,
}

fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let home = Home::new(path.join("home")).unwrap();
    Case { _folder: folder, folder: path, downloader: Downloader::new(home) }
}

impl Case {
    fn pins(&self) -> Pins {
        Pins::open(&self.folder.join("kiln.lock")).unwrap()
    }

    async fn fetch(&self, source: Source, expect: Expect) -> Result<Fetched, DownloadError> {
        let request = Request { source, expect };
        self.downloader.fetch(&request, &mut self.pins(), |_| ()).await
    }

    async fn fetch_url(&self, url: &Url, expect: Expect) -> Result<Fetched, DownloadError> {
        self.fetch(Source::Url(url.clone()), expect).await
    }

    /// The names in the folder of downloads, without the lock of an unfinished one.
    fn downloads(&self) -> Vec<String> {
        let entries = self.downloader.home.downloads().read_dir_utf8().unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_owned()).collect();
        names.retain(|name| !name.ends_with(".lock"));
        names.sort();
        names
    }
}

fn content() -> Vec<u8> {
    (0..1_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn sha256(bytes: &[u8]) -> Expect {
    Expect::Checksum(Checksum::Sha256(Digest::of_bytes(bytes)))
}

#[tokio::test]
async fn a_file_is_fetched_once() {
    let case = case();
    let server = Server::new(|_, asked| honest(&content(), "\"1\"", asked));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let request = Request { source: Source::Url(server.url("disk")), expect: sha256(&content()) };
    let recorder = Arc::clone(&seen);
    let progress = move |progress| recorder.lock().unwrap().push(progress);
    let fetched = case.downloader.fetch(&request, &mut case.pins(), progress).await.unwrap();
    assert_eq!(fetched.trust, Trust::Given);
    assert_eq!((fetched.digest, fetched.size_bytes), (Digest::of_bytes(&content()), 1_000_000));
    assert_eq!(fs::read(&fetched.path).unwrap(), content());
    assert_eq!(fs::metadata(&fetched.path).unwrap().mode() & 0o7777, 0o400);
    assert_eq!(seen.lock().unwrap().last(), Some(&Progress { bytes: 1_000_000, total: Some(1_000_000) }));
    assert_eq!(case.downloads(), [fetched.digest.hex()]);

    assert_eq!(case.fetch_url(&server.url("disk"), sha256(&content())).await.unwrap(), fetched);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_truncated_download_says_how_far_it_came_and_is_continued() {
    let case = case();
    let server = Server::new(|number, asked| match number {
        0 => answer("200 OK", "ETag: \"1\"\r\n", 1_000_000, &content()[..300_000]),
        _ => honest(&content(), "\"1\"", asked),
    });
    let error = case.fetch_url(&server.url("disk"), sha256(&content())).await.unwrap_err().to_string();
    assert!(error.contains("interrupted after 300000 of 1000000 bytes") && error.contains("run it again"), "{error}");
    case.fetch_url(&server.url("disk"), sha256(&content())).await.unwrap();
    let asked = &server.asked()[1];
    assert_eq!((asked.range.as_deref(), asked.if_range.as_deref()), (Some("bytes=300000-"), Some("\"1\"")));
    assert_eq!(case.downloads(), [Digest::of_bytes(&content()).hex()]);
}

#[tokio::test]
async fn what_cannot_be_continued_is_begun_anew() {
    for (what, second) in [
        (
            "the file was changed",
            honest(&content(), "\"2\"", &server::Asked { path: String::new(), range: None, if_range: None }),
        ),
        ("another range", answer("206 Partial Content", "Content-Range: bytes 5-9/1000000\r\n", 5, &content()[5..10])),
        ("no range", answer("206 Partial Content", "", 5, b"12345")),
        ("an error", answer("416 Range Not Satisfiable", "", 0, b"")),
    ] {
        let case = case();
        let server = Server::new(move |number, asked| match number {
            0 => answer("200 OK", "ETag: \"1\"\r\n", 1_000_000, &[7; 300_000]),
            1 => second.clone(),
            _ => honest(&content(), "\"2\"", asked),
        });
        assert!(case.fetch_url(&server.url("disk"), Expect::Nothing).await.is_err());
        let fetched = case.fetch_url(&server.url("disk"), Expect::Nothing).await.unwrap();
        assert_eq!(fetched.digest, Digest::of_bytes(&content()), "{what}");
        assert_eq!(server.asked().last().unwrap().range.is_none(), what != "the file was changed");
    }
}

#[tokio::test]
async fn a_download_that_was_whole_already_is_taken() {
    let case = case();
    let server = Server::new(|_, asked| honest(&content(), "\"1\"", asked));
    let url = server.url("disk");
    let part = Part::open(&case.downloader.home.downloads(), &url).unwrap();
    let etag = Some("\"1\"".to_owned());
    part.begin(&part::Validator { url: url.to_string(), etag, last_modified: None }).unwrap();
    fs::write(part.path(), content()).unwrap();
    drop(part);
    case.fetch_url(&url, sha256(&content())).await.unwrap();
    assert_eq!(server.asked().len(), 1);
    assert_eq!(server.asked()[0].range.as_deref(), Some("bytes=1000000-"));
}

#[tokio::test]
async fn an_altered_file_is_refused_with_both_checksums_and_removed() {
    let case = case();
    let server = Server::new(|_, asked| honest(b"evil", "\"1\"", asked));
    let url = server.url("disk");
    let error = case.fetch_url(&url, sha256(b"good")).await.unwrap_err().to_string();
    for part in [url.as_str(), &Digest::of_bytes(b"good").to_string(), &Digest::of_bytes(b"evil").to_string()] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(case.downloads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_sha512_is_enough_and_remembered() {
    let case = case();
    let server = Server::new(|_, asked| honest(b"abc", "\"1\"", asked));
    let checksum: Checksum = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                              2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        .parse()
        .unwrap();
    for _ in 0..2 {
        let fetched = case.fetch_url(&server.url("disk"), Expect::Checksum(checksum.clone())).await.unwrap();
        assert_eq!(fetched.digest, Digest::of_bytes(b"abc"));
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn servers_that_refuse_or_are_not_there_are_named() {
    let case = case();
    let server = Server::new(|_, _| answer("404 Not Found", "", 4, b"none"));
    let error = case.fetch_url(&server.url("disk"), sha256(b"")).await.unwrap_err().to_string();
    assert!(error.contains(server.url("disk").as_str()) && error.contains("404"), "{error}");
    let nobody: Url = "http://127.0.0.1:1/disk".parse().unwrap();
    let error = case.fetch_url(&nobody, sha256(b"")).await.unwrap_err();
    assert!(matches!(error, DownloadError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn local_files_are_copied_and_their_checksum_holds() {
    let case = case();
    let path = case.folder.join("disk");
    fs::write(&path, SMALL).unwrap();
    let fetched = case.fetch(Source::File(path.clone()), Expect::Nothing).await.unwrap();
    assert_eq!((fetched.trust, fetched.digest), (Trust::Local, Digest::of_bytes(SMALL)));
    fs::write(&path, "changed").unwrap();
    assert_eq!(fs::read(&fetched.path).unwrap(), SMALL);
    let error = case.fetch(Source::File(path.clone()), sha256(SMALL)).await.unwrap_err();
    assert!(error.to_string().contains(path.as_str()), "{error}");
    assert!(case.fetch(Source::File(case.folder.join("none")), Expect::Nothing).await.is_err());
}

#[tokio::test]
async fn a_download_that_was_changed_is_fetched_again() {
    let case = case();
    let server = Server::new(|_, asked| honest(SMALL, "\"1\"", asked));
    let fetched = case.fetch_url(&server.url("disk"), sha256(SMALL)).await.unwrap();
    fs::remove_file(&fetched.path).unwrap();
    fs::write(&fetched.path, "rotten").unwrap();
    case.fetch_url(&server.url("disk"), sha256(SMALL)).await.unwrap();
    assert_eq!(fs::read(&fetched.path).unwrap(), SMALL);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn xz_files_are_unpacked_once() {
    let case = case();
    let path = case.folder.join("disk");
    fs::write(&path, content()).unwrap();
    assert!(Command::new("xz").args(["-0", path.as_str()]).status().unwrap().success());
    let packed = fs::read(case.folder.join("disk.xz")).unwrap();
    let source = Source::File(case.folder.join("disk.xz"));
    let first = case.fetch(source.clone(), sha256(&packed)).await.unwrap();
    assert_eq!(first.digest, Digest::of_bytes(&packed));
    assert_eq!(fs::read(&first.path).unwrap(), packed);
    let unpacked = case.downloader.unpacked(&first).await.unwrap();
    assert_eq!(fs::read(&unpacked).unwrap(), content());
    let inode = fs::metadata(&unpacked).unwrap().ino();
    assert_eq!(case.fetch(source, sha256(&packed)).await.unwrap(), first);
    assert_eq!(case.downloader.unpacked(&first).await.unwrap(), unpacked);
    assert_eq!(fs::metadata(&unpacked).unwrap().ino(), inode);
}

#[tokio::test]
async fn a_damaged_xz_file_leaves_nothing_in_scratch() {
    let case = case();
    let path = case.folder.join("disk.xz");
    fs::write(&path, b"\xfd7zXZ\0 and no more").unwrap();
    let fetched = case.fetch(Source::File(path), Expect::Nothing).await.unwrap();
    let error = case.downloader.unpacked(&fetched).await.unwrap_err();
    assert!(error.to_string().contains("unpacking"), "{error}");
    assert_eq!(case.downloader.home.scratch().read_dir_utf8().unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_mirror_has_is_pinned_by_what_it_stands_for() {
    let case = case();
    let mirror = case.folder.join("mirror");
    fs::create_dir(&mirror).unwrap();
    fs::write(mirror.join("disk.qcow2"), SMALL).unwrap();
    let url: Url = "https://mirrored.invalid/images/disk.qcow2".parse().unwrap();
    let routes = |to: &str| {
        let pairs = [("https://mirrored.invalid/images".to_owned(), to.parse().unwrap())];
        Routes::Online(pairs.into_iter().collect())
    };
    let by = |to: &str| Case {
        _folder: tempfile::tempdir().unwrap(),
        folder: case.folder.clone(),
        downloader: Downloader::new(case.downloader.home.clone()).by(routes(to)),
    };
    let fetched = by(mirror.as_str()).fetch_url(&url, Expect::Nothing).await.unwrap();
    assert_eq!((fetched.trust, fetched.digest), (Trust::FirstUse, Digest::of_bytes(SMALL)));
    assert_eq!(case.pins().get(url.as_str()).unwrap().sha256, fetched.digest);

    // A mirror that has it not, or has something else.
    let missing: Url = "https://mirrored.invalid/images/other.qcow2".parse().unwrap();
    let error = by(mirror.as_str()).fetch_url(&missing, Expect::Nothing).await.unwrap_err();
    assert!(error.is_no_answer() && error.is_absent(), "{error}");
    assert!(error.to_string().contains("other.qcow2") && error.to_string().contains(mirror.as_str()), "{error}");
    let error = by(mirror.as_str()).fetch_url(&url, sha256(b"something else")).await.unwrap_err();
    assert!(
        matches!(&error, DownloadError::Mirror { source, .. } if matches!(**source, DownloadError::Mismatch { .. }))
    );
    assert!(error.to_string().contains(url.as_str()), "{error}");
}

#[tokio::test]
async fn a_page_is_no_file() {
    let case = case();
    let page = b"<!DOCTYPE html><title>Sign in</title>";
    let server = Server::new(|_, _| answer("200 OK", "", page.len(), page));
    let error = case.fetch_url(&server.url("disk.qcow2"), Expect::Nothing).await.unwrap_err();
    assert!(matches!(error, DownloadError::WebPage { .. }) && error.is_no_answer(), "{error}");
    assert_eq!(case.downloads(), [""; 0]);
    assert!(case.pins().get(server.url("disk.qcow2").as_str()).is_none());
}

#[tokio::test]
async fn a_page_leaves_no_file_in_the_way_of_the_next_source() {
    let case = case();
    let page = b"<!DOCTYPE html><title>Sign in</title>";
    let server = Server::new(|_, asked| match &asked.path[..] {
        "first/list" => answer("200 OK", "", page.len(), page),
        _ => answer("200 OK", "", content().len(), &content()),
    });
    let list = case.folder.join("list");
    let save = async |url: &Url| case.downloader.save(url, &list, |_| ()).await;
    let sources = ["first/list", "second/list"].map(|path| server.url(path));
    let saved = first_that_answers(&sources[0], &sources[1..], DownloadError::is_no_answer, save).await;
    assert_eq!(saved.unwrap().1, 1);
    assert_eq!(fs::read(&list).unwrap(), content());
}
