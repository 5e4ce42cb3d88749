//! Stand-ins for container images, where a mirror that is a folder has them.

use std::fs;
use std::path::Path;
use std::process::Command;

use camino::Utf8Path;
use serde_json::json;

use crate::golden::sha256;

/// Makes an archive for every image that the step `container-images` of this recipe names, in a folder for each registry.
/// Returns their names.
pub fn container_images(mirrors: &Utf8Path, recipe: &str) -> Vec<String> {
    let (_, list) = recipe.split_once("      registry:\n").unwrap();
    let lines = list.lines().take_while(|line| line.starts_with("      ")).map(str::trim);
    let names = lines.filter_map(|line| line.strip_prefix("- "));
    let names: Vec<_> = names.map(str::to_owned).collect();
    let folder = tempfile::tempdir().unwrap();
    let layer = Utf8Path::from_path(folder.path()).unwrap().join("layer.tar");
    tar(folder.path(), &layer, ["--files-from=/dev/null"]);
    for name in &names {
        let (repository, tag) = name.rsplit_once(':').unwrap();
        let path = mirrors.join(repository).join(format!("{tag}.tar"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        archive(&path, name, name, Some(&layer));
    }
    names
}

/// A docker-archive of an image that differs from others by a text, with this file as its only layer, if it has one.
pub(crate) fn archive(path: &Utf8Path, name: &str, text: &str, layer: Option<&Utf8Path>) {
    let folder = tempfile::tempdir().unwrap();
    let layers: Vec<_> = layer.iter().map(|layer| format!("sha256:{}", sha256(layer))).collect();
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "created": "2019-01-01T00:00:00Z",
        "config": {"Labels": {"for": text}},
        "rootfs": {"type": "layers", "diff_ids": layers},
        "history": layers.iter().map(|_| json!({"created": "2019-01-01T00:00:00Z"})).collect::<Vec<_>>(),
    });
    let files: Vec<_> = layer.iter().map(|_| "layer.tar").collect();
    if let Some(layer) = layer {
        fs::copy(layer, folder.path().join("layer.tar")).unwrap();
    }
    let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": files}]);
    for (file, content) in [("config.json", config), ("manifest.json", manifest)] {
        fs::write(folder.path().join(file), content.to_string()).unwrap();
    }
    tar(folder.path(), path, ["manifest.json", "config.json"].into_iter().chain(files));
}

/// Packs files of a folder.
fn tar<'a>(folder: &Path, archive: &Utf8Path, files: impl IntoIterator<Item = &'a str>) {
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(folder).args(["-cf", archive.as_str()]).args(files);
    assert!(tar.status().unwrap().success(), "{tar:?}");
}
