//! Stand-ins for container images, where a mirror that is a folder has them.

use std::fs;
use std::process::Command;

use camino::Utf8Path;

/// Makes an archive for every image that the step `container-images` of this recipe names, in a folder for each registry.
/// Returns their names.
pub fn container_images(mirrors: &Utf8Path, recipe: &str) -> Vec<String> {
    let (_, list) = recipe.split_once("      registry:\n").unwrap();
    let lines = list.lines().take_while(|line| line.starts_with("      ")).map(str::trim);
    let names = lines.filter_map(|line| line.strip_prefix("- "));
    let names: Vec<_> = names.map(str::to_owned).collect();
    names.iter().for_each(|name| archive(mirrors, name));
    names
}

/// An archive with an image that has nothing but its name.
fn archive(mirrors: &Utf8Path, name: &str) {
    let (repository, tag) = name.rsplit_once(':').unwrap();
    let path = mirrors.join(repository).join(format!("{tag}.tar"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), format!("{{\"for\": \"{name}\"}}")).unwrap();
    let manifest = format!("[{{\"Config\": \"config.json\", \"RepoTags\": [\"{name}\"], \"Layers\": []}}]");
    fs::write(folder.path().join("manifest.json"), manifest).unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(folder.path()).args(["-cf", path.as_str(), "manifest.json", "config.json"]);
    assert!(tar.status().unwrap().success(), "{tar:?}");
}
