//! What can go wrong when a seed is made.

use camino::Utf8PathBuf;

use crate::iso;

/// A seed could not be made from what was given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lab's own cloud-config sets keys that Kiln sets itself.
    #[error(
        "the lab's cloud-config may not set {}: Kiln writes {} itself\n  files, commands and packages have their own \
         places in the lab",
        keys.join(", "), if keys.len() == 1 { "it" } else { "them" }
    )]
    OwnedKeys {
        /// The keys that were refused.
        keys: Vec<String>,
    },
    /// The login's name is not one useradd(8) takes on every distribution.
    #[error("`{0}` cannot be a user's name: take up to 32 of a-z, 0-9, `-` and `_`, beginning with a letter or `_`")]
    UserName(String),
    /// A password hash is of a kind that some node could not check.
    #[error("the password hash is not a sha512-crypt one (`$6$…`): make it with `openssl passwd -6`")]
    PasswordHash,
    /// An authorized key is not one line of text.
    #[error("the authorized key `{0}` is not one line: give one public key an entry")]
    AuthorizedKey(String),
    /// A file of the lab has a path that leads nowhere.
    #[error("the file `{0}` cannot be written on a node: give an absolute path of a file, without `..`")]
    FilePath(Utf8PathBuf),
    /// A file of the lab has a mode that does not exist.
    #[error("the file `{path}` cannot have the mode {mode:o}: give at most four octal digits, such as 0644")]
    FileMode {
        /// The file.
        path: Utf8PathBuf,
        /// The mode that was asked for.
        mode: u32,
    },
    /// A network card has a name that Linux does not take.
    #[error("`{0}` cannot be the name of a network card: take up to 15 letters, digits, `-`, `_` and `.`")]
    NicName(String),
    /// Two network cards of a node have the same name or address.
    #[error("two network cards of one node have the same {0}: give each its own")]
    SameNic(String),
    /// A character that old versions of cloud-init choke on.
    #[error(
        "{what} cannot hold the character U+{:04X} ({character}): cloud-init on CentOS 7 would drop it all\n  write it \
         as an escape sequence of the program that reads it, or put it into a file",
        u32::from(*character)
    )]
    Character {
        /// The document.
        what: &'static str,
        /// The character.
        character: char,
    },
    /// The value has no form in YAML.
    #[error("{what} could not be written as YAML")]
    Yaml {
        /// The document.
        what: &'static str,
        /// What the serialiser said.
        #[source]
        source: Box<serde_saphyr::ser_error::Error>,
    },
    /// The medium could not be made.
    #[error("the seed medium could not be made")]
    Medium(#[source] iso::Error),
}
