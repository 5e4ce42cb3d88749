//! Files that are saved as they come, for somebody who reads them meanwhile. Nothing is continued, and nothing verified.

use std::fs::File;
use std::io::{self, Read, Write};

use camino::Utf8Path;

use super::error::DownloadError;
use super::page;
use super::source::Url;
use super::transfer::Progress;
use super::web::{Web, content_length, ended_early, refuse_status};
use crate::{At, FileError};

/// Fetches a file into the new file `to`, which is not made for a page. Blocks.
pub(super) fn url(web: &Web, url: &Url, to: &Utf8Path, progress: impl FnMut(Progress)) -> Result<(), DownloadError> {
    let response = web.get(url, &[])?;
    let total = content_length(&response);
    refuse_status(&response, url)?;
    let interrupted = |got, source| DownloadError::Interrupted { url: url.clone(), got, total, source };
    let mut body = response.into_body().into_reader();
    let mut head = Vec::new();
    let begun = body.by_ref().take(page::HEAD).read_to_end(&mut head);
    begun.map_err(|source| interrupted(head.len() as u64, source))?;
    page::refuse(&head, url)?;
    let got = pour(head.as_slice().chain(body), to, total, progress, interrupted)?;
    if total.is_some_and(|total| got < total) { Err(ended_early(url, got, total)) } else { Ok(()) }
}

/// The same from a file of this host. Blocks.
pub(super) fn file(path: &Utf8Path, to: &Utf8Path, progress: impl FnMut(Progress)) -> Result<(), DownloadError> {
    let failed = |source| DownloadError::File(FileError::new("reading", path, source));
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    // Somebody may be writing it.
    let got = pour(file.take(length), to, Some(length), progress, |_, source| failed(source))?;
    if got < length { Err(failed(io::ErrorKind::UnexpectedEof.into())) } else { Ok(()) }
}

/// Writes all that comes into the new file `to`. Returns how many bytes that were.
fn pour(
    mut from: impl Read,
    to: &Utf8Path,
    total: Option<u64>,
    mut progress: impl FnMut(Progress),
    broken: impl Fn(u64, io::Error) -> DownloadError,
) -> Result<u64, DownloadError> {
    let mut file = File::create_new(to).at("writing", to)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(count) => {
                file.write_all(&buffer[..count]).at("writing", to)?;
                bytes += count as u64;
                progress(Progress { bytes, total });
            }
            Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(broken(bytes, source)),
        }
    }
}
