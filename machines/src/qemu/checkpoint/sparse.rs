//! Files with holes: memory is copied without what was never touched, which is skipped unseen, and without pages of zeros.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use camino::Utf8Path;
use kiln_images::sparse::next_data;
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

/// The unit in which zeros are looked for: a page of the host, and a block of most file systems.
const PAGE: usize = 4096;

/// How much is read at a time. It fits into the processor's cache.
const CHUNK: usize = 256 << 10;

/// Copies all of `source`, a file with holes, to the new file `to`, which its owner alone may read.
pub(super) fn copy(source: &File, to: &Utf8Path) -> io::Result<()> {
    let target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    target.set_len(source.metadata()?.len())?;
    let mut buffer = vec![0; CHUNK];
    let mut begin = 0;
    while let Some((data, hole)) = next_extent(source, begin)? {
        copy_range(source, &target, (data, hole), &mut buffer)?;
        begin = hole;
    }
    Ok(())
}

/// Makes zeros of a part of the file. No holes: many a file system writes out first what it is to forget.
pub(super) fn clear(file: &File, range: Range<u64>) -> io::Result<()> {
    let mut begin = range.start;
    while begin < range.end
        && let Some((data, hole)) = next_extent(file, begin)?
        && data < range.end
    {
        begin = hole.min(range.end);
        write_zeros(file, data..begin)?;
    }
    Ok(())
}

fn write_zeros(file: &File, range: Range<u64>) -> io::Result<()> {
    for begin in range.clone().step_by(CHUNK) {
        let length = usize::try_from(range.end - begin).map_or(CHUNK, |left| left.min(CHUNK));
        file.write_all_at(&[0; CHUNK][..length], begin)?;
    }
    Ok(())
}

/// Whether there is no hole in a part of the file.
pub(super) fn is_whole(file: &File, range: Range<u64>) -> io::Result<bool> {
    match seek(file, SeekFrom::Hole(range.start)) {
        Ok(hole) => Ok(hole >= range.end),
        // It begins behind the end of the file.
        Err(Errno::NXIO) => Ok(range.is_empty()),
        Err(errno) => Err(errno.into()),
    }
}

/// Where the next data at or behind `offset` begins and ends (lseek(2), `SEEK_HOLE`).
fn next_extent(file: &File, offset: u64) -> io::Result<Option<(u64, u64)>> {
    let Some(data) = next_data(file, offset)? else { return Ok(None) };
    Ok(Some((data, seek(file, SeekFrom::Hole(data))?)))
}

fn copy_range(source: &File, target: &File, (begin, end): (u64, u64), buffer: &mut [u8]) -> io::Result<()> {
    let mut offset = begin;
    while offset < end {
        let length = usize::try_from(end - offset).map_or(buffer.len(), |left| left.min(buffer.len()));
        let chunk = &mut buffer[..length];
        source.read_exact_at(chunk, offset)?;
        for (start, run) in runs(chunk) {
            target.write_all_at(run, offset + start as u64)?;
        }
        offset += length as u64;
    }
    Ok(())
}

/// The runs of pages with anything in them, and where in `chunk` they begin.
fn runs(chunk: &[u8]) -> Vec<(usize, &[u8])> {
    let mut runs = Vec::new();
    let mut start = None;
    for (index, page) in chunk.chunks(PAGE).enumerate() {
        let empty = *page == [0; PAGE][..page.len()];
        match (start, empty) {
            (None, false) => start = Some(index * PAGE),
            (Some(begin), true) => {
                runs.push((begin, &chunk[begin..index * PAGE]));
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|begin| (begin, &chunk[begin..])));
    runs
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn runs_are_what_is_between_the_zeros() {
        let page = |value: u8| vec![value; PAGE];
        let starts = |pages: &[Vec<u8>]| {
            let bytes = pages.concat();
            runs(&bytes).iter().map(|(start, run)| (start / PAGE, run.len())).collect::<Vec<_>>()
        };
        assert_eq!(starts(&[page(0), page(0)]), []);
        assert_eq!(starts(&[page(1), page(0), page(2), page(3)]), [(0, PAGE), (2, 2 * PAGE)]);
        assert_eq!(starts(&[page(0), page(1), vec![7; 10]]), [(1, PAGE + 10)]);
    }

    #[test]
    fn a_part_is_cleared_and_nothing_else() {
        let file = tempfile::tempfile().unwrap();
        let (data, length) = (2 * CHUNK as u64 + 10, 64 << 20);
        file.write_all_at(&vec![7; 2 * CHUNK + 10], 0).unwrap();
        file.set_len(length).unwrap();
        assert!(is_whole(&file, 0..data).unwrap() && !is_whole(&file, 0..length).unwrap());
        assert!(!is_whole(&file, length..length + 1).unwrap());
        let blocks = file.metadata().unwrap().blocks();
        let range = PAGE as u64..length;
        clear(&file, range.clone()).unwrap();
        assert_eq!(file.metadata().unwrap().blocks(), blocks, "holes stay holes");
        let mut bytes = vec![1; 2 * CHUNK + 10];
        file.read_exact_at(&mut bytes, 0).unwrap();
        let expected: Vec<u8> = (0..data).map(|at| if range.contains(&at) { 0 } else { 7 }).collect();
        assert!(bytes == expected);
        assert_eq!(file.metadata().unwrap().len(), length);
    }

    #[test]
    fn a_copy_has_the_same_bytes_and_no_more_blocks_than_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("copy");
        let source = File::from(rustix::fs::memfd_create("source", rustix::fs::MemfdFlags::CLOEXEC).unwrap());
        source.set_len(64 << 20).unwrap();
        let written = [(0, 1), (CHUNK as u64 - 1, 2), (CHUNK as u64, 3), (40 << 20, 4), ((64 << 20) - 1, 5)];
        for (offset, value) in written {
            source.write_all_at(&[value], offset).unwrap();
        }
        // Touched, and zero.
        source.write_all_at(&[0; 1 << 20], 8 << 20).unwrap();
        copy(&source, &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 64 << 20);
        let found: Vec<_> = bytes.iter().enumerate().filter(|(_, byte)| **byte != 0).collect();
        assert_eq!(found.len(), written.len());
        assert!(written.iter().all(|(offset, value)| found.contains(&(*offset as usize, value))), "{found:?}");
        let metadata = std::fs::metadata(&path).unwrap();
        assert!(metadata.blocks() * 512 <= 64 << 10, "{} blocks", metadata.blocks());
        assert_eq!(metadata.mode() & 0o777, 0o600);
        assert_eq!(copy(&source, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
