//! From the words of the command line, and the environment, to what the program is asked to do.

use std::env;
use std::ffi::OsString;

use clap::builder::{BoolishValueParser, Resettable};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ColorChoice, Command, Parser, ValueEnum};

use crate::exit::Class;
use crate::failure::Failure;
use crate::global::Format;
use crate::term::When;

/// Reads the command line of this process, or says what is wrong with it, as the user wants to have it said, and ends.
pub fn parse<Program: Parser>() -> Program {
    let words: Vec<OsString> = env::args_os().collect();
    let wishes = Wishes::read(&words, |name| env::var(name).ok());
    let command = with_environment(Program::command(), &|name| env::var_os(name)).color(wishes.colour());
    let mut matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => refuse(&error, wishes.format),
    };
    Program::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| refuse(&error, wishes.format))
}

fn refuse(error: &clap::Error, format: Format) -> ! {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if format == Format::Json && !is_help {
        #[expect(clippy::print_stderr, reason = "there is no console yet")]
        {
            eprintln!("{}", failure(error).to_json());
        }
        std::process::exit(i32::from(Class::Usage.code()))
    }
    error.exit()
}

/// What clap says, in the form of all other failures: its first paragraph, and where more is to be read.
fn failure(error: &clap::Error) -> Failure {
    let said = error.render().to_string();
    let message = said.split("\n\n").next().unwrap_or_default();
    Failure::new(Class::Usage, message.trim_start_matches("error: ")).hint("what there is: --help")
}

/// What the user wants of messages, before it is known whether the command line is understood.
struct Wishes {
    format: Format,
    when: When,
}

impl Wishes {
    fn read(words: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            format: wish(words, "--output", Some("-o"), variable("KILN_OUTPUT")),
            when: wish(words, "--color", None, variable("KILN_COLOR")),
        }
    }

    fn colour(&self) -> ColorChoice {
        match self.when {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        }
    }
}

/// The value of an option, as far as it can be told from the words alone.
fn wish<T: ValueEnum + Default>(words: &[OsString], long: &str, short: Option<&str>, variable: Option<String>) -> T {
    let words: Vec<_> = words.iter().map_while(|word| word.to_str().filter(|word| *word != "--")).collect();
    let value = |index: usize| {
        let (word, next) = (words[index], words.get(index + 1).copied());
        let joined = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let short_joined = short.and_then(|short| word.strip_prefix(short)).filter(|rest| !rest.is_empty());
        if word == long || Some(word) == short { next } else { joined.or(short_joined) }
    };
    let given = (0..words.len()).filter_map(value).last().map(str::to_owned).or(variable);
    given.and_then(|given| T::from_str(&given, true).ok()).unwrap_or_default()
}

/// Takes from the environment what people write there: `1` or `yes` for an option without a value, and nothing for no wish.
fn with_environment(command: Command, variable: &impl Fn(&str) -> Option<OsString>) -> Command {
    let arg = |arg: Arg| {
        let is_empty = |name: &str| variable(name).is_some_and(|value| value.is_empty());
        let arg = match arg.get_env().and_then(|name| name.to_str()) {
            Some(name) if is_empty(name) => arg.env(Resettable::Reset),
            _ => arg,
        };
        if matches!(arg.get_action(), ArgAction::SetTrue) { arg.value_parser(BoolishValueParser::new()) } else { arg }
    };
    // A program that is asked for nothing shows what there is.
    let is_choice = command.has_subcommands();
    command.arg_required_else_help(is_choice).mut_args(arg).mut_subcommands(|inner| with_environment(inner, variable))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::ask::Confirm;

    #[derive(Debug, Parser)]
    #[command(name = "kiln-test")]
    struct Cli {
        #[command(flatten)]
        global: crate::Global,
        #[command(subcommand)]
        command: Inner,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Inner {
        Destroy {
            #[command(flatten)]
            confirm: Confirm,
        },
    }

    /// clap reads the variables of the process itself, which a test cannot set: a default goes the same way.
    fn yes_as(value: &'static str) -> Result<bool, clap::Error> {
        let command = with_environment(Cli::command(), &|_| None)
            .mut_subcommand("destroy", |command| command.mut_arg("yes", |arg| arg.default_value(value)));
        let matches = command.try_get_matches_from(["kiln-test", "destroy"])?;
        let Inner::Destroy { confirm } = Cli::from_arg_matches(&matches)?.command;
        Ok(confirm.yes)
    }

    #[test]
    fn a_wish_in_the_environment_is_read_as_people_write_it() {
        for (value, expected) in [("1", true), ("yes", true), ("true", true), ("0", false), ("off", false)] {
            assert_eq!(yes_as(value).unwrap(), expected, "{value}");
        }
        yes_as("perhaps").unwrap_err();
        let command = with_environment(Cli::command(), &|name| (name == "KILN_HOME").then(OsString::new));
        let home = command.get_arguments().find(|arg| arg.get_id() == "home").unwrap();
        assert_eq!(home.get_env(), None, "an empty folder is none");
    }

    #[test]
    fn the_wishes_are_known_although_the_command_line_is_wrong() {
        let read = |words: &[&str], variable: Option<&str>| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            let wishes = Wishes::read(&words, |name| (name == "KILN_OUTPUT").then_some(variable?.to_owned()));
            (wishes.format, wishes.when)
        };
        for (words, variable, format, when) in [
            (&["clone", "uup"][..], None, Format::Text, When::Auto),
            (&["clone", "uup", "-o", "json", "--color", "never"], None, Format::Json, When::Never),
            (&["clone", "-ojson", "--color=always", "uup"], None, Format::Json, When::Always),
            (&["clone", "--output=json", "--output", "text"], Some("json"), Format::Text, When::Auto),
            (&["clone", "uup"], Some("json"), Format::Json, When::Auto),
            (&["clone", "exec", "node1", "--", "ls", "-o", "json"], None, Format::Text, When::Auto),
            (&["clone", "--output"], None, Format::Text, When::Auto),
        ] {
            assert_eq!(read(words, variable), (format, when), "{words:?}");
        }
    }

    #[test]
    fn what_clap_says_is_a_failure_like_others() {
        let error = Cli::try_parse_from(["kiln-test", "destroy", "--no-such"]).unwrap_err();
        let failure = failure(&error);
        assert_eq!((failure.class(), failure.message()), (Class::Usage, "unexpected argument '--no-such' found"));
        let error = with_environment(Cli::command(), &|_| None).try_get_matches_from(["kiln-test"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    }
}
