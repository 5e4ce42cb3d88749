//! Archives of container images, as `docker save`, `podman save` and `skopeo copy` write them: tar archives that are not
//! compressed.
//!
//! A docker-archive has a `manifest.json` (moby's image/spec, "Combined Image JSON + Filesystem Changeset Format"), an
//! oci-archive an `index.json` (OCI image-spec, image-layout.md). Newer dockers write both.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::manifest::ContainerImage;
use kiln_images::reference::full_name;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::steps::RegistryImage;
use crate::tar::Tar;

/// What stands at this place of every tar archive (tar(5), "POSIX ustar Archives"; GNU's differ behind it).
const MAGIC: (u64, &[u8; 5]) = (257, b"ustar");

/// The ending of an archive in a folder of archives.
const ENDING: &str = "tar";

/// What is said of the images: in a docker-archive, in an oci-archive.
const DOCKERS: &str = "manifest.json";
const OCIS: &str = "index.json";

/// What an oci-archive's annotations call an image: containerd's word has the whole name, OCI's may be only a tag.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// An archive and the images in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its images: at least one, each with its name.
    pub images: Vec<ContainerImage>,
}

/// A file is no archive of container images.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is something else. The guest is given the archive as it is, and unpacking takes it long.
    #[error("{0} is no tar archive: container images come as such, not compressed (gunzip, xz -d)")]
    NoTar(Utf8PathBuf),
    /// tar is missing, or cannot read it.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// A file or folder cannot be read.
    #[error("reading {path}")]
    Read {
        /// Which one.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// There is nothing in the folder.
    #[error("{0} has no archives of container images: no file in it ends in .{ENDING}")]
    Empty(Utf8PathBuf),
    /// It is a tar archive of something else.
    #[error("{0} has no container images: there is neither a manifest.json nor an index.json in it")]
    NoImages(Utf8PathBuf),
    /// What it says of its images is not understood.
    #[error("{path}: {member} is not what it should be")]
    Malformed {
        /// The archive.
        path: Utf8PathBuf,
        /// What in it.
        member: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// It is not known which image in it is meant.
    #[error("{archive} has several container images, and none of them is called {name}")]
    Several {
        /// The archive.
        archive: Utf8PathBuf,
        /// The image.
        name: RegistryImage,
    },
    /// Nobody could ever find such an image.
    #[error("{0} has an image without a name: `docker save NAME`, not its id; skopeo: docker-archive:FILE:NAME")]
    NoName(Utf8PathBuf),
}

impl Archive {
    /// Reads archives, each given by its file or by a folder: every `*.tar` in it, in the order of their names.
    ///
    /// # Errors
    /// When there is none, or one that is something else.
    pub async fn read_all(paths: &[Utf8PathBuf]) -> Result<Vec<Self>, ArchiveError> {
        let mut archives = Vec::new();
        for path in paths {
            for file in files(path)? {
                archives.push(Self::read(&file).await?);
            }
        }
        Ok(archives)
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is something else.
    pub async fn read(file: &Utf8Path) -> Result<Self, ArchiveError> {
        Reader::open(&Tar::find()?, file).await?.read().await
    }

    /// The digest of the configuration of the image with this name, or of the only one.
    ///
    /// # Errors
    /// [`ArchiveError::Several`]
    pub fn configuration_of(&self, name: &RegistryImage) -> Result<Digest, ArchiveError> {
        let named = self.images.iter().find(|image| full_name(&image.name) == full_name(name.as_str()));
        let mut others = self.images.iter().map(|image| image.digest);
        let only = others.next().filter(|first| others.all(|other| other == *first));
        named.map(|image| image.digest).or(only).ok_or_else(|| {
            let (archive, name) = (self.path.clone(), name.clone());
            ArchiveError::Several { archive, name }
        })
    }
}

fn files(path: &Utf8Path) -> Result<Vec<Utf8PathBuf>, ArchiveError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| ArchiveError::Read { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in path.read_dir_utf8().map_err(failed)? {
        files.push(entry.map_err(failed)?.into_path());
    }
    files.retain(|file| file.extension() == Some(ENDING));
    files.sort();
    if files.is_empty() { Err(ArchiveError::Empty(path.to_owned())) } else { Ok(files) }
}

/// An image in docker's `manifest.json`. Members that are not known are passed over, here and below.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerImage {
    config: String,
    repo_tags: Option<Vec<String>>,
}

/// OCI's index.json, and an index of manifests for several platforms.
#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: Digest,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

/// A blob that a descriptor leads to: a manifest, or an index of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Image { config: Descriptor },
    Index(Index),
}

struct Reader<'a> {
    tar: &'a Tar,
    path: &'a Utf8Path,
    members: Vec<String>,
}

impl<'a> Reader<'a> {
    async fn open(tar: &'a Tar, path: &'a Utf8Path) -> Result<Self, ArchiveError> {
        if !is_tar(path).map_err(|source| ArchiveError::Read { path: path.to_owned(), source })? {
            return Err(ArchiveError::NoTar(path.to_owned()));
        }
        Ok(Self { tar, path, members: tar.members(path).await? })
    }

    async fn read(&self) -> Result<Archive, ArchiveError> {
        let images = if self.find(DOCKERS).is_some() {
            self.docker().await?
        } else if self.find(OCIS).is_some() {
            self.oci().await?
        } else {
            Vec::new()
        };
        if images.is_empty() {
            return Err(ArchiveError::NoImages(self.path.to_owned()));
        }
        Ok(Archive { path: self.path.to_owned(), images })
    }

    async fn docker(&self) -> Result<Vec<ContainerImage>, ArchiveError> {
        let mut images = Vec::new();
        for image in self.json::<Vec<DockerImage>>(DOCKERS).await? {
            let names = image.repo_tags.filter(|names| !names.is_empty());
            let names = names.ok_or_else(|| ArchiveError::NoName(self.path.to_owned()))?;
            // Not what the file is called, but what is in it.
            let digest = Digest::of_bytes(&self.member(&image.config).await?);
            images.extend(names.into_iter().map(|name| ContainerImage { name, digest }));
        }
        Ok(images)
    }

    async fn oci(&self) -> Result<Vec<ContainerImage>, ArchiveError> {
        let mut images = Vec::new();
        for descriptor in self.json::<Index>(OCIS).await?.manifests {
            let name = NAMES.iter().find_map(|key| descriptor.annotations.get(*key));
            let name = name.cloned().ok_or_else(|| ArchiveError::NoName(self.path.to_owned()))?;
            let mut manifest = self.json::<Manifest>(&blob(&descriptor.digest)).await?;
            if let Manifest::Index(index) = &manifest
                && let Some(ours) = index.manifests.iter().find(|one| one.is_ours())
            {
                manifest = self.json::<Manifest>(&blob(&ours.digest)).await?;
            }
            let Manifest::Image { config } = manifest else { return Err(ArchiveError::NoImages(self.path.to_owned())) };
            images.push(ContainerImage { name, digest: config.digest });
        }
        Ok(images)
    }

    async fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, ArchiveError> {
        let bytes = self.member(name).await?;
        serde_json::from_slice(&bytes).map_err(|source| {
            let (path, member) = (self.path.to_owned(), name.to_owned());
            ArchiveError::Malformed { path, member, source }
        })
    }

    async fn member(&self, name: &str) -> Result<Vec<u8>, ArchiveError> {
        // One that is not there is tar's to complain of.
        Ok(self.tar.member(self.path, self.find(name).unwrap_or(name)).await?)
    }

    /// What a member is called in the archive: `tar -c .` makes names that begin with "./".
    fn find(&self, name: &str) -> Option<&str> {
        self.members.iter().map(String::as_str).find(|member| member.strip_prefix("./").unwrap_or(member) == name)
    }
}

impl Descriptor {
    /// Every machine of ours is an x86_64.
    fn is_ours(&self) -> bool {
        self.platform.as_ref().is_some_and(|it| it.os == "linux" && it.architecture == "amd64")
    }
}

fn is_tar(path: &Utf8Path) -> io::Result<bool> {
    let (place, magic) = MAGIC;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place))?;
    let mut found = Vec::new();
    file.take(magic.len() as u64).read_to_end(&mut found)?;
    Ok(found == magic)
}

fn blob(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

#[cfg(test)]
mod tests;
