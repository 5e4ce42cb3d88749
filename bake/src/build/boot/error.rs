//! What can go wrong while a layer is made in the booted image.

use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_images::FileError;
use kiln_machines::DISK_FULL;

use crate::steps::{ArchiveError, RegistryImage};

/// A layer could not be made in the booted image.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The step's commands failed in the guest.
    #[error("its commands ended with status {status} in the booted image{}", quoted(.said))]
    Failed {
        /// The status.
        status: i32,
        /// The last of what they said, of both streams.
        said: String,
    },
    /// The step's commands were ended by something else than themselves.
    #[error("its commands were killed in the booted image: had it too little memory?{}", quoted(.said))]
    Killed {
        /// The last of what they said, of both streams.
        said: String,
    },
    /// It took too long.
    #[error("it took longer than {} s in the booted image", .0.as_secs())]
    TimedOut(Duration),
    /// The image never said that it has started.
    #[error("the agent in the booted image did not answer within {} s: is qemu-guest-agent in the image?", limit.as_secs())]
    Silent {
        /// How long it was waited for.
        limit: Duration,
        /// What was tried last.
        #[source]
        last: Box<kiln_machines::Error>,
    },
    /// The guest said this last.
    #[error("the image cannot boot: {0}")]
    GaveUp(String),
    /// The machine does not run any more.
    #[error("its machine has ended: it was killed, or switched itself off")]
    Ended,
    /// The hypervisor has halted it, for what it calls this.
    #[error("the hypervisor has halted its machine: {0}")]
    Halted(String),
    /// It did not do what it was told to.
    #[error("the image did not shut down within {} s, and was not given the time to write its disk", .0.as_secs())]
    NoShutdown(Duration),
    /// An image is not there after it was loaded, or is another one.
    #[error(
        "the image {name} was loaded from {archive}, but the booted image has {}: {expected} was expected",
        .found.as_deref().unwrap_or("none of that name")
    )]
    OtherImage {
        /// Its name.
        name: String,
        /// Where it came from.
        archive: Utf8PathBuf,
        /// The digest it has in its archive.
        expected: String,
        /// What is there.
        found: Option<String>,
    },
    /// An archive that a mirror's folder has for an image has several, and none of its name.
    #[error(
        "the archive {archive} is taken for the image {name}, but there are several others in it: {found}\n  \
         put one there with that image alone: skopeo copy docker://{name} docker-archive:FILE:{name}"
    )]
    WhichImage {
        /// The image.
        name: RegistryImage,
        /// The archive.
        archive: Utf8PathBuf,
        /// What is in it.
        found: String,
    },
    /// An archive of container images cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no identity for the boot.
    #[error("making the seed of the boot")]
    Seed(#[from] kiln_cloud_init::Error),
    /// There is no key for the boot.
    #[error("making a host key for the boot")]
    Key(#[from] kiln_cloud_init::KeyError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A program of this host failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// The hypervisor or the agent failed.
    #[error(transparent)]
    Machine(#[from] kiln_machines::Error),
}

fn quoted(said: &str) -> String {
    match said {
        "" => "\n  they said nothing".to_owned(),
        said => said.lines().fold("\n  they said:".to_owned(), |text, line| format!("{text}\n    {line}")),
    }
}

impl BootError {
    /// Whether it is the failure of a step that was carried out, of which the console knows nothing.
    pub(super) fn is_of_a_step(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::OtherImage { .. })
    }

    /// Whether it is that this machine's disk is full, and neither the image nor the layer can help it. That the machine was
    /// halted is often seen before the room that is left is looked at.
    pub(super) fn is_full_disk(&self) -> bool {
        matches!(self, Self::Halted(word) if word == DISK_FULL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_is_halted_for_want_of_room_is_told_from_others() {
        let halted = |word: &str| BootError::Halted(word.to_owned()).is_full_disk();
        assert!(halted(DISK_FULL) && !halted("guest-panicked") && !BootError::Ended.is_full_disk());
    }
}
