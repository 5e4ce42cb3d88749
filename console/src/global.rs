//! The options that every command of both programs takes.

use camino::Utf8PathBuf;

use crate::term::When;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: JSON results and one JSON event a line
    Json,
    /// A picture, of the commands that can draw one
    Svg,
}

/// Global options
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]
    #[arg(long, global = true, env = "KILN_HOME", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    pub home: Option<Utf8PathBuf>,

    /// How results are printed
    #[arg(long, short, global = true, env = "KILN_OUTPUT", value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Format,

    /// When to use colours
    #[arg(long, global = true, env = "KILN_COLOR", value_name = "WHEN", value_enum, default_value_t)]
    pub color: When,

    /// Log more: -v what is done and the commands that are run, -vv details, -vvv everything
    #[arg(long, short, global = true, env = "KILN_VERBOSE", action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,

    /// Show no progress, only results and failures
    #[arg(long, short, global = true, env = "KILN_QUIET")]
    pub quiet: bool,

    /// What to log, in the syntax of tracing's EnvFilter (kiln_images=debug,warn); wins over -v
    #[arg(long, global = true, env = "KILN_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

impl Global {
    /// The filter of what is logged.
    pub(crate) fn log_filter(&self) -> &str {
        match (&self.log, self.quiet, self.verbose) {
            (Some(filter), _, _) => filter,
            (None, true, _) => "error",
            (None, false, 0) => "warn",
            // Directives match by prefix: `kiln` is every crate of ours.
            (None, false, 1) => "warn,kiln=info,kiln::command=debug",
            (None, false, 2) => "info,kiln=debug",
            (None, false, _) => "trace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, Parser)]
    #[command(name = "kiln-test", help_expected = true)]
    struct Cli {
        #[command(flatten)]
        global: Global,
        #[command(subcommand)]
        command: Option<Command>,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Command {
        /// Does nothing
        List,
    }

    fn parse(args: &[&str]) -> Global {
        Cli::try_parse_from(["kiln-test"].iter().chain(args)).unwrap().global
    }

    #[test]
    fn options_may_stand_before_and_after_the_command() {
        for args in [["-o", "json", "list"], ["list", "-o", "json"]] {
            assert_eq!(parse(&args).output, Format::Json, "{args:?}");
        }
        Cli::command().debug_assert();
    }

    #[test]
    fn verbosity_becomes_a_filter() {
        let cases: [(&[&str], &str); 6] = [
            (&[], "warn"),
            (&["-q"], "error"),
            (&["-v"], "warn,kiln=info,kiln::command=debug"),
            (&["-vv"], "info,kiln=debug"),
            (&["-vvv"], "trace"),
            (&["-v", "--log", "kiln_tool=trace"], "kiln_tool=trace"),
        ];
        for (args, expected) in cases {
            assert_eq!(parse(args).log_filter(), expected, "{args:?}");
        }
    }

    #[test]
    fn every_option_has_a_variable() {
        let command = Cli::command();
        let without: Vec<_> =
            command.get_arguments().filter(|arg| arg.get_env().is_none()).map(|arg| arg.get_id()).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn quiet_and_verbose_exclude_each_other() {
        let error = Cli::try_parse_from(["kiln-test", "-q", "-v"]).unwrap_err();
        assert_eq!(error.kind(), clap::error::ErrorKind::ArgumentConflict);
    }
}
