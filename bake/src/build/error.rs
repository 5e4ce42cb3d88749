//! Why an image was not built.

use std::io;

use camino::Utf8PathBuf;
use kiln_images::FileError;
use kiln_images::base::BaseError;
use kiln_images::digest::Digest;
use kiln_images::download::{DownloadError, InvalidSource, Url};
use kiln_images::durable::{DocumentError, LockError};
use kiln_images::name::Name;
use kiln_images::qemu_img;
use kiln_images::store::StoreError;

use super::boot::BootError;
use super::report::ReportError;
use crate::artifacts::ArtifactError;
use crate::base::debootstrap::DebootstrapError;
use crate::links::Links;
use crate::steps::{ArchiveError, RegistryImage};
use crate::supply::TakeError;
use kiln_images::bundle::BundleError;

/// An image could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A step or a check failed in the appliance.
    #[error("layer `{layer}`, {step}{}", unmet_text(.unmet))]
    Step {
        /// The layer.
        layer: String,
        /// Which step, in words.
        step: String,
        /// What the image asked for meanwhile and could not be had.
        unmet: Vec<String>,
        /// What virt-customize and the guest said.
        #[source]
        source: Box<kiln_tool::Error>,
    },
    /// A layer could not be made in the booted image.
    #[error("layer `{layer}`, {stage}{}{}", unmet_text(.unmet), console_text(.console))]
    Boot {
        /// The layer.
        layer: String,
        /// Which step, or what else, in words.
        stage: String,
        /// What the image asked for meanwhile and could not be had.
        unmet: Vec<String>,
        /// The last lines of the image's console, where they may say why.
        console: Vec<String>,
        /// What went wrong.
        #[source]
        source: Box<BootError>,
    },
    /// A step failed because there was no room, by what was said in the image. Where is known to those alone who read that.
    #[error(
        "there was no room in a file system of the image, or in one that it has in its memory: which one is said below\n  \
         on the image's disk: where the base is a disk image or a golden image, its file system becomes as large as the recipe's \
         `disk:` when it boots first: put a layer with `boot: true` before this one; where there is one, or the base is built \
         from packages, write a larger `disk:`\n  \
         in memory (/run, mostly /tmp, too) or on a partition of its own (/boot): have the step need less there"
    )]
    ImageFull(#[source] Box<Self>),
    /// The base could not be built from packages.
    #[error("building the base")]
    Debootstrap(#[from] DebootstrapError),
    /// An artifact could not be built.
    #[error("building the artifact `{name}`")]
    Artifact {
        /// Which one.
        name: Name,
        /// Why not.
        #[source]
        source: Box<ArtifactError>,
    },
    /// A step names something that the script of an artifact did not make.
    #[error(
        "there is no `{path}` in the artifact `{name}`; there is: {found}\n  \
         its script must leave it in /out; what it left is in {folder}"
    )]
    NotInArtifact {
        /// The artifact.
        name: Name,
        /// What the step names.
        path: Utf8PathBuf,
        /// What there is.
        found: String,
        /// Where.
        folder: Utf8PathBuf,
    },
    /// A link in an artifact leads to nothing that can be put into the image.
    #[error("`{path}` in the artifact `{name}` is a link that {}", link_text(*.links))]
    LinkInArtifact {
        /// The artifact.
        name: Name,
        /// The link.
        path: Utf8PathBuf,
        /// What would become of it.
        links: Links,
    },
    /// A disk image cannot be used as a base.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// A download failed, or is not what it must be.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// An archive of container images cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A bundle cannot be made or used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Something could not be taken.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// The relay cannot be started.
    #[error("starting the relay for the image's packages on this host's loopback")]
    Relay(#[source] io::Error),
    /// A container image was not fetched.
    #[error(
        "the bundle {bundle} has no container image {name}\n  make it again where there is a network: bake fetch RECIPE -b {bundle}"
    )]
    ImageNotInBundle {
        /// The image.
        name: RegistryImage,
        /// The bundle.
        bundle: Utf8PathBuf,
    },
    /// A mirror that is a folder has not the image.
    #[error(
        "the container image {name} is not in the folder that it is taken from: there is no {archive}\n  \
         put it there (skopeo copy docker://{name} docker-archive:FILE:{name}), or change `mirrors:` in your config.yaml"
    )]
    ImageNotInFolder {
        /// The image.
        name: RegistryImage,
        /// Where it would be.
        archive: Utf8PathBuf,
    },
    /// A registry has not the image, or does not answer.
    #[error(
        "the container image {name} cannot be had\n  name another registry that has it in `also:` of the step, or in \
         `mirrors:` of your config.yaml"
    )]
    NotInRegistry {
        /// The image.
        name: RegistryImage,
        /// What skopeo said.
        #[source]
        source: Box<kiln_tool::Error>,
    },
    /// A mirror is none for container images.
    #[error("{name} cannot be taken from the mirror {mirror}: it must be a registry, by https")]
    NoRegistry {
        /// The image.
        name: RegistryImage,
        /// The mirror.
        mirror: Url,
    },
    /// Manifests do not make use of the images that are there.
    #[error(
        "the recipe preloads container images, but by these manifests a node would ask a registry nevertheless:\n  {}\n  \
         write `imagePullPolicy: IfNotPresent`; Always is also meant where nothing is written beside an image without a tag",
        .places.join("\n  ")
    )]
    PullsAlways {
        /// The file and line of each.
        places: Vec<String>,
    },
    /// Something is built from packages that no bundle has.
    #[error(
        "{what} is built from Debian packages by this machine's own apt, which a bundle does not replace\n  \
         bake it where there is a network, and base the recipe on that image: `base: {{image: NAME}}`"
    )]
    NotForBundle {
        /// What it is.
        what: String,
    },
    /// A text is no URL.
    #[error(transparent)]
    Source(InvalidSource),
    /// A recipe names no source.
    #[error("the recipe names no source for its base")]
    NoSource,
    /// A file is not what it was when it was used first.
    #[error(
        "{path} is not what it was when it was used first:\n  expected {expected}\n  found    {found}\n  \
         if you have changed it on purpose, remove its line from {lock}"
    )]
    Pinned {
        /// The file.
        path: Utf8PathBuf,
        /// Where it is written down.
        lock: Utf8PathBuf,
        /// What it was.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The base is larger than the recipe's disk.
    #[error(
        "the recipe's disk of {disk} is smaller than its base, which has {base}\n  a disk can only grow: write `disk: {base}` or more"
    )]
    TooSmall {
        /// The recipe's size.
        disk: String,
        /// The base's.
        base: String,
    },
    /// A file that a step reads cannot be read.
    #[error("reading {path}")]
    Input {
        /// Which one.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// What is to be imported is in the store as another one.
    #[error(
        "{file} is the image {image}, byte for byte, of which is known that its user is {user} and its network cards are {nics}\n  \
         there is one image of these bytes: use that one"
    )]
    Known {
        /// What was to be imported.
        file: Utf8PathBuf,
        /// A name or the digest of the image.
        image: String,
        /// Its user.
        user: String,
        /// Its network cards.
        nics: String,
    },
    /// What a layer or an artifact is made of is no longer what it was when its key was worked out.
    #[error("{} while it was being used: {what} is not kept\n  run it again", .changes.join(", "))]
    Changed {
        /// The layer or the artifact, in words.
        what: String,
        /// What is another one now, each in words.
        changes: Vec<String>,
    },
    /// What was known of a layer in the cache is lost.
    #[error(
        "it is not known any more which container images are in the layer `{layer}`: what was said of it beside {disk} cannot be \
         read\n  remove it, while nothing is baked: rm -r {}", disk.parent().unwrap_or(disk)
    )]
    Forgotten {
        /// The layer.
        layer: String,
        /// Its disk.
        disk: Utf8PathBuf,
    },
    /// A file under the home folder cannot be read or written.
    #[error("working on {path}")]
    File {
        /// Which one.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// There is no room for what is being made.
    #[error(
        "the disk is full that {folder} is on\n  \
         free some room (`bake prune`), or set KILN_HOME to a folder on a larger disk"
    )]
    Full {
        /// Where it was made.
        folder: Utf8PathBuf,
    },
    /// The finished image said nothing, or nothing that makes sense.
    #[error("asking the finished image what is in it")]
    Report(#[from] ReportError),
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// qemu-img failed.
    #[error(transparent)]
    QemuImg(#[from] qemu_img::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file under the home folder cannot be read or written.
    #[error(transparent)]
    Home(#[from] FileError),
    /// A file of Kiln's cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Another command holds what this one needs.
    #[error(transparent)]
    Lock(#[from] LockError),
}

fn unmet_text(unmet: &[String]) -> String {
    if unmet.is_empty() {
        return String::new();
    }
    unmet.iter().fold("\n  what it asked for meanwhile and could not be had:".to_owned(), |text, one| {
        format!("{text}\n    {one}")
    })
}

fn link_text(links: Links) -> &'static str {
    match links {
        Links::Kept => "would be copied as one\n  name what it leads to",
        Links::Followed => "leads out of it, or to nothing\n  its script must leave the file itself in /out (cp -L)",
    }
}

fn console_text(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    lines.iter().fold("\n  its console ended with:".to_owned(), |text, line| format!("{text}\n    {line}"))
}
