//! Container images: loaded from archives by the runtime in the booted image, and looked for afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_images::manifest::ContainerImage;

use super::BootError;
use super::guest::Guest;
use super::media::Media;
use crate::steps::Archive;

/// Loads the archives `$@`, each a disk, as many at once as there are processors.
const LOAD: &str = include_str!("load_images.sh");

/// Says of each pair of a name and a digest in `$@` what is there.
const FIND: &str = include_str!("find_images.sh");

/// Archives that are loaded, with the disks on which the guest finds them.
#[derive(Debug)]
pub(super) struct Loading(Vec<(String, Archive)>);

impl Loading {
    /// Reads the archives, and makes disks of them.
    ///
    /// # Errors
    /// When one is no archive of images.
    pub(super) async fn of(paths: &[Utf8PathBuf], media: &mut Media) -> Result<Self, BootError> {
        let archives = Archive::read_all(paths).await?;
        Ok(Self(archives.into_iter().map(|archive| (media.add(&archive.path), archive)).collect()))
    }

    /// Loads them, and checks that every image in them is there, and is the one of the archive.
    ///
    /// # Errors
    /// [`BootError::Failed`] with what the runtime said, or [`BootError::OtherImage`].
    pub(super) async fn load(&self, guest: &Guest<'_>, limit: Duration) -> Result<Vec<ContainerImage>, BootError> {
        let disks: Vec<_> = self.0.iter().map(|(disk, _)| disk.as_str()).collect();
        guest.run(LOAD, &disks, limit).await?;
        let wanted: Vec<_> =
            self.0.iter().flat_map(|(_, archive)| archive.images.iter().map(move |it| (archive, it))).collect();
        let digests: Vec<_> = wanted.iter().map(|(_, image)| image.digest.to_string()).collect();
        let pairs: Vec<_> = wanted
            .iter()
            .zip(&digests)
            .flat_map(|((_, image), digest)| [image.name.as_str(), digest.as_str()])
            .collect();
        let found = guest.run(FIND, &pairs, limit).await?;
        let found: BTreeMap<_, _> = found.lines().filter_map(|line| line.split_once(' ')).collect();
        for ((archive, image), expected) in wanted.iter().zip(digests) {
            let there = found.get(image.name.as_str()).copied();
            if there != Some(expected.as_str()) {
                let (name, archive) = (image.name.clone(), archive.path.clone());
                return Err(BootError::OtherImage { name, archive, expected, found: there.map(str::to_owned) });
            }
        }
        Ok(wanted.into_iter().map(|(_, image)| image.clone()).collect())
    }
}
