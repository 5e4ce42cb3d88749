//! A web server on 127.0.0.1 that misbehaves as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a client asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

/// Serves until the test process ends; the connection is closed after each answer.
pub struct Server {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// `answer` returns the raw bytes of the answer to the request with the given number.
    pub fn new(answer: impl Fn(usize, &Asked) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let request = read(&stream);
                seen.lock().unwrap().push(request.clone());
                stream.write_all(&answer(number, &request)).unwrap();
            }
        });
        Self { address, asked }
    }

    pub fn url(&self, path: &str) -> super::Url {
        format!("http://{}/{path}", self.address).parse().unwrap()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Asked {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let value = |name: &str| {
        let found =
            lines.iter().filter_map(|line| line.split_once(": ")).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    };
    let path = lines[0].split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    Asked { path, range: value("range"), if_range: value("if-range") }
}

/// An answer with the given status line, headers and body; the length is that of `claimed`.
pub fn answer(status: &str, headers: &str, claimed: usize, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {claimed}\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A server as it should be: the whole with an entity tag, or the rest of it when the tag is still right.
pub fn honest(content: &[u8], etag: &str, asked: &Asked) -> Vec<u8> {
    let header = format!("ETag: {etag}\r\n");
    let start = asked.range.as_ref().map(|range| range["bytes=".len()..range.len() - 1].parse::<usize>().unwrap());
    match start.filter(|_| asked.if_range.as_deref() == Some(etag)) {
        None => answer("200 OK", &header, content.len(), content),
        Some(start) if start >= content.len() => {
            answer("416 Range Not Satisfiable", &format!("Content-Range: bytes */{}\r\n", content.len()), 0, b"")
        }
        Some(start) => {
            let range = format!("{header}Content-Range: bytes {start}-{}/{}\r\n", content.len() - 1, content.len());
            answer("206 Partial Content", &range, content.len() - start, &content[start..])
        }
    }
}
