//! Pages for people in the place of files: what proxies, login walls and servers that were reorganised answer with.

use std::fs::File;
use std::io::Read;

use camino::Utf8Path;

use super::error::DownloadError;
use super::source::Url;
use crate::At;
use crate::base::is_web_page;

/// How far is looked for the beginning of a page, in bytes.
pub(super) const HEAD: u64 = 512;

/// Refuses a page in the file that came from `url`, unless it was one that was asked for.
pub(super) fn refuse_file(path: &Utf8Path, url: &Url) -> Result<(), DownloadError> {
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head)).at("reading", path)?;
    refuse(&head, url)
}

/// The same for what begins like this.
pub(super) fn refuse(head: &[u8], url: &Url) -> Result<(), DownloadError> {
    let wanted = [".html", ".htm"].iter().any(|ending| url.file_name().ends_with(ending)) || url.file_name().is_empty();
    if !wanted && is_web_page(head) { Err(DownloadError::WebPage { url: url.clone() }) } else { Ok(()) }
}
