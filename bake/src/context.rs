//! What the commands that touch the store have in common.

use camino::Utf8Path;
use kiln_console::Failure;
use kiln_images::home::Home;
use kiln_images::qemu_img::QemuImg;
use kiln_images::store::Store;

use crate::errors::IntoFailure;

/// The home, the store in it, and the tool for disks.
#[derive(Debug)]
pub struct Context {
    /// Where everything is kept.
    pub home: Home,
    /// The tool for disks.
    pub qemu_img: QemuImg,
    /// The golden images.
    pub store: Store,
}

impl Context {
    /// Opens the home: the one given, or the one the environment says.
    ///
    /// # Errors
    /// When it cannot be used, or qemu-img is missing.
    pub fn open(home: Option<&Utf8Path>) -> Result<Self, Failure> {
        let home = Home::from_env(home).map_err(IntoFailure::into_failure)?;
        let qemu_img = QemuImg::find().map_err(IntoFailure::into_failure)?;
        let store = Store::new(home.clone(), qemu_img.clone());
        Ok(Self { home, qemu_img, store })
    }
}
