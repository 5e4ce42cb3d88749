//! The program `clone`.

use std::process::ExitCode;

use kiln_clone::cli::Cli;

fn main() -> ExitCode {
    let cli: Cli = match kiln_console::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let global = cli.global.clone();
    kiln_console::main(&global, |console| kiln_clone::run(cli, console))
}
