//! The keys and certificates of a cluster, made on the host: `labs/<lab>/pki/`, with kubeadm's own names in it.
//!
//! ```text
//! pki/
//!   ca.crt ca.key  etcd/ca.crt etcd/ca.key  front-proxy-ca.crt front-proxy-ca.key    the authorities
//!   sa.pub sa.key                                                                    signs tokens of service accounts
//!   token                                                                            what joining nodes show
//! ```
//!
//! They are made once, as a whole, and stay for the life of the control plane. So the hash that joining nodes check is
//! known before anything boots, and the host can reach the API the moment it answers. All certificates that the programs
//! show each other are signed here too ([`node`]), which takes milliseconds: kubeadm would make a dozen RSA keys for
//! them, at seconds each on an emulated processor.
//!
//! The authorities and `sa.key` are RSA keys, which every kubeadm takes (1.12 reads nothing else, and 1.20 wants one of
//! `sa.key`); `openssl` makes them, since *ring*, which signs, cannot. Everything they sign is ECDSA.

mod authority;
mod keys;
pub mod node;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::durable::{
    PRIVATE, create_folder, read_limited, remove_file, remove_folder, sync_folder, write_atomically,
};
use kiln_images::{At, FileError};

use authority::Subject;
pub use authority::{Authority, Credentials, LEAF_LIFE};
pub use keys::OPENSSL;

use super::token::{InvalidToken, Token};
use crate::folder::LabFolder;

/// The names of the authorities in their certificates: kubeadm's (`phases/certs/certlist.go`).
const CLUSTER: &str = "kubernetes";
const ETCD: &str = "etcd-ca";
const FRONT_PROXY: &str = "front-proxy-ca";
/// The group that may do everything, whatever the rules in the cluster say.
const MASTERS: &str = "system:masters";
/// Who the host is in the cluster.
const HOST_USER: &str = "kiln-admin";
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 10;

/// The keys and certificates of one cluster.
#[derive(Debug)]
pub struct Pki {
    /// Signs the API servers, and who asks them.
    pub cluster: Authority,
    etcd: Authority,
    front_proxy: Authority,
    service_account: ServiceAccountKey,
    /// What joining nodes show.
    pub token: Token,
}

/// What signs the tokens of service accounts.
struct ServiceAccountKey {
    public: String,
    private: String,
}

impl std::fmt::Debug for ServiceAccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceAccountKey")
    }
}

/// Keys or certificates could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// `openssl` is missing, or failed.
    #[error(transparent)]
    Tool(#[from] kiln_tool::Error),
    /// A certificate could not be made, or its authority's key is damaged.
    #[error("making the certificate of {what}")]
    Certificate {
        /// Whose.
        what: String,
        /// What is wrong.
        source: rcgen::Error,
    },
    /// The token is damaged.
    #[error("reading {path}: remove the folder it is in and make the control plane anew")]
    Token {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        source: InvalidToken,
    },
    /// A file is no text.
    #[error("{path} is no text: remove the folder it is in and make the control plane anew")]
    NoText {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A kubeconfig could not be written.
    #[error(transparent)]
    Yaml(#[from] super::yaml::YamlError),
}

impl Pki {
    /// The keys of the lab, which are made if there are none.
    ///
    /// # Errors
    /// [`PkiError`]
    pub async fn open(folder: &LabFolder) -> Result<Self, PkiError> {
        if !folder.pki().exists() {
            make(&folder.pki()).await?;
        }
        Self::read(&folder.pki())
    }

    fn read(pki: &Utf8Path) -> Result<Self, PkiError> {
        let authority = |name, file: &str| {
            let certificate = read_text(&pki.join(format!("{file}.crt")))?;
            Authority::read(name, Credentials { certificate, key: read_text(&pki.join(format!("{file}.key")))? })
        };
        let token = pki.join("token");
        Ok(Self {
            cluster: authority(CLUSTER, "ca")?,
            etcd: authority(ETCD, "etcd/ca")?,
            front_proxy: authority(FRONT_PROXY, "front-proxy-ca")?,
            service_account: ServiceAccountKey {
                public: read_text(&pki.join("sa.pub"))?,
                private: read_text(&pki.join("sa.key"))?,
            },
            token: read_text(&token)?.trim().parse().map_err(|source| PkiError::Token { path: token, source })?,
        })
    }

    /// What a joining node checks the cluster's authority by: `sha256:` and the digest of its public key (kubeadm,
    /// `pubkeypin`).
    pub fn discovery_hash(&self) -> String {
        Digest::of_bytes(&self.cluster.public_key()).to_string()
    }

    /// New credentials with which the host may do everything in the cluster. They are good for a year.
    ///
    /// # Errors
    /// [`PkiError::Certificate`]
    pub fn host(&self) -> Result<Credentials, PkiError> {
        self.cluster.sign(&Subject {
            common_name: HOST_USER,
            organization: Some(MASTERS),
            client: true,
            ..Subject::default()
        })
    }
}

/// Removes the keys of a lab, for a control plane that is made anew: nothing of the old cluster is trusted any more, nor
/// trusts the new one. The host's kubeconfig goes with them.
///
/// # Errors
/// [`FileError`] where they cannot be removed.
pub fn discard(folder: &LabFolder) -> Result<(), FileError> {
    remove_file(&folder.kubeconfig())?;
    remove_folder(&folder.pki())
}

/// Makes the folder `pki` with everything in it, or nothing.
async fn make(pki: &Utf8Path) -> Result<(), PkiError> {
    let half = pki.with_extension("half");
    remove_folder(&half)?;
    create_folder(&half.join("etcd"))?;
    let [cluster, etcd, front_proxy, service_account] = keys::generate().await?;
    for (name, file, key) in
        [(CLUSTER, "ca", cluster), (ETCD, "etcd/ca", etcd), (FRONT_PROXY, "front-proxy-ca", front_proxy)]
    {
        let (_, credentials) = Authority::new(name, &key)?;
        write_atomically(&half.join(format!("{file}.crt")), credentials.certificate.as_bytes(), PRIVATE)?;
        write_atomically(&half.join(format!("{file}.key")), credentials.key.as_bytes(), PRIVATE)?;
    }
    let public = keys::public(&service_account)?;
    write_atomically(&half.join("sa.pub"), public.as_bytes(), PRIVATE)?;
    write_atomically(&half.join("sa.key"), service_account.as_bytes(), PRIVATE)?;
    write_atomically(&half.join("token"), Token::generate().reveal().as_bytes(), PRIVATE)?;
    fs::rename(&half, pki).at("writing", pki)?;
    Ok(sync_folder(pki.parent().unwrap_or(pki))?)
}

fn read_text(path: &Utf8Path) -> Result<String, PkiError> {
    String::from_utf8(read_limited(path, MAX_BYTES)?).map_err(|_| PkiError::NoText { path: path.to_owned() })
}

#[cfg(test)]
mod tests;
