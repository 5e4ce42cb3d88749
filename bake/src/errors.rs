//! The one map from errors to what users see and to exit codes.

use kiln_console::{Class, Failure};
use kiln_images::base::BaseError;
use kiln_images::config::ConfigError;
use kiln_images::download::DownloadError;
use kiln_images::durable::{DocumentError, LockError};
use kiln_images::export::ExportError;
use kiln_images::home::HomeError;
use kiln_images::store::StoreError;
use kiln_images::{FileError, qemu_img};

use crate::artifacts::ArtifactError;
use crate::base::debootstrap::DebootstrapError;
use crate::build::{BootError, BuildError};
use crate::recipe::{LoadError, gallery};
use crate::steps::ArchiveError;
use crate::supply::TakeError;
use kiln_images::bundle::BundleError;

/// What to do where apt does not know a release.
const UPDATE: &str = "apt-get update, then try again";

/// What programs say of a full disk, in small letters: the C library begins it with a large one, Go (skopeo) does not.
const NO_SPACE: &str = "no space left on device";

/// Where the same command goes on after a layer has failed, without and with a bundle that it fills.
const GOES_ON: &str = "what was finished is kept: the same command goes on at this layer";
const BEGINS_AGAIN: &str = "layers that fetch something, and all above them, are made again for a bundle by the same command\n\
                            until the recipe is right, a bake without one keeps what was finished: bake build";

/// An error that a command can end with.
pub trait IntoFailure {
    /// The failure that the user sees.
    fn into_failure(self) -> Failure;
}

impl IntoFailure for LoadError {
    fn into_failure(self) -> Failure {
        match self {
            Self::NotNamed => Failure::of(Class::Usage, &self)
                .hint("name a file, ./mine.yaml, or one that is built in: bake recipes; a new one: bake init"),
            Self::Unknown { .. } => Failure::of(Class::NotFound, &self)
                .hint("a file is named by its path: ./mine.yaml; a new one: bake init"),
            Self::Read { .. } => Failure::of(Class::File, &self),
            Self::Invalid(problems) => {
                Failure::report(Class::File, |colour| problems.render(colour)).details(&*problems)
            }
        }
    }
}

impl IntoFailure for BuildError {
    fn into_failure(self) -> Failure {
        let class = match &self {
            Self::Step { source, .. } => tool_class(source, Class::Bake),
            Self::Boot { source, .. } => boot_class(source),
            Self::ImageFull(_) => Class::Bake,
            Self::Debootstrap(error) => match error {
                DebootstrapError::Tool(error) => tool_class(error, Class::Bake),
                DebootstrapError::NoSuite(_) => Class::Host,
                DebootstrapError::Disk(_) => Class::Host,
            },
            Self::Artifact { source, .. } => match &**source {
                ArtifactError::Tool(error) => tool_class(error, Class::Bake),
                ArtifactError::NoSuite(_) | ArtifactError::Furnish { .. } => Class::Host,
                ArtifactError::Nothing => Class::Bake,
            },
            Self::NotInArtifact { .. } | Self::LinkInArtifact { .. } => Class::Bake,
            Self::Base(error) => base_class(error),
            Self::Download(error) => download_class(error),
            Self::Bundle(error) | Self::Take(TakeError::Bundle(error)) => bundle_class(error),
            Self::Take(TakeError::Download(error)) => download_class(error),
            Self::Relay(_) => Class::Host,
            Self::Archive(ArchiveError::Tool(error)) => tool_class(error, Class::File),
            Self::Archive(_) => Class::File,
            Self::ImageNotInBundle { .. } | Self::ImageNotInFolder { .. } | Self::NoRegistry { .. } => Class::Image,
            Self::NotInRegistry { source, .. } => tool_class(source, Class::Image),
            Self::NotForBundle { .. } | Self::PullsAlways { .. } => Class::File,
            Self::Pinned { .. } => Class::Image,
            Self::TooSmall { .. }
            | Self::Input { .. }
            | Self::Known { .. }
            | Self::Changed { .. }
            | Self::Source(_)
            | Self::NoSource => Class::File,
            Self::File { .. } | Self::Home(_) | Self::Full { .. } | Self::Forgotten { .. } => Class::Host,
            Self::Report(_) => Class::Bake,
            Self::Tool(error) => tool_class(error, Class::Bake),
            Self::QemuImg(error) => qemu_img_class(error),
            Self::Store(error) => store_class(error),
            Self::Document(_) => Class::Image,
            Self::Lock(error) => lock_class(error),
        };
        let failure = Failure::of(class, &self);
        match self {
            Self::Debootstrap(DebootstrapError::NoSuite(_)) => failure.hint(UPDATE),
            Self::Artifact { source, .. } if matches!(*source, ArtifactError::NoSuite(_)) => failure.hint(UPDATE),
            Self::Store(StoreError::Unknown { reference, .. }) => failure.hint(how_to_bake(&reference)),
            _ => failure,
        }
    }
}

/// How to have an image that a recipe stands on.
fn how_to_bake(image: &str) -> String {
    match gallery::find(image) {
        Some(_) => format!("bake it first: bake build {image}"),
        None => "bake it first, from its recipe: bake build RECIPE (what is built in: bake recipes)".to_owned(),
    }
}

/// The failure of a bake, with where the same command goes on. `record` is whether a bundle was being filled: what fetches
/// something is made again for that, and what stands on it.
pub fn of_a_bake(error: BuildError, record: bool) -> Failure {
    let is_of_a_layer = matches!(error, BuildError::Step { .. } | BuildError::Boot { .. } | BuildError::ImageFull(_));
    let failure = error.into_failure();
    match (is_of_a_layer, record) {
        (false, _) => failure,
        (true, false) => failure.hint(GOES_ON),
        (true, true) => failure.hint(BEGINS_AGAIN),
    }
}

impl IntoFailure for BundleError {
    fn into_failure(self) -> Failure {
        Failure::of(bundle_class(&self), &self)
    }
}

impl IntoFailure for ConfigError {
    fn into_failure(self) -> Failure {
        match self {
            Self::Read { .. } => Failure::of(Class::File, &self),
            Self::Invalid(problems) => {
                Failure::report(Class::File, |colour| problems.render(colour)).details(&*problems)
            }
        }
    }
}

impl IntoFailure for StoreError {
    fn into_failure(self) -> Failure {
        Failure::of(store_class(&self), &self)
    }
}

impl IntoFailure for HomeError {
    fn into_failure(self) -> Failure {
        Failure::of(Class::Host, &self)
    }
}

impl IntoFailure for FileError {
    fn into_failure(self) -> Failure {
        Failure::of(Class::Host, &self)
    }
}

impl IntoFailure for qemu_img::Error {
    fn into_failure(self) -> Failure {
        Failure::of(qemu_img_class(&self), &self)
    }
}

impl IntoFailure for ExportError {
    fn into_failure(self) -> Failure {
        match &self {
            Self::QemuImg(error) => Failure::of(qemu_img_class(error), &self),
            Self::Exists(_) => Failure::of(Class::File, &self).hint("name another file, or overwrite it: --force"),
            Self::NoFolder { .. } => Failure::of(Class::File, &self),
            Self::File(_) => Failure::of(Class::Host, &self),
        }
    }
}

impl IntoFailure for kiln_tool::Error {
    fn into_failure(self) -> Failure {
        Failure::of(tool_class(&self, Class::Unexpected), &self)
    }
}

impl IntoFailure for kiln_machines::Error {
    fn into_failure(self) -> Failure {
        let class = match &self {
            kiln_machines::Error::Tool(error) => tool_class(error, Class::Machine),
            _ => Class::Machine,
        };
        Failure::of(class, &self)
    }
}

/// A program that is missing is the host's lack, as is room on the disk; one that failed otherwise is `otherwise`.
fn tool_class(error: &kiln_tool::Error, otherwise: Class) -> Class {
    match error {
        kiln_tool::Error::Missing { .. } | kiln_tool::Error::TooOld { .. } => Class::Host,
        kiln_tool::Error::Failed(failure) if failure.said.to_lowercase().contains(NO_SPACE) => Class::Host,
        kiln_tool::Error::Failed(_) => otherwise,
    }
}

fn boot_class(error: &BootError) -> Class {
    match error {
        BootError::Archive(_) | BootError::WhichImage { .. } => Class::File,
        BootError::File(_) => Class::Host,
        BootError::Tool(error) => tool_class(error, Class::Bake),
        BootError::Machine(_) => Class::Machine,
        _ => Class::Bake,
    }
}

fn base_class(error: &BaseError) -> Class {
    match error {
        BaseError::File(_) => Class::File,
        BaseError::QemuImg(error) => qemu_img_class(error),
        BaseError::Unusable { .. } => Class::Image,
    }
}

fn bundle_class(error: &BundleError) -> Class {
    match error {
        BundleError::File(_) => Class::Host,
        BundleError::None { .. } => Class::File,
        _ => Class::Image,
    }
}

fn download_class(error: &DownloadError) -> Class {
    match error {
        DownloadError::File(_) => Class::Host,
        DownloadError::Lock(error) => lock_class(error),
        DownloadError::Tool(error) => tool_class(error, Class::Image),
        DownloadError::Mirror { source, .. } => download_class(source),
        _ => Class::Image,
    }
}

fn qemu_img_class(error: &qemu_img::Error) -> Class {
    match error {
        qemu_img::Error::Tool(error) => tool_class(error, Class::Image),
        qemu_img::Error::File(_) => Class::Image,
    }
}

fn lock_class(error: &LockError) -> Class {
    match error {
        LockError::Busy { .. } => Class::Busy,
        LockError::File(_) => Class::Host,
    }
}

fn store_class(error: &StoreError) -> Class {
    match error {
        StoreError::Unknown { .. } | StoreError::Ambiguous { .. } => Class::NotFound,
        StoreError::Lock(error) => lock_class(error),
        StoreError::QemuImg(error) => qemu_img_class(error),
        StoreError::File(_) | StoreError::Document(DocumentError::File(_)) => Class::Host,
        _ => Class::Image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::process::Command;

    use kiln_images::FileError;
    use kiln_tool::Ending;

    fn failed(said: &str) -> kiln_tool::Error {
        let ending = Ending::Status(Command::new("false").status().unwrap());
        let (step, command, said) = ("a step".to_owned(), "false".to_owned(), said.to_owned());
        kiln_tool::Error::Failed(Box::new(kiln_tool::Failure {
            step,
            program: "false",
            command,
            ending,
            said,
            log: None,
        }))
    }

    #[test]
    fn a_full_disk_is_the_hosts_lack_whoever_notices_it_but_not_that_of_the_image() {
        let full = "qemu-img: error while writing at byte 0: No space left on device\n";
        let step = |said| {
            let (layer, step) = ("one".to_owned(), "step 1 of 1 (run: x)".to_owned());
            BuildError::Step { layer, step, unmet: Vec::new(), source: Box::new(failed(said)) }
        };
        let not_taken = |said| {
            let name = "registry.example/x:1".parse().unwrap();
            BuildError::NotInRegistry { name, source: Box::new(failed(said)) }
        };
        let copying = FileError::new("copying", "/x".into(), io::ErrorKind::StorageFull.into());
        let cases = [
            (step("exit status 7"), Class::Bake),
            (step(full), Class::Host),
            (BuildError::ImageFull(Box::new(step(full))), Class::Bake),
            (BuildError::QemuImg(qemu_img::Error::Tool(failed(full))), Class::Host),
            (BuildError::Download(DownloadError::File(copying)), Class::Host),
            (BuildError::Full { folder: "/x".into() }, Class::Host),
            (not_taken("writing blob: write /x/oci1: no space left on device"), Class::Host),
            (not_taken("reading manifest: manifest unknown"), Class::Image),
            (BuildError::NoSource, Class::File),
        ];
        for (error, class) in cases {
            let text = format!("{error:?}");
            assert_eq!(error.into_failure().class(), class, "{text}");
        }
    }

    #[test]
    fn how_to_have_an_image_is_said_where_it_is_needed_and_as_it_can_be_done() {
        let unknown = |name: &str| StoreError::Unknown { reference: name.to_owned(), names: Vec::new() };
        let said = |failure: Failure| failure.to_json();
        assert!(said(BuildError::Store(unknown("debian-12")).into_failure()).contains("bake build debian-12\""));
        let other = said(BuildError::Store(unknown("mine")).into_failure());
        assert!(other.contains("bake build RECIPE") && !other.contains("bake build mine"), "{other}");
        assert!(said(unknown("debian-12").into_failure()).contains("\"hints\":[]"));
    }

    #[test]
    fn it_is_said_where_the_same_command_goes_on() {
        let step = || {
            let (layer, step) = ("one".to_owned(), "step 1 of 1 (run: x)".to_owned());
            BuildError::Step { layer, step, unmet: Vec::new(), source: Box::new(failed("exit status 7")) }
        };
        let cases = [
            (step(), false, "goes on at this layer"),
            (BuildError::ImageFull(Box::new(step())), false, "goes on at this layer"),
            (step(), true, "made again for a bundle"),
            (BuildError::NoSource, true, "\"hints\":[]"),
        ];
        for (error, record, expected) in cases {
            let said = of_a_bake(error, record).to_json();
            assert!(said.contains(expected), "{said}");
        }
    }
}
