//! The last part of what a program said, kept while it talks.

use std::collections::VecDeque;

/// How much of a program's last words an error quotes. bootc keeps 1 KiB ("avoid pathological error messages"); yum
/// and apt say what went wrong a little earlier than that.
const LIMIT: usize = 4096;

/// A buffer that forgets all but the last [`LIMIT`] bytes written to it.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: VecDeque<u8>,
    cut: bool,
}

impl Tail {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        if self.bytes.len() > LIMIT {
            self.bytes.drain(..self.bytes.len() - LIMIT);
            self.cut = true;
        }
    }

    /// The text, beginning with a whole line if something was cut off before it.
    pub(crate) fn into_text(self) -> String {
        let bytes = Vec::from(self.bytes);
        let text = String::from_utf8_lossy(&bytes);
        let whole = match text.split_once('\n') {
            Some((_, rest)) if self.cut => rest,
            _ => &text,
        };
        whole.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_kept_whole() {
        let mut tail = Tail::default();
        tail.push(b"one\ntwo\n");
        assert_eq!(tail.into_text(), "one\ntwo");
    }

    #[test]
    fn long_texts_lose_their_beginning_at_a_line() {
        let mut tail = Tail::default();
        for number in 0..10_000 {
            tail.push(format!("line {number}\n").as_bytes());
        }
        let text = tail.into_text();
        assert!(text.len() <= LIMIT);
        assert!(text.starts_with("line ") && text.ends_with("line 9999"));
    }
}
