//! What a machine is made of, in words that every hypervisor understands.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One machine: a node of a lab, or the machine in which an image is made.
///
/// All paths are absolute. The values are taken as they are: whoever makes a machine has validated the names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Machine {
    /// The node's name, unique in its lab.
    pub name: String,
    /// The name of the lab.
    pub lab: String,
    /// The folder of the node (`nodes/<node>`). The hypervisor makes it private and keeps its own files there.
    pub folder: Utf8PathBuf,
    /// The SMBIOS product UUID, stable for the life of the node.
    pub product_uuid: Uuid,
    /// The virtual board, by its versioned name ([`crate::Facts::board`] when the machine was first made), so that the
    /// machine keeps its hardware when the hypervisor is upgraded. Nothing: the newest the hypervisor has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// The model of its processors, by name ([`crate::Facts::cpu`] when the machine was first made): a checkpoint can be
    /// loaded by the same model only. Nothing: that of the facts now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// How many virtual CPUs it has.
    pub cpus: u32,
    /// How much memory it has, in MiB.
    pub memory_mib: u64,
    /// What its memory is made of.
    #[serde(default, skip_serializing_if = "Memory::is_private")]
    pub memory: Memory,
    /// The root disk, a qcow2 file.
    pub disk: Utf8PathBuf,
    /// The read-only medium that gives the machine its identity, an ISO 9660 file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Utf8PathBuf>,
    /// Read-only disks with the bytes of these files, which may be of any kind. The first has the serial number
    /// `medium0` in the guest ([`medium_serial`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Utf8PathBuf>,
    /// The NIC to the outside: the internet, and the ports forwarded from the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nat: Option<NatNic>,
    /// The NIC on the lab's own segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceNic>,
    /// How long it lives.
    #[serde(default, skip_serializing_if = "Lifetime::is_its_own")]
    pub lifetime: Lifetime,
}

/// What the memory of a machine is made of when it is started. A machine that is restored from a checkpoint with a
/// memory file stands on that file instead, whatever is said here ([`crate::Hypervisor::restore`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// The hypervisor's own: for a machine of which no checkpoint is ever made.
    #[default]
    Private,
    /// A file without a name, which ends with the hypervisor: a checkpoint copies it, and the hypervisor writes a
    /// megabyte instead of all the memory.
    Shared,
}

impl Memory {
    fn is_private(&self) -> bool {
        *self == Self::Private
    }
}

/// How long a machine lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// Until it is stopped, or the host goes down: a node of a lab.
    #[default]
    ItsOwn,
    /// No longer than the program that started it, however that one ends: a machine in which an image is made.
    OfItsStarter,
}

impl Lifetime {
    fn is_its_own(&self) -> bool {
        *self == Self::ItsOwn
    }
}

/// The serial number of the medium with this place in [`Machine::media`]. udev(7) makes a link of it:
/// `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_medium0`.
pub fn medium_serial(place: usize) -> String {
    format!("medium{place}")
}

impl Machine {
    /// How the machine is called in messages: `node1 of lab three-nodes`.
    pub fn title(&self) -> String {
        format!("{} of lab {}", self.name, self.lab)
    }
}

/// A NIC behind the host's own network connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NatNic {
    /// Its MAC address, six hexadecimal bytes with colons.
    pub mac: String,
    /// The TCP ports of the host, on 127.0.0.1 only, that lead into the machine.
    #[serde(default)]
    pub forwards: Vec<Forward>,
    /// The guest gets an address, and reaches nothing: neither the host nor what is behind it. The forwards work.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolated: bool,
}

/// A TCP port of the host's 127.0.0.1 that leads to a port of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Forward {
    /// The port on the host.
    pub host_port: u16,
    /// The port in the machine.
    pub guest_port: u16,
}

/// A NIC on the lab's own segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceNic {
    /// Its MAC address, six hexadecimal bytes with colons.
    pub mac: String,
    /// The segment it is plugged into.
    pub segment: Segment,
}

/// The private layer 2 network of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Segment {
    /// The name of the lab.
    pub lab: String,
    /// A folder of its own, in which the hypervisor keeps what belongs to the segment.
    pub folder: Utf8PathBuf,
}

impl Segment {
    /// Describes the segment of the lab `lab` that lives in `folder`.
    pub fn new(lab: impl Into<String>, folder: &Utf8Path) -> Self {
        Self { lab: lab.into(), folder: folder.to_owned() }
    }
}
