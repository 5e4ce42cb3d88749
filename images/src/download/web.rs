//! The HTTP client, and what is read from the head of an answer.

use std::io::{self, Read};
use std::time::Duration;

use ureq::http::{HeaderName, Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::error::DownloadError;
use super::source::Url;

/// How long the name may take to resolve and the connection to stand.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// How long the server may be silent, before its answer and within it.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// The largest checksum file or signature.
pub(super) const SMALL: u64 = 1 << 20;

/// The HTTP client.
#[derive(Debug, Clone)]
pub(super) struct Web {
    any: Agent,
    https: Agent,
}

impl Web {
    pub(super) fn new() -> Self {
        Self { any: agent(false), https: agent(true) }
    }

    /// What begins with HTTPS is not led to plain HTTP by a redirection.
    fn agent(&self, url: &Url) -> &Agent {
        if url.is_https() { &self.https } else { &self.any }
    }

    pub(super) fn get(&self, url: &Url, headers: &[(HeaderName, String)]) -> Result<Response<Body>, DownloadError> {
        let mut request = self.agent(url).get(url.as_str());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.call().map_err(|error| DownloadError::Unreachable { url: url.clone(), source: Box::new(error) })
    }

    /// Fetches a small file into memory. Blocks.
    pub(super) fn fetch_small(&self, url: &Url) -> Result<Vec<u8>, DownloadError> {
        let response = self.get(url, &[])?;
        let total = content_length(&response);
        refuse_status(&response, url)?;
        let mut bytes = Vec::new();
        let read = response.into_body().into_reader().take(SMALL + 1).read_to_end(&mut bytes);
        let got = bytes.len() as u64;
        if got > SMALL {
            return Err(DownloadError::TooLarge { url: url.clone(), limit: SMALL });
        }
        match (read, total) {
            (Err(source), _) => Err(DownloadError::Interrupted { url: url.clone(), got, total, source }),
            (Ok(_), Some(expected)) if got < expected => Err(ended_early(url, got, total)),
            (Ok(_), _) => Ok(bytes),
        }
    }
}

fn agent(https_only: bool) -> Agent {
    // The platform's verifier knows the certificates that a company has installed.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .https_only(https_only)
        .http_status_as_error(false)
        .tls_config(tls)
        .user_agent(concat!("kiln/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(CONNECT_LIMIT))
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_recv_response(Some(SILENCE_LIMIT))
        .timeout_per_read(Some(SILENCE_LIMIT))
        .build()
        .new_agent()
}

pub(super) fn refuse_status(response: &Response<Body>, url: &Url) -> Result<(), DownloadError> {
    match response.status().as_u16() {
        200 => Ok(()),
        status => Err(DownloadError::Status { url: url.clone(), status }),
    }
}

pub(super) fn ended_early(url: &Url, got: u64, total: Option<u64>) -> DownloadError {
    let source = io::Error::new(io::ErrorKind::UnexpectedEof, "the server ended the connection");
    DownloadError::Interrupted { url: url.clone(), got, total, source }
}

pub(super) fn text(response: &Response<Body>, name: &HeaderName) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(super) fn content_length(response: &Response<Body>) -> Option<u64> {
    text(response, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok())
}
