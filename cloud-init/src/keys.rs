//! SSH keys, made on the host and handed to the nodes: so that a node's host key is known before it first answers, and
//! no host-key check is ever switched off.

use std::fmt;

use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};

/// An Ed25519 key pair in the formats OpenSSH reads. `Debug` shows the public half only.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    private: String,
    public: String,
}

/// A key could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The comment would not fit on the one line of a public key.
    #[error("`{0}` cannot be the comment of an SSH key: it has a control character in it")]
    Comment(String),
    /// No key could be made.
    #[error("no SSH key could be made: the operating system gave no random numbers")]
    Generate(#[source] ssh_key::Error),
    /// The text is no private key as OpenSSH writes it, or that of another kind.
    #[error(
        "this is not an ssh-ed25519 private key in OpenSSH's format\n  restore it from a copy, or remove it and a new \
         one is made"
    )]
    Parse(#[source] ssh_key::Error),
    /// The key has a passphrase, which nobody is there to enter.
    #[error("the SSH private key has a passphrase: take it off with `ssh-keygen -p`")]
    Encrypted,
    /// The key could not be put into OpenSSH's format.
    #[error("the SSH key could not be encoded")]
    Encode(#[source] ssh_key::Error),
}

impl KeyPair {
    /// Makes a new key pair. The `comment` (the node's name, or whose key it is) ends the public line.
    ///
    /// # Errors
    /// Where the comment is not one line, or the operating system has no random numbers.
    pub fn generate(comment: &str) -> Result<Self, KeyError> {
        if comment.chars().any(char::is_control) {
            return Err(KeyError::Comment(comment.to_owned()));
        }
        let mut key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(KeyError::Generate)?;
        key.set_comment(comment);
        Self::encode(&key)
    }

    /// Reads a private key that was written before; the public half and the comment are inside it.
    ///
    /// # Errors
    /// Where the text is no OpenSSH private key, has a passphrase or is not Ed25519.
    pub fn from_private_pem(pem: &str) -> Result<Self, KeyError> {
        let key = PrivateKey::from_openssh(pem).map_err(KeyError::Parse)?;
        if key.is_encrypted() {
            return Err(KeyError::Encrypted);
        }
        // A key in a security token, for one, would be read, but nobody could sign with it here.
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(KeyError::Parse(ssh_key::Error::AlgorithmUnknown));
        }
        Self::encode(&key)
    }

    fn encode(key: &PrivateKey) -> Result<Self, KeyError> {
        Ok(Self {
            private: key.to_openssh(LineEnding::LF).map_err(KeyError::Encode)?.to_string(),
            public: key.public_key().to_openssh().map_err(KeyError::Encode)?,
        })
    }

    /// The private key in OpenSSH's format (PROTOCOL.key), a newline at its end: OpenSSH refuses the file without it.
    /// It is a secret: a file of it is 0600.
    pub fn private_pem(&self) -> &str {
        &self.private
    }

    /// `ssh-ed25519 AAAA… comment`, without a newline: a line of `authorized_keys`, or the `.pub` file's.
    pub fn public_line(&self) -> &str {
        &self.public
    }

    /// The line of `known_hosts` (sshd(8)) that says: whoever answers as one of `hosts` must hold this key. The hosts
    /// are names, addresses, and for forwarded ports what [`known_host`] makes of them.
    pub fn known_hosts_line(&self, hosts: &[String]) -> String {
        let mut fields = self.public.splitn(3, ' ');
        let (kind, key) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        format!("{} {kind} {key}", hosts.join(","))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

/// How `known_hosts` spells a host that is reached on `port`: `[127.0.0.1]:2201`, and on the usual port the bare name
/// (OpenSSH, misc.c, `put_host_port`).
pub fn known_host(host: &str, port: u16) -> String {
    match port {
        22 => host.to_owned(),
        _ => format!("[{host}]:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_with_its_comment() {
        let key = KeyPair::generate("node1").unwrap();
        assert!(key.public_line().starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"), "{}", key.public_line());
        assert!(key.public_line().ends_with(" node1"));
        assert!(key.private_pem().ends_with("-----END OPENSSH PRIVATE KEY-----\n"));
        assert_eq!(KeyPair::from_private_pem(key.private_pem()).unwrap(), key);
        assert_ne!(KeyPair::generate("node1").unwrap(), key);
    }

    #[test]
    fn a_line_of_known_hosts_has_every_host_and_no_comment() {
        let key = KeyPair::generate("a comment of words").unwrap();
        let hosts = [known_host("127.0.0.1", 2201), known_host("node1", 22)];
        let line = key.known_hosts_line(&hosts);
        let fields: Vec<_> = line.split(' ').collect();
        assert_eq!(fields.len(), 3, "{line}");
        assert_eq!(fields[0], "[127.0.0.1]:2201,node1");
        assert!(key.public_line().starts_with(&format!("{} {} ", fields[1], fields[2])));
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert!(matches!(KeyPair::generate("two\nlines"), Err(KeyError::Comment(_))));
        assert!(matches!(KeyPair::from_private_pem("ssh-ed25519 AAAA"), Err(KeyError::Parse(_))));
    }

    #[test]
    fn the_private_half_is_not_shown() {
        let key = KeyPair::generate("node1").unwrap();
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}
