//! `clone reset`.

use std::time::Duration;

use jiff::Timestamp;
use kiln_console::{Failure, human};
use serde::Serialize;

use super::OfLab;
use crate::checkpoint::{Catalogue, GOLDEN, operation, restore};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::reset::{self, Options, Timed};
use crate::timings::Share;
use crate::world::{World, load_state};

/// Go back to a checkpoint, or make nodes anew from their golden image
///
/// `--to golden`: name, addresses, keys and ports of a node stay; all that is on
/// its disk is lost. What it does at its first boot is what the lab file said that
/// `clone up` was given last.
///
/// `--to ready`, or any other checkpoint: the whole lab is what it was at that
/// moment, with its memory; what came after is lost. `ready` is the one that
/// `clone up` makes by itself.
///
/// The times are printed: until the machines run again, and until they are up; and
/// how long each phase took, where it took longest. `clone timings` has all of
/// them.
///
/// Examples:
///   clone reset --to ready          the whole lab, as it was when it was ready
///   clone reset --to before-upgrade
///   clone reset node2 --to golden   one node anew
///   clone reset --to golden --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The nodes [default: all]
    #[arg(value_name = "NODE")]
    nodes: Vec<String>,
    #[command(flatten)]
    lab: OfLab,
    /// What to go back to: golden, or a checkpoint by its name or id
    #[arg(long, env = "KILN_TO", value_name = "CHECKPOINT")]
    to: String,
    /// Only say what would be done
    #[arg(long, short = 'n', env = "KILN_DRY_RUN")]
    dry_run: bool,
    /// Do not wait until the nodes answer
    #[arg(long, env = "KILN_NO_WAIT")]
    no_wait: bool,
    /// Start nodes that do not run although this host has not that much memory
    #[arg(long, env = "KILN_OVERCOMMIT")]
    overcommit: bool,
    /// Go back although the certificates of the cluster have ended since
    #[arg(long, env = "KILN_EXPIRED")]
    expired: bool,
    /// How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]
    #[arg(long, env = "KILN_TIMEOUT", value_name = "TIME", value_parser = super::seconds)]
    timeout: Option<Duration>,
}

impl Args {
    /// The whole lab back to this checkpoint, and no more said.
    pub(super) fn to(to: String, lab: OfLab) -> Self {
        let nodes = Vec::new();
        Self { nodes, lab, to, dry_run: false, no_wait: false, overcommit: false, expired: false, timeout: None }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    running_seconds: f64,
    up_seconds: Option<f64>,
    /// How long each phase of it took.
    shares: Vec<Share>,
}

/// What a reset would do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Preview {
    to: String,
    created: Option<Timestamp>,
    effects: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// The failure, as the user is told.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let golden = args.to == GOLDEN;
    if !golden && !args.nodes.is_empty() {
        let problem = "a checkpoint is of a whole lab: its nodes belong together\n  \
                       leave the nodes out; or make single nodes anew: --to golden";
        return Err(Error::Usage(problem.to_owned()).into());
    }
    if args.dry_run {
        return say(&args, world, &folder).await;
    }
    let Args { no_wait, overcommit, expired, timeout: limit, .. } = args;
    let timed = match golden {
        true => {
            let (hypervisor, options) = (world.hypervisor().await?, Options { no_wait, overcommit, limit });
            reset::reset(world, &hypervisor, &folder, &args.nodes, options).await?
        }
        false => {
            let options = restore::Options { no_wait, overcommit, expired, limit };
            operation::reset_to(world, &folder, &args.to, options).await?
        }
    };
    print(world, &folder, timed)
}

/// Says what would be done.
async fn say(args: &Args, world: &World, folder: &LabFolder) -> Result<(), Failure> {
    if args.to == GOLDEN {
        let (folder, state) = args.lab.open(world)?;
        let nodes = reset::choose(&folder, &state, &args.nodes)?;
        let lab = folder.lab();
        let effects = nodes.iter().map(|name| format!("{name} of lab {lab} would be made anew; its disk is lost"));
        let preview = Preview { to: GOLDEN.to_owned(), created: None, effects: effects.collect() };
        return world.console.value(&preview, |preview| preview.effects.join("\n"));
    }
    let entry = Catalogue::read(folder).map_err(Error::from)?.find(&args.to)?;
    let notes = restore::check(&entry, &world.hypervisor().await.map_err(Failure::from)?, args.expired)?;
    let saved = &entry.manifest.lab.nodes;
    let state = load_state(folder)?;
    let given_up = state.as_ref().map(|state| restore::given_up(folder, state, &entry)).transpose()?.flatten();
    let now = state.map(|state| state.nodes).unwrap_or_default();
    let gone = now.keys().filter(|name| !saved.contains_key(*name)).map(|name| format!("{name} would be removed"));
    let back = saved.keys().map(|name| format!("{name} would be as it was"));
    let effects = back.chain(gone).chain(notes).chain(given_up).collect();
    let (name, created) = (&entry.manifest.name, entry.manifest.created);
    let preview = Preview { to: name.to_string(), created: Some(created), effects };
    world.console.value(&preview, |preview| format!("{name} of {created}:\n{}", preview.effects.join("\n")))
}

/// Prints how long it took.
pub(super) fn print(world: &World, folder: &LabFolder, Timed { times, shares }: Timed) -> Result<(), Failure> {
    world.console.reporter().finish();
    let (running_seconds, up_seconds) = (times.running.as_secs_f64(), times.up.map(|up| up.as_secs_f64()));
    world.console.value(&Summary { running_seconds, up_seconds, shares }, |summary| {
        let up = summary.up_seconds.map(|seconds| format!(", up after {seconds:.1} s")).unwrap_or_default();
        let shares = share_line(folder, &summary.shares);
        format!("machines run again after {:.1} s{up}\n{shares}", summary.running_seconds)
    })
}

/// How long each phase took, in one line: `kill 0.1 s, load 0.2 s, clock 0.9 s (…)`.
pub(super) fn share_line(folder: &LabFolder, shares: &[Share]) -> String {
    let took = |share: &Share| format!("{} {}", share.phase, human::duration(Duration::from_millis(share.took_ms)));
    let shares: Vec<_> = shares.iter().map(took).collect();
    format!("{} (where each took longest; all of them: clone timings {})", shares.join(", "), folder.lab())
}
