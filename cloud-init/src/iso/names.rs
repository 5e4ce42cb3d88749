//! Names of files and media, in the part of both character sets that needs no thought.

use super::Error;
use super::field::Charset;

/// The longest label in characters: Joliet's field has 32 bytes, two a character.
const MAX_LABEL: usize = 16;

/// The longest name in characters, at interchange level 2 (ECMA-119 7.5.1). Joliet has room for 64.
const MAX_NAME: usize = 30;

/// Whether `label` can be that of a medium. The standard has only capitals (ECMA-119 8.4.7), but cloud-init 0.7.9 looks
/// for small letters, and every reader takes them.
pub(super) fn check_label(label: &str) -> Result<(), Error> {
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    match (1..=MAX_LABEL).contains(&label.len()) && label.bytes().all(letters) {
        true => Ok(()),
        false => Err(Error::Label(label.to_owned())),
    }
}

/// Whether `name` can be that of a file.
pub(super) fn check_file(name: &str) -> Result<(), Error> {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    match (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(letters) {
        true => Ok(()),
        false => Err(Error::FileName(name.to_owned())),
    }
}

/// `name` in d-characters (ECMA-119 7.4.1): capitals, and `_` for everything else.
pub(super) fn plain(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// The identifier of the file `name`. A plain one has a dot, an empty extension and the version 1 (ECMA-119 7.5.1).
/// Joliet's is the bare name, as genisoimage and xorriso write it, so that a reader has nothing to take off.
pub(super) fn identifier(charset: Charset, name: &str) -> Vec<u8> {
    match charset {
        Charset::Ascii => charset.encode(&format!("{}.;1", plain(name))),
        Charset::Ucs2 => charset.encode(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_in_one_tree_and_itself_in_the_other() {
        assert_eq!(identifier(Charset::Ascii, "user-data"), b"USER_DATA.;1");
        assert_eq!(identifier(Charset::Ucs2, "a-b"), b"\0a\0-\0b");
    }

    #[test]
    fn names_that_need_thought_are_refused() {
        for bad in ["", "a.b", "A", "a/b", "é", "a;1", &"a".repeat(31)] {
            assert_eq!(check_file(bad), Err(Error::FileName(bad.to_owned())));
        }
        assert_eq!(check_file(&"a".repeat(30)), Ok(()));
        for bad in ["", "a b", "é", &"a".repeat(17)] {
            assert_eq!(check_label(bad), Err(Error::Label(bad.to_owned())));
        }
        assert_eq!(check_label(&"a".repeat(16)), Ok(()));
    }
}
