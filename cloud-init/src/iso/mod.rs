//! A writer of small ISO 9660 images: a flat folder, with Joliet's names beside the plain ones.
//!
//! Sources: ECMA-119, 2nd edition (December 1987), which is ISO 9660, and Microsoft's Joliet specification (1995).
//! Sections are quoted as "ECMA-119 8.4". Linux, which takes Joliet where there is no Rock Ridge, shows the names as
//! they were given; plain ISO 9660 has only capitals, and cloud-init would not find its files.
//!
//! There is no time in the image, so that the same files give the same bytes. What is left out, folders, more files
//! than one sector of records holds, files from 4 GiB on, is refused.

mod descriptor;
mod directory;
mod field;
mod layout;
mod names;

use descriptor::{TERMINATOR, Volume};
use field::{Charset, SECTOR, fill_sector};
use layout::Layout;

/// An image could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The label has no form in both character sets.
    #[error("`{0}` cannot be the label of a medium: take 1 to 16 letters, digits, `-` and `_`")]
    Label(String),
    /// A file's name has no form in both character sets.
    #[error("`{0}` cannot be the name of a file on a medium: take 1 to 30 of a-z, 0-9, `-` and `_`")]
    FileName(String),
    /// Two names are the same in capitals and with `_` for `-`.
    #[error("two files of a medium would be called {0}: rename one")]
    SameName(String),
    /// A file does not fit.
    #[error("the file `{name}` has {bytes} bytes, but a file of a medium must be smaller than 4 GiB")]
    FileSize {
        /// Its name.
        name: String,
        /// Its size.
        bytes: usize,
    },
    /// The records of the files do not fit.
    #[error("{0} files do not fit into the one folder of a medium: take fewer")]
    TooManyFiles(usize),
}

/// Writes an image labelled `label` with `files`, pairs of name and content, in its only folder.
pub(crate) fn write(label: &str, files: &[(&str, &[u8])]) -> Result<Vec<u8>, Error> {
    names::check_label(label)?;
    let layout = Layout::new(files)?;
    let mut image = Vec::with_capacity(layout.sectors as usize * SECTOR);
    // The system area is not ours (ECMA-119 6.2.1).
    image.resize(Layout::SYSTEM_AREA as usize * SECTOR, 0);
    let tables = [(Charset::Ascii, Layout::PLAIN), (Charset::Ucs2, Layout::JOLIET)];
    for (charset, tree) in tables {
        image.extend(Volume { charset, label, sectors: layout.sectors, tree }.descriptor());
    }
    image.extend(TERMINATOR);
    fill_sector(&mut image);
    for (charset, tree) in tables {
        image.extend(directory::path_table(tree.folder, u32::to_le_bytes, u16::to_le_bytes));
        fill_sector(&mut image);
        image.extend(directory::path_table(tree.folder, u32::to_be_bytes, u16::to_be_bytes));
        fill_sector(&mut image);
        image.extend(layout.folder(charset, tree.folder)?);
        fill_sector(&mut image);
    }
    for (_, content) in files {
        image.extend_from_slice(content);
        fill_sector(&mut image);
    }
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_whole_sectors() {
        let files: [(&str, &[u8]); 2] = [("user-data", b"#cloud-config\n"), ("meta-data", b"")];
        let image = write("cidata", &files).unwrap();
        assert_eq!(image, write("cidata", &files).unwrap());
        assert_eq!(image.len(), 26 * SECTOR);
        assert!(image.ends_with(&[0; SECTOR - 14]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let label = write("much-too-long-label", &[]).unwrap_err();
        assert_eq!(label, Error::Label("much-too-long-label".to_owned()));
        let same: [(&str, &[u8]); 2] = [("user-data", b""), ("user_data", b"")];
        assert_eq!(write("cidata", &same).unwrap_err(), Error::SameName("USER_DATA".to_owned()));
        let names: Vec<_> = (0..100).map(|number| format!("file{number}")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(write("cidata", &many).unwrap_err(), Error::TooManyFiles(100));
    }
}
