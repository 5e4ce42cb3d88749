//! Which sector holds what.

use std::collections::BTreeSet;

use super::directory::{self, Kind};
use super::field::{Charset, Extent, SECTOR};
use super::{Error, names};

/// Where one of the two trees of names is. Its two path tables and its folder take one sector each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tree {
    /// The sector of the path table with the low byte first.
    pub low_first: u32,
    /// The sector of the path table with the high byte first.
    pub high_first: u32,
    /// The only folder.
    pub folder: Extent,
}

impl Tree {
    const fn at(sector: u32) -> Self {
        let folder = Extent { first: sector + 2, bytes: SECTOR as u32 };
        Self { low_first: sector, high_first: sector + 1, folder }
    }
}

/// The places of all files.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    files: Vec<(&'a str, Extent)>,
    /// How many sectors the image has.
    pub sectors: u32,
}

impl<'a> Layout<'a> {
    /// Sectors before the first descriptor (ECMA-119 6.2.1).
    pub const SYSTEM_AREA: u32 = 16;
    /// The primary volume's names, after three descriptors.
    pub const PLAIN: Tree = Tree::at(Self::SYSTEM_AREA + 3);
    /// Joliet's names.
    pub const JOLIET: Tree = Tree::at(Self::SYSTEM_AREA + 6);
    /// The first sector of the first file.
    const FILES: u32 = Self::SYSTEM_AREA + 9;

    /// Gives every file its place, one after the other.
    pub fn new(files: &[(&'a str, &[u8])]) -> Result<Self, Error> {
        let mut plain_names = BTreeSet::new();
        let mut layout = Self { files: Vec::with_capacity(files.len()), sectors: Self::FILES };
        for &(name, content) in files {
            names::check_file(name)?;
            let plain = names::plain(name);
            if !plain_names.insert(plain.clone()) {
                return Err(Error::SameName(plain));
            }
            let extent = Extent { first: layout.sectors, bytes: size(name, content.len())? };
            // It cannot overflow: there are fewer than a hundred files of less than 2²¹ sectors.
            layout.sectors += extent.bytes.div_ceil(SECTOR as u32);
            layout.files.push((name, extent));
        }
        Ok(layout)
    }

    /// The records of the folder that is at `place`: itself, its parent, which it is too, and the files by name
    /// (ECMA-119 6.8.2, 9.3).
    pub fn folder(&self, charset: Charset, place: Extent) -> Result<Vec<u8>, Error> {
        let mut files: Vec<_> =
            self.files.iter().map(|(name, extent)| (names::identifier(charset, name), *extent)).collect();
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut folder = directory::record(&directory::SELF, Kind::Folder, place);
        folder.extend(directory::record(&directory::PARENT, Kind::Folder, place));
        for (identifier, extent) in files {
            folder.extend(directory::record(&identifier, Kind::File, extent));
        }
        // A record may not cross sectors (ECMA-119 6.8.1.1); with one sector the question does not come up.
        if folder.len() > SECTOR {
            return Err(Error::TooManyFiles(self.files.len()));
        }
        Ok(folder)
    }
}

/// The size as a record holds it: a larger file would need several records (ECMA-119 6.5.1).
fn size(name: &str, bytes: usize) -> Result<u32, Error> {
    u32::try_from(bytes).map_err(|_| Error::FileSize { name: name.to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_follow_each_other_and_an_empty_one_takes_no_room() {
        let long = [0; SECTOR + 1];
        let layout = Layout::new(&[("one", &long), ("none", b""), ("two", b"x")]).unwrap();
        let places: Vec<_> = layout.files.iter().map(|(_, extent)| (extent.first, extent.bytes)).collect();
        assert_eq!(places, [(25, 2049), (27, 0), (27, 1)]);
        assert_eq!(layout.sectors, 28);
    }

    #[test]
    fn files_from_four_gib_on_are_refused() {
        assert_eq!(size("user-data", 0xffff_ffff), Ok(0xffff_ffff));
        let error = size("user-data", 0x1_0000_0000).unwrap_err();
        assert_eq!(error, Error::FileSize { name: "user-data".to_owned(), bytes: 4_294_967_296 });
    }
}
