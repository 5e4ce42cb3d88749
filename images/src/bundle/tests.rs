//! Bundles: filled by one and by two, carried, and spoilt.

use std::fs;

use super::*;

fn case() -> (tempfile::TempDir, Home, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    let home = Home::new(root.join("home")).unwrap();
    let bundle = Bundle::create(&root.join("bundle"), None).unwrap();
    fs::write(root.join("file"), "some bytes").unwrap();
    bundle.keep(&"https://example.org/a/b.rpm".parse().unwrap(), &root.join("file")).unwrap();
    let (image, place) = (("flannel:v0.11.0", Digest::of_bytes(b"manifest")), Utf8Path::new("flannel/v0.11.0.tar"));
    bundle.keep_image(image, &root.join("file"), place).unwrap();
    bundle.note_absent(&"https://example.org/none".parse().unwrap()).unwrap();
    bundle.finish().unwrap();
    let folder_of_bundle = root.join("bundle");
    (folder, home, folder_of_bundle)
}

#[test]
fn what_was_put_in_is_there() {
    let (_folder, home, path) = case();
    let bundle = Bundle::open(&path, &home).unwrap();
    let file = bundle.file(&"https://example.org/a/b.rpm".parse().unwrap()).unwrap();
    assert_eq!(
        (&file, fs::read(&file).unwrap()),
        (&path.join("web/https/example.org/a/b.rpm"), b"some bytes".to_vec())
    );
    let (archive, digest) = bundle.image("flannel:v0.11.0").unwrap();
    assert!(archive.ends_with("images/flannel/v0.11.0.tar") && archive.exists());
    assert_eq!((digest, bundle.size()), (Digest::of_bytes(b"manifest"), (2, 20)));
    assert!(bundle.is_absent(&"https://example.org/none".parse().unwrap()));
}

#[test]
fn what_is_missing_or_changed_is_named() {
    let (_folder, home, path) = case();
    fs::write(path.join("web/https/example.org/a/b.rpm"), "some byte").unwrap();
    let said = Bundle::open(&path, &home).unwrap_err().to_string();
    assert!(said.contains("https://example.org/a/b.rpm") && said.contains("expected"), "{said}");
    fs::remove_file(path.join("web/https/example.org/a/b.rpm")).unwrap();
    let said = Bundle::open(&path, &home).unwrap_err().to_string();
    assert!(said.contains("is missing, which is https://example.org/a/b.rpm"), "{said}");
    for (folder, why) in [
        (home.root().to_owned(), "there is no bundle.json in it"),
        (path.join(MANIFEST), "there is no bundle.json in it"),
        (path.join("missing"), "there is no such folder"),
        (path.join(MANIFEST).join("missing"), "there is no such folder"),
    ] {
        let said = Bundle::open(&folder, &home).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{folder} is no bundle: {why}\n")), "{said}");
        assert!(said.contains(&format!("bake fetch RECIPE --bundle {folder}")), "{said}");
    }
}

#[test]
fn a_bundle_does_not_lead_elsewhere() {
    let (_folder, home, path) = case();
    let manifest = path.join(MANIFEST);
    let text = fs::read_to_string(&manifest).unwrap().replace("web/https/example.org", "../../../etc");
    fs::write(&manifest, text).unwrap();
    let error = Bundle::open(&path, &home).unwrap_err();
    let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("leads out of the bundle"), "{error}: {why}");
}

#[test]
fn what_two_put_in_at_once_is_all_there_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    let home = Home::new(root.join("home")).unwrap();
    fs::write(root.join("file"), "some bytes").unwrap();
    let path = root.join("bundle");
    let bundles = [("a", Bundle::create(&path, None).unwrap()), ("b", Bundle::create(&path, None).unwrap())];
    std::thread::scope(|scope| {
        for (host, bundle) in &bundles {
            let url = move |name: String| format!("https://{host}/{name}").parse().unwrap();
            let file = root.join("file");
            scope.spawn(move || {
                for number in 0..10 {
                    bundle.keep(&url(number.to_string()), &file).unwrap();
                    bundle.note_absent(&url(format!("none-{number}"))).unwrap();
                }
                let image = format!("{host}/pause:3.9");
                bundle.keep_image((&image, Digest::of_bytes(b"x")), &file, Utf8Path::new(&image)).unwrap();
            });
        }
    });
    // Neither has finished.
    let bundle = Bundle::open(&path, &home).unwrap();
    assert_eq!((bundle.size(), bundle.content().absent.len()), ((22, 220), 20));
    let mut entries: Vec<_> = path.read_dir_utf8().unwrap().map(|one| one.unwrap().file_name().to_owned()).collect();
    entries.sort();
    assert_eq!(entries, [MANIFEST, "images", "web"]);
}

#[test]
fn what_is_listed_stays_until_what_follows_it_is_listed() {
    let (_folder, home, path) = case();
    let url: Url = "https://example.org/a/b.rpm".parse().unwrap();
    let (stale, refreshed) = (Bundle::create(&path, None).unwrap(), Bundle::create(&path, None).unwrap());
    let first = stale.file(&url).unwrap();
    let mut files = vec![first.clone()];
    for text in ["other bytes", "some bytes"] {
        let manifest = fs::read(path.join(MANIFEST)).unwrap();
        fs::write(path.join("changed"), text).unwrap();
        refreshed.keep(&url, &path.join("changed")).unwrap();
        files.push(refreshed.file(&url).unwrap());
        let [.., before, now] = &files[..] else { panic!("{files:?}") };
        assert!(before != now && !before.exists(), "it was written over what was listed");
        assert_eq!(fs::read(Bundle::open(&path, &home).unwrap().file(&url).unwrap()).unwrap(), text.as_bytes());
        assert_ne!(fs::read(path.join(MANIFEST)).unwrap(), manifest);
    }
    assert_eq!(files[2], first, "it lies where it lay at first");
    // Whoever began before learns of it.
    let image = stale.image("flannel:v0.11.0").unwrap();
    stale.note_absent(&"https://example.org/other".parse().unwrap()).unwrap();
    assert_eq!((stale.file(&url), stale.image("flannel:v0.11.0")), (Some(first), Some(image)));
}
