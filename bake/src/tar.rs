//! tar(1): packs what a booted guest is given, and reads members of archives.

use std::time::Duration;

use camino::Utf8Path;
use kiln_tool::{Error, Invocation, Program, Tool};

use crate::links::Links;

const TAR: Program = Program::new("tar", "tar");

/// Archives of many gigabytes are read from slow disks, too.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The most that is taken of a list of members, or of one that is read into memory: those are texts of some kilobytes.
const MAX_BYTES: usize = 64 << 20;

/// The wrapper of tar.
#[derive(Debug, Clone)]
pub struct Tar(Tool);

impl Tar {
    /// Finds the program.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn find() -> Result<Self, Error> {
        Ok(Self(TAR.find()?))
    }

    /// Packs a file, or a folder with all that is in it, into a new archive, in which it belongs to root. What a link leads
    /// to has the name of the link there, if links are followed.
    ///
    /// # Errors
    /// The failure of the program.
    pub async fn pack(&self, what: &Utf8Path, links: Links, archive: &Utf8Path) -> Result<(), Error> {
        let tar = self.invoke(format!("packing {what}")).args(["--create", "--file"]).arg(archive);
        let tar = tar.args((links == Links::Followed).then_some("--dereference"));
        let tar = tar.args(["--owner=0", "--group=0", "--numeric-owner", "--directory"]);
        // A name that begins with a dash is no option.
        let (folder, name) = (what.parent().unwrap_or(what), what.file_name().unwrap_or("."));
        tar.arg(folder).args(["--", name]).run().await
    }

    /// The names of the members of an archive.
    ///
    /// # Errors
    /// The failure of the program: it is no archive, or a damaged one.
    pub async fn members(&self, archive: &Utf8Path) -> Result<Vec<String>, Error> {
        let tar = self.invoke(format!("reading {archive}")).args(["--list", "--file"]);
        let listed = tar.arg(archive).env("LC_ALL", "C").output().await?;
        Ok(String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect())
    }

    /// The bytes of one member of an archive.
    ///
    /// # Errors
    /// The failure of the program: there is no such member, or it is no archive.
    pub async fn member(&self, archive: &Utf8Path, name: &str) -> Result<Vec<u8>, Error> {
        let tar = self.invoke(format!("reading {name} in {archive}")).args(["--extract", "--to-stdout", "--file"]);
        tar.arg(archive).args(["--", name]).output().await
    }

    fn invoke(&self, step: String) -> Invocation {
        self.0.invoke(step).time_limit(TIME_LIMIT).output_limit(MAX_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn what_cannot_be_packed_or_read_is_named() {
        let (what, archive) = (Utf8Path::new("/a/tree"), Utf8Path::new("/x.tar"));
        let program = ("tar", "tar");
        let pack = async || Tar::find()?.pack(what, Links::Kept, archive).await;
        assert_explains(program, &["packing /a/tree", "/x.tar"], pack).await;
        assert_explains(program, &["reading /x.tar"], async || Tar::find()?.members(archive).await).await;
        assert_explains(program, &["reading a in /x.tar"], async || Tar::find()?.member(archive, "a").await).await;
    }

    #[tokio::test]
    async fn what_is_packed_comes_out_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir(root.join("-tree")).unwrap();
        std::fs::write(root.join("-tree/a"), "one").unwrap();
        let (tar, archive) = (Tar::find().unwrap(), root.join("x.tar"));
        tar.pack(&root.join("-tree"), Links::Kept, &archive).await.unwrap();
        assert_eq!(tar.members(&archive).await.unwrap(), ["-tree/", "-tree/a"]);
        assert_eq!(tar.member(&archive, "-tree/a").await.unwrap(), b"one");
        std::fs::File::create(root.join("large")).unwrap().set_len(MAX_BYTES as u64 + 1).unwrap();
        tar.pack(&root.join("large"), Links::Kept, &archive).await.unwrap();
        let error = tar.member(&archive, "large").await.unwrap_err().to_string();
        assert!(error.contains("wrote more than"), "{error}");
        let error = tar.member(&archive, "nothing").await.unwrap_err().to_string();
        assert!(error.contains("reading nothing in"), "{error}");
    }

    #[test]
    fn it_has_the_time_that_a_large_archive_takes() {
        let invocation = format!("{:?}", Tar::find().unwrap().invoke("reading".to_owned()));
        assert!(invocation.contains(&format!("limit: {TIME_LIMIT:?}")) && TIME_LIMIT > kiln_tool::DEFAULT_TIME_LIMIT);
    }
}
