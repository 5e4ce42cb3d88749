//! The SSH files of a lab: the key that opens the nodes, the host keys they are given, `known_hosts` and the
//! configuration. All are made by Kiln; nothing of them is shared between labs.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;
use kiln_cloud_init::{KeyError, KeyPair, NodeName};
use kiln_images::durable::{PRIVATE, create_folder, read_limited, write_atomically};
use kiln_images::{At, FileError};

use super::config::{self, Host, Paths};
use crate::folder::LabFolder;
use crate::state::State;

/// The largest key that is read, in bytes; an Ed25519 one has 400.
const MAX_KEY_BYTES: u64 = 16 << 10;

/// A key could not be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key in it is not usable.
    #[error("the key in {path}")]
    Key {
        /// The file.
        path: camino::Utf8PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
}

/// The keys of a lab.
#[derive(Debug)]
pub struct Keys {
    /// The one that opens the nodes.
    pub identity: KeyPair,
    /// The one each node proves itself with.
    pub hosts: BTreeMap<NodeName, KeyPair>,
}

/// Reads the keys of the lab, and makes those that are missing: a node keeps its key through every reset.
///
/// # Errors
/// [`Error`] with the file.
pub fn keys(folder: &LabFolder, state: &State) -> Result<Keys, Error> {
    create_folder(&folder.host_keys())?;
    let identity = read_or_make(&folder.identity(), &format!("kiln lab {}", folder.lab()))?;
    let host = |node: &NodeName| Ok((node.clone(), read_or_make(&folder.host_key(node), node.as_str())?));
    let hosts = state.nodes.keys().map(host).collect::<Result<_, Error>>()?;
    Ok(Keys { identity, hosts })
}

/// Writes `known_hosts` and the configuration for all nodes of the lab.
///
/// # Errors
/// [`FileError`] where a file cannot be written.
pub fn write(folder: &LabFolder, state: &State, keys: &Keys) -> Result<(), FileError> {
    let line = |(node, key): (&NodeName, &KeyPair)| key.known_hosts_line(&[node.to_string()]) + "\n";
    let known_hosts: String = keys.hosts.iter().map(line).collect();
    write_changed(&folder.known_hosts(), &known_hosts)?;
    write_changed(&folder.ssh_config(), &configuration(folder, state, true))
}

/// The configuration of the lab; see [`config::render`] for `alone`.
pub fn configuration(folder: &LabFolder, state: &State, alone: bool) -> String {
    let hosts = state.nodes.iter().map(|(name, node)| Host { name, user: &node.image.user, port: node.ssh_port });
    let (identity, known_hosts, sockets) = (folder.identity(), folder.known_hosts(), folder.ssh());
    let paths = Paths { identity: &identity, known_hosts: &known_hosts, sockets: &sockets };
    config::render(folder.lab(), hosts, paths, alone)
}

/// A file that says already what it should is not written again: `clone up` of a finished lab changes nothing.
fn write_changed(path: &Utf8Path, text: &str) -> Result<(), FileError> {
    match std::fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => Ok(()),
        _ => write_atomically(path, text.as_bytes(), PRIVATE),
    }
}

fn read_or_make(path: &Utf8Path, comment: &str) -> Result<KeyPair, Error> {
    let failed = |source| Error::Key { path: path.to_owned(), source };
    match read_limited(path, MAX_KEY_BYTES) {
        // A file that a power cut left empty is as good as none: no node can have been given that key.
        Ok(bytes) if !bytes.is_empty() => KeyPair::from_private_pem(&String::from_utf8_lossy(&bytes)).map_err(failed),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => {
            let key = KeyPair::generate(comment).map_err(failed)?;
            write_key(path, &key)?;
            Ok(key)
        }
    }
}

/// Writes the two halves of a key. They are not synced one by one, which would cost a lab of a thousand nodes seconds:
/// whoever makes the disks and seeds syncs the file system once.
fn write_key(path: &Utf8Path, key: &KeyPair) -> Result<(), FileError> {
    let part = path.with_extension("part");
    let open = |path: &Utf8Path| OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(path);
    open(&part).and_then(|mut file| file.write_all(key.private_pem().as_bytes())).at("writing", &part)?;
    std::fs::rename(&part, path).at("writing", path)
}
