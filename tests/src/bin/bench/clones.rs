//! Disks and seeds of labs that are not started.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_tests::{TestHome, clone, debian};

use crate::measure::{peak_memory, run};
use crate::peers::{Medium, installed, shell_loop, unpack_seeds, virt_clone};
use crate::table::{Figure, Row, Target, Unit};

/// How long making or removing a lab may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Labs of so many nodes. Each run makes a new one, and all stay to the end: for a minute after files were removed, ext4
/// is slow to make new ones (`recently_deleted` in the kernel's fs/ext4/ialloc.c).
struct Labs<'a> {
    home: &'a TestHome,
    nodes: u32,
    made: Vec<String>,
}

impl<'a> Labs<'a> {
    fn of(nodes: u32, home: &'a TestHome) -> Self {
        Self { home, nodes, made: Vec::new() }
    }

    /// What makes the next one.
    fn next(&mut self) -> Command {
        let name = format!("lab-{}-{}", self.nodes, self.made.len());
        let mut text = format!("name: {name}\nimage: debian-12\nnetwork: 10.77.0.0/22\nnodes:\n");
        for node in 1..=self.nodes {
            let ip = Ipv4Addr::from_bits(Ipv4Addr::new(10, 77, 0, 9).to_bits() + node);
            writeln!(text, "- {{name: node{node}, ip: {ip}}}").unwrap();
        }
        let file = self.home.file(&format!("{name}.yaml"), &text);
        self.made.push(name);
        clone(self.home, ["up", &file, "--no-start"]).into_command()
    }

    /// Makes the next one, and takes the time.
    fn measure(&mut self) -> Duration {
        settle();
        run(self.next(), LIMIT).took
    }

    /// The folder of the nodes of the last one.
    fn last_nodes(&self) -> Utf8PathBuf {
        self.home.root().join("labs").join(self.made.last().unwrap()).join("nodes")
    }

    fn destroy(self) {
        for lab in self.made {
            run(clone(self.home, ["destroy", "--yes", &lab]).into_command(), LIMIT);
        }
    }
}

/// Kiln ends in a sync: what others have left to be written must not be written at its expense.
fn settle() {
    rustix::fs::sync();
}

/// A hundred clones against the shell loops, a thousand by themselves, and three against virt-clone.
pub fn rows(home: &TestHome, runs: usize) -> Vec<Row> {
    let mut rows = hundred(home, runs);
    rows.extend(thousand(home, runs));
    rows.push(three(home, runs));
    rows
}

fn hundred(home: &TestHome, runs: usize) -> Vec<Row> {
    eprintln!("bench: disks and seeds of 100 clones");
    let (mut labs, image) = (Labs::of(100, home), debian().disk());
    labs.measure();
    let seeds = unpack_seeds(&labs.last_nodes(), home);

    let media = [Medium::Genisoimage, Medium::CloudLocalds];
    let (mut kiln, mut peers) = (Vec::new(), [Vec::new(), Vec::new()]);
    for number in 0..runs {
        kiln.push(labs.measure());
        for (medium, times) in media.iter().zip(&mut peers).filter(|(medium, _)| installed(medium.program())) {
            settle();
            times.push(shell_loop(*medium, &seeds, &image, home, number).took);
        }
    }
    labs.destroy();
    let kiln = Figure::seconds(&kiln);
    let row = |(medium, times): (&Medium, &Vec<Duration>)| {
        let figure = (!times.is_empty()).then(|| Figure::seconds(times));
        Row::new("disks and seeds of 100 clones", kiln.clone())
            .against(&format!("loop of qemu-img, {}", medium.program()), figure)
            .target(Target::Below(1.0))
            .target(Target::Faster(20.0))
    };
    media.iter().zip(&peers).map(row).collect()
}

fn thousand(home: &TestHome, runs: usize) -> [Row; 2] {
    eprintln!("bench: disks and seeds of 1,000 clones");
    let mut labs = Labs::of(1000, home);
    let times: Vec<_> = (0..runs).map(|_| labs.measure()).collect();
    let peak = peak_memory(labs.next(), LIMIT);
    labs.destroy();
    #[expect(clippy::cast_precision_loss, reason = "a memory has less than 2^52 bytes")]
    let peak = Figure::new(Unit::Bytes, [peak as f64]);
    [
        Row::new("disks and seeds of 1,000 clones", Figure::seconds(&times)).target(Target::Below(5.0)),
        Row::new("… memory of clone meanwhile", peak).target(Target::Below(50e6)),
    ]
}

fn three(home: &TestHome, runs: usize) -> Row {
    eprintln!("bench: 3 clones");
    let (mut labs, image) = (Labs::of(3, home), debian().disk());
    let (mut kiln, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        kiln.push(labs.measure());
        if installed("virt-clone") {
            settle();
            peer.push(virt_clone(3, &image, home).took);
        }
    }
    labs.destroy();
    let peer = (!peer.is_empty()).then(|| Figure::seconds(&peer));
    Row::new("disks and seeds of 3 clones", Figure::seconds(&kiln)).against("virt-clone (copies; no seeds)", peer)
}
