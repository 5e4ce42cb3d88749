//! `clone init`.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_console::{Console, Failure, template};

use crate::lab::LabName;

/// Write a lab file to start from
///
/// The lab has the name of the folder that the file is in: two labs of one name
/// would be one lab.
///
/// Examples:
///   clone init                 writes lab.yaml
///   clone init labs/mine.yaml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Where to write it
    #[arg(default_value = "lab.yaml", value_hint = clap::ValueHint::FilePath)]
    file: Utf8PathBuf,
}

/// The lab that is written.
const TEMPLATE: &str = include_str!("init.yaml");

/// Runs the command.
///
/// # Errors
/// Where the file is there already, or cannot be written.
pub fn run(args: Args, console: &Console) -> Result<(), Failure> {
    template::write(console, &args.file, &text(&args.file), "bake build debian-12 && clone up")
}

/// The template with the name of the folder that `file` is in.
fn text(file: &Utf8Path) -> String {
    let path = std::path::absolute(file).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy()).unwrap_or_default();
    match LabName::of_folder(&folder) {
        Some(name) => TEMPLATE.replacen("name: mine", &format!("name: {name}"), 1),
        None => TEMPLATE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{check, file};

    #[test]
    fn the_template_is_right_and_shows_every_field() {
        check::parse("init.yaml", TEMPLATE).unwrap_or_else(|problems| panic!("{problems}"));
        let uncommented = |line: &str| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n";
        let all: String = TEMPLATE.lines().map(uncommented).collect();
        let schema = serde_json::to_value(schemars::schema_for!(file::LabFile)).unwrap();
        for of in ["/properties", "/$defs/Defaults/properties", "/$defs/NodeEntry/properties"] {
            for field in schema.pointer(of).unwrap().as_object().unwrap().keys() {
                assert!(all.contains(&format!("{field}:")), "{field}");
            }
        }
    }

    #[test]
    fn the_lab_has_the_name_of_its_folder() {
        assert!(text(Utf8Path::new("/srv/My Shop/lab.yaml")).contains("\nname: my-shop\n"));
        assert!(text(Utf8Path::new("/lab.yaml")).contains("\nname: mine\n"));
    }
}
