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
pub mod labs;
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

use std::env;
use std::time::Duration;

use kiln_cloud_init::NodeName;
use kiln_machines::{Hypervisor, Machine, State as MachineState};

use crate::error::Error;
use crate::folder::LabFolder;
use crate::machine::machine;
use crate::state::State;
use crate::world::{World, load_state};

/// The variable that says which lab is meant.
pub const VARIABLE: &str = "KILN_LAB";

/// Which lab a command about a node means
#[derive(Debug, Clone, clap::Args)]
pub struct OfLab {
    /// The lab [default: that of ./lab.yaml, or else the only one there is]
    #[arg(long, short, env = VARIABLE, value_name = "LAB")]
    pub lab: Option<String>,
}

impl OfLab {
    /// Its folder.
    fn folder(&self, world: &World) -> Result<LabFolder, Error> {
        world.lab_folder(self.lab.as_deref())
    }

    /// Its folder, and what exists of it.
    fn open(&self, world: &World) -> Result<(LabFolder, State), Error> {
        open(world, self.lab.as_deref())
    }
}

/// Which lab a command about a whole lab means: in a word, or as commands about a node take it
#[derive(Debug, Clone, clap::Args)]
pub struct WhichLab {
    /// A lab file, or the name of a lab [default: that of ./lab.yaml, or else the only one there is]
    #[arg(value_name = "LAB", value_hint = clap::ValueHint::FilePath)]
    word: Option<String>,
    /// The same
    #[arg(long = "lab", short = 'l', env = VARIABLE, value_name = "LAB")]
    option: Option<String>,
}

impl WhichLab {
    /// What was said of it.
    fn given(&self) -> Result<Option<&str>, Error> {
        self.unless_it_says(env::var(VARIABLE).ok().as_deref())
    }

    /// The word counts more than the variable, which clap gives as the option; two that were typed have to be one.
    fn unless_it_says(&self, variable: Option<&str>) -> Result<Option<&str>, Error> {
        match (self.word.as_deref(), self.option.as_deref()) {
            (Some(word), Some(option)) if word != option && Some(option) != variable => {
                Err(Error::Usage(format!("which lab, {word} or {option}? Both are named\n  name one of them")))
            }
            (word, option) => Ok(word.or(option)),
        }
    }

    /// Its folder.
    fn folder(&self, world: &World) -> Result<LabFolder, Error> {
        world.lab_folder(self.given()?)
    }

    /// Its folder, and what exists of it.
    fn open(&self, world: &World) -> Result<(LabFolder, State), Error> {
        open(world, self.given()?)
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

/// A time limit as it is typed: a whole number of seconds, or of minutes or hours with `m` or `h` after it.
fn seconds(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let unit = units.iter().find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, *unit)));
    let (number, unit) = unit.unwrap_or((text, 1));
    match number.parse::<u32>() {
        Ok(number @ 1..) => Ok(Duration::from_secs(u64::from(number) * unit)),
        _ => Err("a whole number of seconds is needed, such as 300, or 10m or 1h".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_is_meant_by_one_word() {
        let given = |word: Option<&str>, option: Option<&str>, variable: Option<&str>| {
            let which = WhichLab { word: word.map(str::to_owned), option: option.map(str::to_owned) };
            which.unless_it_says(variable).map(|given| given.map(str::to_owned)).map_err(|error| error.to_string())
        };
        assert_eq!(given(None, None, None), Ok(None));
        assert_eq!(given(Some("alpha"), None, None), Ok(Some("alpha".to_owned())));
        assert_eq!(given(None, Some("alpha"), None), Ok(Some("alpha".to_owned())));
        assert_eq!(given(Some("alpha"), Some("beta"), Some("beta")), Ok(Some("alpha".to_owned())));
        let error = given(Some("alpha"), Some("beta"), Some("gamma")).unwrap_err();
        assert!(error.contains("alpha or beta"), "{error}");
    }

    #[test]
    fn a_time_limit_is_read_as_people_write_it() {
        for (text, expected) in [("300", 300), ("90s", 90), ("10m", 600), ("1h", 3600)] {
            assert_eq!(seconds(text), Ok(Duration::from_secs(expected)), "{text}");
        }
        for text in ["0", "", "m", "-5", "1.5h", "10 m", "99999999999"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
