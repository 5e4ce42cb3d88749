//! Forks of a lab: how much memory ten of them take.

use std::fs;
use std::process::Command;
use std::time::Duration;

use kiln_tests::{TestHome, clone};
use rustix::process::{Pid, Signal, kill_process};

use crate::measure::run;
use crate::table::{Figure, Row, Target, Unit};

const COUNT: usize = 10;
/// How long a command may take while as many machines run as there are forks by now.
const LIMIT: Duration = Duration::from_secs(300);

/// Makes ten forks of `lab`'s checkpoint `ready`. Each is stopped, as SIGSTOP does it, as soon as its machines run, so that
/// it writes as little as can be; what counts is the proportional set size of QEMU as a whole (proc_pid_smaps(5)).
pub fn row(home: &TestHome, lab: &str) -> Row {
    let names: Vec<_> = (1..=COUNT).map(|number| format!("fork-{number}")).collect();
    let mut forks = Vec::new();
    let mut one = 0.0;
    for name in &names {
        eprintln!("bench: {name} of {COUNT}");
        let words = ["fork", name, "--from", &format!("{lab}@ready"), "--no-wait", "--overcommit"];
        run(clone(home, words).into_command(), LIMIT);
        forks.extend(machines(home, name));
        signal(&forks, Signal::STOP);
        if *name == names[0] {
            one = pss_bytes(&forks);
        }
    }
    let ten = pss_bytes(&forks);
    signal(&forks, Signal::CONT);
    for name in &names {
        run(destroy(home, name), LIMIT);
    }
    Row::new("memory of ten forks of the cluster, until they write", Figure::new(Unit::Bytes, [ten]))
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

fn pss_bytes(machines: &[Pid]) -> f64 {
    let pss = |machine: &Pid| {
        let smaps = fs::read_to_string(format!("/proc/{}/smaps_rollup", machine.as_raw_nonzero())).unwrap();
        let kib =
            smaps.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.unwrap() * 1024.0
    };
    machines.iter().map(pss).sum()
}
