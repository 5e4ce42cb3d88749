//! Whether an SSH server answers on a forwarded port, found out without logging in.
//!
//! QEMU accepts a connection to a forwarded port itself, before anything in the guest does; only the line the server
//! sends first (RFC 4253 section 4.2) proves that it is there. The line is looked at and left where it is, so that one
//! can log in over the same connection: an emulated guest needs longer to accept a second one than for the key exchange.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

const BANNER: &[u8] = b"SSH-";

/// A connection to an SSH server, of which nothing has been read.
#[derive(Debug)]
pub struct Server {
    /// Its socket.
    pub socket: OwnedFd,
    /// The port of 127.0.0.1 at its other end.
    pub port: u16,
}

/// What becomes of a connection to a forwarded port.
#[derive(Debug)]
pub enum Answer {
    /// An SSH server is there.
    Server(Server),
    /// Something hung up: QEMU is not there, or the guest's network is, and no server behind it.
    Refused,
    /// Nothing came in time: the guest's network is not up, or the server is slow.
    Silence,
}

/// Waits for up to `limit` for the first bytes of an SSH server on `port` of 127.0.0.1.
///
/// # Errors
/// Where this host has no connections left to give (and other faults of its own).
pub async fn ask(port: u16, limit: Duration) -> io::Result<Answer> {
    match timeout(limit, connect(port)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if is_refusal(&error) => Ok(Answer::Refused),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Answer::Silence),
    }
}

async fn connect(port: u16) -> io::Result<Answer> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut bytes = [0; BANNER.len()];
    // A server sends the line at once: what is there of it is enough, and nothing at all means that it has hung up.
    let count = stream.peek(&mut bytes).await?;
    if count == 0 || !BANNER.starts_with(&bytes[..count]) {
        return Ok(Answer::Refused);
    }
    Ok(Answer::Server(Server { socket: stream.into_std()?.into(), port }))
}

/// What QEMU does while nothing in the guest listens: it hangs up, one way or the other.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn server(says: &'static [u8]) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(says).await.unwrap();
        });
        port
    }

    #[tokio::test]
    async fn an_ssh_server_is_there_with_all_that_it_said() {
        let line = b"SSH-2.0-OpenSSH_9.2p1\r\n";
        let answer = ask(server(line).await, Duration::from_secs(5)).await.unwrap();
        let Answer::Server(server) = answer else { panic!("{answer:?}") };
        let mut stream = TcpStream::from_std(server.socket.into()).unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        assert_eq!(said, line);
    }

    #[tokio::test]
    async fn what_is_no_ssh_server_does_not_count() {
        for says in [&b"HTTP/1.1 400\r\n"[..], b""] {
            let answer = ask(server(says).await, Duration::from_secs(5)).await.unwrap();
            assert!(matches!(answer, Answer::Refused), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn silence_ends_at_the_limit_and_a_closed_port_at_once() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(matches!(ask(port, Duration::from_millis(20)).await.unwrap(), Answer::Silence));
        drop(listener);
        assert!(matches!(ask(port, Duration::from_secs(60)).await.unwrap(), Answer::Refused));
    }
}
