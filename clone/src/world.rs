//! Where the commands work: the home, its store, and the hypervisor of this host.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::Console;
use kiln_images::durable::{self, DocumentError, Lock, LockError};
use kiln_images::home::Home;
use kiln_images::qemu_img::QemuImg;
use kiln_images::store::Store;
use kiln_machines::qemu::Qemu;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select;
use crate::leftovers;
use crate::state::State;

/// How long the lock of a lab is waited for. A program that was killed while it was about to start another one leaves the
/// lock with that for a moment: until it executes.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where a command works, and how it talks to its user.
#[derive(Debug)]
pub struct World {
    /// The home folder.
    pub home: Home,
    /// What the user sees.
    pub console: Console,
}

impl World {
    /// Opens the home folder `home`, or the usual one.
    ///
    /// # Errors
    /// [`Error::Home`] where it cannot be used.
    pub fn open(home: Option<&Utf8Path>, console: Console) -> Result<Self, Error> {
        Ok(Self { home: Home::from_env(home)?, console })
    }

    /// The hypervisor of this host. What is known of it is kept until the host boots.
    ///
    /// # Errors
    /// [`Error::Machine`] where there is none.
    pub async fn hypervisor(&self) -> Result<Qemu, Error> {
        Ok(Qemu::open(&self.home.hypervisor_facts()).await?)
    }

    /// The golden images.
    ///
    /// # Errors
    /// [`Error::QemuImg`] where `qemu-img` is missing.
    pub fn store(&self) -> Result<Store, Error> {
        Ok(Store::new(self.home.clone(), QemuImg::find()?))
    }

    /// The file that is locked by whoever chooses ports.
    pub fn ports_lock(&self) -> Utf8PathBuf {
        self.home.ports_lock()
    }

    /// The folder of an existing lab; see [`select::folder`].
    ///
    /// # Errors
    /// [`Error::NoLab`] where there is none.
    pub fn lab_folder(&self, given: Option<&str>) -> Result<LabFolder, Error> {
        select::folder(&self.home, given)
    }
}

/// What exists of a lab; nothing if it was begun and got no further than its folder.
///
/// # Errors
/// [`Error::Document`] where the file is damaged or of another version.
pub fn load_state(folder: &LabFolder) -> Result<Option<State>, Error> {
    match durable::load(&folder.state()) {
        Ok(state) => Ok(Some(state)),
        Err(DocumentError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What exists of a lab that has to have been up.
///
/// # Errors
/// [`Error::Usage`] where it was not; as [`load_state`].
pub fn existing_state(folder: &LabFolder) -> Result<State, Error> {
    let missing = || Error::Usage(format!("lab {} was never up\n  bring it up: clone up", folder.lab()));
    load_state(folder)?.ok_or_else(missing)
}

/// Writes down what exists of a lab.
///
/// # Errors
/// [`Error::Document`] where it cannot be written.
pub fn save_state(folder: &LabFolder, state: &State) -> Result<(), Error> {
    Ok(durable::save(&folder.state(), state)?)
}

/// The right to change a lab, whose folder is made if it is not there. What others have left half-made in it is removed.
///
/// # Errors
/// [`Error::Busy`] where another process has it; [`Error::Linked`] where the folder is elsewhere: it is moved as a whole when
/// the lab is destroyed.
pub async fn lock(folder: &LabFolder) -> Result<Lock, Error> {
    if folder.root().is_symlink() {
        return Err(Error::Linked { lab: folder.lab().clone(), path: folder.root().to_owned() });
    }
    durable::create_folder(folder.root())?;
    let lock = Lock::exclusive_within(&folder.lock(), PATIENCE).await.map_err(|error| match error {
        LockError::Busy { holder, .. } => Error::Busy { lab: folder.lab().clone(), holder },
        error => error.into(),
    })?;
    leftovers::remove(folder)?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lab_that_is_a_link_is_left_alone() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let folder = LabFolder::new(&Home::new(root.join("home")).unwrap(), &"lab".parse().unwrap());
        let elsewhere = root.join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.root()).unwrap();
        let error = lock(&folder).await.unwrap_err().to_string();
        assert!(error.contains("labs/lab") && error.contains("symbolic link"), "{error}");
        assert_eq!(elsewhere.read_dir_utf8().unwrap().count(), 0);
    }
}
