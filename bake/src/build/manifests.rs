//! Manifests of Kubernetes that a recipe puts into the image: whether they make use of the container images that it puts
//! there, too.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::inputs::Inputs;
use super::{BuildError, pulls};
use crate::recipe::Loaded;
use crate::steps::{Asset, Step};

/// What manifests end with.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The largest manifest that is looked through, in bytes. What is larger is something else.
const MAX_BYTES: u64 = 16 << 20;

/// Refuses manifests that would have a node ask a registry for images that it has: nobody notices before the node has no
/// network, or the registry no such image any more.
///
/// # Errors
/// [`BuildError::PullsAlways`] with every place; [`BuildError::Input`] when a file cannot be read.
pub(super) fn check(loaded: &Loaded, inputs: &Inputs) -> Result<(), BuildError> {
    let steps = || loaded.recipe.layers.iter().flat_map(|layer| &layer.steps);
    if !steps().any(|step| step.container_images().is_some()) {
        return Ok(());
    }
    let mut places = Vec::new();
    for step in steps() {
        if let Step::Write(write) = step
            && is_manifest(write.path.as_path())
        {
            places.extend(pulls::lines(&write.content).iter().map(|line| format!("{}, line {line}", write.path)));
        }
        let becomes_manifest = destination(step).is_some_and(is_manifest);
        for (name, path) in step.inputs().iter().filter_map(|asset| place(asset, loaded, inputs)) {
            let read = look_through(&name, &path, becomes_manifest, &mut places);
            read.map_err(|source| BuildError::Input { path, source })?;
        }
    }
    if places.is_empty() { Ok(()) } else { Err(BuildError::PullsAlways { places }) }
}

/// What a single file is called in the image.
fn destination(step: &Step) -> Option<&Utf8Path> {
    match step {
        Step::Upload(upload) => Some(upload.to.as_path()),
        Step::Download(download) => Some(download.to.as_path()),
        _ => None,
    }
}

/// What the recipe calls a file or folder, and where it is on this host.
fn place(asset: &Asset, loaded: &Loaded, inputs: &Inputs) -> Option<(String, Utf8PathBuf)> {
    match asset {
        Asset::File(path) => Some((path.to_string(), loaded.folder.join(path))),
        Asset::Url { urls, checksum } => Some((urls.first()?.clone(), inputs.downloads.get(&checksum.hex())?.clone())),
        // Nobody knows what is in it before it is built.
        Asset::Artifact { .. } => None,
    }
}

/// Looks through a file, or the files in a folder, that are manifests by their names, or all. `name` is what a file is
/// known by, whatever it is called here.
fn look_through(name: &str, path: &Utf8Path, all: bool, places: &mut Vec<String>) -> io::Result<()> {
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry?;
        let below = entry.path().strip_prefix(path).unwrap_or_else(|_| entry.path()).to_string_lossy().into_owned();
        let name = if below.is_empty() { name.to_owned() } else { format!("{name}/{below}") };
        let metadata = entry.metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES || !(all || is_manifest(Utf8Path::new(&name))) {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
        places.extend(pulls::lines(&text).iter().map(|line| format!("{name}, line {line}")));
    }
    Ok(())
}

fn is_manifest(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::inputs::BaseInput;
    use crate::recipe::{Base, Recipe};

    #[test]
    fn every_place_in_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a.yaml"), "kind: Pod\nspec:\n  imagePullPolicy: Always\n").unwrap();
        fs::write(root.join("notes.txt"), "imagePullPolicy: Always\n").unwrap();
        let mut places = Vec::new();
        look_through("manifests", root, false, &mut places).unwrap();
        assert_eq!(places, ["manifests/sub/a.yaml, line 3"]);
    }

    #[test]
    fn what_is_uploaded_downloaded_written_or_copied_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir(root.join("tree")).unwrap();
        for file in ["tree/a.yml", "pod", "fetched"] {
            fs::write(root.join(file), "kind: Pod\nimagePullPolicy: Always\n").unwrap();
        }
        let digest = "0".repeat(64);
        let text = format!(
            "name: x\nbase: {{debootstrap: {{suite: bookworm}}}}\nuser: x\ndisk: 1GiB\nlayers:\n- name: a\n  steps:\n  \
             - upload: {{from: pod, to: /root/pod.json}}\n  - copy-in: {{from: tree, into: /root}}\n  \
             - download: {{url: 'https://a/pod.yaml?raw', sha256: {digest}, to: /root/x.yaml}}\n  \
             - upload: {{from: pod, to: /root/pod}}\n  - container-images: {{files: [tree]}}\n  \
             - write: {{path: /root/w.yaml, content: 'imagePullPolicy: Always'}}\n"
        );
        let recipe = kiln_document::read::<Recipe>("x.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
        let Base::Debootstrap(base) = recipe.base.clone() else { panic!("{:?}", recipe.base) };
        let loaded = Loaded {
            recipe,
            origin: "x.yaml".to_owned(),
            folder: root.to_owned(),
            built_in: None,
            warnings: Vec::new(),
        };
        let downloads = [(digest, root.join("fetched"))].into();
        let base = BaseInput::Debootstrap(base);
        let inputs = Inputs { base, downloads, artifacts: Vec::new(), images: Vec::new() };
        let Err(BuildError::PullsAlways { places }) = check(&loaded, &inputs) else { panic!("nothing was found") };
        let expected = ["pod, line 2", "tree/a.yml, line 2", "https://a/pod.yaml?raw, line 2", "tree/a.yml, line 2"];
        assert_eq!(places[..4], expected);
        assert_eq!(places[4..], ["/root/w.yaml, line 1"]);
    }
}
