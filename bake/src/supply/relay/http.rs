//! As much of HTTP/1.1 (RFC 9112) as package managers need: a request for a file, or for a part of it to the end.

use std::io;

use camino::Utf8Path;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

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
    Some(Request { target: target.to_owned(), head: method == "HEAD", from })
}

/// Answers with a file.
pub(super) async fn send(stream: &mut TcpStream, request: &Request, path: &Utf8Path) -> io::Result<()> {
    let mut file = File::open(path).await?;
    let total = file.metadata().await?.len();
    let from = request.from.filter(|from| *from < total);
    let range = from.map_or_else(String::new, |from| format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1));
    let status = if from.is_some() { "206 Partial Content" } else { "200 OK" };
    let length = total - from.unwrap_or(0);
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{range}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    if !request.head {
        file.seek(io::SeekFrom::Start(from.unwrap_or(0))).await?;
        tokio::io::copy(&mut file, stream).await?;
    }
    stream.shutdown().await
}

/// Answers that it cannot be had.
pub(super) async fn refuse(stream: &mut TcpStream, status: u16, why: &str) -> io::Result<()> {
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
        let request = |head, from| Some(Request { target: "/x".to_owned(), head, from });
        for (text, expected) in [
            ("GET /x HTTP/1.1\nHost: y", request(false, None)),
            ("HEAD /x HTTP/1.0", request(true, None)),
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
