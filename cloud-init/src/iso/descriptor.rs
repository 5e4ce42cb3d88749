//! The descriptors at the beginning of a volume.

use super::directory::{self, Kind};
use super::field::{Charset, SECTOR, both16, both32};
use super::layout::Tree;

/// What every descriptor has after its type (ECMA-119 8.1.2, 8.1.3).
const STANDARD: [u8; 6] = *b"CD001\x01";

/// The descriptor after the last one (ECMA-119 8.3); the rest of its sector is zero.
pub(super) const TERMINATOR: [u8; 7] = [255, b'C', b'D', b'0', b'0', b'1', 1];

/// By this a volume is known as Joliet's, of its level 3 (Joliet specification, "SVD Identification").
const JOLIET_ESCAPE: [u8; 3] = *b"%/E";

/// A time that is not given (ECMA-119 8.4.26.1): sixteen digits zero and no offset. libblkid makes no UUID of it, so
/// that two seeds do not look like one medium.
const NO_TIME: [u8; 17] = *b"0000000000000000\0";

/// One of the two trees of names as a volume of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volume<'a> {
    /// In which it is written: it decides whether this is the primary volume or Joliet's.
    pub charset: Charset,
    /// The label. Both volumes have the same, because blkid shows Joliet's where there is one.
    pub label: &'a str,
    /// Sectors of the whole image.
    pub sectors: u32,
    /// Where the names are.
    pub tree: Tree,
}

impl Volume<'_> {
    /// The sector that describes it (ECMA-119 8.4 for the primary volume, 8.5 for a supplementary one). The numbers in
    /// comments are byte positions there, from 1.
    pub fn descriptor(&self) -> Vec<u8> {
        let Self { charset, label, sectors, tree } = *self;
        let (kind, escape) = match charset {
            Charset::Ascii => (1, [0; 3]),
            Charset::Ucs2 => (2, JOLIET_ESCAPE),
        };
        let mut sector = vec![kind]; // 1
        sector.extend(STANDARD); // 2
        sector.push(0); // 8: unused, or volume flags
        sector.extend(charset.field("", 32)); // 9: system
        sector.extend(charset.field(label, 32)); // 41: volume
        sector.extend([0; 8]); // 73
        sector.extend(both32(sectors)); // 81: volume space size
        sector.extend(escape); // 89: unused, or escape sequences
        sector.extend([0; 29]);
        sector.extend(both16(1)); // 121: volume set size
        sector.extend(both16(1)); // 125: volume sequence number
        sector.extend(both16(SECTOR as u16)); // 129: logical block size
        sector.extend(both32(directory::PATH_TABLE_BYTES)); // 133
        sector.extend(tree.low_first.to_le_bytes()); // 141: path table, low byte first
        sector.extend([0; 4]); // 145: no second one
        sector.extend(tree.high_first.to_be_bytes()); // 149: path table, high byte first
        sector.extend([0; 4]); // 153: no second one
        sector.extend(directory::record(&directory::SELF, Kind::Folder, tree.folder)); // 157
        for bytes in [128, 128, 128, 128, 37, 37, 37] {
            // 191: volume set, publisher, preparer, application; copyright, abstract, bibliography.
            sector.extend(charset.field("", bytes));
        }
        for _ in ["creation", "modification", "expiration", "effective"] {
            sector.extend(NO_TIME); // 814
        }
        sector.push(1); // 882: file structure version
        sector.resize(SECTOR, 0);
        sector
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layout;
    use super::*;

    fn volume(charset: Charset, tree: Tree) -> Vec<u8> {
        Volume { charset, label: "cidata", sectors: 28, tree }.descriptor()
    }

    #[test]
    fn fields_are_where_the_standard_puts_them() {
        let primary = volume(Charset::Ascii, Layout::PLAIN);
        assert_eq!(primary.len(), SECTOR);
        assert_eq!(&primary[..8], b"\x01CD001\x01\0");
        assert_eq!(&primary[40..72], b"cidata                          ");
        assert_eq!(&primary[80..88], &both32(28));
        assert_eq!(&primary[88..91], &[0; 3]);
        assert_eq!(&primary[128..132], &both16(2048));
        assert_eq!((&primary[140..144], &primary[148..152]), (&[19, 0, 0, 0][..], &[0, 0, 0, 20][..]));
        assert_eq!((primary[156], &primary[158..166]), (34, &both32(21)[..]));
        assert_eq!(&primary[813..830], &NO_TIME);
        assert_eq!(primary[881], 1);
    }

    #[test]
    fn joliet_is_marked_and_written_in_ucs_2() {
        let joliet = volume(Charset::Ucs2, Layout::JOLIET);
        assert_eq!(joliet.len(), SECTOR);
        assert_eq!(joliet[0], 2);
        assert_eq!(&joliet[88..91], b"%/E");
        assert_eq!(&joliet[40..52], b"\0c\0i\0d\0a\0t\0a");
        assert_eq!(&joliet[813..830], &NO_TIME);
    }
}
