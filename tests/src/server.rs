//! A web server for downloads: one file, which it can cut short, exchange or refuse.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server on 127.0.0.1 that answers every path with the same file. It honours `Range` with `If-Range` (RFC 9110,
/// section 13.1.5). It lives as long as the test.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    body: Vec<u8>,
    /// Goes up with every new body: a strong validator.
    version: u32,
    cut_at: Option<usize>,
    refusal: Option<&'static str>,
    ranges: Vec<Option<String>>,
}

impl Server {
    /// Serves `body`.
    pub fn of(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { body, version: 1, cut_at: None, refusal: None, ranges: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away in the middle is what some tests are about.
                if let Err(error) = answer(stream, &shared) {
                    eprintln!("the server: {error}");
                }
            }
        });
        Self { address, state }
    }

    /// The URL of the file under any name.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Closes the connection after that many bytes of the file from now on, or not any more.
    pub fn cut_at(&self, bytes: Option<usize>) {
        self.state.lock().unwrap().cut_at = bytes;
    }

    /// Serves something else from now on.
    pub fn replace(&self, body: Vec<u8>) {
        let mut state = self.state.lock().unwrap();
        state.body = body;
        state.version += 1;
    }

    /// Answers with this status and nothing else from now on, such as `404 Not Found`, or not any more.
    pub fn refuse(&self, status: Option<&'static str>) {
        self.state.lock().unwrap().refusal = status;
    }

    /// The `Range` of each request so far.
    pub fn ranges(&self) -> Vec<Option<String>> {
        self.state.lock().unwrap().ranges.clone()
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut range, mut condition) = (None, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("range") => range = Some(value.to_owned()),
            Some((name, value)) if name.eq_ignore_ascii_case("if-range") => condition = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut state = state.lock().unwrap();
    state.ranges.push(range.clone());
    let mut stream = stream;
    if let Some(status) = state.refusal {
        return write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let tag = format!("\"v{}\"", state.version);
    let wanted = range.filter(|_| condition.is_none_or(|known| known == tag));
    let start = wanted.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let total = state.body.len();
    let (status, more) = match start {
        Some(start) => ("206 Partial Content", format!("Content-Range: bytes {start}-{}/{total}\r\n", total - 1)),
        None => ("200 OK", String::new()),
    };
    let rest = &state.body[start.unwrap_or(0)..];
    let sent = &rest[..rest.len().min(state.cut_at.unwrap_or(usize::MAX))];
    let length = rest.len();
    write!(stream, "HTTP/1.1 {status}\r\nETag: {tag}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n")?;
    stream.write_all(sent)
}
