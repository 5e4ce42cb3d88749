//! As much of HTTP/1.1 (RFC 9112) as package managers need: a request for a file, or for a part of it to the end.

use std::io;

use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::passing::{Passing, Refusal, State};

/// The longest head of a request, in bytes.
const HEAD_MAX: u64 = 16 << 10;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub target: String,
    /// Only what is known of it is wanted, not itself.
    pub head: bool,
    /// It is wanted from this byte on. A range with an end is answered with the whole, as a server may.
    pub from: Option<u64>,
    /// Whether it may come in chunks (RFC 9112, 7.1), where its length is not known: by them the whole is told from a part.
    pub chunks: bool,
}

/// Reads the head of a request; none where it is not understood.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream.take(HEAD_MAX));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).await? == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    Ok(parse(&lines))
}

fn parse(lines: &[String]) -> Option<Request> {
    let mut words = lines.first()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if !matches!(method, "GET" | "HEAD") || !version.starts_with("HTTP/1.") {
        return None;
    }
    let header = |wanted: &str| {
        let pairs = lines[1..].iter().filter_map(|line| line.split_once(':'));
        pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim()).next_back()
    };
    // Whether the beginning is of the same file cannot be told from here.
    let from = header("range").filter(|_| header("if-range").is_none());
    let from = from.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    Some(Request { target: target.to_owned(), head: method == "HEAD", from, chunks: version != "HTTP/1.0" })
}

/// Answers with a file that is on its way.
///
/// # Errors
/// Where the guest goes away, or the file does not come whole: then the answer is not whole either.
pub(super) async fn send(stream: &mut TcpStream, request: &Request, passing: &Passing) -> io::Result<()> {
    let mut state = passing.state.clone();
    // What is known of a file, and a part of it, takes its length.
    let may_chunk = request.chunks && !request.head && request.from.is_none();
    let can_begin = |state: &State| state.ready() > 0 && (may_chunk || state.length().is_some());
    let begun = state.wait_for(|state| state.end.is_some() || can_begin(state)).await;
    let begun = begun.map_err(io::Error::other)?.clone();
    if let Some(Err(refusal)) = &begun.end {
        return refuse(stream, refusal).await;
    }
    let length = begun.length();
    let from = request.from.filter(|from| length.is_some_and(|length| *from < length));
    stream.write_all(head(length, from).as_bytes()).await?;
    if !request.head {
        let mut file = File::open(&passing.file).await?;
        file.seek(io::SeekFrom::Start(from.unwrap_or(0))).await?;
        body(stream, file, state, from.unwrap_or(0), length.is_none()).await?;
    }
    stream.shutdown().await
}

/// The head of an answer with a file of this length, from this byte on.
fn head(length: Option<u64>, from: Option<u64>) -> String {
    let (status, body) = match (length, from) {
        (None, _) => ("200 OK", "Transfer-Encoding: chunked".to_owned()),
        (Some(length), None) => ("200 OK", format!("Content-Length: {length}")),
        (Some(length), Some(from)) => {
            let range = format!("Content-Range: bytes {from}-{}/{length}", length - 1);
            ("206 Partial Content", format!("Content-Length: {}\r\n{range}", length - from))
        }
    };
    format!("HTTP/1.1 {status}\r\n{body}\r\nConnection: close\r\n\r\n")
}

/// Sends what follows the first `sent` bytes, as it comes.
async fn body(
    stream: &mut TcpStream,
    mut file: File,
    mut state: watch::Receiver<State>,
    mut sent: u64,
    chunks: bool,
) -> io::Result<()> {
    loop {
        let now = state.borrow_and_update().clone();
        if now.ready() > sent {
            let more = now.ready() - sent;
            if chunks {
                stream.write_all(format!("{more:x}\r\n").as_bytes()).await?;
            }
            tokio::io::copy(&mut (&mut file).take(more), stream).await?;
            if chunks {
                stream.write_all(b"\r\n").await?;
            }
            sent = now.ready();
        }
        match now.end {
            None => state.changed().await.map_err(io::Error::other)?,
            Some(Ok(())) if chunks => return stream.write_all(b"0\r\n\r\n").await,
            Some(Ok(())) => return Ok(()),
            Some(Err(refusal)) => return Err(io::Error::other(refusal.why)),
        }
    }
}

/// Answers that it cannot be had.
pub(super) async fn refuse(stream: &mut TcpStream, Refusal { status, why }: &Refusal) -> io::Result<()> {
    let length = why.len();
    let head = format!("HTTP/1.1 {status} {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{why}");
    stream.write_all(head.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let read = |text: &str| parse(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        let request = |head, from| Some(Request { target: "/x".to_owned(), head, from, chunks: true });
        let old = Some(Request { target: "/x".to_owned(), head: true, from: None, chunks: false });
        for (text, expected) in [
            ("GET /x HTTP/1.1\nHost: y", request(false, None)),
            ("HEAD /x HTTP/1.1", request(true, None)),
            ("HEAD /x HTTP/1.0", old),
            ("GET /x HTTP/1.1\nrange: bytes=10-", request(false, Some(10))),
            ("GET /x HTTP/1.1\nRange: bytes=0-9", request(false, None)),
            ("GET /x HTTP/1.1\nRange: bytes=10-\nIf-Range: \"x\"", request(false, None)),
            ("POST /x HTTP/1.1", None),
            ("GET /x", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
