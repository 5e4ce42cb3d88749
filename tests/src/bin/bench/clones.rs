//! Disks and seeds of labs that are not started.

use std::fmt::Write;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_tests::{TestHome, clone, debian};

use crate::measure::{peak_memory, run};
use crate::peers::{Medium, installed, shell_loop, unpack_seeds, virt_clone};
use crate::table::{Figure, Row, Target, Unit};

/// How long making or removing a lab may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A lab of many nodes.
struct Lab<'a> {
    home: &'a TestHome,
    name: String,
    file: String,
}

impl<'a> Lab<'a> {
    fn new(home: &'a TestHome, nodes: u32) -> Self {
        let name = format!("lab-{nodes}");
        let mut text = format!("name: {name}\nimage: debian-12\nnetwork: 10.77.0.0/22\nnodes:\n");
        for node in 1..=nodes {
            // The first addresses of a network are often taken.
            let ip = std::net::Ipv4Addr::from_bits(0x0a4d_0000 + 9 + node);
            writeln!(text, "- {{name: node{node}, ip: {ip}}}").unwrap();
        }
        let file = home.file(&format!("{name}.yaml"), &text);
        Self { home, name, file }
    }

    fn up(&self) -> std::process::Command {
        clone(self.home, ["up", &self.file, "--no-start"]).into_command()
    }

    /// Makes the lab, takes the time, and removes it.
    fn measure(&self) -> Duration {
        settle();
        let took = run(self.up(), LIMIT).took;
        self.destroy();
        took
    }

    fn destroy(&self) {
        run(clone(self.home, ["destroy", "--yes", &self.name]).into_command(), LIMIT);
    }

    fn nodes(&self) -> Utf8PathBuf {
        self.home.root().join("labs").join(&self.name).join("nodes")
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
    let (lab, image) = (Lab::new(home, 100), debian().disk());
    run(lab.up(), LIMIT);
    let seeds = unpack_seeds(&lab.nodes(), home);
    lab.destroy();

    let media = [Medium::Genisoimage, Medium::CloudLocalds];
    let (mut kiln, mut peers) = (Vec::new(), [Vec::new(), Vec::new()]);
    for _ in 0..runs {
        kiln.push(lab.measure());
        for (medium, times) in media.iter().zip(&mut peers).filter(|(medium, _)| installed(medium.program())) {
            settle();
            times.push(shell_loop(*medium, &seeds, &image, home).took);
        }
    }
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
    let lab = Lab::new(home, 1000);
    let times: Vec<_> = (0..runs).map(|_| lab.measure()).collect();
    let peak = peak_memory(lab.up(), LIMIT);
    lab.destroy();
    #[expect(clippy::cast_precision_loss, reason = "a memory has less than 2^52 bytes")]
    let peak = Figure::new(Unit::Bytes, [peak as f64]);
    [
        Row::new("disks and seeds of 1,000 clones", Figure::seconds(&times)).target(Target::Below(5.0)),
        Row::new("… memory of clone meanwhile", peak).target(Target::Below(50e6)),
    ]
}

fn three(home: &TestHome, runs: usize) -> Row {
    eprintln!("bench: 3 clones");
    let (lab, image) = (Lab::new(home, 3), debian().disk());
    let mut peer = Vec::new();
    let mut kiln = Vec::new();
    for _ in 0..runs {
        kiln.push(lab.measure());
        if installed("virt-clone") {
            settle();
            peer.push(virt_clone(3, &image, home).took);
        }
    }
    let peer = (!peer.is_empty()).then(|| Figure::seconds(&peer));
    Row::new("disks and seeds of 3 clones", Figure::seconds(&kiln)).against("virt-clone (copies; no seeds)", peer)
}
