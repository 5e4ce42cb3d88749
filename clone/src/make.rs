//! The disks and seeds of nodes, all at once.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::{Addressing, Extra, Identity, KeyPair, Login, Nic, NodeName, Seed, Template, etc_hosts};
use kiln_images::digest::Digest;
use kiln_images::durable::create_folder;
use kiln_images::overlay;
use kiln_images::qemu_img::QemuImg;
use kiln_images::size::DiskSize;
use kiln_images::{At, FileError};

use crate::error::Error;
use crate::folder::LabFolder;
use crate::ssh::files::Keys;
use crate::state::{NodeState, State};
use crate::world::World;

/// The text of `/etc/hosts` on every node of the lab.
pub fn hosts(state: &State) -> String {
    etc_hosts(state.nodes.iter().map(|(name, node)| (name, IpAddr::from(node.ip))))
}

/// The digest of that text, by which a node whose file is an older one is found.
pub fn hosts_digest(state: &State) -> Digest {
    Digest::of_bytes(hosts(state).as_bytes())
}

/// Makes the disks and seeds of `names`, replacing what is there. Everything is on the disk when this returns.
///
/// Nothing is synced one by one, the keys that were made before neither: that is done once, at the end, for the whole
/// file system. No node counts as made before that.
///
/// # Errors
/// Where a file cannot be made; some may be there then.
pub async fn disks_and_seeds(
    world: &World,
    folder: &LabFolder,
    state: &State,
    names: &[NodeName],
    extra: &Extra,
    keys: &Keys,
) -> Result<(), Error> {
    let mut maker = Maker { folder, state, extra, keys, hosts: hosts(state), templates: BTreeMap::new() };
    let mut groups: BTreeMap<(Digest, u64), Vec<Utf8PathBuf>> = BTreeMap::new();
    for name in names {
        let node = &state.nodes[name];
        create_folder(&folder.node(name))?;
        write_private(&folder.seed(name), &maker.seed(name, node)?)?;
        groups.entry((node.image.digest, node.disk_bytes)).or_default().push(folder.disk(name));
    }
    let (store, qemu_img) = (world.store()?, QemuImg::find()?);
    let _shared = store.share().await?;
    for ((digest, bytes), disks) in groups {
        let image = store.resolve(&digest.to_string())?;
        // The image's own size needs no saying, and no program that checks it.
        let size = if bytes == image.manifest.virtual_size_bytes { None } else { DiskSize::holding(bytes).ok() };
        overlay::create_many(&qemu_img, &world.home, &image.disk, size, &disks).await?;
    }
    let root = folder.root();
    Ok(File::open(root).and_then(|file| Ok(rustix::fs::syncfs(file)?)).at("syncing", root)?)
}

/// Makes seeds that differ in little.
struct Maker<'a> {
    folder: &'a LabFolder,
    state: &'a State,
    extra: &'a Extra,
    keys: &'a Keys,
    hosts: String,
    /// One for each user: nodes can have different images.
    templates: BTreeMap<String, Template>,
}

impl Maker<'_> {
    fn seed(&mut self, name: &NodeName, node: &NodeState) -> Result<Vec<u8>, Error> {
        let failed = |source| Error::Seed { node: name.clone(), source };
        if !self.templates.contains_key(&node.image.user) {
            let template = self.template(&node.image.user).map_err(failed)?;
            self.templates.insert(node.image.user.clone(), template);
        }
        let identity = Identity::derive(self.state.uuid, name, node.generation, &[], &mut Default::default());
        let key = self.host_key(name)?;
        let nics = nics(node, self.state.network.prefix_len());
        let seed_node = kiln_cloud_init::Node { name, instance_id: identity.instance_id, host_key: key, nics: &nics };
        Seed::new(&self.templates[&node.image.user], &seed_node).and_then(|seed| seed.medium()).map_err(failed)
    }

    fn host_key(&self, name: &NodeName) -> Result<&KeyPair, Error> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let key = self.keys.hosts.get(name).ok_or_else(missing);
        Ok(key.at("reading", &self.folder.host_key(name))?)
    }

    fn template(&self, user: &str) -> Result<Template, kiln_cloud_init::Error> {
        let authorized_keys = vec![self.keys.identity.public_line().to_owned()];
        let login = Login { name: user.to_owned(), authorized_keys, password_hash: None };
        Template::new(&self.hosts, &login, self.extra)
    }
}

fn nics(node: &NodeState, prefix: u8) -> [Nic; 2] {
    let address = ipnet::Ipv4Net::new(node.ip, prefix).expect("the prefix is that of a network");
    [(&node.nat, Addressing::Dhcp), (&node.service, Addressing::Static(address))].map(|(card, addressing)| Nic {
        name: card.name.clone(),
        mac: card.mac,
        addressing,
    })
}

/// Writes a file that holds a private key: whole or not at all, for the owner alone.
fn write_private(path: &Utf8Path, bytes: &[u8]) -> Result<(), FileError> {
    let part = path.with_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&part).and_then(|mut file| file.write_all(bytes)).at("writing", &part)?;
    fs::rename(&part, path).at("writing", path)
}
