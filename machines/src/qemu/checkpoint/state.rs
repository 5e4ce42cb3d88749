//! What a state that QEMU wrote says of itself, in its first bytes (`qemu_savevm_state_header` in QEMU's
//! migration/savevm.c, `ram_save_setup` in its migration/ram.c, its docs/devel/migration/mapped-ram.rst).
//!
//! With `mapped-ram` every page of the memory has a place in the file, one behind the other, and a bitmap says which are
//! there; in place of the others is a hole, and so zeros; or what they were before they became zeros, where the machine ran
//! while QEMU wrote. Without that the pages are a memory file within the state, and can be mapped like one. QEMU would load
//! all the same what the bitmap has: [`leave_to_be_mapped`] clears both.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use camino::Utf8Path;

use super::migration::{IGNORE_SHARED, MAPPED_RAM};
use super::sparse;
use crate::qemu::command_line::MEMORY;

/// The first bytes of a state (`QEMU_VM_FILE_MAGIC`).
const MAGIC: [u8; 4] = *b"QEVM";

/// In how much of the beginning of a state all this stands, in bytes. The longest that is variable is the board's name.
const HEAD_BYTES: u64 = 512;

/// The version of the header of a memory block that is understood (`MAPPED_RAM_HDR_VERSION`).
const HEADER_VERSION: u32 = 1;

/// The beginning of a state.
#[derive(Debug)]
pub(super) struct Head(Vec<u8>);

/// Where the memory is in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pages {
    /// Where the bitmap begins, in bytes.
    bitmap: u64,
    /// The length of the bitmap in bytes.
    bitmap_bytes: usize,
    /// Where the first page is, in bytes.
    pub(super) offset: u64,
    /// The size of a page in bytes.
    page_bytes: u64,
}

impl Head {
    /// Reads the head of the file; nothing if it is no state.
    pub(super) fn read(state: &File) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        state.take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(head.starts_with(&MAGIC).then_some(Self(head)))
    }

    /// The capabilities with which the state was written, and with which alone it can be loaded.
    pub(super) fn capabilities(&self) -> Vec<&'static str> {
        let named = |name: &&str| self.find(name.as_bytes()).is_some();
        [IGNORE_SHARED, MAPPED_RAM].into_iter().filter(named).collect()
    }

    /// Where the memory, which has `memory_bytes`, is in the state. It is the largest block, and so the first.
    pub(super) fn pages(&self, memory_bytes: u64) -> Option<Pages> {
        let name = u8::try_from(MEMORY.len()).ok()?;
        let begin = [&[name], MEMORY.as_bytes(), &memory_bytes.to_be_bytes(), &HEADER_VERSION.to_be_bytes()].concat();
        let mut rest = &self.0[self.find(&begin)? + begin.len()..];
        let (page_bytes, bitmap, offset) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        // A bitmap is made of whole `long`s.
        let bits = memory_bytes.checked_div(page_bytes)?.next_multiple_of(64);
        Some(Pages { bitmap, bitmap_bytes: usize::try_from(bits / 8).ok()?, offset, page_bytes })
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.0.windows(bytes.len()).position(|window| window == bytes)
    }
}

/// Takes the next number, of eight bytes.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_be_bytes(*number))
}

/// Has the memory in the state mapped by whoever loads it, and not read. A state of another form is left as it is: it is
/// loaded as a whole.
pub(super) fn leave_to_be_mapped(state: &Utf8Path, memory_bytes: u64) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(state)?;
    let Some(pages) = Head::read(&file)?.and_then(|head| head.pages(memory_bytes)) else { return Ok(()) };
    for run in runs(&read_bitmap(&file, pages)?) {
        let place = |page: u64| pages.offset + (page * pages.page_bytes).min(memory_bytes);
        let range = place(run.pages.start)..place(run.pages.end);
        if !run.is_there {
            sparse::clear(&file, range)?;
        } else if !sparse::is_whole(&file, range)? {
            // QEMU takes no notice when a system call writes less than it was to.
            return Err(io::Error::new(io::ErrorKind::WriteZero, "a part of the memory is missing: is the disk full?"));
        }
    }
    file.write_all_at(&vec![0; pages.bitmap_bytes], pages.bitmap)
}

/// Pages that the bitmap has, or has not, one behind the other.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    pages: Range<u64>,
    is_there: bool,
}

/// The bitmap is made of `long`s of this machine, whose first bit is the lowest.
fn runs(bitmap: &[u8]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let bits = bitmap.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    for (page, is_there) in (0..).zip(bits) {
        match runs.last_mut() {
            Some(run) if run.is_there == is_there => run.pages.end = page + 1,
            _ => runs.push(Run { pages: page..page + 1, is_there }),
        }
    }
    runs
}

fn read_bitmap(state: &File, pages: Pages) -> io::Result<Vec<u8>> {
    let mut bitmap = vec![0; pages.bitmap_bytes];
    state.read_exact_at(&mut bitmap, pages.bitmap)?;
    Ok(bitmap)
}

/// Whether the memory in the state is to be mapped.
pub(super) fn is_left_to_be_mapped(state: &File, pages: Pages) -> io::Result<bool> {
    Ok(read_bitmap(state, pages)?.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of what QEMU 10.0.2 wrote for a machine with 64 MiB, with this capability.
    fn head(capability: &str) -> Vec<u8> {
        let length = u8::try_from(capability.len()).unwrap();
        let head = b"QEVM\0\0\0\x03\x07\0\0\0\x0bpc-q35-10.0\x05\x1aconfiguration/capabilities\0\0\0\x01\0\0\0\x01";
        let section = b"\x01\0\0\0\x01\x03ram\0\0\0\0\0\0\0\x04\0\0\0\0\x05\x09\x20\x04";
        let block = b"\x03ram\0\0\0\0\x04\0\0\0\0\0\0\x01\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\x88\0\0\0\0\0\x10\0\0";
        [head, &[length][..], capability.as_bytes(), section, block].concat()
    }

    fn read(bytes: &[u8]) -> Option<Head> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        std::fs::write(&path, bytes).unwrap();
        Head::read(&File::open(path).unwrap()).unwrap()
    }

    #[test]
    fn a_state_says_how_it_was_written() {
        assert_eq!(read(&head("x-ignore-shared")).unwrap().capabilities(), [IGNORE_SHARED]);
        assert_eq!(read(&head("mapped-ram")).unwrap().capabilities(), [MAPPED_RAM]);
        assert_eq!(read(b"QEVM\0\0\0\x03\x07").unwrap().capabilities(), [""; 0]);
        for other in [&b"QE"[..], &[0; 512], b""] {
            assert!(read(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn the_memory_is_found() {
        let pages = Pages { bitmap: 0x88, bitmap_bytes: 2048, offset: 1 << 20, page_bytes: 4096 };
        let bytes = head("mapped-ram");
        assert_eq!(read(&bytes).unwrap().pages(64 << 20), Some(pages));
        assert_eq!(read(&bytes).unwrap().pages(32 << 20), None, "another size");
        assert_eq!(read(&bytes[..bytes.len() - 1]).unwrap().pages(64 << 20), None, "cut off");
    }

    #[test]
    fn a_bitmap_is_read_from_its_lowest_bit() {
        let run = |pages, is_there| Run { pages, is_there };
        assert_eq!(
            runs(&[0b0000_0110, 0, 0xff]),
            [run(0..1, false), run(1..3, true), run(3..16, false), run(16..24, true)]
        );
        assert_eq!(runs(&[]), []);
    }

    #[test]
    fn memory_of_which_a_part_was_not_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("state");
        let mut bytes = head("mapped-ram");
        bytes.resize(0x88, 0);
        // The first two pages are there, and the second was written once and is not any more.
        bytes.extend([0b0000_0101; 1]);
        std::fs::write(&path, &bytes).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len((1 << 20) + (64 << 20)).unwrap();
        let page = |number: u64| file.write_all_at(&[7; 4096], (1 << 20) + number * 4096).unwrap();
        page(0);
        page(1);
        let said = leave_to_be_mapped(&path, 64 << 20).unwrap_err().to_string();
        assert!(said.contains("is missing"), "{said}");
        page(2);
        leave_to_be_mapped(&path, 64 << 20).unwrap();
        let state = std::fs::read(&path).unwrap();
        let memory = &state[1 << 20..];
        let pages: Vec<_> = memory.chunks(4096).take(4).map(|page| page[0]).collect();
        assert_eq!(pages, [7, 0, 7, 0]);
    }

    #[test]
    fn memory_that_is_left_to_be_mapped_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("state");
        let mut bytes = head("mapped-ram");
        bytes.resize(0x88, 0);
        bytes.extend([1]);
        bytes.resize(1 << 20, 0);
        bytes.extend([7; 4096]);
        std::fs::write(&path, &bytes).unwrap();
        let is_left = || {
            let file = File::open(&path).unwrap();
            let pages = Head::read(&file).unwrap().unwrap().pages(64 << 20).unwrap();
            is_left_to_be_mapped(&file, pages).unwrap()
        };
        assert!(!is_left());
        leave_to_be_mapped(&path, 64 << 20).unwrap();
        assert!(is_left());
        bytes[0x88] = 0;
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing else was changed");
    }
}
