//! `clone cp`.

use std::process::ExitCode;

use kiln_console::Failure;

use super::ssh::exit_code;
use super::{OfLab, open_running};
use crate::error::Error;
use crate::ssh::Ssh;
use crate::world::World;

/// Copy files to or from a node
///
/// A place in a node is NODE:PATH; a path that is not absolute is one in the home
/// folder of its user. Folders are copied with all that is in them.
///
/// Examples:
///   clone cp ./app node1:/tmp/
///   clone cp node1:/var/log/messages .
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to copy
    from: String,
    /// Where to
    to: String,
    #[command(flatten)]
    lab: OfLab,
}

/// Runs the command, and returns the exit code of `scp`.
///
/// # Errors
/// Where there is no such node, or `scp` is not installed.
pub async fn run(args: Args, world: &World) -> Result<ExitCode, Failure> {
    let (folder, state) = args.lab.open(world)?;
    let (from, to) = (place(&args.from), place(&args.to));
    if from.node.is_none() && to.node.is_none() {
        return Err(Error::Usage("neither place is in a node: write NODE:PATH".to_owned()).into());
    }
    let hypervisor = world.hypervisor().await?;
    for node in [from.node, to.node].into_iter().flatten() {
        open_running(&hypervisor, &folder, &state, node).await?;
    }
    let copy = Ssh::new(&folder.ssh_config()).copy(&from.text, &to.text).map_err(Error::from)?;
    Ok(exit_code(copy.interactive().await.map_err(Error::from)?))
}

/// One end of a copy: the text as `scp` takes it, and the node that it is in.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    text: String,
    node: Option<&'a str>,
}

/// `NODE:PATH` is in a node, unless a slash comes first: `./a:b` is a file here.
fn place(text: &str) -> Place<'_> {
    match text.split_once(':') {
        Some((node, _)) if !node.is_empty() && !node.contains('/') => Place { text: text.to_owned(), node: Some(node) },
        // scp would take a colon in the name for one of its own.
        Some(_) if !text.starts_with(['/', '.']) => Place { text: format!("./{text}"), node: None },
        _ => Place { text: text.to_owned(), node: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_node_is_told_from_a_file_with_a_colon() {
        for (given, text, node) in [
            ("node1:/tmp/", "node1:/tmp/", Some("node1")),
            ("node1:", "node1:", Some("node1")),
            ("./a:b", "./a:b", None),
            ("/a:b", "/a:b", None),
            ("a/b:c", "./a/b:c", None),
            (":x", "./:x", None),
            ("app", "app", None),
        ] {
            assert_eq!(place(given), Place { text: text.to_owned(), node }, "{given}");
        }
    }
}
