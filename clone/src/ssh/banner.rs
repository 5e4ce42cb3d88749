//! Whether an SSH server answers on a forwarded port, found out without logging in.
//!
//! QEMU accepts a connection to a forwarded port itself, before anything in the guest does; only the line the server
//! sends first (RFC 4253 section 4.2) proves that it is there. A login would cost an emulated guest seconds.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const BANNER: &[u8] = b"SSH-";

/// What becomes of a connection to a forwarded port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// An SSH server is there.
    Server,
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
    match timeout(limit, read(port)).await {
        Ok(Ok(true)) => Ok(Answer::Server),
        Ok(Ok(false)) => Ok(Answer::Refused),
        Ok(Err(error)) if is_refusal(&error) => Ok(Answer::Refused),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Answer::Silence),
    }
}

async fn read(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut bytes = [0; BANNER.len()];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes == BANNER)
}

/// What QEMU does while nothing in the guest listens: it hangs up, one way or the other.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
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
    async fn only_an_ssh_server_counts() {
        for (says, expected) in [
            (&b"SSH-2.0-OpenSSH_9.2p1\r\n"[..], Answer::Server),
            (b"HTTP/1.1 400\r\n", Answer::Refused),
            (b"", Answer::Refused),
        ] {
            assert_eq!(ask(server(says).await, Duration::from_secs(5)).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn silence_ends_at_the_limit_and_a_closed_port_at_once() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(ask(port, Duration::from_millis(20)).await.unwrap(), Answer::Silence);
        drop(listener);
        assert_eq!(ask(port, Duration::from_secs(60)).await.unwrap(), Answer::Refused);
    }
}
