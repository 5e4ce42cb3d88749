//! A lab that is only played: `cargo run -p kiln-console --example progress`.
//!
//! It shows what a command looks like on a terminal, in a file (`2> log`), for a program (`-o json`), and when it fails
//! (`--fail`), is interrupted (Ctrl-C) or asks (`--ask`).

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use kiln_console::{Class, Column, Confirm, Console, Failure, Global, Reporter};
use tokio::time::sleep;

/// Plays a lab of three nodes
#[derive(Debug, Parser)]
#[command(after_long_help = kiln_console::exit::table())]
struct Cli {
    /// Let node3 fail
    #[arg(long)]
    fail: bool,
    /// Ask first
    #[arg(long)]
    ask: bool,
    /// A tenth of what the shortest phase takes, in milliseconds
    #[arg(long, default_value_t = 400)]
    pace: u64,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    global: Global,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let global = cli.global.clone();
    kiln_console::main(&global, |console| play(cli, console))
}

async fn play(cli: Cli, console: Console) -> Result<(), Failure> {
    if cli.ask {
        cli.confirm.ask(&console, "play the lab `three-nodes`?").await?;
    }
    let reporter = console.reporter();
    let node3 = async { if cli.fail { fail(reporter).await } else { node(reporter, "node3", cli.pace * 2).await } };
    tokio::try_join!(node(reporter, "node1", cli.pace), node(reporter, "node2", cli.pace * 5 / 4), node3)?;

    let nodes = [("node1", "192.168.206.196"), ("node2", "192.168.206.197"), ("node3", "192.168.206.198")];
    console.table(
        &nodes,
        &[Column::new("node", |node| node.0.to_owned()), Column::new("ip", |node| node.1.to_owned())],
        "no nodes",
    )
}

async fn node(reporter: &Reporter, name: &str, pace: u64) -> Result<(), Failure> {
    for (phase, note) in [("start", "QEMU"), ("reachable", "waiting for SSH"), ("join", "waiting for the token")] {
        let task = reporter.start(name, phase);
        tracing::info!(target: "kiln_example", name, phase, "begins");
        task.note(note);
        for step in 1..=10 {
            sleep(Duration::from_millis(pace)).await;
            if phase == "join" {
                task.progress(step, 10);
            }
        }
        task.done();
    }
    Ok(())
}

async fn fail(reporter: &Reporter) -> Result<(), Failure> {
    let task = reporter.start("node3", "start");
    // Once the others have begun.
    sleep(Duration::from_millis(1)).await;
    task.failed("its disk is locked");
    let failure = Failure::new(Class::Machine, "node3 could not be started: its disk is locked");
    Err(failure.hint("who uses it: fuser disk.qcow2"))
}
