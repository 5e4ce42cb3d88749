//! Images for elsewhere: one file, in the format that the other side takes.

use std::fmt;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};

use crate::durable::{self, folder_of};
use crate::qemu_img::{self, Conversion, Format, QemuImg};
use crate::{At, FileError};

/// What an image can be exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// qcow2, as it is in the store.
    Qcow2,
    /// qcow2 with compressed clusters: smaller, and slower to read. For sending.
    Qcow2Compressed,
    /// The bytes of the disk; sparse where the file system can.
    Raw,
    /// VMDK of the subformat `streamOptimized`: what OVF packages hold, and the only one that vSphere imports
    /// (`govc import.vmdk`, ovftool). It cannot be written to: the importer converts it.
    Vmdk,
    /// VMDK of the subformat `monolithicSparse`: one file that Workstation and Fusion run from as it is.
    VmdkSparse,
}

/// An image could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// `qemu-img` failed.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is a file already.
    #[error("{0} exists already")]
    Exists(Utf8PathBuf),
    /// It would be in a folder that there is not.
    #[error("{file} cannot be written: there is no folder {folder}")]
    NoFolder {
        /// The file.
        file: Utf8PathBuf,
        /// The folder.
        folder: Utf8PathBuf,
    },
}

/// A file is named as what it would not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} has the ending of {ending}, and would be {wanted}")]
pub struct WrongEnding {
    file: Utf8PathBuf,
    ending: Format,
    wanted: ExportFormat,
}

/// No export format has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an export format: there are {}", ExportFormat::ALL.map(ExportFormat::as_str).join(", "))]
pub struct UnknownFormat {
    text: String,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Qcow2, Self::Qcow2Compressed, Self::Raw, Self::Vmdk, Self::VmdkSparse];

    /// What to write into `file`: what is `wanted`, or else what its ending says, or else a compressed qcow2.
    ///
    /// # Errors
    /// When its ending says something else than what is wanted. `.img` never does: disks of several formats are called so.
    pub fn of_file(file: &Utf8Path, wanted: Option<Self>) -> Result<Self, WrongEnding> {
        let said = match file.extension().map(str::to_ascii_lowercase).as_deref() {
            Some("qcow2") => Some(Self::Qcow2Compressed),
            Some("raw") => Some(Self::Raw),
            Some("img") if wanted.is_none() => Some(Self::Raw),
            Some("vmdk") => Some(Self::Vmdk),
            _ => None,
        };
        match (wanted, said) {
            (Some(wanted), Some(said)) if wanted.format() != said.format() => {
                Err(WrongEnding { file: file.to_owned(), ending: said.format(), wanted })
            }
            _ => Ok(wanted.or(said).unwrap_or(Self::Qcow2Compressed)),
        }
    }

    /// What `qemu-img` calls it.
    const fn format(self) -> Format {
        match self {
            Self::Qcow2 | Self::Qcow2Compressed => Format::Qcow2,
            Self::Raw => Format::Raw,
            Self::Vmdk | Self::VmdkSparse => Format::Vmdk,
        }
    }

    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Qcow2Compressed => "qcow2-compressed",
            Self::Raw => "raw",
            Self::Vmdk => "vmdk",
            Self::VmdkSparse => "vmdk-sparse",
        }
    }

    fn conversion<'a>(self, source: &'a Utf8Path, target: &'a Utf8Path) -> Conversion<'a> {
        // lsilogic: the SCSI adapter that every VMware product offers; IDE disks, the default, end at 128 GiB.
        let options: &[&str] = match self {
            Self::Qcow2 | Self::Qcow2Compressed | Self::Raw => &[],
            Self::Vmdk => &["subformat=streamOptimized", "adapter_type=lsilogic"],
            Self::VmdkSparse => &["subformat=monolithicSparse", "adapter_type=lsilogic"],
        };
        let compressed = self == Self::Qcow2Compressed;
        Conversion { source, source_format: Format::Qcow2, target, target_format: self.format(), compressed, options }
    }
}

/// Writes the content of the qcow2 disk `source` to the new file `target`, mode 0644. The target is there whole or not
/// at all.
///
/// # Errors
/// [`ExportError::Exists`] unless `overwrite`, [`ExportError::NoFolder`]; otherwise the disk cannot be read or the file not
/// written.
pub async fn export(
    qemu_img: &QemuImg,
    source: &Utf8Path,
    target: &Utf8Path,
    format: ExportFormat,
    overwrite: bool,
) -> Result<(), ExportError> {
    let exists = || ExportError::Exists(target.to_owned());
    if !overwrite && target.exists() {
        return Err(exists());
    }
    let folder = folder_of(target);
    if !folder.is_dir() {
        return Err(ExportError::NoFolder { file: target.to_owned(), folder: folder.to_owned() });
    }
    let half = durable::half_made(folder)?;
    qemu_img.convert(&format.conversion(source, half.path())).await?;
    let file = File::open(half.path()).at("opening", half.path())?;
    file.set_permissions(Permissions::from_mode(0o644)).at("writing", target)?;
    let moved = if overwrite { half.persist(target) } else { half.persist_new(target) };
    match moved {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
        result => Ok(result?),
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| UnknownFormat { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn every_format_holds_the_same_content() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (raw, image) = (folder.join("content"), folder.join("image.qcow2"));
        fs::write(&raw, vec![7; 1 << 20]).unwrap();
        let qemu_img = QemuImg::find().unwrap();
        let to_image = ExportFormat::Qcow2.conversion(&raw, &image);
        qemu_img.convert(&Conversion { source_format: Format::Raw, ..to_image }).await.unwrap();
        for format in ExportFormat::ALL {
            let target = folder.join(format.as_str());
            export(&qemu_img, &image, &target, format.to_string().parse().unwrap(), false).await.unwrap();
            let written = (target.as_path(), format.format());
            assert!(qemu_img.is_same((&image, Format::Qcow2), written).await.unwrap(), "{format}");
        }
        let head = String::from_utf8_lossy(&fs::read(folder.join("vmdk")).unwrap()[..2048]).into_owned();
        assert!(head.starts_with("KDMV") && head.contains(r#"createType="streamOptimized""#));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 2 + ExportFormat::ALL.len());
    }

    #[test]
    fn a_file_is_what_its_ending_says() {
        use ExportFormat::{Qcow2, Qcow2Compressed, Raw, Vmdk, VmdkSparse};
        for (file, wanted, expected) in [
            ("disk.vmdk", None, Vmdk),
            ("a.b/disk.RAW", None, Raw),
            ("disk.img", None, Raw),
            ("disk.qcow2", None, Qcow2Compressed),
            ("disk", None, Qcow2Compressed),
            ("disk.vmdk", Some(VmdkSparse), VmdkSparse),
            ("disk.qcow2", Some(Qcow2), Qcow2),
            ("disk.img", Some(Qcow2), Qcow2),
            ("disk.iso", Some(Raw), Raw),
        ] {
            assert_eq!(ExportFormat::of_file(file.into(), wanted), Ok(expected), "{file}");
        }
        let refused = ExportFormat::of_file("disk.vmdk".into(), Some(Raw)).unwrap_err().to_string();
        assert_eq!(refused, "disk.vmdk has the ending of vmdk, and would be raw");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (image, missing) = (folder.join("image.qcow2"), folder.join("missing"));
        let file = missing.join("disk.raw");
        let failed = export(&QemuImg::find().unwrap(), &image, &file, ExportFormat::Raw, false).await;
        let expected = format!("{file} cannot be written: there is no folder {missing}");
        assert_eq!(failed.unwrap_err().to_string(), expected);
    }

    #[tokio::test]
    async fn files_are_not_overwritten_unasked_and_failures_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (image, target) = (folder.join("image.qcow2"), folder.join("target"));
        let qemu_img = QemuImg::find().unwrap();
        qemu_img.create(&image, "1MiB".parse().unwrap()).await.unwrap();
        fs::write(&target, "precious").unwrap();
        let refused = export(&qemu_img, &image, &target, ExportFormat::Raw, false).await;
        assert!(matches!(refused, Err(ExportError::Exists(path)) if path == target));
        let failed = export(&qemu_img, &folder.join("no-image"), &target, ExportFormat::Raw, true).await;
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        export(&qemu_img, &image, &target, ExportFormat::Raw, true).await.unwrap();
        assert_eq!(fs::metadata(&target).unwrap().len(), 1 << 20);
        assert_eq!(fs::read_dir(folder).unwrap().count(), 2);
    }
}
