//! The command line of `clone`: one variant a command; each command's file holds its options and what it does.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiln_console::{Console, Failure, Global, exit};
use kiln_images::config::HELP;

use crate::commands::{
    checkpoint, collect, completion, console, cp, destroy, doctor, down, exec, fetch, fork, init, kubeconfig, kubectl,
    labs, list, logs, manual, mesh, node, open, plan, reset, resume, schema, screenshot, ssh, ssh_config, status,
    suspend, timings, up, validate, view,
};
use crate::world::World;

/// Makes labs of machines from golden images
///
/// A lab file names nodes, their addresses and a golden image that `bake` has
/// made. `clone up` makes a linked clone for each node, gives it an identity of
/// its own, starts it and waits until it answers.
///
/// Examples:
///   clone up three-nodes            a lab that is built in (clone labs lists them)
///   clone up ./lab.yaml             one of your own (clone init writes one)
///   clone status                    what runs
///   clone ssh node1                 log in
///   clone reset --to ready          the lab as it was when it was ready
///   clone reset node2 --to golden   make one node anew
///   clone destroy three-nodes       remove it all
#[derive(Debug, Parser)]
#[command(name = "clone", version, verbatim_doc_comment, help_expected = true, after_long_help = format!("{HELP}\n\n{}", exit::table()))]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands. What one does is said where its options are: a comment here would hide all but its first line.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "it is said where the options are")]
pub enum Command {
    Validate(validate::Args),
    Fetch(fetch::Args),
    Plan(plan::Args),
    #[command(visible_alias = "start")]
    Up(up::Args),
    #[command(visible_alias = "stop", alias = "halt")]
    Down(down::Args),
    Reset(reset::Args),
    #[command(alias = "snapshot")]
    Checkpoint(checkpoint::Args),
    Fork(fork::Args),
    Suspend(suspend::Args),
    Resume(resume::Args),
    Node(node::Args),
    #[command(visible_alias = "delete")]
    Destroy(destroy::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Labs(labs::Args),
    Status(status::Args),
    Timings(timings::Args),
    #[command(alias = "shell")]
    Ssh(ssh::Args),
    Exec(exec::Args),
    #[command(alias = "scp")]
    Cp(cp::Args),
    Console(console::Args),
    Logs(logs::Args),
    View(view::Args),
    Screenshot(screenshot::Args),
    SshConfig(ssh_config::Args),
    Kubeconfig(kubeconfig::Args),
    Kubectl(kubectl::Args),
    Mesh(mesh::Args),
    Open(open::Args),
    Collect(collect::Args),
    Doctor(doctor::Args),
    Init(init::Args),
    Schema(schema::Args),
    Completion(completion::Args),
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
    let home = cli.global.home.as_deref();
    match cli.command {
        Command::Init(args) => return init::run(args, &console).map(done),
        Command::Labs(args) => return labs::run(args, &console).map(done),
        Command::Schema(args) => return schema::run(args, &console).map(done),
        Command::Completion(args) => return completion::run(args, &console).map(done),
        Command::Manual(args) => return manual::run(args).map(done),
        Command::Validate(args) => return validate::run(args, home, console).map(done),
        Command::Doctor(args) => return doctor::run(args, home, console).await.map(done),
        _ => {}
    }
    let world = World::open(home, console)?;
    match cli.command {
        Command::Ssh(args) => ssh::run(args, &world).await,
        Command::Exec(args) => exec::run(args, &world).await,
        Command::Cp(args) => cp::run(args, &world).await,
        Command::Kubectl(args) => kubectl::run(args, &world).await,
        Command::Mesh(args) => mesh::run(args, &world).await.map(done),
        Command::Open(args) => open::run(args, &world).await,
        Command::Kubeconfig(args) => kubeconfig::run(args, &world).map(done),
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
        Command::View(args) => view::run(args, &world).await,
        Command::Screenshot(args) => screenshot::run(args, &world).await.map(done),
        Command::SshConfig(args) => ssh_config::run(args, &world).map(done),
        Command::Collect(args) => collect::run(args, &world).await.map(done),
        // Without a world, above.
        Command::Init(_)
        | Command::Labs(_)
        | Command::Schema(_)
        | Command::Completion(_)
        | Command::Manual(_)
        | Command::Validate(_)
        | Command::Doctor(_) => Ok(ExitCode::SUCCESS),
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
