//! The commands of `clone`, one file each: its options, whose comments are the manual, and what it does.

pub mod checkpoint;
pub mod collect;
pub mod completion;
pub mod console;
pub mod cp;
pub mod destroy;
pub mod doctor;
pub mod down;
pub mod exec;
pub mod fetch;
pub mod fork;
pub mod init;
pub mod kubeconfig;
pub mod kubectl;
pub mod list;
pub mod logs;
pub mod manual;
pub mod mesh;
pub mod node;
pub mod open;
pub mod plan;
pub mod reset;
pub mod resume;
pub mod schema;
pub mod screenshot;
pub mod ssh;
pub mod ssh_config;
pub mod status;
pub mod suspend;
pub mod timings;
pub mod up;
pub mod validate;
pub mod view;

use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_machines::{Hypervisor, Machine, State as MachineState};

use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::state::State;
use crate::world::{World, load_state};

/// Which lab a command about a node means
#[derive(Debug, Clone, clap::Args)]
pub struct OfLab {
    /// The lab [default: that of ./lab.yaml, or else the only one there is]
    #[arg(long, short, env = "KILN_LAB", value_name = "LAB")]
    pub lab: Option<String>,
}

impl OfLab {
    /// Its folder, and what exists of it.
    fn open(&self, world: &World) -> Result<(LabFolder, State), Error> {
        open(world, self.lab.as_deref())
    }
}

/// The folder of a lab, and what exists of it.
fn open(world: &World, lab: Option<&str>) -> Result<(LabFolder, State), Error> {
    let folder = world.lab_folder(lab)?;
    match load_state(&folder)? {
        Some(state) => Ok((folder, state)),
        None => Err(Error::NoLab {
            problem: format!("lab {} was begun, and has no nodes yet\n  go on with it: clone up", folder.lab()),
            known: vec![folder.lab().clone()],
        }),
    }
}

/// The node of this name, and what the hypervisor knows it as.
fn open_node(folder: &LabFolder, state: &State, name: &str) -> Result<(NodeName, Machine), Error> {
    let name = crate::reset::find(folder, state, name)?;
    Ok((name.clone(), machine(folder, state.uuid, name, &state.nodes[name])))
}

/// The same for a command that is about a node that runs.
async fn open_running(
    hypervisor: &dyn Hypervisor,
    folder: &LabFolder,
    state: &State,
    name: &str,
) -> Result<(NodeName, Machine), Error> {
    let (node, machine) = open_node(folder, state, name)?;
    // One whose monitor does not answer may let people in all the same.
    match hypervisor.state(&machine).await {
        Ok(MachineState::Stopped) => Err(down(folder, state, node)),
        _ => Ok((node, machine)),
    }
}

/// The error for a node that does not run.
fn down(folder: &LabFolder, state: &State, node: NodeName) -> Error {
    Error::Down { lab: folder.lab().clone(), node, is_suspended: state.pending.is_some() }
}

/// A time limit as it is typed: a whole number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number of seconds is needed, such as 300".to_owned()),
    }
}
