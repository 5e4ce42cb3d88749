//! What the terminal can do, and whether colours are wanted.

use std::io::IsTerminal;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(bool);

impl Colour {
    /// Coloured.
    pub const ON: Self = Self(true);
    /// Plain.
    pub const OFF: Self = Self(false);

    /// Whether text on standard error is coloured.
    pub fn on_stderr(when: When) -> Self {
        Self::decide(when, std::io::stderr().is_terminal(), |name| std::env::var_os(name))
    }

    /// Explicit wishes first; then <https://no-color.org>; then whether it is a terminal that knows colours.
    fn decide(when: When, terminal: bool, variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_some_and(|value| value == "dumb");
        Self(match when {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !refused && !dumb,
        })
    }

    /// Whether text is coloured.
    pub fn is_on(self) -> bool {
        self.0
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub(crate) fn blue(self, text: &str) -> String {
        self.paint("1;34", text)
    }

    /// The sequence "select graphic rendition" (ECMA-48, section 8.3.117) around a text.
    fn paint(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Whether standard error is a terminal on which lines can be drawn again.
pub(crate) fn can_redraw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// Text of others in one line of a terminal: what is no character to be seen becomes a blank.
pub(crate) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Text of others in lines of a terminal: of what is no character to be seen, line breaks and tabs are left.
pub(crate) fn lines(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_flag_then_the_environment_then_the_terminal() {
        let cases = [
            (When::Auto, true, "", "xterm", true),
            (When::Auto, false, "", "xterm", false),
            (When::Auto, true, "1", "xterm", false),
            (When::Auto, true, "", "dumb", false),
            (When::Always, false, "1", "dumb", true),
            (When::Never, true, "", "xterm", false),
        ];
        for (when, terminal, no_color, term, expected) in cases {
            let variable = |name: &str| Some(if name == "TERM" { term } else { no_color }.into());
            let colour = Colour::decide(when, terminal, variable);
            assert_eq!(colour.is_on(), expected, "{when:?} {terminal} {no_color:?} {term}");
        }
    }

    #[test]
    fn escape_sequences_of_others_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\x1b[2Jb\nc\t d "), "a [2Jb c d");
        assert_eq!(lines("a\x1b[2Jb\r\n\tc\u{9b}d"), "a[2Jb\n\tcd");
    }
}
