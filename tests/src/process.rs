//! The processes that belong to a home, as the kernel sees them.

use std::fs;
use std::net::Ipv4Addr;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::TestHome;

/// A process whose command line names a file of a test's home.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its process id.
    pub pid: i32,
    /// Its command line, the arguments parted by blanks.
    pub line: String,
}

/// All processes that belong to a home: machines, switches, shared connections of OpenSSH, and our own programs.
pub fn processes(home: &TestHome) -> Vec<Process> {
    let root = home.root();
    let process = |entry: fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(root.as_str()).then_some(Process { pid, line })
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(process).collect()
}

impl Process {
    /// Whether it runs a machine.
    pub fn is_machine(&self) -> bool {
        self.line.contains("qemu-system")
    }

    /// Ends it as `kill -9` does, if it has not ended by itself.
    pub fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Asks it to end as `kill` does, if it has not ended by itself.
    pub fn terminate(&self) {
        self.send(Signal::TERM);
    }

    fn send(&self, signal: Signal) {
        match kill_process(Pid::from_raw(self.pid).unwrap(), signal) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(errno) => panic!("sending a signal to process {}: {errno}", self.pid),
        }
    }

    /// The addresses and ports it listens on, of TCP over IPv4. One of IPv6 has no address here.
    ///
    /// The columns of the table are those of the kernel's Documentation/networking/proc_net_tcp.rst: the local address
    /// is the second, the state (0A: listening) the fourth, the inode of the socket the tenth.
    pub fn listens_on(&self) -> Vec<(Option<Ipv4Addr>, u16)> {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().flatten();
        let open: Vec<_> = files.filter_map(|file| fs::read_link(file.path()).ok()).collect();
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
        let rows = tables.iter().flat_map(|table| table.lines().skip(1));
        rows.map(|row| row.split_whitespace().collect::<Vec<_>>())
            .filter(|row| {
                row[3] == "0A" && open.iter().any(|file| *file.as_os_str() == *format!("socket:[{}]", row[9]))
            })
            .map(|row| {
                let (address, port) = row[1].split_once(':').unwrap();
                let address = (address.len() == 8).then(|| u32::from_str_radix(address, 16).unwrap());
                (address.map(|bits| Ipv4Addr::from(bits.to_ne_bytes())), u16::from_str_radix(port, 16).unwrap())
            })
            .collect()
    }
}
