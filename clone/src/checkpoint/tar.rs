//! The programs that pack a checkpoint into one file and unpack it: GNU tar, which keeps holes, and zstd.

use std::time::Duration;

use camino::Utf8Path;
use kiln_tool::{Error, Invocation, Program, Tool};

use crate::programs::TAR;

/// The program that compresses checkpoints that move.
pub const ZSTD: Program = Program::new("zstd", "zstd");
/// Gigabytes take their time on a slow disk; a program that hangs is noticed nevertheless.
const BULK_LIMIT: Duration = Duration::from_secs(2 * 3600);

/// `tar`, with `zstd`.
#[derive(Debug)]
pub(super) struct Tar {
    tar: Tool,
    /// What tar calls zstd with: it splits the text at blanks (tar(1), `--use-compress-program`).
    compressor: String,
}

impl Tar {
    /// Finds both programs.
    ///
    /// # Errors
    /// [`Error::Missing`] with the package to install.
    pub(super) fn find() -> Result<Self, Error> {
        let zstd = ZSTD.find()?;
        // All processors at zstd's usual level.
        Ok(Self { tar: TAR.find()?, compressor: format!("{} -T0", zstd.path().display()) })
    }

    /// Writes the entries of `folder` to `file`, in this order.
    pub(super) async fn pack(&self, file: &Utf8Path, folder: &Utf8Path, entries: &[String]) -> Result<(), Error> {
        let own = ["--create", "--format=gnu", "--sparse", "--owner=0", "--group=0", "--numeric-owner"];
        let tar = self.invoke(format!("writing {file}"), file).args(own);
        tar.args(["--directory", folder.as_str(), "--"]).args(entries).run().await
    }

    /// The content of one entry, of at most so many bytes, which is the first in the file: nothing after it is read.
    pub(super) async fn first(&self, file: &Utf8Path, entry: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let tar = self.invoke(format!("reading {file}"), file).output_limit(limit);
        tar.args(["--extract", "--to-stdout", "--occurrence=1", "--", entry]).output().await
    }

    /// Unpacks all of the file into `folder`, as files of whoever runs this. tar leaves no way out of the folder: it takes
    /// `..` and leading slashes for errors, and makes links only when everything else is there (tar(1)).
    pub(super) async fn unpack(&self, file: &Utf8Path, folder: &Utf8Path) -> Result<(), Error> {
        let tar = self.invoke(format!("unpacking {file}"), file);
        let plain = ["--extract", "--no-same-owner", "--no-same-permissions", "--keep-old-files"];
        tar.args(plain).args(["--directory", folder.as_str()]).run().await
    }

    fn invoke(&self, step: String, file: &Utf8Path) -> Invocation {
        let tar = self.tar.invoke(step).env("LC_ALL", "C").time_limit(BULK_LIMIT);
        // A colon in its name would make the file one of another host.
        let how = ["--force-local", "--use-compress-program", &self.compressor, "--file", file.as_str()];
        tar.args(how)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::{FileExt, MetadataExt};

    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn what_cannot_be_packed_or_unpacked_is_named() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let file = root.join("a.kiln");
        fs::write(root.join("manifest.json"), "{}").unwrap();
        let (program, entries) = (("tar", "tar"), ["manifest.json".to_owned()]);
        let pack = async || Tar::find()?.pack(&file, root, &entries).await;
        assert_explains(program, &[&format!("writing {file}")], pack).await;
        assert_explains(("zstd", "zstd"), &[&format!("writing {file}")], pack).await;
        let first = async || Tar::find()?.first(&file, "manifest.json", 2).await;
        assert_explains(program, &[&format!("reading {file}")], first).await;
        let unpack = async || Tar::find()?.unpack(&file, root).await;
        assert_explains(program, &[&format!("unpacking {file}")], unpack).await;
    }

    #[tokio::test]
    async fn holes_stay_holes_and_the_first_entry_is_read_alone() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (from, to, file) = (root.join("from"), root.join("to"), root.join("a:b c.kiln"));
        [&from, &to].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
        fs::create_dir(from.join("pki")).unwrap();
        fs::write(from.join("pki/ca.key"), "secret").unwrap();
        fs::write(from.join("manifest.json"), "{}").unwrap();
        let sparse = File::create(from.join("node1.ram")).unwrap();
        sparse.set_len(64 << 20).unwrap();
        sparse.write_all_at(&[7; 4096], 32 << 20).unwrap();

        let tar = Tar::find().unwrap();
        tar.pack(&file, &from, &["manifest.json", "node1.ram", "pki"].map(str::to_owned)).await.unwrap();
        assert!(fs::metadata(&file).unwrap().len() < 64 << 10);
        assert_eq!(tar.first(&file, "manifest.json", 2).await.unwrap(), b"{}");
        tar.unpack(&file, &to).await.unwrap();
        let memory = fs::metadata(to.join("node1.ram")).unwrap();
        assert_eq!(memory.len(), 64 << 20);
        assert!(memory.blocks() * 512 < 1 << 20, "{} blocks", memory.blocks());
        assert_eq!(fs::read(from.join("node1.ram")).unwrap(), fs::read(to.join("node1.ram")).unwrap());
        assert_eq!(fs::read_to_string(to.join("pki/ca.key")).unwrap(), "secret");
    }

    #[tokio::test]
    async fn what_is_no_archive_or_is_cut_off_is_an_error() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (file, tar) = (root.join("file"), Tar::find().unwrap());
        fs::write(&file, "no archive").unwrap();
        let error = tar.first(&file, "manifest.json", 2).await.unwrap_err().to_string();
        assert!(error.contains(&format!("reading {file}")), "{error}");
        let noise: Vec<u8> = (0..1_u32 << 18).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        fs::write(root.join("noise"), noise).unwrap();
        tar.pack(&file, root, &["noise".to_owned()]).await.unwrap();
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        fs::create_dir(root.join("to")).unwrap();
        tar.unpack(&file, &root.join("to")).await.unwrap_err();
    }
}
