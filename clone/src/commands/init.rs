//! `clone init`.

use camino::Utf8PathBuf;
use kiln_console::{Console, Failure, template};

/// Write a lab file to start from
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
    template::write(console, &args.file, TEMPLATE, "clone up")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;

    #[test]
    fn the_template_is_right_and_shows_every_field() {
        let lab = check::parse("init.yaml", TEMPLATE).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(lab.name.as_str(), "mine");
        let all: String =
            TEMPLATE.lines().map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n").collect();
        for field in
            ["cpus:", "memory:", "disk:", "forwards:", "checkpoint:", "cloud-init:", "files:", "packages:", "runcmd:"]
        {
            assert!(all.contains(field), "{field}");
        }
    }
}
