//! Nodes that are not who they should be, or do not reach each other, against a hypervisor and a login that only pretend:
//! the lab does not count as up.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_console::{Console, Global};
use kiln_images::home::Home;
use kiln_machines::{GuestCommand, GuestOutput, State as MachineState};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::pretence::{Pretence, output};
use super::programs::Programs;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::check;
use crate::machine::product_uuid;
use crate::ssh::files::{self, Keys};
use crate::state::tests::{node, state};
use crate::state::{Boot, NodeState, State};
use crate::wait::Waiting;
use crate::world::World;

const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.197}
";

/// What is not so in a node: of what it says, this is that instead.
type Lie = (&'static str, &'static str, &'static str);

/// A node that was started and has not answered yet. Its SSH server is on this port.
fn started(number: u8, ssh_port: u16) -> NodeState {
    let mut node = node();
    node.ip = Ipv4Addr::new(192, 168, 206, 195 + number);
    node.nat.mac = format!("52:54:00:aa:0{number}:01").parse().unwrap();
    node.service.mac = format!("52:54:00:aa:0{number}:02").parse().unwrap();
    let (host_boot, segment, started) = ("boot".to_owned(), "1-1".to_owned(), Timestamp::UNIX_EPOCH);
    let boot = Boot { host_boot, started, console_offset: 0, segment, loaded: false, answered: None, ready: None };
    NodeState { ssh_port, boot: Some(boot), ..node }
}

/// What every node says of itself if it is who it should be.
fn truths(state: &State, keys: &Keys) -> BTreeMap<String, String> {
    let says = |(number, (name, node)): (usize, (&NodeName, &NodeState))| {
        let (uuid, key) = (product_uuid(state.uuid, name), keys.hosts[name].public_line());
        let text = format!(
            "hostname {name}\nmachine-id {number:032}\nproduct-uuid {uuid}\nboot-id boot{number}\nhost-key {key}\n\
             mac eth0 {}\nmac eth1 {}\nip eth1 {}/24\n",
            node.nat.mac, node.service.mac, node.ip
        );
        (name.to_string(), text)
    };
    state.nodes.iter().enumerate().map(says).collect()
}

/// An SSH server that everybody is greeted by.
async fn greeter() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Who asks may be gone by now.
            stream.write_all(b"SSH-2.0-kiln\r\n").await.unwrap_or_default();
        }
    });
    port
}

/// Waits until two nodes are up, of which one lies, and one does not reach an address. Returns how that went, and which of
/// them count as up.
async fn bring_up(
    lie: Option<Lie>,
    unreached: Option<(&'static str, &'static str)>,
) -> (Result<(), Error>, Vec<String>) {
    let guard = tempfile::tempdir().unwrap();
    let root = camino::Utf8Path::from_path(guard.path()).unwrap();
    let console = Console::new(&Global { quiet: true, ..Global::default() });
    let world = World { home: Home::new(root.join("kiln")).unwrap(), console };
    let folder = LabFolder::new(&world.home, &"lab".parse().unwrap());
    std::fs::create_dir_all(folder.logs()).unwrap();
    let _programs = Programs::new(root);
    let port = greeter().await;
    let mut state = state([("node1", started(1, port)), ("node2", started(2, port))]);
    let keys = files::keys(&folder, &state).unwrap();
    let mut says = truths(&state, &keys);
    if let Some((node, from, to)) = lie {
        let text = &says[node];
        assert!(text.contains(from), "{text}");
        says.insert(node.to_owned(), text.replace(from, to));
    }
    let answer = move |name: &str, command: &GuestCommand| -> GuestOutput {
        match &command.arguments[1] {
            script if script.contains("machine-id") => output(0, &says[name], ""),
            script if script.contains("ping") => {
                assert!(command.limit >= Duration::from_secs(20), "{:?}: as long as a ping takes", command.limit);
                output(0, unreached.filter(|(node, _)| *node == name).map_or("", |(_, address)| address), "")
            }
            _ => output(0, "", ""),
        }
    };
    let hypervisor = Pretence::new(MachineState::Running, root.join("console.log"), answer);
    let lab = check::parse("lab.yaml", LAB).unwrap();
    let names: Vec<_> = state.nodes.keys().cloned().collect();
    let (names, keys) = (&names[..], &keys);
    let waiting =
        Waiting { world: &world, lab: &lab, folder: &folder, names, hypervisor: &hypervisor, keys, limit: None };
    let result = waiting.until_up(&mut state).await;
    let up = state.nodes.iter().filter(|(_, node)| node.has_answered()).map(|(name, _)| name.to_string());
    (result, up.collect())
}

#[tokio::test]
async fn nodes_that_are_who_they_should_be_are_up() {
    let (result, up) = bring_up(None, None).await;
    result.unwrap();
    assert_eq!(up, ["node1", "node2"]);
}

#[tokio::test]
async fn a_node_that_is_not_who_it_should_be_does_not_count_as_up() {
    for (lie, said) in [
        (("node2", "hostname node2", "hostname localhost"), "its host name should be node2, and is localhost"),
        (("node2", "machine-id 0", "machine-id uninitialized 0"), "its machine-id should be 32 digits"),
        (("node2", "192.168.206.197/24", "192.168.206.7/24"), "its address on eth1 should be 192.168.206.197/24"),
    ] {
        let (result, up) = bring_up(Some(lie), None).await;
        let text = result.unwrap_err().to_string();
        assert!(text.starts_with("node2: phase `identity` failed") && text.contains(said), "{text}");
        assert!(!up.contains(&"node2".to_owned()), "{up:?}");
    }
}

#[tokio::test]
async fn two_nodes_that_share_something_are_both_named_and_the_lab_is_not_up() {
    for (from, to, what) in
        [("00001\n", "00000\n", "machine-id"), ("boot-id boot1", "boot-id boot0", "random seed (boot id)")]
    {
        let (result, up) = bring_up(Some(("node2", from, to)), None).await;
        let text = result.unwrap_err().to_string();
        assert!(text.starts_with(&format!("node1 and node2 have the same {what}: ")), "{text}");
        assert!(up.len() < 2, "{up:?}");
    }
}

#[tokio::test]
async fn a_node_that_does_not_reach_another_names_it() {
    let (result, up) = bring_up(None, Some(("node1", "192.168.206.197\n"))).await;
    let text = result.unwrap_err().to_string();
    assert!(text.starts_with("node1: phase `links` failed: it does not reach node2 on the lab's network"), "{text}");
    assert!(!up.contains(&"node1".to_owned()), "{up:?}");
}
