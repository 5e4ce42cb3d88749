//! Words and scripts for the guest's shell.

use camino::Utf8Path;

use crate::actions::Action;

/// Quotes `words` so that the guest's shell sees each as one word, whatever is in it.
pub fn quote<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = words.into_iter().map(|word| {
        // shlex refuses only NUL, which neither a YAML file nor an argument can hold.
        shlex::try_quote(word).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// A command that runs a short script with these words, without a file.
pub fn inline<'a>(script: &'a str, words: impl IntoIterator<Item = &'a str>) -> String {
    quote(["sh", "-c", script, "sh"].into_iter().chain(words))
}

/// The actions that write a script of Kiln's own into the folder `stage` of the image, and run it there with these words.
/// Where it fails, virt-customize repeats the command: a name instead of the whole script.
pub(super) fn run_script<'a>(
    stage: &str,
    (name, script): (&str, &str),
    words: impl IntoIterator<Item = &'a str>,
) -> [Action; 3] {
    let path = Utf8Path::new(stage).join(name);
    let command = format!("sh {} {}", quote([path.as_str()]), quote(words));
    [Action::Mkdir(stage.into()), Action::Write { path, content: script.to_owned() }, Action::RunCommand(command)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_its_quotes() {
        assert_eq!(quote(["a", "b c", "$(reboot)"]), "a 'b c' '$(reboot)'");
    }

    #[test]
    fn a_script_is_run_by_its_name() {
        let [_, written, run] = run_script("/var/tmp/x", ("do.sh", "echo $1\n"), ["a b"]);
        assert_eq!(written, Action::Write { path: "/var/tmp/x/do.sh".into(), content: "echo $1\n".into() });
        assert_eq!(run, Action::RunCommand("sh /var/tmp/x/do.sh 'a b'".into()));
    }
}
