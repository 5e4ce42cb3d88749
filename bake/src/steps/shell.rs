//! Words for the guest's shell.

/// Quotes `words` so that the guest's shell sees each as one word, whatever is in it.
pub fn quote<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = words.into_iter().map(|word| {
        // shlex refuses only NUL, which neither a YAML file nor an argument can hold.
        shlex::try_quote(word).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_its_quotes() {
        assert_eq!(quote(["a", "b c", "$(reboot)"]), "a 'b c' '$(reboot)'");
    }
}
