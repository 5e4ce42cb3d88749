//! `bake show`.

use std::fmt::Write;

use camino::Utf8Path;
use kiln_console::{Console, Failure, human};
use kiln_images::manifest::Manifest;
use kiln_images::store::Image;

use crate::context::Context;
use crate::errors::IntoFailure;

/// Show what is known about an image: digest, base, layers, checks, packages
///
/// Examples:
///   bake show debian-12
///   bake show debian-12 --brief
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// An image, by name or by the first digits of its digest
    image: String,

    /// Only say how many packages there are
    #[arg(long, env = "KILN_BRIEF")]
    brief: bool,
}

/// Runs the command.
pub fn run(args: Args, home: Option<&Utf8Path>, console: &Console) -> Result<(), Failure> {
    let context = Context::open(home)?;
    let image = context.store.resolve(&args.image).map_err(IntoFailure::into_failure)?;
    console.value(&image.manifest, |manifest| describe(&image, manifest, args.brief))
}

fn describe(image: &Image, manifest: &Manifest, brief: bool) -> String {
    let names: Vec<_> = image.names.iter().map(ToString::to_string).collect();
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // Writing to a string cannot fail.
        writeln!(text, "{key:<10} {value}").unwrap_or_default();
    };
    line("names", &names.join(", "));
    line("digest", &manifest.digest.to_string());
    line("disk", image.disk.as_str());
    line("size", &sizes(manifest));
    line("os", &manifest.os.name);
    line("user", &manifest.user);
    line("nics", &manifest.nics.join(", "));
    if let Some(version) = &manifest.kubernetes {
        line("kubernetes", version);
    }
    if let Some(runtime) = &manifest.container_runtime {
        let driver = manifest.cgroup_driver.map(|driver| format!(", control groups by {}", driver.as_str()));
        line("runtime", &format!("{runtime}{}", driver.unwrap_or_default()));
    }
    line("created", &format!("{} by Kiln {}", human::moment(manifest.created), manifest.kiln));
    line("base", &format!("{} ({})", manifest.base.what, manifest.base.digest));
    for layer in &manifest.layers {
        let key: String = layer.key.chars().skip("sha256:".len()).take(12).collect();
        line("layer", &format!("{:<16} {key}  {} steps, {} s", layer.name, layer.steps, layer.seconds));
    }
    for image in &manifest.container_images {
        line("container", &format!("{} {}", image.name, image.digest.short()));
    }
    for check in &manifest.checks {
        line("check", &check.command);
    }
    line("packages", &manifest.packages.len().to_string());
    if !brief {
        for package in &manifest.packages {
            line("", &format!("{} {}", package.name, package.version));
        }
    }
    text.trim_end().to_owned()
}

fn sizes(manifest: &Manifest) -> String {
    format!("{} of {}", human::bytes(manifest.file_size_bytes), human::bytes(manifest.virtual_size_bytes))
}
