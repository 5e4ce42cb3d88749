//! `qemu-img` (its man page is the source for options and exit codes).
//!
//! Formats are always named, never probed: a guest can write a qcow2 header into its raw disk and so make a prober open
//! any file of the host. Paths are made absolute, as QEMU remembers them in headers.

mod answer;
mod arguments;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf, absolute_utf8};
use kiln_tool::{Invocation, Program, Tool};

use crate::size::DiskSize;
use crate::{At, FileError};

pub use answer::{Check, ImageInfo, Measurement};
pub use arguments::{Conversion, Format, Rebase};

/// The program itself.
const QEMU_IMG: Program = Program::new("qemu-img", "qemu-utils");

/// How long a run may take that reads or writes a whole disk. 100 GB at 20 MB/s are an hour and a half.
const BULK_LIMIT: Duration = Duration::from_secs(2 * 3600);

/// The exit codes of `qemu-img compare` that are answers (man page, COMMAND `compare`).
const SAME: i32 = 0;
const DIFFERENT: i32 = 1;

/// Something went wrong with `qemu-img`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is missing, or failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// A path could not be made absolute.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The program `qemu-img`.
#[derive(Debug, Clone)]
pub struct QemuImg {
    tool: Tool,
}

impl QemuImg {
    /// Finds the program.
    ///
    /// # Errors
    /// [`Error::Tool`] with the package to install, where it is missing.
    pub fn find() -> Result<Self, Error> {
        Ok(Self { tool: QEMU_IMG.find()? })
    }

    /// Creates an empty qcow2 disk.
    ///
    /// # Errors
    /// [`Error`] when it cannot be created.
    pub async fn create(&self, disk: &Utf8Path, size: DiskSize) -> Result<(), Error> {
        let arguments = arguments::create(&absolute(disk)?, size);
        Ok(self.invoke(format!("creating the disk {disk}"), arguments).run().await?)
    }

    /// Creates a qcow2 overlay of `backing`, of the same size unless a `size` is given.
    ///
    /// # Errors
    /// [`Error`] when it cannot be created, or `backing` cannot be opened.
    pub async fn create_overlay(
        &self,
        overlay: &Utf8Path,
        backing: &Utf8Path,
        backing_format: Format,
        size: Option<DiskSize>,
    ) -> Result<(), Error> {
        Ok(self.overlay_command(overlay, backing, backing_format, size)?.run().await?)
    }

    /// The command of [`QemuImg::create_overlay`], to be shown.
    ///
    /// # Errors
    /// [`Error`] when a path cannot be made absolute.
    pub fn overlay_command(
        &self,
        overlay: &Utf8Path,
        backing: &Utf8Path,
        backing_format: Format,
        size: Option<DiskSize>,
    ) -> Result<Invocation, Error> {
        let arguments = arguments::create_overlay(&absolute(overlay)?, &absolute(backing)?, backing_format, size);
        Ok(self.invoke(format!("creating the overlay {overlay} of {backing}"), arguments))
    }

    /// The command that creates a qcow2 overlay of the qcow2 disk `backing`, of the same size, which forgets what a guest
    /// gives back to the block. One with clusters of the usual size keeps what shares a cluster with what is still used.
    ///
    /// # Errors
    /// [`Error`] when a path cannot be made absolute.
    pub fn fine_overlay_command(&self, overlay: &Utf8Path, backing: &Utf8Path) -> Result<Invocation, Error> {
        let arguments = arguments::create_fine_overlay(&absolute(overlay)?, &absolute(backing)?);
        Ok(self.invoke(format!("creating the overlay {overlay} of {backing}"), arguments))
    }

    /// Creates a qcow2 overlay of a `backing` disk of this size, without a look at that: a running machine may hold it.
    ///
    /// # Errors
    /// [`Error`] when it cannot be created.
    pub async fn create_overlay_unseen(
        &self,
        overlay: &Utf8Path,
        backing: &Utf8Path,
        size_bytes: u64,
    ) -> Result<(), Error> {
        let arguments = arguments::create_overlay_unseen(&absolute(overlay)?, &absolute(backing)?, size_bytes);
        Ok(self.invoke(format!("creating the overlay {overlay} of {backing}"), arguments).run().await?)
    }

    /// Writes the content of a disk, with that of its backing files, to a new file.
    ///
    /// # Errors
    /// [`Error`] when it fails; the target may be there half then.
    pub async fn convert(&self, conversion: &Conversion<'_>) -> Result<(), Error> {
        Ok(self.convert_command(conversion)?.run().await?)
    }

    /// The command of [`QemuImg::convert`], to be shown.
    ///
    /// # Errors
    /// [`Error`] when a path cannot be made absolute.
    pub fn convert_command(&self, conversion: &Conversion<'_>) -> Result<Invocation, Error> {
        let step = format!("converting {} to {}", conversion.source, conversion.target);
        let arguments = conversion.arguments(&absolute(conversion.source)?, &absolute(conversion.target)?);
        Ok(self.invoke(step, arguments).time_limit(BULK_LIMIT))
    }

    /// Describes a disk and its backing files, the disk first. Works while a machine runs on it.
    ///
    /// # Errors
    /// [`Error`] when the disk or a backing file cannot be opened.
    pub async fn info(&self, disk: &Utf8Path, format: Format) -> Result<Vec<ImageInfo>, Error> {
        let arguments = arguments::info(&absolute(disk)?, format);
        Ok(self.invoke(format!("looking at the disk {disk}"), arguments).json().await?)
    }

    /// Checks the structure of a disk, not its content.
    ///
    /// # Errors
    /// [`Error`] when the check could not be completed.
    pub async fn check(&self, disk: &Utf8Path, format: Format) -> Result<Check, Error> {
        let step = format!("checking the disk {disk}");
        let invocation = self.invoke(step, arguments::check(&absolute(disk)?, format)).time_limit(BULK_LIMIT);
        let outcome = invocation.outcome().await?;
        match answer::check(outcome.code, &outcome.stdout) {
            Ok(Some(check)) => Ok(check),
            Ok(None) => Err(outcome.failed().into()),
            Err(problem) => Err(outcome.not_understood(problem).into()),
        }
    }

    /// Makes a qcow2 disk larger. The file system inside does not grow by this.
    ///
    /// # Errors
    /// [`Error`] when `size` is smaller than the disk, or it cannot be written.
    pub async fn resize(&self, disk: &Utf8Path, size: DiskSize) -> Result<(), Error> {
        let arguments = arguments::resize(&absolute(disk)?, size);
        Ok(self.invoke(format!("resizing the disk {disk} to {size}"), arguments).run().await?)
    }

    /// Puts a qcow2 overlay onto another backing file.
    ///
    /// # Errors
    /// [`Error`] when a file cannot be opened or written.
    pub async fn rebase(
        &self,
        overlay: &Utf8Path,
        backing: &Utf8Path,
        backing_format: Format,
        how: Rebase,
    ) -> Result<(), Error> {
        let arguments = arguments::rebase(&absolute(overlay)?, &absolute(backing)?, backing_format, how);
        let step = format!("putting the overlay {overlay} onto {backing}");
        Ok(self.invoke(step, arguments).time_limit(BULK_LIMIT).run().await?)
    }

    /// Says how large a qcow2 file with the content of `disk` would be.
    ///
    /// # Errors
    /// [`Error`] when the disk cannot be opened.
    pub async fn measure(&self, disk: &Utf8Path, format: Format) -> Result<Measurement, Error> {
        let arguments = arguments::measure(&absolute(disk)?, format);
        Ok(self.invoke(format!("measuring the disk {disk}"), arguments).time_limit(BULK_LIMIT).json().await?)
    }

    /// Says whether two disks have the same content for a guest. One may be longer if the rest of it is zeros.
    ///
    /// # Errors
    /// [`Error`] when a disk cannot be opened or read.
    pub async fn is_same(&self, one: (&Utf8Path, Format), two: (&Utf8Path, Format)) -> Result<bool, Error> {
        let step = format!("comparing {} with {}", one.0, two.0);
        let arguments = arguments::compare((&absolute(one.0)?, one.1), (&absolute(two.0)?, two.1));
        let outcome = self.invoke(step, arguments).time_limit(BULK_LIMIT).outcome().await?;
        match outcome.code {
            SAME => Ok(true),
            DIFFERENT => Ok(false),
            _ => Err(outcome.failed().into()),
        }
    }

    fn invoke(&self, step: impl Into<String>, arguments: Vec<String>) -> Invocation {
        self.tool.invoke(step).env("LC_ALL", "C").args(arguments)
    }
}

fn absolute(path: &Utf8Path) -> Result<Utf8PathBuf, FileError> {
    absolute_utf8(path).at("finding", path)
}

#[cfg(test)]
mod tests;
