//! Sees when the SSH servers of a lab answer for the first time, without Kiln's help.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How soon a port that was closed is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// How long one connection waits for the server's first line. QEMU knocks at a guest without network every few seconds
/// only: another connection is quicker. A slow guest is given this part of the time that it has had.
const PATIENCE: (Duration, u32) = (Duration::from_secs(2), 20);

/// Threads that wait for the servers.
#[derive(Debug)]
pub struct Observer(Vec<JoinHandle<Instant>>);

impl Observer {
    /// Begins to watch these ports of this machine; each until it answers, or `limit` is over.
    pub fn of(ports: &[u16], limit: Duration) -> Self {
        Self(ports.iter().copied().map(|port| thread::spawn(move || first_answer(port, limit))).collect())
    }

    /// When the last of them answered for the first time. Waits for that.
    ///
    /// # Panics
    /// When one did not answer.
    pub fn last_answer(self) -> Instant {
        self.0.into_iter().map(|thread| thread.join().unwrap()).max().unwrap()
    }
}

fn first_answer(port: u16, limit: Duration) -> Instant {
    let begin = Instant::now();
    while begin.elapsed() < limit {
        let patience = PATIENCE.0.max(begin.elapsed() / PATIENCE.1);
        if matches!(banner(port, patience), Ok(bytes) if &bytes == b"SSH-") {
            return Instant::now();
        }
        thread::sleep(PAUSE);
    }
    panic!("no SSH server answered on port {port} within {} s", limit.as_secs());
}

/// What a server sends first (RFC 4253, section 4.2).
fn banner(port: u16, patience: Duration) -> io::Result<[u8; 4]> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(patience))?;
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_last_first_answer_counts() {
        let listeners = [0, 1].map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
        let observer = Observer::of(&ports, Duration::from_secs(60));
        let says = |listener: &TcpListener, text: &[u8]| listener.accept().unwrap().0.write_all(text).unwrap();
        says(&listeners[0], b"SSH-2.0-x\r\n");
        // A guest whose server is not there yet hangs up.
        says(&listeners[1], b"");
        let before = Instant::now();
        says(&listeners[1], b"SSH-2.0-x\r\n");
        assert!(observer.last_answer() > before);
    }
}
