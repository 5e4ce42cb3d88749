//! From the words of the command line, and the environment, to what the program is asked to do.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{BoolishValueParser, Resettable};
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, ColorChoice, Command, Parser, ValueEnum};

use crate::exit::{Class, OK};
use crate::failure::Failure;
use crate::global::Format;
use crate::term::{Colour, When};

/// Where more is to be read.
const MORE: &str = "what there is: --help";

/// Reads the command line of this process.
///
/// # Errors
/// The exit code, where it asks for help or is wrong: what there is to say was said then, as the user wants to have it said.
pub fn parse<Program: Parser>() -> Result<Program, ExitCode> {
    let words: Vec<OsString> = env::args_os().collect();
    let wishes = Wishes::read(&words, |name| env::var(name).ok());
    let mut command = with_environment(Program::command(), &|name| env::var_os(name)).color(wishes.colour());
    let matches = command.try_get_matches_from_mut(&words);
    matches.and_then(|matches| Program::from_arg_matches(&matches)).map_err(|error| {
        let error = with_usage_of_words(error, Program::command().color(wishes.colour()), &words);
        let is_wrong = error.use_stderr();
        if wishes.format == Format::Json && is_wrong {
            say(&failure(&error).to_json());
        } else if error.kind() == ErrorKind::MissingSubcommand {
            let help = named(&command, &words).render_help();
            let coloured = Colour::on_stderr(wishes.when).is_on();
            say(&if coloured { help.ansi().to_string() } else { help.to_string() });
        } else {
            // Whoever has closed the output has seen enough.
            error.print().unwrap_or_default();
        }
        ExitCode::from(if is_wrong { Class::Usage.code() } else { OK })
    })
}

fn say(text: &str) {
    #[expect(clippy::print_stderr, reason = "there is no console yet")]
    {
        eprintln!("{}", text.trim_end());
    }
}

/// What clap says, in the form of all other failures: its first paragraph, its tips, and where more is to be read.
fn failure(error: &clap::Error) -> Failure {
    let is_none_named = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if [is_none_named, ErrorKind::MissingSubcommand].contains(&error.kind()) {
        return Failure::new(Class::Usage, "a command is needed").hint(MORE);
    }
    let said = error.render().to_string();
    let message = said.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let tips = said.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    tips.fold(Failure::new(Class::Usage, message), Failure::hint).hint(MORE)
}

/// The same error, with the usage that the words alone have: clap also shows there what the environment has set, as if that
/// had to be written.
fn with_usage_of_words(mut error: clap::Error, program: Command, words: &[OsString]) -> clap::Error {
    let of_words = without_environment(program).try_get_matches_from(words).err();
    let usage = of_words.filter(|it| it.kind() == error.kind()).and_then(|mut it| it.remove(ContextKind::Usage));
    if let Some(usage) = usage {
        error.insert(ContextKind::Usage, usage);
    }
    error
}

fn without_environment(command: Command) -> Command {
    command.mut_args(|arg| arg.env(Resettable::Reset)).mut_subcommands(without_environment)
}

/// The command whose help is shown where one of those below it is not named: clap does so by itself unless any variable is
/// set; then it says so with a list of all, also of those that its help hides.
fn named(program: &Command, words: &[OsString]) -> Command {
    let words = words.iter().skip(1).filter_map(|word| word.to_str());
    words.fold(program, |command, word| command.find_subcommand(word).unwrap_or(command)).clone()
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
    let given = (0..words.len()).filter_map(value).next_back().map(str::to_owned).or(variable);
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
    command.mut_args(arg).mut_subcommands(|inner| with_environment(inner, variable))
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
        #[command(hide = true)]
        Hidden,
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
        match Cli::from_arg_matches(&matches)?.command {
            Inner::Destroy { confirm } => Ok(confirm.yes),
            Inner::Hidden => panic!("it is another one"),
        }
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

    /// As where a variable is set: clap has no list of its own then.
    #[test]
    fn who_names_no_command_is_shown_what_there_is() {
        let mut command = with_environment(Cli::command(), &|_| None);
        let words = ["kiln-test", "--quiet"].map(OsString::from);
        let error = command.try_get_matches_from_mut(&words).unwrap_err();
        assert_eq!((error.kind(), failure(&error).message()), (ErrorKind::MissingSubcommand, "a command is needed"));
        let shown = named(&command, &words).render_help().to_string();
        assert!(shown.contains("destroy") && !shown.contains("hidden"), "{shown}");
        assert_eq!(named(&command, &["kiln-test", "-q", "destroy"].map(OsString::from)).get_name(), "destroy");
    }

    #[test]
    fn what_the_environment_has_set_is_not_in_the_usage() {
        // A variable that is set wherever tests are run.
        let home = Arg::new("home").long("home").env("PATH").global(true);
        let make = Command::new("make").arg(Arg::new("file").required(true));
        let program = Command::new("kiln-test").arg(home).subcommand(make);
        let words = ["kiln-test", "make"].map(OsString::from);
        let error = program.clone().try_get_matches_from(&words).unwrap_err();
        assert!(error.to_string().contains("Usage: kiln-test make --home <home> <file>"), "{error}");
        let error = with_usage_of_words(error, program, &words);
        assert!(error.to_string().contains("Usage: kiln-test make <file>"), "{error}");
    }

    #[test]
    fn what_clap_says_is_a_failure_like_others() {
        let error = Cli::try_parse_from(["kiln-test", "destroy", "--no-such"]).unwrap_err();
        let failure = failure(&error);
        assert_eq!((failure.class(), failure.message()), (Class::Usage, "unexpected argument '--no-such' found"));
        let error = Cli::try_parse_from(["kiln-test", "destroi"]).unwrap_err();
        assert!(super::failure(&error).to_json().contains("similar subcommand exists: 'destroy'"));
    }
}
