//! The manifest of a pod network: where it comes from, and the copy that the lab keeps in `labs/<lab>/network.yaml`, so
//! that a lab can go on without the folder its file was in.

use std::io;

use camino::Utf8PathBuf;
use kiln_console::Reporter;
use kiln_images::FileError;
use kiln_images::digest::Digest;
use kiln_images::durable::{DocumentError, PRIVATE, read_limited, write_atomically};
use kiln_images::home::Home;

use super::flannel::{self, FlannelError};
use crate::fetch::{FetchError, Wanted, fetch};
use crate::folder::LabFolder;
use crate::kubernetes::cluster::Cluster;
use crate::lab::kubernetes::PodNetwork;
use crate::lab::{Lab, base};

/// The largest manifest that is read, in bytes. Flannel's has 5 KiB, those of larger networks 300.
const MAX_BYTES: u64 = 8 << 20;

/// The manifest of the pod network is not there, or is not right.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Neither the file nor a copy of it is there.
    #[error(
        "the manifest of the pod network is missing\n  put it where the lab file names it, and run `clone up` with that"
    )]
    Missing(#[source] FileError),
    /// It could not be fetched, or is another one.
    #[error("fetching the manifest of the pod network")]
    Fetch(#[source] FetchError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is remembered of where the lab file was is damaged.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is no text.
    #[error("{path} is no manifest: it is no text")]
    NoText {
        /// The file.
        path: Utf8PathBuf,
    },
    /// It could not be fitted to the lab.
    #[error(transparent)]
    Flannel(#[from] FlannelError),
}

/// Fetches the manifest that the lab asks for, if it asks for one, and keeps a copy. A copy with the digest that the lab
/// names is not fetched again.
///
/// # Errors
/// [`ManifestError`]
pub async fn keep(home: &Home, reporter: &Reporter, folder: &LabFolder, lab: &Lab) -> Result<(), ManifestError> {
    let copy = folder.network_manifest();
    let kept = || read_limited(&copy, MAX_BYTES);
    match lab.kubernetes.as_ref().map(|kubernetes| &kubernetes.network) {
        None | Some(PodNetwork::Routes) => Ok(()),
        Some(PodNetwork::Flannel(flannel)) => {
            if kept().is_ok_and(|bytes| Digest::of_bytes(&bytes) == flannel.sha256) {
                return Ok(());
            }
            let fetched = fetch(home, reporter, lab, &Wanted::flannel(flannel)).await.map_err(ManifestError::Fetch)?;
            let bytes = read_limited(&fetched.path, MAX_BYTES)?;
            Ok(write_atomically(&copy, &bytes, PRIVATE)?)
        }
        Some(PodNetwork::Manifest(file)) => {
            // Without that, the copy is all there is.
            let Some(path) = base::found(folder, lab)?.beside(file) else { return Ok(()) };
            match read_limited(&path, MAX_BYTES) {
                Ok(bytes) => Ok(write_atomically(&copy, &bytes, PRIVATE)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound && copy.exists() => Ok(()),
                Err(error) => Err(ManifestError::Missing(error)),
            }
        }
    }
}

/// The text of the manifest that the lab asks for, as far as no network is needed to read it; nothing where that is not so.
pub fn at_hand(home: &Home, folder: &LabFolder, lab: &Lab) -> Option<String> {
    let source = match &lab.kubernetes.as_ref()?.network {
        PodNetwork::Routes => return None,
        PodNetwork::Flannel(flannel) => Some(home.download(&flannel.sha256)),
        PodNetwork::Manifest(file) => base::found(folder, lab).ok()?.beside(file),
    };
    let read = |path: &Utf8PathBuf| String::from_utf8(read_limited(path, MAX_BYTES).ok()?).ok();
    source.into_iter().chain([folder.network_manifest()]).find_map(|path| read(&path))
}

/// The manifest to be applied: the copy that was kept, fitted to the lab where it is flannel's. Nothing for a network
/// without one.
///
/// # Errors
/// [`ManifestError`]
pub fn fitted(folder: &LabFolder, cluster: &Cluster) -> Result<Option<String>, ManifestError> {
    if cluster.settings.network == PodNetwork::Routes {
        return Ok(None);
    }
    let path = folder.network_manifest();
    let bytes = read_limited(&path, MAX_BYTES).map_err(ManifestError::Missing)?;
    let text = String::from_utf8(bytes).map_err(|_| ManifestError::NoText { path: path.clone() })?;
    let card = cluster.members.first().map_or("", |member| member.service_card.as_str());
    match cluster.settings.network {
        PodNetwork::Flannel(_) => Ok(Some(flannel::fit(path.as_str(), &text, cluster.settings.pods, card)?)),
        PodNetwork::Routes | PodNetwork::Manifest(_) => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use super::*;
    use crate::kubernetes::cluster::tests::{LAB, with};
    use crate::lab::check;

    const FLANNEL: &str = include_str!("../../../fixtures/kube-flannel-0.11.0.yml");

    /// A lab whose file is in a folder of its own.
    struct Scene {
        home: Home,
        folder: LabFolder,
        base: Utf8PathBuf,
        _guard: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let guard = tempfile::tempdir().unwrap();
            let root = Utf8Path::from_path(guard.path()).unwrap();
            let home = Home::new(root.join("kiln")).unwrap();
            let folder = LabFolder::new(&home, &"lab".parse().unwrap());
            let base = root.join("labs");
            fs::create_dir(folder.root()).unwrap();
            fs::create_dir(&base).unwrap();
            Self { home, folder, base, _guard: guard }
        }

        /// Keeps the manifest of a lab with this network, and fits it.
        async fn keep(&self, network: &str) -> Result<Option<String>, ManifestError> {
            let text = LAB.replace("kubernetes: {}", &format!("kubernetes: {{network: {network}}}"));
            let lab = check::parse(self.base.join("lab.yaml").as_str(), &text).unwrap();
            keep(&self.home, &Reporter::silent(), &self.folder, &lab).await?;
            fitted(&self.folder, &with(&text, "1.20.2"))
        }
    }

    #[tokio::test]
    async fn routes_need_no_manifest() {
        assert_eq!(Scene::new().keep("routes").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_manifest_is_kept_and_taken_from_there_when_the_file_is_gone() {
        let scene = Scene::new();
        let error = scene.keep("{manifest: net.yaml}").await.unwrap_err();
        assert!(matches!(error, ManifestError::Missing(_)), "{error}");
        let file = scene.base.join("net.yaml");
        for text in ["kind: A\n", "kind: B\n"] {
            fs::write(&file, text).unwrap();
            assert_eq!(scene.keep("{manifest: net.yaml}").await.unwrap().as_deref(), Some(text));
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(scene.keep("{manifest: net.yaml}").await.unwrap().as_deref(), Some("kind: B\n"));
    }

    #[tokio::test]
    async fn a_lab_that_is_named_by_its_name_reads_its_manifest_where_it_was() {
        let scene = Scene::new();
        let text = LAB.replace("kubernetes: {}", "kubernetes: {network: {manifest: net.yaml}}");
        let file = scene.base.join("net.yaml");
        fs::write(&file, "kind: A\n").unwrap();
        let given = check::parse(scene.base.join("lab.yaml").as_str(), &text).unwrap();
        base::keep(&scene.folder, &given).unwrap();
        fs::write(&file, "kind: B\n").unwrap();
        let applied = check::parse(scene.folder.lab_file().as_str(), &text).unwrap();
        keep(&scene.home, &Reporter::silent(), &scene.folder, &applied).await.unwrap();
        assert_eq!(fs::read_to_string(scene.folder.network_manifest()).unwrap(), "kind: B\n");
    }

    #[tokio::test]
    async fn the_manifest_of_flannel_is_the_one_that_is_named_and_fitted_when_it_is_used() {
        let scene = Scene::new();
        let network = |digest: Digest| format!("{{flannel: {{manifest: flannel.yml, sha256: '{digest}'}}}}");
        let right = network(Digest::of_bytes(FLANNEL.as_bytes()));
        fs::write(scene.base.join("flannel.yml"), FLANNEL).unwrap();
        let error = scene.keep(&network(Digest::of_bytes(b"another"))).await.unwrap_err();
        assert!(matches!(error, ManifestError::Fetch(_)), "{error}");
        let fitted = scene.keep(&right).await.unwrap().unwrap();
        assert!(fitted.contains("--iface=eth1"), "{fitted}");
        assert_eq!(fs::read_to_string(scene.folder.network_manifest()).unwrap(), FLANNEL);
        fs::remove_file(scene.base.join("flannel.yml")).unwrap();
        assert_eq!(scene.keep(&right).await.unwrap(), Some(fitted));
    }
}
