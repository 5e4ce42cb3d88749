//! What holds for the command line of both programs, looked at by a test of each.

use clap::{Command, Id};

/// The widest line of a help text, in columns.
const WIDTH: usize = 80;

/// Everything that is wrong with a command line: options that cannot come from the environment, options of commands with
/// the name of a global one, and lines of help that do not fit a terminal.
pub fn faults(mut command: Command) -> Vec<String> {
    let globals: Vec<_> =
        command.get_arguments().filter(|it| it.is_global_set()).map(|it| it.get_id().clone()).collect();
    command = command.term_width(WIDTH);
    // Where clap itself looks for mistakes.
    command.build();
    let mut faults = Vec::new();
    command.get_subcommands().for_each(|command| visit(command, &globals, &mut faults));
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
    let help = command.clone().render_long_help().to_string();
    let wide = help.lines().filter(|line| line.chars().count() > WIDTH);
    faults.extend(wide.map(|line| format!("{path} --help is too wide: {line}")));
    command.get_subcommands().for_each(|command| visit(command, globals, faults));
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    #[test]
    fn what_is_wrong_is_found_at_any_depth() {
        let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let deep = Command::new("deep").arg(flag("bare")).arg(flag("good").env("KILN_GOOD"));
        let deep = deep.arg(Arg::new("verbose").long("loud").env("KILN_LOUD")).after_long_help("wide".repeat(25));
        let command = Command::new("kiln").arg(flag("verbose").global(true).env("KILN_VERBOSE"));
        let faults = faults(command.subcommand(Command::new("node").subcommand(deep)));
        let found = |what: &str| faults.iter().any(|fault| fault.contains(what));
        assert!(found("kiln node deep --bare cannot come from the environment"), "{faults:#?}");
        assert!(found("deep --verbose has the name of a global option") && found("is too wide: wide"), "{faults:#?}");
        assert!(!found("--good"), "{faults:#?}");
    }
}
