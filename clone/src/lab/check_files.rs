//! Whether the files are there that a lab file names. That is no part of its being right: a lab that was up once has its own
//! copies of them.

use camino::Utf8Path;
use kiln_document::{Document, Path, Problems, path};
use kiln_images::download::Source;

use super::check_mesh::placed;
use super::file::LabFile;
use super::kubernetes::PodNetwork;
use super::mesh::ManifestSource;

/// Looks for the files that the lab file `file_name`, with this text, names beside itself.
///
/// # Errors
/// Every file that is not there, with the place where it is named.
pub fn check(file_name: &str, text: &str) -> Result<(), Problems> {
    let document: Document<LabFile> = kiln_document::read(file_name, text)?;
    let mut problems = document.problems();
    let folder = Utf8Path::new(file_name).parent().unwrap_or_else(|| Utf8Path::new(""));
    for (at, file) in named(&document.value) {
        let Ok(Source::File(path)) = Source::parse(file, folder) else { continue };
        if !path.exists() {
            problems.add(at, format!("{path} does not exist")).hint("paths are relative to the lab file");
        }
    }
    problems.finish()
}

/// What may be a file, and where it is named.
fn named(file: &LabFile) -> Vec<(Path, &str)> {
    let mut named = Vec::new();
    let network = path!["kubernetes", "network"];
    match file.kubernetes.as_ref().map(|kubernetes| &kubernetes.network) {
        Some(PodNetwork::Flannel(flannel)) => named.push((network.at("flannel").at("manifest"), &*flannel.manifest)),
        Some(PodNetwork::Manifest(manifest)) => named.push((network.at("manifest"), manifest)),
        Some(PodNetwork::Routes) | None => {}
    }
    let Some(mesh) = &file.mesh else { return named };
    if let Some(archive) = &mesh.archive {
        named.push((path!["mesh", "archive", "source"], &archive.source));
    }
    for (at, group) in placed(mesh) {
        for (index, manifest) in group.manifests.iter().enumerate() {
            if let ManifestSource::File(file) = manifest {
                named.push((at.at("manifests").at(index), file));
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
nodes: [{name: node1, ip: 192.168.206.11}]
kubernetes:
  network: {manifest: network.yaml}
mesh:
  archive: {source: https://example.com/mesh.tar.gz}
  groups:
  - {name: shop, manifests: [{file: shop.yaml}]}
";

    #[test]
    fn each_file_that_is_not_there_is_named_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let lab = Utf8Path::from_path(folder.path()).unwrap().join("lab.yaml");
        let error = check(lab.as_str(), LAB).unwrap_err().to_string();
        assert!(error.contains("network.yaml does not exist") && error.contains("lab.yaml:6:"), "{error}");
        assert!(error.contains("shop.yaml does not exist") && error.contains("2 problems"), "{error}");
        for file in ["network.yaml", "shop.yaml"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        check(lab.as_str(), LAB).unwrap();
    }
}
