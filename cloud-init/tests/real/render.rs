//! A release of cloud-init that reads a seed, without a machine: see `render.py`.

use std::collections::BTreeMap;
use std::path::Path;

use kiln_cloud_init::Seed;

use crate::cloud_init::python_of;
use crate::programs::{run, system_path};

/// Files by their path below the root folder.
pub type Files = BTreeMap<String, String>;

/// What a release makes of a seed.
#[derive(Debug)]
pub struct Rendering {
    /// What it writes.
    pub files: Files,
    /// What it knows of the machine.
    pub known: serde_json::Value,
}

/// Has the release with these Python modules read the medium of a seed, and write the network as `renderer` does on
/// `distribution`.
pub fn render(modules: &Path, seed: &Seed, renderer: &str, distribution: &str) -> Rendering {
    let folder = tempfile::tempdir().unwrap();
    // The medium is named as the code sees it: relative.
    std::fs::write(folder.path().join("medium"), seed.medium().unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/render.py");
    let mut python = python_of(modules);
    let words = [script, "medium", renderer, distribution, "output"];
    // blkid is where an ordinary user's PATH does not lead.
    python.args(words).env("PATH", system_path()).current_dir(&folder);
    let known = run(&mut python, "python3 util-linux genisoimage");
    let root = folder.path().join("output/root");
    let mut files = Files::new();
    read_all(&root, &root, &mut files);
    Rendering { files, known: serde_json::from_str(&known).unwrap() }
}

fn read_all(root: &Path, folder: &Path, files: &mut Files) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}
