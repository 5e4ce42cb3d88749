//! The text of a file that somebody wrote.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::MAX_BYTES;

/// Reads the text of a file: not more than can be too large for [`read`](crate::read), which says so then.
///
/// # Errors
/// Where it cannot be read, or is no UTF-8: then with the line.
pub fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let cut = bytes.len() > MAX_BYTES;
    String::from_utf8(bytes).or_else(|error| {
        let valid = error.utf8_error();
        let (before, bytes) = (valid.valid_up_to(), error.into_bytes());
        // The limit may be within a character.
        if cut && valid.error_len().is_none() {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        let line = 1 + bytes[..before].iter().filter(|byte| **byte == b'\n').count();
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is not UTF-8: save the file as UTF-8")))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_no_text_is_told_with_its_line_and_what_is_too_large_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lab.yaml");
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            text(&path)
        };
        assert_eq!(read("name: ä\n".as_bytes()).unwrap(), "name: ä\n");
        for bytes in [b"name: a\nimage: \xff\n".as_slice(), b"name: a\nimage: \xc3"] {
            let error = read(bytes).unwrap_err();
            assert_eq!((error.kind(), error.to_string().starts_with("line 2 is")), (io::ErrorKind::InvalidData, true));
        }
        assert_eq!(read(&vec![b'a'; 3 * MAX_BYTES]).unwrap().len(), MAX_BYTES + 1);
        assert!(read("aä".repeat(MAX_BYTES).as_bytes()).unwrap().len() > MAX_BYTES);
        assert_eq!(text(&folder.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
