//! Manifests of Kubernetes that a recipe puts into the image: whether they make use of the container images that it puts
//! there, too.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::BuildError;
use super::inputs::Inputs;
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
            places.extend(lines_in(&write.content).map(|line| format!("{}, line {line}", write.path)));
        }
        for (name, path) in step.inputs().iter().filter_map(|asset| place(asset, loaded, inputs)) {
            let read = look_through(&name, &path, &mut places);
            read.map_err(|source| BuildError::Input { path, source })?;
        }
    }
    if places.is_empty() { Ok(()) } else { Err(BuildError::PullsAlways { places }) }
}

/// What the recipe calls a file or folder, and where it is on this host.
fn place(asset: &Asset, loaded: &Loaded, inputs: &Inputs) -> Option<(String, Utf8PathBuf)> {
    match asset {
        Asset::File(path) => Some((path.to_string(), loaded.folder.join(path))),
        Asset::Url { urls, checksum } => {
            let url = urls.first().filter(|url| is_manifest(Utf8Path::new(url)))?;
            Some((url.clone(), inputs.downloads.get(&checksum.hex())?.clone()))
        }
        // Nobody knows what is in it before it is built.
        Asset::Artifact { .. } => None,
    }
}

/// Looks through a file, or the files in a folder. `name` is what a file is known by, whatever it is called here.
fn look_through(name: &str, path: &Utf8Path, places: &mut Vec<String>) -> io::Result<()> {
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry?;
        let below = entry.path().strip_prefix(path).unwrap_or_else(|_| entry.path()).to_string_lossy().into_owned();
        let name = if below.is_empty() { name.to_owned() } else { format!("{name}/{below}") };
        let metadata = entry.metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES || !is_manifest(Utf8Path::new(&name)) {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
        places.extend(lines_in(&text).map(|line| format!("{name}, line {line}")));
    }
    Ok(())
}

fn is_manifest(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.contains(&ending))
}

/// The lines that say so, in YAML or in JSON.
fn lines_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.lines().enumerate().filter(|(_, line)| says_always(line)).map(|(number, _)| number + 1)
}

/// Whether a line has the key with that value, alone or among others in braces.
fn says_always(line: &str) -> bool {
    let code = line.trim_start().split(" #").next().filter(|code| !code.starts_with('#')).unwrap_or_default();
    let plain = code.replace(['"', '\''], "");
    plain.split("imagePullPolicy").skip(1).any(|after| {
        let value = after.trim_start().strip_prefix(':').unwrap_or_default().trim_start();
        value.strip_prefix("Always").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_however_it_is_written() {
        for (line, says) in [
            ("        imagePullPolicy: Always", true),
            ("      - imagePullPolicy: \"Always\"  # why not", true),
            ("\"imagePullPolicy\": \"Always\",", true),
            ("- {name: web, imagePullPolicy: Always, image: web}", true),
            (r#"{"image": "web", "imagePullPolicy":"Always"}"#, true),
            ("imagePullPolicy: IfNotPresent", false),
            ("imagePullPolicy: AlwaysNever", false),
            ("# imagePullPolicy: Always", false),
            ("policy: Always", false),
        ] {
            assert_eq!(says_always(line), says, "{line}");
        }
    }

    #[test]
    fn every_place_in_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a.yaml"), "kind: Pod\nspec:\n  imagePullPolicy: Always\n").unwrap();
        fs::write(root.join("notes.txt"), "imagePullPolicy: Always\n").unwrap();
        let mut places = Vec::new();
        look_through("manifests", root, &mut places).unwrap();
        assert_eq!(places, ["manifests/sub/a.yaml, line 3"]);
    }
}
