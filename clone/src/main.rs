//! The program `clone`.

use std::process::ExitCode;

use kiln_clone::cli::Cli;

fn main() -> ExitCode {
    let cli: Cli = kiln_console::parse();
    let global = cli.global.clone();
    kiln_console::main(&global, |console| kiln_clone::run(cli, console))
}
