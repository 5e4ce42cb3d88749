//! The seed of a node: three small files on a medium that cloud-init's NoCloud source looks for.

use std::fmt;

use uuid::Uuid;

use crate::{Error, KeyPair, Nic, NodeName, Template, iso, meta_data, network_config};

/// The label NoCloud looks for. Lower case: 0.7.9 asks blkid for exactly this (`DataSourceNoCloud.py`, `fs_label`).
const LABEL: &str = "cidata";

/// What a seed says of one node.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Its name.
    pub name: &'a NodeName,
    /// Its instance-id ([`crate::Identity::instance_id`]).
    pub instance_id: Uuid,
    /// The host key of its SSH server.
    pub host_key: &'a KeyPair,
    /// Its network cards.
    pub nics: &'a [Nic],
}

/// The seed of one node. It holds a private key: its medium is a file of mode 0600. `Debug` shows no user-data.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed {
    user_data: String,
    meta_data: String,
    network_config: String,
}

impl Seed {
    /// Makes the seed of `node` from what it has in common with others. The same values give the same bytes.
    ///
    /// # Errors
    /// Where the network cards have unusable names, or the same name or address twice.
    pub fn new(template: &Template, node: &Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            user_data: template.fill(node.name, node.instance_id, node.host_key)?,
            meta_data: meta_data::render(node.instance_id, node.name)?,
            network_config: network_config::render(node.nics)?,
        })
    }

    /// The cloud-config; it holds the node's private host key.
    pub fn user_data(&self) -> &str {
        &self.user_data
    }

    /// The instance-id and host name.
    pub fn meta_data(&self) -> &str {
        &self.meta_data
    }

    /// Names and addresses of the network cards.
    pub fn network_config(&self) -> &str {
        &self.network_config
    }

    /// The bytes of the medium: an ISO 9660 image with Joliet names, to be attached as a CD-ROM. It must stay
    /// attached: cloud-init 0.7.9 takes a machine without it for a new one at its next boot.
    ///
    /// # Errors
    /// Where the user-data is larger than the format allows, 4 GiB.
    pub fn medium(&self) -> Result<Vec<u8>, Error> {
        let files = [
            ("user-data", self.user_data.as_bytes()),
            ("meta-data", self.meta_data.as_bytes()),
            ("network-config", self.network_config.as_bytes()),
        ];
        iso::write(LABEL, &files).map_err(Error::Medium)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { meta_data, network_config, .. } = self;
        f.debug_struct("Seed")
            .field("meta_data", meta_data)
            .field("network_config", network_config)
            .finish_non_exhaustive()
    }
}
