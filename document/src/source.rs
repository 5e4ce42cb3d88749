//! The text of a file and the places in it.

/// A place: line and column as editors count them, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

/// From one place to another, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub start: Place,
    pub end: Place,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl Span {
    /// From a place to the end of its line.
    pub fn rest_of_line(start: Place) -> Self {
        Self { start, end: Place { line: start.line, column: usize::MAX } }
    }

    /// One place.
    pub fn point(start: Place) -> Self {
        Self { start, end: start }
    }
}

/// A file's name and its text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub file_name: String,
    pub text: String,
}

impl Source {
    /// The text of one line, without its end; nothing if the file is shorter.
    pub fn line(&self, number: usize) -> &str {
        // YAML ends a line with any of the three (YAML 1.2.2, section 5.4), which `str::lines` does not.
        let mut rest = self.text.as_str();
        for _ in 1..number {
            let Some(end) = rest.find(['\n', '\r']) else { return "" };
            let width = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[end + width..];
        }
        rest.split(['\n', '\r']).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_all_three_ways() {
        let source = Source { file_name: "f".into(), text: "one\ntwo\r\nthree\rfour".into() };
        for (number, expected) in [(1, "one"), (2, "two"), (3, "three"), (4, "four"), (5, "")] {
            assert_eq!(source.line(number), expected, "line {number}");
        }
    }
}
