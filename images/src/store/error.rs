//! What can go wrong with the store.

use camino::Utf8PathBuf;

use super::{PREFIX_MIN, User};
use crate::FileError;
use crate::digest::Digest;
use crate::durable::{DocumentError, LockError};
use crate::name::Name;
use crate::qemu_img;

/// Something is wrong with the store, or with what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A manifest cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Somebody else has the store.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// `qemu-img` failed.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// There is no such image.
    #[error("there is no image `{reference}`{}", known(reference, names))]
    Unknown {
        /// What was asked for.
        reference: String,
        /// The names that there are.
        names: Vec<Name>,
    },
    /// Several digests begin like that.
    #[error("`{reference}` may be any of {}\n  write more digits", listed(digests))]
    Ambiguous {
        /// What was asked for.
        reference: String,
        /// The images it may be.
        digests: Vec<Digest>,
    },
    /// A name's file does not hold a digest.
    #[error("{path} does not hold the digest of an image\n  remove it, and bake the image again")]
    DamagedName {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The manifest in an image's folder is that of another one.
    #[error("the manifest of image {} says {found}\n  bake the image again", digest.short())]
    OtherManifest {
        /// The folder's image.
        digest: Digest,
        /// What its manifest says.
        found: Digest,
    },
    /// The image is the backing file of other disks.
    #[error("image {} is in use by {}\n  remove those first", digest.short(), listed(users))]
    InUse {
        /// The image.
        digest: Digest,
        /// Whose disks stand on it.
        users: Vec<User>,
    },
    /// A disk that leads to another file cannot be an image.
    #[error("{disk} stands on {backing} and cannot be an image by itself\n  flatten it first: qemu-img convert")]
    NotFlat {
        /// The disk.
        disk: Utf8PathBuf,
        /// What it leads to.
        backing: String,
    },
    /// The structure of a disk is damaged.
    #[error("the disk {disk} is damaged: {what}\n  bake the image again")]
    Damaged {
        /// The disk.
        disk: Utf8PathBuf,
        /// How.
        what: String,
    },
    /// The bytes of a disk are not what they were.
    #[error("{disk} was changed:\n  expected {expected}\n  found    {found}\n  remove the image, and bake it again")]
    Changed {
        /// The disk.
        disk: Utf8PathBuf,
        /// The digest it is named by.
        expected: Digest,
        /// The digest it has.
        found: Digest,
    },
}

/// What there is instead. How to have it is for the programs to say: it may not be wanted.
fn known(reference: &str, names: &[Name]) -> String {
    let instead = match names {
        [] => "\n  there are no images yet".to_owned(),
        _ => format!("\n  there are: {}", listed(names)),
    };
    match reference.strip_prefix("sha256:").unwrap_or(reference).bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => format!("{instead}\n  an image can be meant by the first digits of its digest, {PREFIX_MIN} or more"),
        false => instead,
    }
}

fn listed<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
