//! The header of a qcow2 file, read without running a program: which other files does it lead to?
//!
//! Source of the format: QEMU, `docs/interop/qcow2.rst`. All numbers are big-endian.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};

use crate::{At, FileError, durable};

/// The first four bytes: "QFI\xfb".
pub const MAGIC: [u8; 4] = *b"QFI\xfb";

/// The length of the version 2 header, and the part of every later one that is the same.
const V2_LENGTH: usize = 72;

/// The longest backing file name (`docs/interop/qcow2.rst`, `backing_file_size`: "Must not be longer than 1023 bytes").
const NAME_MAX: u32 = 1023;

/// Bit 2 of `incompatible_features`: the guest's data is in another file.
const EXTERNAL_DATA: u64 = 1 << 2;

/// What the header of a qcow2 file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// 2 or 3.
    pub version: u32,
    /// The size of the disk as the guest sees it, in bytes.
    pub virtual_size_bytes: u64,
    /// The name of the backing file, as it is written there.
    pub backing_file: Option<String>,
    /// Whether the guest's data is in another file.
    pub external_data: bool,
    /// Whether the content is encrypted.
    pub encrypted: bool,
}

/// Reads the header of the file `path`. `None` where it is no qcow2 file.
///
/// # Errors
/// [`FileError`] when the file cannot be read, or has the magic of a qcow2 file and contradicts the format
/// ([`io::ErrorKind::InvalidData`]).
pub fn read(path: &Utf8Path) -> Result<Option<Header>, FileError> {
    File::open(path).and_then(parse).at("reading the qcow2 header of", path)
}

/// The backing file of the qcow2 file `path`, made absolute: a relative name is relative to the file it is written in.
/// `None` where there is none, or where `path` is no qcow2 file.
///
/// # Errors
/// As [`read`].
pub fn backing_file(path: &Utf8Path) -> Result<Option<Utf8PathBuf>, FileError> {
    Ok(read(path)?.and_then(|header| header.backing_of(path)))
}

/// The file `disk` and all that it stands on, from the top; after a file that cannot be read comes why, and nothing more.
pub fn chain(disk: &Utf8Path) -> impl Iterator<Item = Result<Utf8PathBuf, FileError>> {
    let below = |above: &Result<Utf8PathBuf, FileError>| backing_file(above.as_ref().ok()?).transpose();
    std::iter::successors(Some(Ok(disk.to_owned())), below)
}

impl Header {
    /// The backing file, made absolute, of the file `path` whose header this is.
    pub fn backing_of(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        self.backing_file.as_ref().map(|name| durable::folder_of(path).join(name))
    }
}

fn parse(mut file: impl Read + Seek) -> io::Result<Option<Header>> {
    let mut fixed = Vec::with_capacity(V2_LENGTH);
    file.by_ref().take(V2_LENGTH as u64).read_to_end(&mut fixed)?;
    if !fixed.starts_with(&MAGIC) {
        return Ok(None);
    }
    let Ok(fixed) = <[u8; V2_LENGTH]>::try_from(fixed) else { return Err(invalid("it ends within its header")) };
    let version = be32(&fixed, 4);
    let features = match version {
        2 => 0,
        3 => read_at::<8>(&mut file, 72).map(u64::from_be_bytes)?,
        _ => return Err(invalid("its version is neither 2 nor 3")),
    };
    Ok(Some(Header {
        version,
        virtual_size_bytes: be64(&fixed, 24),
        backing_file: backing_name(&mut file, be64(&fixed, 8), be32(&fixed, 16))?,
        external_data: features & EXTERNAL_DATA != 0,
        encrypted: be32(&fixed, 32) != 0,
    }))
}

fn backing_name(file: &mut (impl Read + Seek), offset: u64, length: u32) -> io::Result<Option<String>> {
    if offset == 0 {
        return Ok(None);
    }
    if length > NAME_MAX {
        return Err(invalid("the name of its backing file is too long"));
    }
    let mut name = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(u64::from(length)).read_to_end(&mut name)?;
    if name.len() != length as usize {
        return Err(invalid("it ends within the name of its backing file"));
    }
    String::from_utf8(name).map(Some).map_err(|_| invalid("the name of its backing file is not UTF-8"))
}

fn read_at<const N: usize>(file: &mut (impl Read + Seek), offset: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => invalid("it ends within its header"),
        _ => error,
    })?;
    Ok(bytes)
}

fn be32(bytes: &[u8; V2_LENGTH], offset: usize) -> u32 {
    bytes[offset..offset + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn be64(bytes: &[u8; V2_LENGTH], offset: usize) -> u64 {
    u64::from(be32(bytes, offset)) << 32 | u64::from(be32(bytes, offset + 4))
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A header with a backing file, an encryption method and incompatible features, as QEMU would write it.
    pub(crate) fn header(backing: &str, crypt: u32, features: u64) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        let mut put = |offset: usize, field: &[u8]| bytes[offset..offset + field.len()].copy_from_slice(field);
        put(0, &MAGIC);
        put(4, &3_u32.to_be_bytes());
        if !backing.is_empty() {
            put(8, &112_u64.to_be_bytes());
            put(16, &u32::try_from(backing.len()).unwrap().to_be_bytes());
            put(112, backing.as_bytes());
        }
        put(20, &16_u32.to_be_bytes());
        put(24, &(1_u64 << 30).to_be_bytes());
        put(32, &crypt.to_be_bytes());
        put(72, &features.to_be_bytes());
        put(100, &104_u32.to_be_bytes());
        bytes
    }

    #[test]
    fn headers_are_read() {
        for (bytes, backing, external, encrypted) in [
            (header("", 0, 0), None, false, false),
            (header("/a/b.qcow2", 0, 1), Some("/a/b.qcow2"), false, false),
            (header("", 2, 0), None, false, true),
            (header("", 0, 4), None, true, false),
        ] {
            let header = parse(Cursor::new(bytes)).unwrap().unwrap();
            assert_eq!(header.backing_file.as_deref(), backing);
            assert_eq!((header.external_data, header.encrypted), (external, encrypted));
            assert_eq!(header.virtual_size_bytes, 1 << 30);
        }
    }

    #[test]
    fn other_files_have_no_header() {
        for bytes in [&b""[..], b"QFI", b"#!/bin/sh\n", &[0; 4096]] {
            assert_eq!(parse(Cursor::new(bytes)).unwrap(), None);
        }
    }

    #[test]
    fn damaged_headers_are_errors() {
        let whole = header("/a/b.qcow2", 0, 0);
        let mut version = whole.clone();
        version[7] = 9;
        let mut long = whole.clone();
        long[16] = 0xff;
        for bytes in [&whole[..40], &whole[..73], &whole[..115], &version, &long] {
            assert!(parse(Cursor::new(bytes)).is_err());
        }
    }

    #[test]
    fn relative_names_are_relative_to_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::write(folder.join("top.qcow2"), header("../base.qcow2", 0, 0)).unwrap();
        assert_eq!(backing_file(&folder.join("top.qcow2")).unwrap(), Some(folder.join("../base.qcow2")));
        let chain: Vec<_> = chain(&folder.join("top.qcow2")).map(Result::ok).collect();
        assert_eq!(chain[..2], ["top.qcow2", "../base.qcow2"].map(|name| Some(folder.join(name))));
    }
}
