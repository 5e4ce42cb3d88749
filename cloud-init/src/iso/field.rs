//! The fields ISO 9660 is made of.

/// Bytes of a logical sector (ECMA-119 6.1.2). Blocks are as large, so that both are counted alike.
pub(super) const SECTOR: usize = 2048;

/// A run of sectors with a file's or a folder's bytes (ECMA-119 6.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its first sector.
    pub first: u32,
    /// How many bytes are in it.
    pub bytes: u32,
}

/// How names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// The primary volume's: ASCII, and of that only the d-characters `A-Z0-9_` (ECMA-119 7.4.1).
    Ascii,
    /// Joliet's: UCS-2, high byte first, by the name of level 1.
    Ucs2,
}

impl Charset {
    /// The bytes of an ASCII text.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Ascii => text.as_bytes().to_vec(),
            Self::Ucs2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// A text in a field of `bytes` bytes, filled up with spaces (ECMA-119 7.4.3.2). An odd byte that is left in
    /// UCS-2 stays zero.
    pub fn field(self, text: &str, bytes: usize) -> Vec<u8> {
        let mut field = self.encode(text);
        let space = self.encode(" ");
        while field.len() + space.len() <= bytes {
            field.extend(&space);
        }
        field.resize(bytes, 0);
        field
    }
}

/// A number in both byte orders, low byte first (ECMA-119 7.2.3).
pub(super) fn both16(number: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (number.to_le_bytes(), number.to_be_bytes());
    [a, b, c, d]
}

/// A number in both byte orders, low byte first (ECMA-119 7.3.3).
pub(super) fn both32(number: u32) -> [u8; 8] {
    let ([a, b, c, d], [e, f, g, h]) = (number.to_le_bytes(), number.to_be_bytes());
    [a, b, c, d, e, f, g, h]
}

/// Fills `image` up with zeros to the end of its last sector.
pub(super) fn fill_sector(image: &mut Vec<u8>) {
    image.resize(image.len().next_multiple_of(SECTOR), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_twice() {
        assert_eq!(both16(0x1234), [0x34, 0x12, 0x12, 0x34]);
        assert_eq!(both32(0x1234_5678), [0x78, 0x56, 0x34, 0x12, 0x12, 0x34, 0x56, 0x78]);
    }

    #[test]
    fn texts_are_filled_with_spaces_of_their_own_width() {
        assert_eq!(Charset::Ascii.field("ab", 4), b"ab  ");
        assert_eq!(Charset::Ucs2.field("ab", 7), b"\0a\0b\0 \0");
    }
}
