//! What the command `doctor` of each program says: what a machine has and lacks, and how to get it.

use std::fmt;

use serde::Serialize;

use crate::human::count;
use crate::{Class, Console, Failure};

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// As it should be.
    Good,
    /// The program will work, but not as well as it could.
    Poor,
    /// The program will not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Finding {
    /// One for which nothing is to be done.
    pub fn new(what: impl Into<String>, health: Health, found: impl Into<String>) -> Self {
        Self { what: what.into(), health, found: found.into(), fix: None }
    }

    /// One that is good if it could be looked at, and else [`Finding::failed`].
    pub fn of(what: impl Into<String>, looked: Result<impl Into<String>, Failure>) -> Self {
        match looked {
            Ok(found) => Self::new(what, Health::Good, found),
            Err(failure) => Self::failed(what, &failure),
        }
    }

    /// One that could not be looked at: why, down to the first cause, and what the failure says is to be done.
    pub fn failed(what: impl Into<String>, failure: &Failure) -> Self {
        // A failure that prints itself has this before its message.
        let message = failure.message().trim_start_matches("error: ");
        let why: Vec<_> = std::iter::once(message).chain(failure.causes()).collect();
        let hints = failure.hints().join("\n");
        Self { fix: Some(hints).filter(|it| !it.is_empty()), ..Self::new(what, Health::Bad, why.join(": ")) }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.health {
            Health::Good => "ok  ",
            Health::Poor => "poor",
            Health::Bad => "BAD ",
        };
        // What has several lines goes on below the name, with nothing in lines that are empty.
        let below = |text: &str| text.replace('\n', "\n      ").replace("      \n", "\n");
        write!(f, "{mark}  {}: {}", self.what, below(&self.found))?;
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, "\n      {}", below(fix)))
    }
}

/// Prints the findings. `cannot` says what cannot be done here if one of them is bad.
///
/// # Errors
/// [`Class::Host`] if one is; or where nothing can be printed.
pub fn report(console: &Console, findings: &[Finding], cannot: &str) -> Result<(), Failure> {
    console.value(&findings, |findings| findings.iter().map(|finding| format!("{finding}\n")).collect())?;
    match findings.iter().filter(|finding| finding.health == Health::Bad).count() {
        0 => Ok(()),
        bad => Err(Failure::new(Class::Host, format!("{cannot}: {} above", count(bad, "problem")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_of_a_finding_stand_below_its_first() {
        let wrong = Failure::report(Class::File, |_| "error: unknown field\n --> a.yaml:1:1\n\n1 problem".to_owned());
        let findings = [
            Finding::of("disk", Ok::<_, Failure>("large")),
            Finding::of("configuration", Err::<String, _>(wrong)),
            Finding::failed("home", &Failure::new(Class::Host, "it is not yours").hint("one\ntwo").hint("three")),
        ];
        let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        ok    disk: large
        BAD   configuration: unknown field
               --> a.yaml:1:1

              1 problem
        BAD   home: it is not yours
              one
              two
              three
        ");
    }
}
