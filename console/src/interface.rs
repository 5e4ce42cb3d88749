//! What holds for the command line of both programs, looked at by a test of each.

use clap::{Command, Id};

/// The widest line of a help text, in columns.
const WIDTH: usize = 80;

/// What stands above the examples of a command.
const EXAMPLES: [&str; 2] = ["Example:", "Examples:"];

/// Everything that is wrong with a command line: options that cannot come from the environment, options of commands with
/// the name of a global one, lines of help that do not fit a terminal, and commands without an example, or with one that
/// is not understood.
pub fn faults(mut command: Command) -> Vec<String> {
    let globals: Vec<_> =
        command.get_arguments().filter(|it| it.is_global_set()).map(|it| it.get_id().clone()).collect();
    command = command.term_width(WIDTH).disable_help_subcommand(true);
    // Where clap itself looks for mistakes.
    command.build();
    let mut faults = Vec::new();
    command.get_subcommands().for_each(|command| visit(command, &globals, &mut faults));
    try_examples(&command, &command, &mut faults);
    faults
}

fn visit(command: &Command, globals: &[Id], faults: &mut Vec<String>) {
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    for option in command.get_arguments().filter(|option| !option.is_positional() && !option.is_global_set()) {
        let name = option.get_id();
        if globals.contains(name) {
            faults.push(format!("{path} --{name} has the name of a global option"));
        }
        if option.get_env().is_none() && !matches!(name.as_str(), "help" | "version") {
            faults.push(format!("{path} --{name} cannot come from the environment"));
        }
    }
    // Texts are taken as they are: what is too wide would be broken in the middle of a line.
    let text = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let help = command.clone().render_long_help().to_string();
    let wide = text.lines().chain(help.lines()).filter(|line| line.chars().count() > WIDTH);
    faults.extend(wide.map(|line| format!("{path} --help is too wide: {line}")));
    command.get_subcommands().for_each(|command| visit(command, globals, faults));
}

/// Gives the examples of a command, and of those below it, to the program, as a shell would.
fn try_examples(command: &Command, program: &Command, faults: &mut Vec<String>) {
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let help = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let examples = help.lines().skip_while(|line| !EXAMPLES.contains(line)).skip(1).take_while(|line| !line.is_empty());
    let calls: Vec<_> = examples.flat_map(|line| calls(line.trim(), program.get_name())).collect();
    if calls.is_empty() {
        faults.push(format!("{path} --help has no example"));
    }
    for call in calls {
        if let Err(error) = program.clone().try_get_matches_from(&call) {
            faults.push(format!("{path} --help has an example that is not understood: {}: {error}", call.join(" ")));
        }
    }
    command.get_subcommands().filter(|it| !it.is_hide_set()).for_each(|it| try_examples(it, program, faults));
}

/// The calls of a program in one line for a shell, behind which there may be a remark, after two spaces.
fn calls(line: &str, program: &str) -> Vec<Vec<String>> {
    let line = line.split("  ").next().unwrap_or(line);
    let words = shlex::split(line).unwrap_or_default();
    let simple_commands = words.split(|word| ["&&", "|", ">"].contains(&word.as_str()));
    let call = |words: &[String]| {
        let first = words.iter().position(|word| word.rsplit("$(").next() == Some(program))?;
        let words = words[first + 1..].iter().map(|word| word.trim_end_matches(')').to_owned());
        Some([program.to_owned()].into_iter().chain(words).collect())
    };
    simple_commands.filter_map(call).collect()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    #[test]
    fn what_is_wrong_is_found_at_any_depth() {
        let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let deep = Command::new("deep").arg(flag("bare")).arg(flag("good").env("KILN_GOOD"));
        let deep = deep
            .arg(Arg::new("verbose").long("loud").env("KILN_LOUD"))
            .after_long_help("wide".repeat(25))
            .long_about("long ".repeat(20));
        let command = Command::new("kiln").arg(flag("verbose").global(true).env("KILN_VERBOSE"));
        let faults = faults(command.subcommand(Command::new("node").subcommand(deep)));
        let found = |what: &str| faults.iter().any(|fault| fault.contains(what));
        assert!(found("kiln node deep --bare cannot come from the environment"), "{faults:#?}");
        assert!(found("deep --verbose has the name of a global option") && found("is too wide: wide"), "{faults:#?}");
        assert!(found("is too wide: long long"), "{faults:#?}");
        assert!(!found("--good"), "{faults:#?}");
    }

    #[test]
    fn examples_are_needed_and_have_to_be_understood() {
        let good =
            "Do\n\nExamples:\n  kiln good --all && echo done   a remark\n  A=$(kiln good --all)\n\nkiln bad --no";
        let good = Command::new("good").long_about(good).arg(Arg::new("all").long("all").action(ArgAction::SetTrue));
        let bad = Command::new("bad").long_about("Do\n\nExample:\n  echo | kiln bad --none > file");
        let lone = Command::new("lone").long_about("Do");
        let mut program = Command::new("kiln")
            .disable_help_subcommand(true)
            .long_about("Example:\n  kiln bad")
            .subcommands([good, bad, lone]);
        program.build();
        let mut faults = Vec::new();
        try_examples(&program, &program, &mut faults);
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(faults[0].starts_with("kiln bad --help has an example that is not understood: kiln bad --none: "));
        assert_eq!(faults[1], "kiln lone --help has no example");
    }
}
