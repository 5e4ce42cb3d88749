//! The disks and seeds of nodes, all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::IpAddr;

use kiln_cloud_init::{Addressing, Extra, Identity, KeyPair, Login, Nic, NodeName, Seed, Template, etc_hosts};
use kiln_images::At;
use kiln_images::digest::Digest;
use kiln_images::durable::{create_folder, remove_file};
use kiln_images::overlay;
use kiln_images::qemu_img::QemuImg;
use kiln_images::size::DiskSize;
use kiln_images::sparse::Sparse;
use kiln_images::store::Store;

use crate::error::Error;
use crate::folder::LabFolder;
use crate::ssh::files::Keys;
use crate::state::{NodeState, State};
use crate::tasks::try_join_all;
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
    let nodes: Vec<_> = names.iter().map(|name| (name, &state.nodes[name])).collect();
    let kinds: BTreeSet<_> = nodes.iter().map(|(_, node)| kind(node)).collect();
    let mut maker = Maker { folder, state, extra, keys, hosts: hosts(state), templates: BTreeMap::new() };
    let (store, qemu_img) = (world.store()?, QemuImg::find()?);
    let _shared = store.share().await?;
    // The seeds are made while `qemu-img` runs.
    let (models, ()) = tokio::try_join!(
        biased;
        try_join_all(kinds.into_iter().map(|kind| model(world, &store, &qemu_img, kind))),
        async { nodes.iter().try_for_each(|(name, node)| maker.write_seed(name, node)) },
    )?;
    let models: BTreeMap<_, _> = models.into_iter().collect();
    for (name, node) in nodes {
        models[&kind(node)].write_to(&folder.disk(name))?;
        // What was to be the next of the one before.
        remove_file(&folder.next_disk(name))?;
    }
    let root = folder.root();
    Ok(File::open(root).and_then(|file| Ok(rustix::fs::syncfs(file)?)).at("syncing", root)?)
}

/// What the disk of a node is an overlay of, and its size in bytes: disks of one kind are copies of each other.
type Kind = (Digest, u64);

fn kind(node: &NodeState) -> Kind {
    (node.image.digest, node.disk_bytes)
}

async fn model(world: &World, store: &Store, qemu_img: &QemuImg, kind: Kind) -> Result<(Kind, Sparse), Error> {
    let (digest, bytes) = kind;
    let image = store.resolve(&digest.to_string())?;
    // The image's own size needs no saying, and no program that checks it.
    let size = if bytes == image.manifest.virtual_size_bytes { None } else { DiskSize::holding(bytes).ok() };
    Ok((kind, overlay::model(qemu_img, &world.home, &image.disk, size).await?))
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
    fn write_seed(&mut self, name: &NodeName, node: &NodeState) -> Result<(), Error> {
        create_folder(&self.folder.node(name))?;
        Ok(Sparse::new(self.seed(name, node)?).write_to(&self.folder.seed(name))?)
    }

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
