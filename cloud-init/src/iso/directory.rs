//! Records of files and folders, and the table of folders.

use super::field::{Extent, both16, both32};

/// The identifier of a folder in its own records (ECMA-119 6.8.2.2).
pub(super) const SELF: [u8; 1] = [0];

/// The identifier of a folder's parent (ECMA-119 6.8.2.2).
pub(super) const PARENT: [u8; 1] = [1];

/// Bytes of a path table with the root folder only: eight, the identifier, and one to make them even.
pub(super) const PATH_TABLE_BYTES: u32 = 10;

/// What a record is of; the number is its file flag (ECMA-119 9.1.6).
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A file.
    File = 0,
    /// A folder.
    Folder = 2,
}

/// One record of a folder (ECMA-119 9.1).
pub(super) fn record(identifier: &[u8], kind: Kind, extent: Extent) -> Vec<u8> {
    // The names are short (names.rs): 33 bytes and at most 64 of an identifier.
    let length = (33 + identifier.len()).next_multiple_of(2) as u8;
    let mut record = vec![length, 0];
    record.extend(both32(extent.first));
    record.extend(both32(extent.bytes));
    // No time is given (ECMA-119 9.1.5).
    record.extend([0; 7]);
    // The flags, and a file that is not interleaved (ECMA-119 9.1.7, 9.1.8).
    record.extend([kind as u8, 0, 0]);
    record.extend(both16(1));
    record.push(identifier.len() as u8);
    record.extend(identifier);
    record.resize(length.into(), 0);
    record
}

/// The table of folders (ECMA-119 9.4) in the byte order of the two functions: there is only the root, which is its
/// own parent and number 1.
pub(super) fn path_table(root: Extent, four: fn(u32) -> [u8; 4], two: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut table = vec![SELF.len() as u8, 0];
    table.extend(four(root.first));
    table.extend(two(1));
    table.extend(SELF);
    table.push(0);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { first: 25, bytes: 3 };

    #[test]
    fn records_have_an_even_length() {
        assert_eq!(record(&SELF, Kind::Folder, EXTENT).len(), 34);
        let file = record(b"META_DATA.;1", Kind::File, EXTENT);
        assert_eq!((file.len(), file[0], file[25], file[32]), (46, 46, 0, 12));
        assert_eq!(&file[33..], b"META_DATA.;1\0");
    }

    #[test]
    fn the_path_table_has_the_root_only() {
        let table = path_table(EXTENT, u32::to_be_bytes, u16::to_be_bytes);
        assert_eq!(table, [1, 0, 0, 0, 0, 25, 0, 1, 0, 0]);
        assert_eq!(table.len(), PATH_TABLE_BYTES as usize);
    }
}
