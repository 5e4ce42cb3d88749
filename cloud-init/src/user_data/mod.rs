//! The seed's `user-data`: a cloud-config that CentOS 7.5's cloud-init 0.7.9 and today's both take without a warning.
//!
//! It has two halves, each a block mapping of its own keys: what is the node's ([`OfNode`]), and what many nodes have
//! in common ([`Template`]), rendered once. `/etc/hosts` of a thousand nodes is 30 KB; it would be serialised a
//! thousand times.
//!
//! What a clone must not share with its golden image is settled in three places. Sealing empties
//! `/etc/machine-id` and removes systemd's random seed, the host keys, DHCP leases and container engines' ids:
//! PID 1 reads the machine-id before cloud-init can run at all, so that no `bootcmd` could mend it. cloud-init
//! removes host keys that are left and writes the ones from here. And the kernel's pool is stirred with bytes of the
//! node's own, for machines whose hypervisor has no virtio-rng.

mod extra;
mod login;

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Error, KeyPair, NodeName, yaml};
use extra::WriteFile;
pub use extra::{Extra, File};
use login::User;
pub use login::{Login, is_user_name};

const WHAT: &str = "the user-data";

/// By its first line cloud-init knows a cloud-config (`cloudinit/handlers/__init__.py`, `INCLUSION_TYPES_MAP`).
const HEADER: &str = "#cloud-config\n";

/// The keys of cloud-config that are Kiln's, in the order they are written.
const OWNED_KEYS: [&str; 16] = [
    "hostname",
    "fqdn",
    "ssh_keys",
    "random_seed",
    "preserve_hostname",
    "manage_etc_hosts",
    "users",
    "ssh_pwauth",
    "disable_root",
    "ssh_deletekeys",
    "growpart",
    "resize_rootfs",
    "bootcmd",
    "write_files",
    "packages",
    "runcmd",
];

/// The half of the user-data that is the node's own.
#[derive(Serialize)]
struct OfNode<'a> {
    hostname: &'a NodeName,
    /// The bare name once more: Red Hat's cloud-init takes this one for the host name.
    fqdn: &'a NodeName,
    ssh_keys: SshKeys<'a>,
    random_seed: RandomSeed,
}

/// Where this key is, cloud-init generates no host keys (`cloudinit/config/cc_ssh.py`).
#[derive(Serialize)]
struct SshKeys<'a> {
    ed25519_private: &'a str,
    ed25519_public: &'a str,
}

#[derive(Serialize)]
struct RandomSeed {
    file: &'static str,
    encoding: &'static str,
    data: String,
}

/// Where cloud-init keeps what `ssh_pwauth` says, and what it keeps (`cloudinit/ssh_util.py`, `update_ssh_config`). It
/// comes to that when the SSH server runs already, and starts the server anew for it: whoever was let in before is thrown
/// out. Files are written before the server starts, and what says already what it should is no reason to start it anew.
/// CentOS 7 has no such folder, and reads none.
const SSHD_FILE: &str = "/etc/ssh/sshd_config.d/50-cloud-init.conf";
const SSHD_SETTING: &str = "PasswordAuthentication no\n";

/// Has what is started from here on wake up at most 200 times a second for the timers it sets, where QEMU emulates the
/// processor. Programs in Go nap for 20 µs between looks at themselves, and to wake for that costs an emulated processor more
/// than the nap: an idle node of a cluster takes a third less of the host with it. A child inherits the slack of its parent
/// (timer_slack in prctl(2), /proc/PID/timerslack_ns in proc(5)); CentOS 7's kernel has none to set.
const CALM: &str = "if [ -e /proc/1/timerslack_ns ] && [ \"$(systemd-detect-virt)\" = qemu ]; then \
                    echo 5000000 > /proc/1/timerslack_ns; fi";

/// The half of the user-data that nodes have in common.
#[derive(Serialize)]
struct Common<'a> {
    preserve_hostname: bool,
    /// cloud-init's own templates would put the name at a loopback address.
    manage_etc_hosts: bool,
    users: [User<'a>; 1],
    ssh_pwauth: bool,
    disable_root: bool,
    ssh_deletekeys: bool,
    growpart: Growpart,
    resize_rootfs: bool,
    bootcmd: Vec<&'a str>,
    write_files: Vec<WriteFile>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    packages: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    runcmd: &'a [String],
    #[serde(flatten)]
    others: &'a BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Growpart {
    mode: &'static str,
    devices: [&'static str; 1],
}

/// The user-data of all nodes that have one image and one set of [`Extra`]s, but for what is each node's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Renders it. `etc_hosts` is the text of `/etc/hosts` ([`crate::etc_hosts`]).
    ///
    /// # Errors
    /// Where a name, key, hash, path or mode is not usable, or the lab sets keys that are Kiln's.
    pub fn new(etc_hosts: &str, login: &Login, extra: &Extra) -> Result<Self, Error> {
        let owned = |key: &&String| OWNED_KEYS.contains(&key.as_str());
        let keys: Vec<_> = extra.cloud_config.keys().filter(owned).cloned().collect();
        if !keys.is_empty() {
            return Err(Error::OwnedKeys { keys });
        }
        let hosts = File { path: "/etc/hosts".into(), content: etc_hosts.to_owned(), mode: 0o644 };
        let sshd = File { path: SSHD_FILE.into(), content: SSHD_SETTING.to_owned(), mode: 0o600 };
        let common = Common {
            preserve_hostname: false,
            manage_etc_hosts: false,
            users: [login.user()?],
            ssh_pwauth: false,
            disable_root: !login.is_root(),
            ssh_deletekeys: true,
            growpart: Growpart { mode: "auto", devices: ["/"] },
            resize_rootfs: true,
            bootcmd: [CALM].into_iter().chain(extra.bootcmd.iter().map(String::as_str)).collect(),
            write_files: [&hosts, &sshd]
                .into_iter()
                .chain(&extra.files)
                .map(WriteFile::new)
                .collect::<Result<_, _>>()?,
            packages: &extra.packages,
            runcmd: &extra.runcmd,
            others: &extra.cloud_config,
        };
        yaml::render(WHAT, &common).map(Self)
    }

    /// The user-data of the node `name`.
    pub(crate) fn fill(&self, name: &NodeName, instance_id: Uuid, host_key: &KeyPair) -> Result<String, Error> {
        let of_node = OfNode {
            hostname: name,
            fqdn: name,
            ssh_keys: SshKeys { ed25519_private: host_key.private_pem(), ed25519_public: host_key.public_line() },
            random_seed: random_seed(instance_id, host_key),
        };
        Ok([HEADER, &yaml::render(WHAT, &of_node)?, &self.0].concat())
    }
}

/// Bytes for the node's random pool. They come from its host key, which is random and a secret, and from its
/// instance-id, so that they are new after a reset; nothing more has to be kept to make the same seed again.
fn random_seed(instance_id: Uuid, host_key: &KeyPair) -> RandomSeed {
    let digest = Sha256::new()
        .chain_update("kiln random seed\0")
        .chain_update(instance_id)
        .chain_update(host_key.private_pem())
        .finalize();
    RandomSeed { file: "/dev/urandom", encoding: "base64", data: BASE64.encode(&digest) }
}

#[cfg(test)]
mod tests;
