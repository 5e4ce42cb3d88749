use super::*;
use crate::lab::{Role, check};
use crate::state::tests::{node, state};
use crate::state::{Boot, NodeState};

const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
defaults: {disk: 10GiB}
nodes:
- {name: node1, ip: 192.168.206.196}
";

fn golden() -> Digest {
    Digest::of_bytes(b"image")
}

fn answered() -> NodeState {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let (host_boot, segment) = ("boot".to_owned(), "1-1".to_owned());
    let boot =
        Boot { host_boot, started: now, console_offset: 0, segment, loaded: false, answered: Some(now), ready: None };
    NodeState { boot: Some(boot), ..node() }
}

fn waiting() -> NodeState {
    let mut node = answered();
    node.boot.as_mut().unwrap().answered = None;
    node
}

/// The plan for one node, as `action: why; why`.
fn plan(lab: &str, node: Option<NodeState>, seen: Seen) -> String {
    let lab = check::parse("lab.yaml", lab).unwrap();
    let state = node.map(|node| state([("node1", node)]));
    let seen = BTreeMap::from([("node1".parse().unwrap(), seen)]);
    let plan = Plan::new(&lab, |_| Some(golden()), state.as_ref(), &seen);
    let lines = plan.steps.iter().map(|step| format!("{}: {}", step.action, step.reasons.join("; ")));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_done_to_a_node_depends_on_what_there_is() {
    let half = || NodeState { made: false, ..node() };
    let held = || Seen::Held("cut off".to_owned());
    for (node, seen, expected) in [
        (None, Seen::Stopped, "create: it is new"),
        (Some(half()), Seen::Stopped, "create: it was begun and not finished"),
        // A reset that was interrupted before it came to kill the machine.
        (Some(half()), Seen::Running, "create: it was begun and not finished"),
        (Some(node()), Seen::Lost, "create: its disk is gone"),
        (Some(node()), Seen::Stopped, "start: it does not run"),
        (Some(answered()), Seen::Stopped, "start: it ended by itself"),
        (Some(waiting()), Seen::Running, "wait: it runs, and has not answered yet"),
        (Some(answered()), held(), "restart: it is cut off"),
        (Some(answered()), Seen::Paused, "resume: it is paused"),
        (Some(answered()), Seen::DiskFull, "resume: it is paused on I/O error: host disk full"),
        (Some(answered()), Seen::Running, "keep: "),
    ] {
        assert_eq!(plan(LAB, node, seen), expected);
    }
}

#[test]
fn what_is_done_to_a_node_that_runs_depends_on_what_was_changed_in_the_file() {
    for (from, to, expected) in [
        ("196}", "196, cpus: 2}", "restart: cpus 1 -> 2"),
        ("196}", "196, memory: 2GiB}", "restart: memory 1024MiB -> 2048MiB"),
        ("196}", "196, forwards: [{host: 8080, guest: 80}]}", "restart: forwarded ports"),
        ("196}", "196, cpus: 2, memory: 2GiB}", "restart: cpus 1 -> 2; memory 1024MiB -> 2048MiB"),
        ("196}", "197}", "replace: ip 192.168.206.196 -> 192.168.206.197"),
        ("10GiB", "20GiB", "replace: disk 10240MiB -> 20480MiB"),
        ("196}", "197, cpus: 2}", "replace: ip 192.168.206.196 -> 192.168.206.197"),
        ("defaults: {disk: 10GiB}\n", "", "keep: "),
        ("node1", "node2", "create: it is new\nremove: the lab file does not have it any more"),
    ] {
        assert_eq!(plan(&LAB.replace(from, to), Some(answered()), Seen::Running), expected, "{to}");
    }
}

#[test]
fn a_node_for_which_the_disk_is_too_small_is_said_to_be_that_also_where_it_was_changed() {
    let lab = LAB.replace("196}", "196, cpus: 2}");
    let expected = "restart: cpus 1 -> 2; it is paused on I/O error: host disk full";
    assert_eq!(plan(&lab, Some(answered()), Seen::DiskFull), expected);
}

#[test]
fn a_stopped_node_is_started_as_the_file_has_it_now() {
    let lab = LAB.replace("196}", "196, cpus: 2}");
    assert_eq!(plan(&lab, Some(node()), Seen::Stopped), "start: cpus 1 -> 2; it does not run");
}

#[test]
fn an_image_that_was_baked_anew_is_only_spoken_of_and_another_one_replaces_the_node() {
    let mut older = answered();
    older.image.digest = Digest::of_bytes(b"an older image");
    let text = plan(LAB, Some(older.clone()), Seen::Running);
    assert!(text.starts_with("keep: `debian-12` is a newer image now; it stays on "), "{text}");
    let other = LAB.replace("debian-12", "centos-7.5");
    assert_eq!(plan(&other, Some(older.clone()), Seen::Running), "replace: image debian-12 -> centos-7.5");
    let own = LAB.replace("196}", "196, image: desktop}");
    assert_eq!(plan(&own, Some(older.clone()), Seen::Running), "replace: image debian-12 -> desktop");
    // Another name for the same image.
    assert_eq!(plan(&other, Some(answered()), Seen::Running), "keep: ");
}

#[test]
fn a_run_that_starts_nothing_leaves_what_runs_as_it_is() {
    let lab = check::parse("lab.yaml", &LAB.replace("196}", "196, cpus: 2}")).unwrap();
    let seen = BTreeMap::from([("node1".parse().unwrap(), Seen::Running)]);
    let plan = Plan::new(&lab, |_| Some(golden()), Some(&state([("node1", answered())])), &seen).without_restarts();
    assert!(plan.is_done());
    assert_eq!(plan.steps[0].reasons, ["cpus 1 -> 2", "it is not started again now"]);
    let (lab, seen) =
        (check::parse("lab.yaml", LAB).unwrap(), BTreeMap::from([("node1".parse().unwrap(), Seen::Paused)]));
    let plan = Plan::new(&lab, |_| Some(golden()), Some(&state([("node1", answered())])), &seen).without_restarts();
    assert!(plan.is_done(), "{plan:?}");
}

#[test]
fn what_cannot_be_undone_has_to_be_allowed() {
    let text = LAB.replace("196}", "197}");
    let lab = check::parse("lab.yaml", &text).unwrap();
    let state = state([("node1", answered()), ("old", node())]);
    let plan = Plan::new(&lab, |_| Some(golden()), Some(&state), &BTreeMap::new());
    let refusal = plan.clone().allowed(Permissions::default()).unwrap_err();
    insta::assert_snapshot!(refusal, @"
    node1 must be made anew: ip 192.168.206.196 -> 192.168.206.197
      what is on its disk would be lost: say `--replace` if that is meant
    ");
    let asking = plan.clone().asking(Permissions::default());
    assert_eq!(asking.steps.iter().map(|step| step.action).collect::<Vec<_>>(), [Action::Replace, Action::Keep]);
    assert!(asking.steps[0].reasons[1].contains("--replace"), "{asking:?}");
    let kept = plan.clone().allowed(Permissions { replace: true, remove: false }).unwrap();
    assert_eq!(kept.steps[1].action, Action::Keep);
    assert!(kept.steps[1].reasons[1].contains("--remove"), "{kept:?}");
    let all = plan.allowed(Permissions { replace: true, remove: true }).unwrap();
    assert_eq!(all.steps[1].action, Action::Remove);
    assert!(!all.is_done());
}

const CLUSTER: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
defaults: {disk: 10GiB, cpus: 1}
nodes:
- {name: node1, ip: 192.168.206.196}
kubernetes: {ignore-preflight: [NumCPU]}
";

#[test]
fn a_role_is_given_by_a_restart_and_changed_by_a_new_disk() {
    let with = |role| Some(NodeState { role, ..answered() });
    assert_eq!(plan(CLUSTER, with(Some(Role::ControlPlane)), Seen::Running), "keep: ");
    assert_eq!(plan(CLUSTER, with(None), Seen::Running), "restart: role none -> control-plane");
    assert_eq!(plan(CLUSTER, with(Some(Role::Worker)), Seen::Running), "replace: role worker -> control-plane");
    assert_eq!(plan(LAB, with(Some(Role::Worker)), Seen::Running), "replace: role worker -> none");
}

#[test]
fn what_a_cluster_is_made_of_is_changed_by_making_it_anew() {
    let lab = check::parse("lab.yaml", CLUSTER).unwrap();
    let role = Some(Role::ControlPlane);
    let seen = BTreeMap::from([("node1".parse().unwrap(), Seen::Running)]);
    for (file, joined, expected) in [
        (CLUSTER.to_owned(), true, Action::Keep),
        (CLUSTER.replace("[NumCPU]", "[NumCPU, Mem]"), true, Action::Keep),
        (CLUSTER.replace("{ignore", "{pods: 10.245.0.0/16, ignore"), true, Action::Replace),
        (CLUSTER.replace("{ignore", "{services: 10.97.0.0/16, ignore"), true, Action::Replace),
        (CLUSTER.replace("{ignore", "{endpoint: api.lab, ignore"), true, Action::Replace),
        (CLUSTER.replace("{ignore", "{network: {manifest: net.yaml}, ignore"), true, Action::Replace),
        (CLUSTER.replace("{ignore", "{pods: 10.245.0.0/16, ignore"), false, Action::Keep),
    ] {
        let joined = joined.then_some(jiff::Timestamp::UNIX_EPOCH);
        let known = NodeState { role, joined, ..answered() };
        let state = State { file: file.clone(), ..state([("node1", known)]) };
        let plan = Plan::new(&lab, |_| Some(golden()), Some(&state), &seen);
        assert_eq!(plan.steps[0].action, expected, "{file}: {:?}", plan.steps[0].reasons);
    }
}
