//! The exit codes of both programs: one for each kind of failure, so that scripts can tell them apart.

use serde::Serialize;

/// Everything was done.
pub const OK: u8 = 0;
/// Something unexpected: most likely a mistake of Kiln's.
pub const UNEXPECTED: u8 = 1;
/// The command line is wrong (the code that clap uses).
pub const USAGE: u8 = 2;
/// A file of the user's is wrong, or a path that the user gave.
pub const FILE: u8 = 3;
/// The host lacks something: a program, space, a port, an accelerator.
pub const HOST: u8 = 4;
/// An image, the store or a download.
pub const IMAGE: u8 = 5;
/// A step or a check of a recipe.
pub const BAKE: u8 = 6;
/// A machine or its hypervisor.
pub const MACHINE: u8 = 7;
/// Something inside of a node, or a phase of a lab.
pub const GUEST: u8 = 8;
/// Another command is at work on the same thing.
pub const BUSY: u8 = 9;
/// There is no lab, image or node of that name.
pub const NOT_FOUND: u8 = 10;
/// Ended by Ctrl-C, or by the user's "no": 128 + SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;
/// Whoever read the output has closed it: 128 + SIGPIPE.
pub const OUTPUT_CLOSED: u8 = 141;
/// Ended by SIGTERM: 128 + SIGTERM.
pub const TERMINATED: u8 = 143;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// See [`UNEXPECTED`].
    Unexpected,
    /// See [`USAGE`].
    Usage,
    /// See [`FILE`].
    File,
    /// See [`HOST`].
    Host,
    /// See [`IMAGE`].
    Image,
    /// See [`BAKE`].
    Bake,
    /// See [`MACHINE`].
    Machine,
    /// See [`GUEST`].
    Guest,
    /// See [`BUSY`].
    Busy,
    /// See [`NOT_FOUND`].
    NotFound,
    /// See [`INTERRUPTED`].
    Interrupted,
    /// See [`OUTPUT_CLOSED`].
    OutputClosed,
    /// See [`TERMINATED`].
    Terminated,
}

impl Class {
    /// All of them, by their code.
    pub const ALL: [Self; 13] = [
        Self::Unexpected,
        Self::Usage,
        Self::File,
        Self::Host,
        Self::Image,
        Self::Bake,
        Self::Machine,
        Self::Guest,
        Self::Busy,
        Self::NotFound,
        Self::Interrupted,
        Self::OutputClosed,
        Self::Terminated,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unexpected => UNEXPECTED,
            Self::Usage => USAGE,
            Self::File => FILE,
            Self::Host => HOST,
            Self::Image => IMAGE,
            Self::Bake => BAKE,
            Self::Machine => MACHINE,
            Self::Guest => GUEST,
            Self::Busy => BUSY,
            Self::NotFound => NOT_FOUND,
            Self::Interrupted => INTERRUPTED,
            Self::OutputClosed => OUTPUT_CLOSED,
            Self::Terminated => TERMINATED,
        }
    }

    /// What the code means, for users.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Unexpected => "something unexpected, most likely a mistake of ours",
            Self::Usage => "the command line is wrong",
            Self::File => "a lab or recipe file, or a path that was given, is wrong",
            Self::Host => "this host lacks a program, space, a port or an accelerator",
            Self::Image => "an image, the store or a download",
            Self::Bake => "a step or a check of a recipe failed",
            Self::Machine => "a machine or its hypervisor failed",
            Self::Guest => "a phase failed inside of a node",
            Self::Busy => "another command is at work on the same lab or image",
            Self::NotFound => "no lab, image or node has that name",
            Self::Interrupted => "ended by Ctrl-C or by your answer",
            Self::OutputClosed => "the reader of the output has gone",
            Self::Terminated => "ended by SIGTERM",
        }
    }
}

/// What commands end with that run something of the user's: whatever that ended with, which may be any code.
const PASSED_ON: &str = "  any  clone ssh, exec, cp, kubectl and view end with the code of what they ran";

/// The table of exit codes, for the end of `--help` (clap's `after_long_help`) and of the manual pages.
pub fn table() -> String {
    let line = |code: u8, meaning: &str| format!("  {code:>3}  {meaning}\n");
    let failures = Class::ALL.iter().map(|class| line(class.code(), class.meaning()));
    let table: String = std::iter::once(line(OK, "done")).chain(failures).collect();
    format!("Exit codes:\n{table}{PASSED_ON}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_differ() {
        let codes: Vec<u8> = Class::ALL.iter().map(|class| class.code()).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    }

    #[test]
    fn the_table_fits_a_terminal() {
        let table = table();
        assert_eq!(table.lines().count(), Class::ALL.len() + 3);
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
        assert!(table.contains("\n    3  a lab or recipe file, or a path that was given, is wrong\n"), "{table}");
        assert!(table.ends_with(PASSED_ON), "{table}");
    }
}
