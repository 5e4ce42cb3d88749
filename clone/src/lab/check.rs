//! What the types of a lab file cannot say: values compared with each other, all problems reported at once.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::{Error as CloudInitError, Extra, File, Login, Template};
use kiln_document::{Document, Path, Problems, path};
use kiln_images::name::Name;
use kiln_images::size::MemorySize;
use kiln_machines::Forward;

use super::file::{CloudInit, LabFile, NodeEntry};
use super::name::MAX_NAME_LENGTH;
use super::{Lab, Node, check_kubernetes, check_mesh};

/// The most nodes a lab may have: a limit against a slip of the pen, far above what one host runs.
const MAX_NODES: usize = 4096;
/// The most virtual CPUs of a node: QEMU's q35 machine takes 288, of which one host has rarely more than this.
const MAX_CPUS: u32 = 256;
/// The least memory a Linux of today boots in; below it, the kernel ends in a panic that does not say why.
const MIN_MEMORY_MIB: u64 = 128;
/// The ports an ordinary user may listen on begin here (ip_unprivileged_port_start).
const FIRST_PORT: u16 = 1024;
const DEFAULT_CPUS: u32 = 1;
const DEFAULT_MEMORY_MIB: u64 = 1024;

/// Reads the text of a lab file. `file_name` is what problems are shown with.
///
/// # Errors
/// Every problem of the file.
pub fn parse(file_name: &str, text: &str) -> Result<Lab, Problems> {
    let document: Document<LabFile> = kiln_document::read(file_name, text)?;
    let mut problems = document.problems();
    let file = &document.value;
    network(file, &mut problems);
    image(&file.image, path!["image"], &mut problems);
    node_count(file, &mut problems);
    for (index, node) in file.nodes.iter().enumerate() {
        resources(node, &path!["nodes", index], &mut problems);
        if let Some(name) = &node.image {
            image(name, path!["nodes", index, "image"], &mut problems);
        }
        address(file, node, &path!["nodes", index, "ip"], &mut problems);
    }
    limits(file.defaults.cpus, file.defaults.memory, &path!["defaults"], &mut problems);
    twice(file.nodes.iter().map(|node| &node.name), "name", "two nodes are named", &mut problems);
    twice(file.nodes.iter().map(|node| node.ip), "ip", "two nodes have the address", &mut problems);
    ports(file, &mut problems);
    check_kubernetes::check(file, &mut problems);
    check_mesh::check(file, &mut problems);
    let extra = extra(&file.cloud_init);
    cloud_init(&extra, &mut problems);
    problems.finish()?;
    let base = Utf8Path::new(file_name).parent().unwrap_or_else(|| Utf8Path::new("")).to_owned();
    Ok(lab(document.value, extra, base, text))
}

fn network(file: &LabFile, problems: &mut Problems) {
    let net = file.network;
    if net.trunc() != net {
        let message = format!("`{net}` is an address in a network, not a network");
        problems.add(path!["network"], message).hint(format!("the network is {}", net.trunc()));
    }
    // A network of one or two addresses has no room for a host beside its own and the broadcast address (RFC 919).
    if !(8..=30).contains(&net.prefix_len()) {
        problems
            .add(path!["network"], format!("a network of /{} cannot hold a lab", net.prefix_len()))
            .hint("take /8 to /30, such as /24");
    }
    let ip = net.network();
    // What is no address of a host anywhere (RFC 6890, 2.2.2), or would never leave the node.
    if ip.is_loopback() || ip.is_multicast() || ip.octets()[0] == 0 || ip.octets()[0] >= 240 || ip.is_link_local() {
        problems
            .add(path!["network"], format!("no host can have an address in `{net}`"))
            .hint("take a private network, such as 192.168.206.0/24 (RFC 1918)");
    }
    // The NAT side of every node is QEMU's user network: the same addresses on both cards would cut the node off.
    let nat = nat_network();
    if net.contains(&nat) || nat.contains(&net.network()) {
        problems
            .add(path!["network"], format!("`{net}` overlaps {nat}, which the nodes reach the internet through"))
            .hint("take another network");
    }
}

/// QEMU's user network, as the backend leaves it (qemu(1), `-netdev user`, `net=`).
pub(super) fn nat_network() -> ipnet::Ipv4Net {
    ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 2, 0), 24)
}

fn image(name: &str, at: Path, problems: &mut Problems) {
    let problem = match name.strip_prefix("sha256:") {
        // The store takes a part of a digest, too.
        Some(digits) => {
            let good = !digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            (!good).then(|| format!("`{name}` is not a digest"))
        }
        None => name.parse::<Name>().err().map(|error| error.to_string()),
    };
    if let Some(problem) = problem {
        problems.add(at, problem).hint("give the name of an image, or its digest: sha256:…");
    }
}

fn node_count(file: &LabFile, problems: &mut Problems) {
    if file.nodes.is_empty() {
        problems.add(path!["nodes"], "a lab needs at least one node");
    }
    if file.nodes.len() > MAX_NODES {
        problems.add(
            path!["nodes"],
            format!("a lab can have {MAX_NODES} nodes at most, this one has {}", file.nodes.len()),
        );
    }
}

fn resources(node: &NodeEntry, at: &Path, problems: &mut Problems) {
    if node.name.as_str().len() > MAX_NAME_LENGTH {
        problems
            .add(at.at("name"), format!("the name `{}` is too long", node.name))
            .hint(format!("take {MAX_NAME_LENGTH} characters at most: the paths of a node's sockets have little room"));
    }
    limits(node.cpus, node.memory, at, problems);
}

fn limits(cpus: Option<u32>, memory: Option<MemorySize>, at: &Path, problems: &mut Problems) {
    if cpus.is_some_and(|cpus| !(1..=MAX_CPUS).contains(&cpus)) {
        problems.add(at.at("cpus"), format!("a node has 1 to {MAX_CPUS} virtual CPUs"));
    }
    if let Some(memory) = memory.filter(|memory| memory.mib() < MIN_MEMORY_MIB) {
        problems
            .add(at.at("memory"), format!("{memory} of memory is too little"))
            .hint(format!("no Linux boots in less than {MIN_MEMORY_MIB}MiB"));
    }
}

fn address(file: &LabFile, node: &NodeEntry, at: &Path, problems: &mut Problems) {
    let (net, ip) = (file.network.trunc(), node.ip);
    if !net.contains(&ip) {
        problems.add(at, format!("{ip} is not in the lab's network {net}"));
    } else if ip == net.network() || ip == net.broadcast() {
        let which = if ip == net.network() { "the address of the network itself" } else { "the broadcast address" };
        problems.add(at, format!("{ip} is {which}")).hint("take one between them");
    }
}

/// Reports every value that a node before it has already.
fn twice<T: Display + Hash + Eq>(values: impl Iterator<Item = T>, key: &str, message: &str, problems: &mut Problems) {
    let mut first = HashMap::new();
    for (index, value) in values.enumerate() {
        let text = value.to_string();
        match first.get(&value) {
            Some(other) => {
                problems
                    .add(path!["nodes", index, key], format!("{message} `{text}`"))
                    .hint(format!("the other is node {} of the list", other + 1));
            }
            None => drop(first.insert(value, index)),
        }
    }
}

fn ports(file: &LabFile, problems: &mut Problems) {
    let mut taken = HashMap::new();
    for (index, node) in file.nodes.iter().enumerate() {
        for (number, forward) in node.forwards.iter().enumerate() {
            let at = path!["nodes", index, "forwards", number];
            if forward.host < FIRST_PORT {
                problems
                    .add(at.at("host"), format!("port {} needs root to be listened on", forward.host))
                    .hint(format!("take {FIRST_PORT} or more"));
            }
            if forward.guest == 0 {
                problems.add(at.at("guest"), "there is no port 0");
            }
            if let Some(other) = taken.insert(forward.host, &node.name) {
                problems
                    .add(at.at("host"), format!("port {} of this host is forwarded twice", forward.host))
                    .hint(format!("the first time to {other}"));
            }
        }
    }
}

fn extra(cloud_init: &CloudInit) -> Extra {
    let file = |entry: &super::file::FileEntry| File {
        path: entry.path.clone(),
        content: entry.content.clone(),
        mode: entry.mode.map_or(0o644, |mode| mode.0),
    };
    Extra {
        bootcmd: cloud_init.bootcmd.clone(),
        files: cloud_init.files.iter().map(file).collect(),
        packages: cloud_init.packages.clone(),
        runcmd: cloud_init.runcmd.clone(),
        cloud_config: cloud_init.config.clone(),
    }
}

/// Makes a user-data of it as it will be made of the nodes, so that what cloud-init could not take is found here.
fn cloud_init(extra: &Extra, problems: &mut Problems) {
    let login = Login { name: "root".to_owned(), authorized_keys: Vec::new(), password_hash: None };
    match Template::new("", &login, extra) {
        Ok(_) => {}
        Err(CloudInitError::OwnedKeys { keys }) => {
            for key in keys {
                problems
                    .add(path!["cloud-init", "config", &key], format!("`{key}` is set by Kiln itself"))
                    .hint("files, packages and commands have their own places under `cloud-init`");
            }
        }
        Err(CloudInitError::FilePath(path)) => {
            let index = extra.files.iter().position(|file| file.path == path).unwrap_or_default();
            let message = format!("`{path}` is no place for a file");
            problems
                .add(path!["cloud-init", "files", index, "path"], message)
                .hint("give an absolute path, without `..`");
        }
        Err(error) => {
            problems.add(path!["cloud-init"], error.to_string());
        }
    }
}

fn lab(file: LabFile, extra: Extra, base: Utf8PathBuf, text: &str) -> Lab {
    let defaults = file.defaults;
    let roles = check_kubernetes::roles(&file);
    let image = file.image;
    let node = |(entry, role): (NodeEntry, _)| Node {
        name: entry.name,
        image: entry.image.unwrap_or_else(|| image.clone()),
        ip: entry.ip,
        cpus: entry.cpus.or(defaults.cpus).unwrap_or(DEFAULT_CPUS),
        memory_mib: entry.memory.or(defaults.memory).map_or(DEFAULT_MEMORY_MIB, MemorySize::mib),
        disk: entry.disk.or(defaults.disk),
        forwards: entry
            .forwards
            .into_iter()
            .map(|forward| Forward { host_port: forward.host, guest_port: forward.guest })
            .collect(),
        role,
    };
    let nodes = file.nodes.into_iter().zip(roles).map(node).collect();
    Lab {
        name: file.name,
        image,
        network: file.network,
        nodes,
        extra,
        kubernetes: file.kubernetes,
        checkpoints: file.checkpoint,
        mesh: file.mesh,
        base: Some(base),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
