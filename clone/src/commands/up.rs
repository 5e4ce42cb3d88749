//! `clone up`.

use std::time::{Duration, Instant};

use kiln_console::{Failure, human};
use kiln_images::home::Home;

use super::WhichLab;
use crate::folder::LabFolder;
use crate::lab::{Lab, select};
use crate::plan::{Action, Permissions, Plan};
use crate::report;
use crate::up::{self, Options};
use crate::world::World;

/// Bring a lab up, or go on with it, or say that it is up
///
/// Every node is a linked clone of the golden image with its own address, host
/// name and keys. All are started at once, and the lab is up when each lets us in,
/// is who it should be, and reaches the others. Where the lab file has a section
/// `kubernetes`, one cluster is made of them with kubeadm: it is up when every
/// node says that it is ready, and pods on each node have reached those on all
/// others. `clone timings` shows how long each phase took.
///
/// Run it again after a crash, a reboot or Ctrl-C: it goes on. Run it after the
/// lab file was changed: nodes are added or started anew; what would cost a node
/// its disk has to be allowed.
///
/// Examples:
///   clone up three-nodes                a lab that is built in
///   clone up ./lab.yaml                 a file
///   clone up ./lab.yaml --dry-run       what it would do, and why
///   clone up ./lab.yaml --no-start      disks and seeds only
///   clone up three-nodes --output json  one event a line, for programs
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// Only say what would be done
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
    /// Make nodes anew that cannot become what the lab file says otherwise; their disks are lost
    #[arg(long, env = "KILN_UP_REPLACE")]
    replace: bool,
    /// Remove nodes that the lab file does not have any more, with their disks
    #[arg(long, env = "KILN_UP_REMOVE")]
    remove: bool,
    /// Make disks and seeds, and start nothing
    #[arg(long, env = "KILN_NO_START")]
    no_start: bool,
    /// Start the machines, and do not wait until they answer
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let begin = Instant::now();
    let lab = select::read(&world.home, args.lab.given()?)?;
    let permissions = Permissions { replace: args.replace, remove: args.remove };
    if args.dry_run {
        return super::plan::show(world, &lab, permissions).await;
    }
    let options = Options {
        permissions,
        no_start: args.no_start,
        no_wait: args.no_wait,
        overcommit: args.overcommit,
        limit: args.timeout,
        changes: None,
    };
    let plan = up::up(world, &lab, options).await?;
    world.console.reporter().finish();
    let folder = LabFolder::new(&world.home, &lab.name);
    report::print(world, &folder).await?;
    world.console.say(&ending(&lab, &plan, options, begin.elapsed(), &world.home));
    Ok(())
}

/// What is said at the end, beside the table.
fn ending(lab: &Lab, plan: &Plan, options: Options, took: Duration, home: &Home) -> String {
    let time = human::duration(took);
    let folder = LabFolder::new(home, &lab.name);
    let first = &lab.nodes[0].name;
    let notes = plan.steps.iter().filter(|step| step.action == Action::Keep && !step.reasons.is_empty());
    let notes: String = notes.map(|step| format!("\nnote: {}: {}", step.node, step.reasons.join("; "))).collect();
    let what = match (plan.is_done(), options) {
        (_, Options { no_start: true, .. }) => {
            return format!("lab {} has its disks and seeds; nothing was started ({time}){notes}", lab.name);
        }
        (true, _) => format!("lab {} is up; nothing was changed ({time})", lab.name),
        (_, Options { no_wait: true, .. }) => {
            format!("lab {} was started; nobody has waited for it ({time})", lab.name)
        }
        _ => format!("lab {} is up ({time})", lab.name),
    };
    let cluster = match &lab.kubernetes {
        Some(_) => format!("\nask the cluster: clone kubectl --lab {} -- get nodes -o wide", lab.name),
        None => String::new(),
    };
    format!(
        "{what}{notes}{cluster}\nlog in: clone ssh {first} --lab {}   or: ssh -F {} {first}",
        lab.name,
        folder.ssh_config()
    )
}
