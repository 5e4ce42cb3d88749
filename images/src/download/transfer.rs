//! HTTP: bytes from a server into a file, continued where the last try ended.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::Body;
use ureq::http::{Response, header};

use super::error::DownloadError;
use super::part::{Part, Validator};
use super::source::Url;
use super::web::{Web, content_length, ended_early, refuse_status, text};
use crate::{At, FileError};

/// How far a download is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many bytes are here.
    pub bytes: u64,
    /// How many there are, if the server says.
    pub total: Option<u64>,
}

/// One download.
pub(super) struct Transfer {
    pub web: Web,
    pub url: Url,
    pub part: Part,
    /// Whether a checksum will be compared at the end, so that two halves of different files would be found out.
    pub may_mix: bool,
    pub cancelled: Arc<AtomicBool>,
    pub progress: Box<dyn FnMut(Progress) + Send>,
}

/// What a server does when it is asked for the rest of a file.
#[derive(Debug, PartialEq, Eq)]
enum Rest {
    /// It sends the rest; the whole has this length.
    Comes(Option<u64>),
    /// There is no rest: all of it is here.
    IsHere,
    /// It sends the whole file.
    IsWhole,
    /// It cannot be used.
    Refused,
}

impl Transfer {
    /// Downloads until the part is whole, and returns it. Blocks.
    pub(super) fn run(mut self) -> Result<Part, DownloadError> {
        let continued = match self.part.begun(&self.url) {
            Some((length, validator)) => match validator.if_range(self.may_mix) {
                Some(condition) => self.continue_from(length, condition)?,
                None => false,
            },
            None => false,
        };
        if !continued {
            let response = self.web.get(&self.url, &[])?;
            self.take_whole(response)?;
        }
        Ok(self.part)
    }

    /// Asks for what is missing. False when the whole must be asked for instead.
    fn continue_from(&mut self, length: u64, condition: String) -> Result<bool, DownloadError> {
        let headers = [(header::RANGE, format!("bytes={length}-")), (header::IF_RANGE, condition)];
        let response = self.web.get(&self.url, &headers)?;
        let content_range = text(&response, &header::CONTENT_RANGE);
        match rest(response.status().as_u16(), content_range.as_deref(), length) {
            Rest::Comes(total) => {
                let file = self.part.append()?;
                self.copy(response, file, length, total)?;
                Ok(true)
            }
            Rest::IsHere => Ok(true),
            Rest::IsWhole => self.take_whole(response).map(|()| true),
            Rest::Refused => Ok(false),
        }
    }

    fn take_whole(&mut self, response: Response<Body>) -> Result<(), DownloadError> {
        refuse_status(&response, &self.url)?;
        let total = content_length(&response);
        let file = self.part.begin(&Validator::of(&response, &self.url))?;
        self.copy(response, file, 0, total)
    }

    fn copy(
        &mut self,
        response: Response<Body>,
        mut file: File,
        mut got: u64,
        total: Option<u64>,
    ) -> Result<(), DownloadError> {
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            (self.progress)(Progress { bytes: got, total });
            if self.cancelled.load(Ordering::Relaxed) {
                let source = io::Error::new(io::ErrorKind::Interrupted, "it was cancelled");
                return Err(DownloadError::Interrupted { url: self.url.clone(), got, total, source });
            }
            match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    file.write_all(&buffer[..count]).map_err(|error| self.cannot_write(error))?;
                    got += count as u64;
                }
                Err(source) => return Err(DownloadError::Interrupted { url: self.url.clone(), got, total, source }),
            }
        }
        if total.is_some_and(|total| got < total) {
            return Err(ended_early(&self.url, got, total));
        }
        file.sync_all().at("syncing", self.part.path()).map_err(Into::into)
    }

    /// A full disk is not kept full by what did not fit on it.
    fn cannot_write(&self, error: io::Error) -> DownloadError {
        let error = FileError::new("writing", self.part.path(), error);
        match (error.kind(), self.part.discard()) {
            (io::ErrorKind::StorageFull, Err(second)) => second.into(),
            _ => error.into(),
        }
    }
}

impl Validator {
    fn of(response: &Response<Body>, url: &Url) -> Self {
        Self {
            url: url.as_str().to_owned(),
            // A weak tag (W/"…") says that the meaning is the same, not the bytes (RFC 9110, 8.8.1).
            etag: text(response, &header::ETAG).filter(|tag| tag.starts_with('"')),
            last_modified: text(response, &header::LAST_MODIFIED),
        }
    }

    /// The condition under which a server may send the rest only (RFC 9110, 13.1.5). A date tells two versions within
    /// a second not apart, and so is only good enough where a checksum follows.
    fn if_range(&self, may_mix: bool) -> Option<String> {
        self.etag.clone().or_else(|| self.last_modified.clone().filter(|_| may_mix))
    }
}

/// Reads the answer to a request for what follows `length` bytes (RFC 9110: 206 in 15.3.7, 416 in 15.5.17).
fn rest(status: u16, content_range: Option<&str>, length: u64) -> Rest {
    let range = content_range.and_then(|range| range.strip_prefix("bytes ")).and_then(|range| range.split_once('/'));
    let total = range.and_then(|(_, total)| total.parse::<u64>().ok());
    match status {
        200 => Rest::IsWhole,
        206 => {
            let span = range.and_then(|(span, _)| span.split_once('-'));
            let span = span.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
            match span {
                // Some servers send less than was asked for; the length of the whole finds that out.
                Some((first, last)) if first == length && last >= first => Rest::Comes(total.or(Some(last + 1))),
                _ => Rest::Refused,
            }
        }
        416 if total == Some(length) => Rest::IsHere,
        _ => Rest::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_a_request_for_the_rest() {
        for (status, range, expected) in [
            (206, Some("bytes 10-99/100"), Rest::Comes(Some(100))),
            (206, Some("bytes 10-99/*"), Rest::Comes(Some(100))),
            (206, Some("bytes 0-99/100"), Rest::Refused),
            (206, Some("bytes 11-99/100"), Rest::Refused),
            (206, Some("10-99/100"), Rest::Refused),
            (206, None, Rest::Refused),
            (200, None, Rest::IsWhole),
            (416, Some("bytes */10"), Rest::IsHere),
            (416, Some("bytes */9"), Rest::Refused),
            (416, None, Rest::Refused),
            (500, None, Rest::Refused),
        ] {
            assert_eq!(rest(status, range, 10), expected, "{status} {range:?}");
        }
    }

    #[test]
    fn only_strong_validators_continue_what_is_not_verified() {
        let validator = |etag: Option<&str>| Validator {
            url: String::new(),
            etag: etag.map(str::to_owned),
            last_modified: Some("date".to_owned()),
        };
        assert_eq!(validator(Some("\"a\"")).if_range(false).as_deref(), Some("\"a\""));
        assert_eq!(validator(None).if_range(false), None);
        assert_eq!(validator(None).if_range(true).as_deref(), Some("date"));
    }
}
