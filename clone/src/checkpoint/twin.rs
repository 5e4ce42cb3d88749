//! What exists of a lab that is made from a checkpoint of another: all but its name and its ports on this host.

use std::collections::{BTreeMap, BTreeSet};

use kiln_machines::ports::{self, Chooser};

use super::{CheckpointId, Manifest};
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::edit::twin;
use crate::lab::{Lab, check};
use crate::register::ports_of_all_labs;
use crate::state::{Origin, State};
use crate::world::{World, save_state};

/// Writes down that the lab of `folder` is what `saved` says, on its way to that checkpoint. Its ports are chosen while
/// nobody else can choose; one that its lab file asks for stays as it is, unless another lab or program has it. What
/// `before` does is done when they are known, and before anything is written down.
///
/// # Errors
/// [`Error::Edit`] where the lab file cannot be changed; where no ports can be chosen.
pub(super) async fn write_down(
    world: &World,
    folder: &LabFolder,
    saved: &Manifest,
    origin: Option<Origin>,
    before: impl FnOnce(&State) -> Result<(), Error>,
) -> Result<State, Error> {
    let lab = check::parse("the lab as it was saved", &saved.lab.file)?;
    let chooser = Chooser::acquire(&world.ports_lock()).await?;
    let taken = ports_of_all_labs(world, folder)?;
    let moved = moved_forwards(&saved.lab, |port| taken.contains(&port) || !ports::is_free(port));
    let mut remembered = taken;
    remembered.extend(saved.lab.ports());
    let mut chosen = chooser.choose(moved.len() + 2 * saved.lab.nodes.len(), &remembered)?.into_iter();
    let forwards: BTreeMap<_, _> = moved.into_iter().zip(chosen.by_ref()).collect();
    let lab = twin(&lab, "the lab as it was saved", folder.lab(), &forwards)?;
    let state = made(&saved.lab, &lab, (saved.id.clone(), origin), &forwards, chosen);
    before(&state)?;
    save_state(folder, &state)?;
    Ok(state)
}

/// The ports of the lab file that cannot be those of another lab, too.
fn moved_forwards(saved: &State, is_taken: impl Fn(u16) -> bool) -> BTreeSet<u16> {
    let forwards = saved.nodes.values().flat_map(|node| &node.forwards);
    forwards.map(|forward| forward.host_port).filter(|port| is_taken(*port)).collect()
}

/// The state of a lab that is to be as `saved` was, with these ports.
fn made(
    saved: &State,
    lab: &Lab,
    (pending, origin): (CheckpointId, Option<Origin>),
    forwards: &BTreeMap<u16, u16>,
    mut chosen: impl Iterator<Item = u16>,
) -> State {
    let mut state =
        State { lab: lab.name.clone(), file: lab.text.clone(), pending: Some(pending), origin, ..saved.clone() };
    for node in state.nodes.values_mut() {
        node.boot = None;
        node.ssh_port = chosen.next().unwrap_or(node.ssh_port);
        node.api_port = node.api_port.map(|port| chosen.next().unwrap_or(port));
        for forward in &mut node.forwards {
            forward.host_port = forwards.get(&forward.host_port).copied().unwrap_or(forward.host_port);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::manifest::tests::manifest;
    use crate::state::NodeState;
    use crate::state::tests::{node, state};
    use camino::Utf8Path;
    use kiln_console::{Console, Global};
    use kiln_machines::Forward;

    const FILE: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
nodes: [{name: node1, ip: 192.168.206.196, forwards: [{host: 24080, guest: 80}]}]
";

    #[tokio::test]
    async fn a_twin_has_the_identities_of_its_origin_and_ports_of_its_own() {
        let guard = tempfile::tempdir().unwrap();
        let home = Utf8Path::from_path(guard.path()).unwrap().join("kiln");
        let global = Global { quiet: true, ..Global::default() };
        let world = World::open(Some(&home), Console::new(&global)).unwrap();
        let forwards = vec![Forward { host_port: 24_080, guest_port: 80 }];
        let lab = state([("node1", NodeState { api_port: Some(20_001), forwards, ..node() })]);
        let saved = Manifest { lab: State { file: FILE.to_owned(), ..lab }, ..manifest("ready") };
        let folder = |name: &str| LabFolder::new(&world.home, &name.parse().unwrap());
        for name in ["lab", "twin"] {
            std::fs::create_dir(folder(name).root()).unwrap();
        }
        // Where the origin is not on this host, the port that its lab file asks for is free.
        let only = write_down(&world, &folder("twin"), &saved, None, |_| Ok(())).await.unwrap();
        assert_eq!(only.nodes.values().next().unwrap().forwards[0].host_port, 24_080);
        assert_eq!((only.lab.as_str(), only.pending.as_ref()), ("twin", Some(&saved.id)));

        save_state(&folder("lab"), &saved.lab).unwrap();
        let origin = Origin { lab: saved.lab.lab.clone(), checkpoint: saved.id.clone() };
        let twin = write_down(&world, &folder("twin"), &saved, Some(origin.clone()), |_| Ok(())).await.unwrap();
        assert_eq!(twin.ports().intersection(&saved.lab.ports()).count(), 0, "{:?}", twin.ports());
        assert_eq!(twin.ports().len(), 3);
        assert!(twin.file.starts_with("name: twin\n") && !twin.file.contains("24080"), "{}", twin.file);
        assert_eq!((twin.uuid, twin.macs(), twin.origin), (saved.lab.uuid, saved.lab.macs(), Some(origin)));
    }
}
