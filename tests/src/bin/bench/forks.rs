//! Forks of a lab: how much memory ten of them take.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::time::Duration;

use kiln_images::sparse::next_data;
use kiln_tests::{TestHome, clone};
use rustix::fs::{SeekFrom, seek};
use rustix::process::{Pid, Signal, kill_process};

use crate::measure::run;
use crate::table::{Figure, Row, Target, Unit};

const COUNT: usize = 10;
/// How long a command may take while as many machines run as there are forks by now.
const LIMIT: Duration = Duration::from_secs(300);

/// How much is read of a machine's memory at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Makes ten forks of `lab`'s checkpoint `ready`. Each is stopped, as SIGSTOP does it, as soon as its machines run, so that
/// it writes as little as can be. Then all of its memory is read for it: a page that nobody has touched is counted nowhere.
/// What counts is the proportional set size of QEMU as a whole (proc_pid_smaps(5)).
pub fn row(home: &TestHome, lab: &str) -> Row {
    let names: Vec<_> = (1..=COUNT).map(|number| format!("fork-{number}")).collect();
    let mut forks = Vec::new();
    let mut one = 0.0;
    for name in &names {
        eprintln!("bench: {name} of {COUNT}");
        let words = ["fork", name, "--from", &format!("{lab}@ready"), "--no-wait", "--overcommit"];
        run(clone(home, words).into_command(), LIMIT);
        let fork = machines(home, name);
        signal(&fork, Signal::STOP);
        fork.iter().for_each(|machine| read_memory(*machine));
        forks.extend(fork);
        if *name == names[0] {
            one = pss_bytes(&forks);
        }
    }
    let ten = pss_bytes(&forks);
    signal(&forks, Signal::CONT);
    for name in &names {
        run(destroy(home, name), LIMIT);
    }
    Row::new(
        "memory of ten forks of the cluster that have read all of it and written none",
        Figure::new(Unit::Bytes, [ten]),
    )
    .against("of one of them", Some(Figure::new(Unit::Bytes, [one])))
    .target(Target::Share(2.0))
}

fn destroy(home: &TestHome, lab: &str) -> Command {
    clone(home, ["destroy", lab, "--yes"]).into_command()
}

/// The processes of a lab's machines.
fn machines(home: &TestHome, lab: &str) -> Vec<Pid> {
    let pid = |row: &serde_json::Value| Pid::from_raw(i32::try_from(row["pid"].as_i64().unwrap()).unwrap()).unwrap();
    home.status(lab).iter().map(pid).collect()
}

fn signal(machines: &[Pid], signal: Signal) {
    machines.iter().for_each(|machine| kill_process(*machine, signal).unwrap());
}

/// Has a machine read all that its memory was saved with, through /proc/PID/mem: pages come into it as if it did so itself.
fn read_memory(machine: Pid) {
    let process = format!("/proc/{}", machine.as_raw_nonzero());
    let memory = File::open(format!("{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("{process}/maps")).unwrap();
    let read: u64 = maps.lines().filter(|line| line.ends_with(".ram")).map(|line| read_mapping(&memory, line)).sum();
    assert!(read > 0, "no saved memory is mapped:\n{maps}");
}

/// Reads what of a mapping is no hole in its file, and returns how many bytes that are. `line` is one of proc_pid_maps(5):
/// `<first>-<last> <permissions> <offset> <device> <inode> <path>`, in hexadecimal.
fn read_mapping(memory: &File, line: &str) -> u64 {
    let number = |digits: &str| u64::from_str_radix(digits, 16).unwrap();
    let fields: Vec<_> = line.split_whitespace().collect();
    let (first, last) = fields[0].split_once('-').map(|(first, last)| (number(first), number(last))).unwrap();
    let (offset, file) = (number(fields[2]), File::open(fields[5]).unwrap());
    let end = offset + (last - first);
    let (mut at, mut bytes, mut buffer) = (offset, 0, vec![0; CHUNK_BYTES]);
    while let Some(data) = next_data(&file, at).unwrap().filter(|data| *data < end) {
        at = seek(&file, SeekFrom::Hole(data)).unwrap().min(end);
        for place in (data..at).step_by(CHUNK_BYTES) {
            let length = CHUNK_BYTES.min((at - place) as usize);
            memory.read_exact_at(&mut buffer[..length], first + (place - offset)).unwrap();
        }
        bytes += at - data;
    }
    bytes
}

fn pss_bytes(machines: &[Pid]) -> f64 {
    let pss = |machine: &Pid| {
        let smaps = fs::read_to_string(format!("/proc/{}/smaps_rollup", machine.as_raw_nonzero())).unwrap();
        let kib =
            smaps.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.unwrap() * 1024.0
    };
    machines.iter().map(pss).sum()
}
