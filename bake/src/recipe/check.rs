//! What the types of a recipe cannot say: checked on the whole, with every problem at its place.

use std::collections::BTreeMap;

use camino::Utf8Path;
use kiln_document::{Document, Path, Problems, path};

use super::{Base, Layer, Recipe, cluster};
use crate::steps::{Input, Step};

/// The longest text that `write` takes: the kernel hands a program no argument of more than 128 KiB (execve(2)).
const MAX_CONTENT_BYTES: usize = 100 * 1024;

/// Checks a recipe whose relative paths start in `folder`.
pub(super) fn check(document: &Document<Recipe>, folder: &Utf8Path) -> Result<(), Problems> {
    let recipe = &document.value;
    let mut problems = document.problems();
    if let Base::File(file) = &recipe.base {
        exists(&mut problems, path!["base", "file", "path"], folder, &file.path);
    }
    if let Base::Url(download) = &recipe.base {
        if download.from.is_empty() {
            problems.add(path!["base", "url", "from"], "there is no source to download from");
        }
        if let Some(checksums) = &download.checksums {
            exists(&mut problems, path!["base", "url", "checksums", "keyring"], folder, &checksums.keyring);
        }
    }
    layers(&mut problems, &recipe.layers, folder);
    cluster::check(&mut problems, recipe);
    for (number, command) in recipe.checks.iter().enumerate() {
        not_blank(&mut problems, path!["checks", number], command);
    }
    problems.finish()
}

fn layers(problems: &mut Problems, layers: &[Layer], folder: &Utf8Path) {
    let mut seen = BTreeMap::new();
    for (number, layer) in layers.iter().enumerate() {
        if seen.insert(&layer.name, number).is_some() {
            problems.add(path!["layers", number, "name"], format!("two layers are called `{}`", layer.name));
        }
        if layer.steps.is_empty() {
            problems.add(path!["layers", number, "steps"], format!("the layer `{}` has no steps", layer.name));
        }
        for (index, step) in layer.steps.iter().enumerate() {
            check_step(problems, path!["layers", number, "steps", index], step, folder);
        }
    }
}

fn check_step(problems: &mut Problems, at: Path, step: &Step, folder: &Utf8Path) {
    match step {
        Step::Run(command) => not_blank(problems, at.at("run"), command),
        Step::Write(write) if write.content.len() > MAX_CONTENT_BYTES => {
            problems
                .add(at.at("write").at("content"), format!("the text has {} bytes", write.content.len()))
                .hint(format!("above {MAX_CONTENT_BYTES} bytes put it into a file and use `upload`"));
        }
        Step::AppendLine(append) if append.line.contains('\n') => {
            problems.add(at.at("append-line").at("line"), "this is more than one line").hint("use one step a line");
        }
        Step::CopyIn(copy) if folder.join(&copy.from).file_name().is_none() => {
            problems.add(at.at("copy-in").at("from"), format!("`{}` does not end with a name", copy.from));
            return;
        }
        Step::Install(packages) | Step::Remove(packages) if packages.is_empty() => {
            problems.add(&at, "no package is named");
        }
        _ => {}
    }
    if let Some(Input::Path(path)) = step.input() {
        exists(problems, at, folder, &path);
    }
}

fn exists(problems: &mut Problems, at: Path, folder: &Utf8Path, path: &Utf8Path) {
    let whole = folder.join(path);
    if whole.as_str().contains(':') {
        problems.add(at, format!("{whole} has a colon in it")).hint("virt-customize cannot take such a path");
    } else if !whole.exists() {
        problems.add(at, format!("{whole} does not exist")).hint("paths are relative to the recipe");
    }
}

fn not_blank(problems: &mut Problems, at: Path, command: &str) {
    if command.trim().is_empty() {
        problems.add(at, "the command is empty");
    }
}
