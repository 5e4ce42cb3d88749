//! Running programs in tests.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Command, Output};

/// Runs `command`, whose program is in the Debian `package`, and returns its standard output.
///
/// # Panics
/// Where the program is missing, by its name and package, or fails, with what it said.
pub fn run(command: &mut Command, package: &str) -> String {
    let output = attempt(command, package);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{}{said}", output.status, text(&output.stdout));
    text(&output.stdout)
}

/// Runs `command` and leaves it to the caller what its status means.
///
/// # Panics
/// Where the program is missing, by its name and package.
pub fn attempt(command: &mut Command, package: &str) -> Output {
    match command.env("LC_ALL", "C.UTF-8").output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("the program `{}` is missing: apt-get install {package}", name(command.get_program()))
        }
        Err(error) => panic!("{command:?}: {error}"),
    }
}

/// A program that Debian keeps in a folder an ordinary user's PATH does not have.
pub fn system_program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env("PATH", system_path());
    command
}

/// PATH with those folders.
pub fn system_path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

fn name(program: &OsStr) -> String {
    program.to_string_lossy().into_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the programs write UTF-8 here")
}
