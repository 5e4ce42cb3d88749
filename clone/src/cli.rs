//! The command line of `clone`: one variant a command; each command's file holds its options and what it does.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiln_console::{Console, Failure, Global, exit};

use crate::commands::{
    checkpoint, collect, completion, console, cp, destroy, doctor, down, exec, fetch, fork, init, kubeconfig, kubectl,
    list, logs, manual, mesh, node, open, plan, reset, resume, schema, screenshot, ssh, ssh_config, status, suspend,
    timings, up, validate, view,
};
use crate::world::World;

/// Makes labs of machines from golden images
///
/// A lab file names nodes, their addresses and a golden image that `bake` has
/// made. `clone up` makes a linked clone for each node, gives it an identity of
/// its own, starts it and waits until it answers.
///
/// Examples:
///   clone up three-nodes            a lab that is built in
///   clone up ./lab.yaml             one of your own (clone init writes one)
///   clone status                    what runs
///   clone ssh node1                 log in
///   clone reset --to ready          the lab as it was when it was ready
///   clone reset node2 --to golden   make one node anew
///   clone destroy three-nodes       remove it all
#[derive(Debug, Parser)]
#[command(name = "clone", version, verbatim_doc_comment, help_expected = true, after_long_help = exit::table())]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a lab file and say everything that is wrong with it
    Validate(validate::Args),
    /// Fetch what a lab takes from elsewhere, so that `up` needs no network
    Fetch(fetch::Args),
    /// Say what `up` would do to each node, and why
    Plan(plan::Args),
    /// Bring a lab up, or go on with it, or say that it is up
    #[command(visible_alias = "start")]
    Up(up::Args),
    /// Shut the nodes of a lab down; disks and identities stay
    #[command(visible_alias = "stop")]
    Down(down::Args),
    /// Go back to a checkpoint, or make nodes anew from their golden image
    Reset(reset::Args),
    /// Save a lab with its memory, and look after what was saved
    Checkpoint(checkpoint::Args),
    /// Make another lab from a checkpoint, beside the one that it is of
    Fork(fork::Args),
    /// Save a running lab with its memory, and end its machines
    Suspend(suspend::Args),
    /// Go on with a lab that was suspended
    Resume(resume::Args),
    /// Add, remove or rebuild one node of a lab
    Node(node::Args),
    /// Remove a lab with all its machines and disks
    #[command(visible_alias = "delete")]
    Destroy(destroy::Args),
    /// List the labs that exist
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// Show what the nodes of a lab do
    Status(status::Args),
    /// Show how long each phase of each node took when the lab came up last
    Timings(timings::Args),
    /// Log in to a node
    Ssh(ssh::Args),
    /// Run a command in a node, or in all of them
    Exec(exec::Args),
    /// Copy files to or from a node
    Cp(cp::Args),
    /// Sit at the serial console of a node, or print what it has said
    Console(console::Args),
    /// Print what the phases of bringing a lab up have said
    Logs(logs::Args),
    /// Show the screen of a node in a window
    View(view::Args),
    /// Save what a node's screen shows as a PNG
    Screenshot(screenshot::Args),
    /// Print the OpenSSH configuration of a lab, for other programs
    SshConfig(ssh_config::Args),
    /// Print where the kubeconfig of a lab is, or add it to your own
    Kubeconfig(kubeconfig::Args),
    /// Run kubectl on this host against the cluster of a lab
    Kubectl(kubectl::Args),
    /// Look at what a lab has installed on its cluster, do it again, or take it away
    Mesh(mesh::Args),
    /// Lead a port of 127.0.0.1 to a page of the mesh
    Open(open::Args),
    /// Pack everything that helps to understand a fault into one archive
    Collect(collect::Args),
    /// Check that this machine has what labs need, and say how to get it
    Doctor(doctor::Args),
    /// Write a lab file to start from
    Init(init::Args),
    /// Print the JSON schema of lab files, for editors
    Schema(schema::Args),
    /// Print a completion script for a shell
    Completion(completion::Args),
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Manual(manual::Args),
}

/// Runs a command line.
///
/// # Errors
/// The failure, as the user is told and as the exit code says.
pub async fn run(cli: Cli, console: Console) -> Result<ExitCode, Failure> {
    if !matches!(cli.command, Command::Timings(_)) {
        console.refuse_picture()?;
    }
    match cli.command {
        Command::Init(args) => return init::run(args, &console).map(done),
        Command::Schema(args) => return schema::run(args, &console).map(done),
        Command::Completion(args) => return completion::run(args, &console).map(done),
        Command::Manual(args) => return manual::run(args).map(done),
        _ => {}
    }
    let world = World::open(cli.global.home.as_deref(), console)?;
    match cli.command {
        Command::Ssh(args) => ssh::run(args, &world).await,
        Command::Exec(args) => exec::run(args, &world).await,
        Command::Cp(args) => cp::run(args, &world).await,
        Command::Kubectl(args) => kubectl::run(args, &world).await,
        Command::Mesh(args) => mesh::run(args, &world).await.map(done),
        Command::Open(args) => open::run(args, &world).await,
        Command::Kubeconfig(args) => kubeconfig::run(args, &world).map(done),
        Command::Validate(args) => validate::run(args, &world).map(done),
        Command::Fetch(args) => fetch::run(args, &world).await.map(done),
        Command::Plan(args) => plan::run(args, &world).await.map(done),
        Command::Up(args) => up::run(args, &world).await.map(done),
        Command::Down(args) => down::run(args, &world).await.map(done),
        Command::Reset(args) => reset::run(args, &world).await.map(done),
        Command::Checkpoint(args) => checkpoint::run(args, &world).await.map(done),
        Command::Fork(args) => fork::run(args, &world).await.map(done),
        Command::Suspend(args) => suspend::run(args, &world).await.map(done),
        Command::Resume(args) => resume::run(args, &world).await.map(done),
        Command::Node(args) => node::run(args, &world).await.map(done),
        Command::Destroy(args) => destroy::run(args, &world).await.map(done),
        Command::List(args) => list::run(args, &world).await.map(done),
        Command::Status(args) => status::run(args, &world).await.map(done),
        Command::Timings(args) => timings::run(args, &world).map(done),
        Command::Console(args) => console::run(args, &world).await.map(done),
        Command::Logs(args) => logs::run(args, &world).map(done),
        Command::View(args) => view::run(args, &world).await.map(done),
        Command::Screenshot(args) => screenshot::run(args, &world).await.map(done),
        Command::SshConfig(args) => ssh_config::run(args, &world).map(done),
        Command::Collect(args) => collect::run(args, &world).await.map(done),
        Command::Doctor(args) => doctor::run(args, &world).await.map(done),
        Command::Init(_) | Command::Schema(_) | Command::Completion(_) | Command::Manual(_) => Ok(ExitCode::SUCCESS),
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_as_it_should_be() {
        assert_eq!(kiln_console::interface::faults(Cli::command()), Vec::<String>::new());
    }
}
