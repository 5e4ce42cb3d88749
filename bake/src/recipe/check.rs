//! What the types of a recipe cannot say: checked on the whole, with every problem at its place.

use std::collections::BTreeSet;

use camino::Utf8Path;
use kiln_document::{Document, Path, Problems, path};
use kiln_images::download::{check_source, check_sources};
use kiln_images::name::Name;

use super::base::Download;
use super::beside::Beside;
use super::{Artifact, Base, Recipe, cluster};
use crate::steps::{Asset, Step};

/// The longest text that `write` takes: the kernel hands a program no argument of more than 128 KiB (execve(2)).
const MAX_CONTENT_BYTES: usize = 100 * 1024;

/// Checks a recipe.
pub(super) fn check(document: &Document<Recipe>, beside: Beside<'_>) -> Result<(), Problems> {
    let recipe = &document.value;
    let mut problems = document.problems();
    if let Base::File(file) = &recipe.base {
        exists(&mut problems, path!["base", "file", "path"], beside, &file.path);
    }
    if let Base::Url(download) = &recipe.base {
        base(&mut problems, download);
        if let Some(checksums) = &download.checksums {
            exists(&mut problems, path!["base", "url", "checksums", "keyring"], beside, &checksums.keyring);
        }
    }
    if matches!(&recipe.base, Base::Image(name) if *name == recipe.name) {
        problems
            .add(path!["base", "image"], format!("the image `{}` would be its own base", recipe.name))
            .hint("every bake would be done on the one before: give it another `name:`");
    }
    if recipe.nics.nat == recipe.nics.service {
        problems.add(path!["nics"], format!("both network cards are called `{}`", recipe.nics.nat));
    }
    artifacts(&mut problems, &recipe.artifacts, beside);
    if recipe.boot.cpus == Some(0) {
        problems.add(path!["boot", "cpus"], "a machine has at least one processor");
    }
    layers(&mut problems, recipe, beside);
    cluster::check(&mut problems, recipe);
    for (number, command) in recipe.checks.iter().enumerate() {
        not_blank(&mut problems, path!["checks", number], command);
    }
    problems.finish()
}

fn base(problems: &mut Problems, download: &Download) {
    let at = path!["base", "url"];
    if download.from.is_empty() {
        problems.add(at.at("from"), "there is no source to download from");
    }
    check_sources(problems, &at.at("from"), &download.from);
    if let Some(checksums) = &download.checksums {
        let at = at.at("checksums");
        check_source(problems, at.at("url"), &checksums.url);
        check_sources(problems, &at.at("also"), &checksums.also);
        if let Some(signature) = &checksums.signature {
            check_source(problems, at.at("signature"), signature);
        }
    }
}

fn artifacts(problems: &mut Problems, artifacts: &[Artifact], beside: Beside<'_>) {
    let mut seen = BTreeSet::new();
    for (number, artifact) in artifacts.iter().enumerate() {
        if !seen.insert(&artifact.name) {
            let message = format!("two artifacts are called `{}`", artifact.name);
            problems.add(path!["artifacts", number, "name"], message);
        }
        let script = path!["artifacts", number, "script"];
        if beside.path(&artifact.script).is_dir() {
            problems.add(&script, format!("{} is a folder", artifact.script));
        }
        exists(problems, script, beside, &artifact.script);
        let mut names = BTreeSet::from([artifact.script.file_name()]);
        for (index, file) in artifact.files.iter().enumerate() {
            let at = path!["artifacts", number, "files", index];
            if !names.insert(file.file_name()) {
                problems.add(&at, format!("two files end with the name of `{file}`"));
            }
            exists(problems, at, beside, file);
        }
    }
}

fn layers(problems: &mut Problems, recipe: &Recipe, beside: Beside<'_>) {
    let mut seen = BTreeSet::new();
    for (number, layer) in recipe.layers.iter().enumerate() {
        if !seen.insert(&layer.name) {
            problems.add(path!["layers", number, "name"], format!("two layers are called `{}`", layer.name));
        }
        if layer.steps.is_empty() {
            problems.add(path!["layers", number, "steps"], format!("the layer `{}` has no steps", layer.name));
        }
        for (index, step) in layer.steps.iter().enumerate() {
            let at = path!["layers", number, "steps", index];
            if matches!(step, Step::ContainerImages(_)) && !layer.boot {
                problems
                    .add(&at, "container images can only be loaded by a runtime that runs")
                    .hint("put the step into a layer of its own with `boot: true`");
            }
            if check_step(problems, &at, step, beside) {
                check_inputs(problems, &at, step, recipe, beside);
            }
        }
    }
}

/// Checks a step by itself. Returns whether it makes sense to look for what it reads.
fn check_step(problems: &mut Problems, at: &Path, step: &Step, beside: Beside<'_>) -> bool {
    if let Some(file) = step.file().filter(|file| file.as_str().ends_with('/')) {
        problems.add(at, format!("`{file}` is the name of a folder")).hint("write that of the file, too");
    }
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
        Step::CopyIn(copy) if beside.path(&copy.from).file_name().is_none() => {
            problems.add(at.at("copy-in").at("from"), format!("`{}` does not end with a name", copy.from));
            return false;
        }
        Step::ContainerImages(images) if images.is_empty() => {
            problems.add(at, "no archive and no image is named");
        }
        Step::ContainerImages(images) if images.artifact.is_some() != images.path.is_some() => {
            problems.add(at, "`artifact` and `path` belong together: which artifact, and where in it");
        }
        Step::Install(packages) | Step::Remove(packages) if packages.is_empty() => {
            problems.add(at, "no package is named");
        }
        _ => {}
    }
    true
}

/// Checks that what a step reads is there, or will be.
fn check_inputs(problems: &mut Problems, at: &Path, step: &Step, recipe: &Recipe, beside: Beside<'_>) {
    for asset in step.inputs() {
        match asset {
            Asset::File(path) => {
                exists(problems, at.clone(), beside, &path);
                if matches!(step, Step::CopyIn(_)) && beside.is_link(&path) {
                    let message = format!("{} is a link, and would be copied as one", beside.path(&path));
                    problems.add(at, message).hint("name what it leads to");
                }
            }
            Asset::Artifact { name, path } => {
                declared(problems, at, recipe, &name);
                let climbs = path.components().any(|part| part.as_str() == "..");
                if path.is_absolute() || climbs || path.as_str().contains(':') {
                    let message = format!("`{path}` is no path in the artifact `{name}`");
                    problems.add(at, message).hint("it must be relative, without `..` and colons");
                }
            }
            Asset::Url { urls, .. } => {
                urls.iter().for_each(|url| check_source(problems, at.clone(), url));
            }
        }
    }
}

fn declared(problems: &mut Problems, at: &Path, recipe: &Recipe, name: &Name) {
    if recipe.artifact(name).is_none() {
        let known: Vec<_> = recipe.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
        let hint = match known.as_slice() {
            [] => "declare it under `artifacts:`".to_owned(),
            known => format!("there is: {}", known.join(", ")),
        };
        problems.add(at, format!("the recipe declares no artifact `{name}`")).hint(hint);
    }
}

fn exists(problems: &mut Problems, at: Path, beside: Beside<'_>, path: &Utf8Path) {
    let whole = beside.path(path);
    if whole.as_str().contains(':') {
        problems.add(at, format!("{whole} has a colon in it")).hint("virt-customize cannot take such a path");
    } else if !beside.has(path) {
        problems.add(at, format!("{whole} does not exist")).hint("paths are relative to the recipe");
    }
}

fn not_blank(problems: &mut Problems, at: Path, command: &str) {
    if command.trim().is_empty() {
        problems.add(at, "the command is empty");
    }
}
