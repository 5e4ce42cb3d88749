//! Linked clones: many overlays of one image for the price of one.
//!
//! The overlays of one backing file and size differ in nothing. So `qemu-img create` makes one, and its bytes are
//! written as often as they are needed. They are almost all zeros (196 KiB, of which 20 KiB are not), and the zeros
//! become holes.

use camino::{Utf8Path, Utf8PathBuf};

use crate::FileError;
use crate::durable;
use crate::home::Home;
use crate::qemu_img::{self, Format, QemuImg};
use crate::scratch::Scratch;
use crate::size::{DiskSize, human};
use crate::sparse::Sparse;

/// A new overlay is refused above this: it would not be the empty one that is meant to be copied.
const MAX_BYTES: u64 = 64 << 20;

/// Overlays could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// `qemu-img` failed.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The disk of a machine would end before that of its image does.
    #[error(
        "a disk of {wanted} is too small: the image {image} has {}\n  ask for a disk of at least that size",
        human(*image_bytes)
    )]
    TooSmall {
        /// The size asked for.
        wanted: DiskSize,
        /// The image.
        image: Utf8PathBuf,
        /// The size of its disk, in bytes.
        image_bytes: u64,
    },
}

/// Has `qemu-img` make an overlay of the qcow2 disk `backing`, of `size` or of the backing disk's where none is given,
/// and returns its content. It is made among the half-made things of `home`, where no overlay counts as a user of its
/// image, and is gone from there when this returns.
///
/// # Errors
/// [`OverlayError::TooSmall`] before anything is made; where `qemu-img` fails.
pub async fn model(
    qemu_img: &QemuImg,
    home: &Home,
    backing: &Utf8Path,
    size: Option<DiskSize>,
) -> Result<Sparse, OverlayError> {
    if let Some(wanted) = size {
        refuse_smaller(qemu_img, backing, wanted).await?;
    }
    let scratch = Scratch::new(home)?;
    let path = scratch.path().join("model.qcow2");
    qemu_img.create_overlay(&path, backing, Format::Qcow2, size).await?;
    Ok(Sparse::new(durable::read_limited(&path, MAX_BYTES)?))
}

async fn refuse_smaller(qemu_img: &QemuImg, backing: &Utf8Path, wanted: DiskSize) -> Result<(), OverlayError> {
    let chain = qemu_img.info(backing, Format::Qcow2).await?;
    match chain.first() {
        Some(image) if image.virtual_size_bytes > wanted.bytes() => {
            Err(OverlayError::TooSmall { wanted, image: backing.to_owned(), image_bytes: image.virtual_size_bytes })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    async fn image(folder: &Utf8Path) -> (QemuImg, Utf8PathBuf) {
        let qemu_img = QemuImg::find().unwrap();
        let image = folder.join("image.qcow2");
        qemu_img.create(&image, "1GiB".parse().unwrap()).await.unwrap();
        (qemu_img, image)
    }

    fn home(folder: &Utf8Path) -> Home {
        Home::new(folder.join("home")).unwrap()
    }

    #[tokio::test]
    async fn a_copied_overlay_is_what_qemu_img_makes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (qemu_img, image) = image(folder).await;
        let targets: Vec<_> = (0..1100).map(|number| folder.join(format!("{number}.qcow2"))).collect();
        fs::write(&targets[0], "an old disk").unwrap();
        let size = "2GiB".parse().unwrap();
        let model = model(&qemu_img, &home(folder), &image, Some(size)).await.unwrap();
        targets.iter().for_each(|target| model.write_to(target).unwrap());

        let made = folder.join("made.qcow2");
        qemu_img.create_overlay(&made, &image, Format::Qcow2, Some(size)).await.unwrap();
        for target in [&targets[0], &targets[1099]] {
            assert_eq!(fs::read(target).unwrap(), fs::read(&made).unwrap());
            let metadata = fs::metadata(target).unwrap();
            assert_eq!(metadata.mode() & 0o7777, 0o600);
            assert!(metadata.blocks() * 512 < metadata.len());
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1100 + 3);
        assert_eq!(fs::read_dir(home(folder).scratch()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_disk_smaller_than_its_image_is_refused_with_both_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (qemu_img, image) = image(folder).await;
        let made = model(&qemu_img, &home(folder), &image, Some("512MiB".parse().unwrap())).await;
        let error = made.unwrap_err().to_string();
        assert!(error.contains("512MiB") && error.contains("1.0 GiB"), "{error}");
    }
}
