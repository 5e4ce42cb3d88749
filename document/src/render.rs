//! How problems look: like a compiler's.

use crate::problem::Problem;
use crate::source::Source;

/// A hint of up to this many characters stands beside the underlined text, a longer one on lines of its own.
const SHORT_HINT: usize = 60;
/// Of a longer line only the part around the problem is shown.
const LINE_WIDTH: usize = 120;
/// How much of the line is kept before a problem that is far to the right.
const CONTEXT: usize = 40;
/// Of a longer value only the beginning is repeated in a message.
const VALUE_WIDTH: usize = 60;

const RED: &str = "\x1b[1;31m";
const BLUE: &str = "\x1b[1;34m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// A value of the file in a message: in backticks, in one line, not too long.
pub(crate) fn quoted(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let short: String = first.chars().take(VALUE_WIDTH).collect();
    let cut = if short.len() < text.trim_end().len() { "…" } else { "" };
    format!("`{short}{cut}`")
}

/// Nobody reads more problems than this at once.
const MOST: usize = 100;

/// The problems of a file, and how many there are.
pub(crate) fn problems(source: &Source, problems: &[Problem], colour: bool) -> String {
    let mut text = String::new();
    for one in problems.iter().take(MOST) {
        text += &problem(source, one, colour);
        text += "\n\n";
    }
    let noun = if problems.len() == 1 { "problem" } else { "problems" };
    let rest = if problems.len() > MOST { format!(", of which the first {MOST} are shown") } else { String::new() };
    text + &format!("{} {noun} in {}{rest}", problems.len(), printable(&source.file_name))
}

fn problem(source: &Source, problem: &Problem, colour: bool) -> String {
    let paint = |style: &str, text: &str| if colour { format!("{style}{text}{RESET}") } else { text.to_owned() };
    let start = problem.span.start;
    let number = start.line.to_string();
    let gutter = " ".repeat(number.len());
    let bar = paint(BLUE, "|");

    let snippet = Snippet::of(source.line(start.line), problem);
    let hint = problem.hint.as_deref().map(printable).unwrap_or_default();
    let beside = hint.chars().count() <= SHORT_HINT;
    let caret_line = format!("{} {}", snippet.carets, if beside { &hint } else { "" });

    let mut lines = vec![
        format!("{}{} {}", paint(RED, "error"), paint(BOLD, ":"), paint(BOLD, &printable(&problem.message))),
        format!("{gutter}{} {}:{}:{}", paint(BLUE, "-->"), printable(&source.file_name), start.line, start.column),
        format!("{gutter} {bar}"),
        format!("{} {bar} {}", paint(BLUE, &number), snippet.line).trim_end().to_owned(),
        format!("{gutter} {bar} {}{}", snippet.indent, paint(RED, caret_line.trim_end())),
    ];
    if !beside {
        lines.push(format!("{gutter} {} {hint}", paint(BLUE, "=")));
    }
    lines.join("\n")
}

/// The line of a problem and the carets for the line below.
struct Snippet {
    line: String,
    indent: String,
    carets: String,
}

impl Snippet {
    fn of(line: &str, problem: &Problem) -> Self {
        let line = line.trim_end();
        let length = line.chars().count();
        let (start, end) = (problem.span.start, problem.span.end);
        // A value of many lines is underlined on its first.
        let last = if end.line > start.line { length } else { (end.column - 1).min(length) };
        let first = (start.column - 1).min(length);
        let skipped = if length > LINE_WIDTH && first > CONTEXT { first - CONTEXT } else { 0 };
        let shown: String = line.chars().skip(skipped).take(LINE_WIDTH).collect();

        let carets = last.saturating_sub(first).clamp(1, LINE_WIDTH.saturating_sub(first - skipped).max(1));
        // A tab stays a tab, so that the carets stand below their text whatever its width.
        let indent = shown.chars().take(first - skipped).map(|c| if c == '\t' { '\t' } else { ' ' });
        Self { indent: indent.collect(), line: printable(&shown), carets: "^".repeat(carets) }
    }
}

/// Text from a file is shown on a terminal: control characters must not reach it, and a message has one line.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' => ' ',
        '\t' => c,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}
