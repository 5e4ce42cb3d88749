//! The way up of a real Kubernetes cluster on which everything goes wrong, and a node that is rebuilt, on a host without any
//! network. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{Cluster, clone, processes};

/// The exit code that `clone --help` documents for what fails inside of a node.
const GUEST: i32 = 8;

#[test]
fn a_cluster_comes_up_whatever_happens_on_the_way_and_its_nodes_can_be_rebuilt() {
    let cluster = Cluster::new();
    the_control_plane_dies_while_it_is_made(&cluster);
    clone_dies(&cluster, "formed");
    a_worker_dies_while_it_joins(&cluster);
    clone_dies(&cluster, "joined");
    cluster.up();
    the_clock_is_right(&cluster);
    a_worker_is_rebuilt(&cluster);
    all_is_made_anew(&cluster);
    cluster.end();
}

fn the_control_plane_dies_while_it_is_made(cluster: &Cluster) {
    let mut up = clone(&cluster.home, ["up", Cluster::LAB]).start();
    up.until("kubeadm init has begun", Cluster::PATIENCE, || {
        cluster.said_in_log("control-plane-node1.log", "[kubelet-start]")
    });
    kill_machine(cluster, "node1");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node1: phase `control-plane` failed") && said.contains("its machine has ended"), "{said}");
    // A worker's clock goes wrong, so far that its certificates would not count.
    clone(&cluster.home, ["exec", "node2", "--", "sudo", "date", "--set", "+1 hour"]).ok();
    cluster.chapter("node1 was killed while kubeadm init ran");
}

/// What has ended well is not written down.
fn clone_dies(cluster: &Cluster, point: &str) {
    let died = clone(&cluster.home, ["up", Cluster::LAB]).env("KILN_TEST_CRASH_AT", point).finish();
    assert_eq!(died.code(), None, "{}", died.stderr());
    cluster.chapter(&format!("clone has died at {point}"));
}

fn a_worker_dies_while_it_joins(cluster: &Cluster) {
    let joins = || cluster.count_in_log("join-node3.log", "[preflight] Running");
    let before = joins();
    let mut up = clone(&cluster.home, ["up", Cluster::LAB]).start();
    up.until("node3 joins", Cluster::PATIENCE, || joins() > before);
    kill_machine(cluster, "node3");
    let said = up.finish().fails(GUEST);
    assert!(said.contains("node3: phase `join` failed") && said.contains("its machine has ended"), "{said}");
    cluster.chapter("node3 was killed while it joined");
}

fn the_clock_is_right(cluster: &Cluster) {
    let clock = clone(&cluster.home, ["exec", "node2", "--", "date", "+%s"]).ok();
    let host = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(host.abs_diff(clock.trim().parse().unwrap()) < 60, "the clock of node2 is still wrong: {clock}");
}

/// Its disk was wiped, and the cluster takes the token away again that it is to join with, when kubeadm has begun.
fn a_worker_is_rebuilt(cluster: &Cluster) {
    let others = [cluster.boot_id("node1"), cluster.boot_id("node3")];
    let wipe = "dd if=/dev/zero of=/dev/vda bs=1M count=512 conv=fsync && cmp -n 512M /dev/zero /dev/vda && echo wiped";
    let said = clone(&cluster.home, ["exec", "node2", "--", "sudo", "sh", "-c", wipe]).ok();
    assert_eq!(said.trim(), "wiped");

    let joins = || cluster.count_in_log("join-node2.log", "[preflight] Running");
    let before = joins();
    let mut rebuild = clone(&cluster.home, ["node", "rebuild", "node2", "--lab", Cluster::LAB]).start();
    rebuild.until("node2 joins", Cluster::PATIENCE, || joins() > before);
    let tokens = "--field-selector=type=bootstrap.kubernetes.io/token";
    let deleted = cluster.kubectl(&["-n", "kube-system", "delete", "secrets", tokens]).ok();
    assert!(deleted.contains("bootstrap-token-"), "{deleted}");
    let rebuild = rebuild.finish();
    assert!(rebuild.code() == Some(0), "{}", rebuild.stderr());
    assert!(rebuild.stderr().contains("node2 has not joined, and tries it once more"), "{}", rebuild.stderr());
    cluster.chapter("node2 is rebuilt");
    assert_eq!(others, [cluster.boot_id("node1"), cluster.boot_id("node3")], "another node was started again");
    cluster.until_ready();
    for row in cluster.home.status(Cluster::LAB) {
        assert_eq!(row["generation"], u32::from(row["node"] == "node2"), "{row:#}");
    }
    clone(&cluster.home, ["exec", "node2", "--", "test", "-x", "/usr/bin/kubelet"]).ok();
}

fn all_is_made_anew(cluster: &Cluster) {
    let identity = || cluster.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]).ok();
    let before = identity();
    clone(&cluster.home, ["reset", "--lab", Cluster::LAB, "--to", "golden"]).ok();
    cluster.chapter("all nodes are anew");
    cluster.until_ready();
    assert_ne!(identity(), before, "it is the cluster that was there before");
    let up = clone(&cluster.home, ["up", Cluster::LAB]).finish();
    assert!(up.code() == Some(0) && up.stderr().contains("nothing was changed"), "{}", up.stderr());
}

/// Kills QEMU of a node.
fn kill_machine(cluster: &Cluster, node: &str) {
    let status = cluster.home.status(Cluster::LAB);
    let pid = status.iter().find(|row| row["node"] == node).unwrap()["pid"].as_i64().unwrap();
    let machines = processes(&cluster.home).into_iter().filter(|process| process.is_machine());
    machines.filter(|machine| i64::from(machine.pid) == pid).for_each(|machine| machine.kill());
}
