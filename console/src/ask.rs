//! Asking before something is destroyed.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::Class;
use crate::failure::Failure;
use crate::global::Format;
use crate::output::Console;

/// The option of commands that destroy something
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Confirm {
    /// Do not ask, do it
    #[arg(long, short, env = "KILN_YES")]
    pub yes: bool,
}

impl Confirm {
    /// Asks whether to go on; before any work begins, whose progress would be drawn over the question. `question` is a whole question: ``remove the lab `three-nodes` and its disks?``
    ///
    /// # Errors
    /// [`Class::Usage`] if nobody can be asked, [`Class::Interrupted`] if the answer is not yes.
    pub async fn ask(self, console: &Console, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let somebody = io::stdin().is_terminal() && io::stderr().is_terminal() && console.format() == Format::Text;
        if !somebody {
            return Err(Failure::new(Class::Usage, format!("nobody can be asked: {question}"))
                .hint("to go on without being asked: --yes (or KILN_YES=1)"));
        }
        let question = question.to_owned();
        // On a thread of its own, so that Ctrl-C ends the waiting.
        let answer = tokio::task::spawn_blocking(move || answer(&question, &mut io::stdin().lock(), &mut io::stderr()));
        let read = answer.await.map_err(io::Error::other).flatten();
        match read.map_err(|error| Failure::new(Class::Unexpected, "reading the answer").caused_by(&error))? {
            true => Ok(()),
            false => Err(Failure::new(Class::Interrupted, "not confirmed: nothing was changed")),
        }
    }
}

/// Asks, and reads one line: only `y` and `yes` are a yes.
fn answer(question: &str, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<bool> {
    write!(to, "{question} [y/N] ")?;
    to.flush()?;
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_a_yes() {
        for (line, expected) in
            [("y\n", true), ("YES\n", true), ("\n", false), ("", false), ("n\n", false), ("yesno\n", false)]
        {
            let mut asked = Vec::new();
            let result = answer("remove it?", &mut line.as_bytes(), &mut asked).unwrap();
            assert_eq!(result, expected, "{line:?}");
            assert_eq!(String::from_utf8(asked).unwrap(), "remove it? [y/N] ");
        }
    }
}
