//! Checksum files, as publishers put them beside their images: `SHA256SUMS`, `CHECKSUM`, `sha256sum.txt.asc`.

use super::Downloader;
use super::checksum::Checksum;
use super::error::DownloadError;
use super::request::first_that_answers;
use super::signature::{self, Form, Signature};
use super::source::Url;

/// Where the checksum of a file is published.
#[derive(Debug, Clone)]
pub struct SumsFile {
    /// The checksum file.
    pub url: Url,
    /// Where else it is, in this order, if that does not answer.
    pub also: Vec<Url>,
    /// Who must have signed it.
    pub signature: Option<Signature>,
}

/// Fetches a checksum file, verifies its signature if there must be one, and finds the checksum of the file at `url`.
pub(super) async fn look_up(by: &Downloader, sums: &SumsFile, url: &Url) -> Result<Checksum, DownloadError> {
    let get = async |list: &Url| match &sums.signature {
        None if !by.is_secure(list)? => Err(DownloadError::Insecure { url: list.clone() }),
        _ => Ok((by.small(list).await?, list.clone())),
    };
    let ((bytes, list), number) = first_that_answers(&sums.url, &sums.also, DownloadError::is_no_answer, get).await?;
    if number > 0 {
        tracing::warn!("{} came from {list}", list.file_name());
    }
    let text = match &sums.signature {
        None => bytes,
        Some(signature) => {
            let form = match &signature.detached {
                None => Form::Clear(bytes),
                Some(detached) => Form::Detached { signature: by.small(detached).await?, data: bytes },
            };
            signature::verify(&by.home, form, signature, &list).await?
        }
    };
    let found = find(&String::from_utf8_lossy(&text), url.file_name());
    found.map_err(|why| DownloadError::NotListed { sums: list.clone(), file: url.file_name().to_owned(), why })
}

/// The checksum of `file` in a list. SHA-256 is taken where there are both kinds.
fn find(text: &str, file: &str) -> Result<Checksum, &'static str> {
    let mut found: Vec<Checksum> =
        text.lines().filter_map(parse_line).filter(|line| line.0 == file).map(|line| line.1).collect();
    found.sort_by_key(|checksum| matches!(checksum, Checksum::Sha512(_)));
    let Some(first) = found.first().cloned() else { return Err("it is not in the list") };
    let is_other =
        |other: &Checksum| *other != first && std::mem::discriminant(other) == std::mem::discriminant(&first);
    if found.iter().any(is_other) { Err("it is in the list twice, with different checksums") } else { Ok(first) }
}

/// Reads a line of `sha256sum` (coreutils: digits, a space, a space or `*`, the name) or of its option `--tag`, which is
/// what the BSDs write: `SHA256 (name) = digits`. The name is given without its folder.
fn parse_line(line: &str) -> Option<(&str, Checksum)> {
    let (name, checksum) = match line.split_once(" (") {
        Some(("SHA256" | "SHA512", rest)) => rest.rsplit_once(") = ")?,
        _ => {
            let (digits, name) = line.split_once(' ')?;
            (name.strip_prefix([' ', '*'])?, digits)
        }
    };
    let name = name.trim_end().rsplit('/').next()?;
    Some((name, checksum.trim_end().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn both_ways_of_writing_are_read() {
        let (a, b) = (Digest::of_bytes(b"a"), Digest::of_bytes(b"b"));
        let text = format!(
            "# comment\n{0}  plain\n{0} *binary\r\n{0}  ./in/folder\nSHA256 (bsd (1).img) = {0}\nMD5 (md5) = 900150983cd24fb0d6963f7d28e17f72\n\
             SHA512 (both) = {0}{1}\nSHA256 (both) = {0}\n{0}  twice\n{1}  twice\n{0}  again\n{0}  again\n",
            a.hex(),
            b.hex()
        );
        for (file, expected) in [
            ("plain", Ok(Checksum::Sha256(a))),
            ("binary", Ok(Checksum::Sha256(a))),
            ("folder", Ok(Checksum::Sha256(a))),
            ("bsd (1).img", Ok(Checksum::Sha256(a))),
            ("both", Ok(Checksum::Sha256(a))),
            ("again", Ok(Checksum::Sha256(a))),
            ("md5", Err("it is not in the list")),
            ("lain", Err("it is not in the list")),
            ("", Err("it is not in the list")),
            ("twice", Err("it is in the list twice, with different checksums")),
        ] {
            assert_eq!(find(&text, file), expected, "{file}");
        }
    }
}
