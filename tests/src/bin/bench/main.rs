//! `make bench`: how fast the programs are, against what one would do without them, on one machine and in one run.
//!
//! Absolute times are those of this machine and of what else it does; the ratios hold elsewhere, too. Whatever is
//! compared is measured in turn, so that a machine that slows down slows down all.

#![allow(clippy::unwrap_used, reason = "the benchmark ends where something goes wrong")]

mod bakes;
mod clones;
mod cluster;
mod forks;
mod labs;
mod measure;
mod mesh;
mod observer;
mod peers;
mod share;
mod table;
mod virsh;

use std::fs;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::{Parser, ValueEnum};
use kiln_console::{Console, Format, Global};
use kiln_tests::TestHome;
use table::{COLUMNS, Row};
use tokio::signal::unix::{SignalKind, signal};

/// Measures what takes a minute and more not more often than this.
const LONG_RUNS: usize = 3;

/// Measures Kiln and its peers, and prints a table
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Options {
    /// How often everything is measured; what takes minutes, three times at most
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,

    /// Measure only this; can be given more than once
    #[arg(long, value_enum)]
    only: Vec<Part>,

    /// Print the rows as JSON
    #[arg(long)]
    json: bool,
}

/// What there is to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Disks and seeds, which takes seconds
    Clones,
    /// Golden images
    Bakes,
    /// Three machines
    Labs,
    /// Three machines with Kubernetes
    Cluster,
    /// The same with a mesh
    Mesh,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _guard = runtime.enter();
    // Ctrl-C ends the program that is being measured, and with its failure the benchmark: which then cleans up.
    let _ctrl_c = signal(SignalKind::interrupt()).unwrap();

    let output = if options.json { Format::Json } else { Format::Text };
    let console = Console::new(&Global { output, ..Global::default() });
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').next().unwrap_or_default();
    console.say(&format!("{} processors; load before the run: {load}", available_parallelism().unwrap()));
    let rows = measure_all(&options);
    if let Err(failure) = console.table(&rows, &COLUMNS, "") {
        eprintln!("{}", failure.message());
        return ExitCode::FAILURE;
    }
    let met = |wanted| rows.iter().filter(|row| row.met() == Some(wanted)).count();
    console.say(&format!("\nmedian [least–most]; targets met: {}, missed: {}", met(true), met(false)));
    ExitCode::SUCCESS
}

fn measure_all(options: &Options) -> Vec<Row> {
    let runs = usize::from(options.runs);
    let long = runs.min(LONG_RUNS);
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    let mut rows = Vec::new();
    if [Part::Clones, Part::Bakes, Part::Labs].into_iter().any(wanted) {
        let home = TestHome::with_debian();
        if wanted(Part::Clones) {
            rows.extend(clones::rows(&home, runs));
        }
        if wanted(Part::Bakes) {
            rows.push(bakes::unchanged(&home, runs));
            rows.extend(bakes::one_layer(&home, long));
            rows.push(bakes::from_bundle());
        }
        if wanted(Part::Labs) {
            rows.extend(labs::rows(&home, runs, long));
        }
    }
    if wanted(Part::Cluster) {
        rows.extend(cluster::rows(runs));
    }
    if wanted(Part::Mesh) {
        rows.push(mesh::row());
    }
    rows
}
