//! `clone node add`.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_console::Failure;
use kiln_images::size::{DiskSize, MemorySize};

use super::super::{OfLab, seconds};
use crate::error::Error;
use crate::lab::select::applied;
use crate::lab::{Lab, Role, edit};
use crate::plan::Permissions;
use crate::report;
use crate::up::{self, Options};
use crate::world::World;

/// Add a node to a lab, and to its cluster
///
/// The lab that was brought up has the node from then on. The line for its file is
/// printed: add it there, or the next `clone up FILE` takes the node for one that
/// is no longer wanted. As `clone up` does, it starts what does not run of the lab.
///
/// Examples:
///   clone node add node4
///   clone node add node4 --memory 4GiB --cpus 2
///   clone node add node4 --ip 192.168.206.199 --image debian-12-k8s-1.20
///   clone node add node4 --dry-run         what would be done, and why
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Its name
    name: NodeName,
    /// Its address in the lab's network [default: the one after the highest of the lab]
    #[arg(long, env = "KILN_IP")]
    ip: Option<Ipv4Addr>,
    /// Its golden image: a name in the store, or a digest [default: the lab's]
    #[arg(long, env = "KILN_IMAGE")]
    image: Option<String>,
    /// Virtual CPUs [default: as the lab file says]
    #[arg(long, env = "KILN_CPUS")]
    cpus: Option<u32>,
    /// Memory, such as 2GiB [default: as the lab file says]
    #[arg(long, env = "KILN_MEMORY")]
    memory: Option<MemorySize>,
    /// The size of its disk, such as 20GiB [default: as the lab file says]
    #[arg(long, env = "KILN_DISK")]
    disk: Option<DiskSize>,
    /// What it does in the cluster: control-plane or worker [default: worker]
    #[arg(long, env = "KILN_ROLE", value_parser = role)]
    role: Option<Role>,
    #[command(flatten)]
    lab: OfLab,
    /// Only say what would be done
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
    /// Make its disk and seed, and start nothing
    #[arg(long, env = "KILN_NO_START")]
    no_start: bool,
    /// Start it, and do not wait until it answers
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start it although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = seconds)]
    timeout: Option<Duration>,
}

fn role(text: &str) -> Result<Role, String> {
    [Role::ControlPlane, Role::Worker]
        .into_iter()
        .find(|role| role.to_string() == text)
        .ok_or_else(|| "a node is a control-plane or a worker".to_owned())
}

/// Runs the command.
///
/// # Errors
/// Where the lab cannot have such a node, or it does not come up.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let (folder, state) = args.lab.open(world)?;
    let lab = applied(&folder, &state)?;
    if lab.nodes.iter().any(|node| node.name == args.name) {
        return Err(Error::Usage(format!("lab {} has a node `{}` already", lab.name, args.name)).into());
    }
    let entry = args.entry(&lab)?;
    let changed = edit::add(&lab, folder.lab_file().as_str(), &entry).map_err(Error::from)?;
    if args.dry_run {
        return super::super::plan::show(world, &changed, Permissions::default()).await;
    }
    let Args { no_start, no_wait, overcommit, timeout: limit, .. } = args;
    let changes = Some(state.file_digest());
    let options = Options { no_start, no_wait, overcommit, limit, changes, ..Options::default() };
    up::up(world, &changed, options).await?;
    world.console.reporter().finish();
    report::print(world, &folder).await?;
    let what = match (no_start, no_wait) {
        (true, _) => "has its disk and seed, and was not started",
        (_, true) => "was started; nobody has waited for it",
        _ => "is up",
    };
    let note = format!("{} {what}\nin the lab file it is one more of the `nodes`:\n- {entry}", args.name);
    world.console.say(&note);
    Ok(())
}

impl Args {
    /// The node as it stands in a lab file.
    fn entry(&self, lab: &Lab) -> Result<String, Error> {
        let ip = self.ip.or_else(|| next_address(lab)).ok_or_else(|| {
            Error::Usage(format!(
                "the network {} of lab {} has no address left: say which with --ip",
                lab.network, lab.name
            ))
        })?;
        let option =
            |key: &str, value: Option<String>| value.map(|value| format!(", {key}: {value}")).unwrap_or_default();
        let options = [
            option("image", self.image.clone()),
            option("cpus", self.cpus.map(|cpus| cpus.to_string())),
            option("memory", self.memory.map(|memory| memory.to_string())),
            option("disk", self.disk.map(|disk| disk.to_string())),
            option("role", self.role.map(|role| role.to_string())),
        ];
        Ok(format!("{{name: {}, ip: {ip}{}}}", self.name, options.concat()))
    }
}

/// The address after the highest of the lab, or the first that is free.
fn next_address(lab: &Lab) -> Option<Ipv4Addr> {
    let taken: BTreeSet<_> = lab.nodes.iter().map(|node| node.ip).collect();
    let highest = taken.last().copied().unwrap_or_else(|| lab.network.network());
    let mut free = lab.network.hosts().filter(|ip| !taken.contains(ip));
    let first = free.clone().next();
    free.find(|ip| *ip > highest).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;

    #[test]
    fn a_node_gets_the_next_address() {
        for (network, taken, expected) in [
            ("192.168.206.0/24", "192.168.206.196", Some("192.168.206.197")),
            ("192.168.206.0/24", "192.168.206.254", Some("192.168.206.1")),
            ("192.168.206.0/30", "192.168.206.2", Some("192.168.206.1")),
        ] {
            let text =
                format!("name: lab\nimage: debian-12\nnetwork: {network}\nnodes: [{{name: node1, ip: {taken}}}]\n");
            let lab = check::parse("lab.yaml", &text).unwrap();
            assert_eq!(next_address(&lab).map(|ip| ip.to_string()).as_deref(), expected, "{network} {taken}");
        }
    }
}
