//! `clone init`.

use std::fs::File;
use std::io::{ErrorKind, Write};

use camino::Utf8PathBuf;
use kiln_console::{Class, Console, Failure};

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
    let written = File::create_new(&args.file).and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    written.map_err(|error| {
        let failure = Failure::new(Class::File, format!("writing {}", args.file)).caused_by(&error);
        if error.kind() == ErrorKind::AlreadyExists {
            failure.hint("name another file: clone init FILE")
        } else {
            failure
        }
    })?;
    console.say(&format!("wrote {0}; then: clone up ./{0}", args.file));
    Ok(())
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
