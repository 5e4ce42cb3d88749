//! A mesh on a real cluster: from a way up on which things go wrong to its removal. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use kiln_tests::{Finished, TestHome, clone, lab_with_mesh, processes, until};
use serde_json::Value;

const LAB: &str = "shop";
/// The exit codes that `clone --help` documents for what is wrong in a file, what fails inside of a node, and
/// what is not there.
const FILE: i32 = 3;
const GUEST: i32 = 8;
const NOT_FOUND: i32 = 10;
/// What a phase may take under emulation on a busy host.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

struct Mesh {
    home: TestHome,
    lab: Utf8PathBuf,
    begun: Instant,
}

impl Mesh {
    fn chapter(&self, what: &str) {
        eprintln!("{what} ({} s)", self.begun.elapsed().as_secs());
    }

    fn kubectl(&self, words: &[&str]) -> Finished {
        clone(&self.home, ["kubectl", "--"].iter().chain(words)).finish()
    }

    /// The groups that the cluster remembers as done.
    fn done(&self) -> Vec<String> {
        let words = ["-n", "kube-system", "get", "configmap", "kiln-mesh", "--ignore-not-found", "-o", "json"];
        let found = self.kubectl(&words).ok();
        let found: Value = serde_json::from_str(&found).unwrap_or_default();
        found["data"].as_object().into_iter().flatten().map(|(group, _)| group.clone()).collect()
    }

    fn status(&self) -> Value {
        clone(&self.home, ["mesh", "status", "-o", "json"]).json()
    }

    /// Writes the lab file with something else in it.
    fn changed(&self, from: &str, to: &str) -> String {
        let text = fs::read_to_string(&self.lab).unwrap();
        assert!(text.contains(from), "{from}");
        let path = self.lab.with_file_name("changed.yaml");
        fs::write(&path, text.replace(from, to)).unwrap();
        path.into_string()
    }
}

#[test]
fn a_mesh_is_installed_whatever_happens_on_the_way_and_removed_again() {
    let home = TestHome::with_kubernetes();
    let lab = lab_with_mesh(&home);
    let mesh = Mesh { home, lab, begun: Instant::now() };
    what_cannot_be_is_refused_before_anything_starts(&mesh);
    an_image_that_is_missing_is_named(&mesh);
    clone_is_killed_between_two_groups(&mesh);
    it_comes_up(&mesh);
    the_pages_can_be_opened(&mesh);
    up_again_changes_nothing(&mesh);
    it_is_removed_and_made_again(&mesh);
    clone(&mesh.home, ["destroy", LAB, "--yes"]).ok();
    until("everything has ended", PATIENCE, || processes(&mesh.home).is_empty());
    mesh.home.assert_no_labs();
}

fn what_cannot_be_is_refused_before_anything_starts(mesh: &Mesh) {
    for (from, to, expected) in [
        ("install/demo.yaml", "install/none.yaml", "release-1.0/install/none.yaml in release-1.0.tar.gz is not there"),
        ("memory: 2GiB", "memory: 160MiB", "a pod of Deployment mesh-pilot asks for 64 MiB of memory"),
    ] {
        let said = clone(&mesh.home, ["up", &mesh.changed(from, to)]).fails(FILE);
        assert!(said.contains(expected), "{said}");
    }
    assert!(processes(&mesh.home).is_empty());
    mesh.home.assert_no_labs();
}

/// The cluster is made on the way; the mesh ends in the first group with a pod.
fn an_image_that_is_missing_is_named(mesh: &Mesh) {
    let text = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: broken}
spec:
  selector: {matchLabels: {app: broken}}
  template:
    metadata: {labels: {app: broken}}
    spec: {containers: [{name: broken, image: 'kiln.local/none:1', imagePullPolicy: Never}]}
";
    fs::write(mesh.lab.with_file_name("broken.yaml"), text).unwrap();
    let group = "  groups:\n  - {name: broken, manifests: [{file: broken.yaml}], wait: [deployments]}\n";
    let lab = mesh.changed("  groups:\n", group);
    let said = clone(&mesh.home, ["up", &lab]).fails(GUEST);
    for part in ["group broken: pod broken-", "kiln.local/none:1: ErrImageNeverPull", "`container-images`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    mesh.kubectl(&["delete", "deployment", "broken"]).ok();
    mesh.chapter("the cluster is up, and an image that is missing was named");
}

fn clone_is_killed_between_two_groups(mesh: &Mesh) {
    let mut up = clone(&mesh.home, ["up", mesh.lab.as_str()]).start();
    up.until("the first group is done", PATIENCE, || mesh.done().contains(&"crds".to_owned()));
    up.kill();
    // The API server goes away, too, and comes back while the rest is applied.
    let stop = "sudo sh -c 'docker kill $(docker ps -q --filter name=k8s_kube-apiserver)'";
    clone(&mesh.home, ["exec", "node1", "--", "sh", "-c", stop]).ok();
    mesh.chapter("clone and the API server were killed after the first group");
}

fn it_comes_up(mesh: &Mesh) {
    clone(&mesh.home, ["up", mesh.lab.as_str()]).ok();
    mesh.chapter("the mesh is up");
    assert_eq!(mesh.done(), ["crds", "demo", "gateway", "shop"]);
    let status = mesh.status();
    let pods = status["pods"].as_array().unwrap();
    let shop: Vec<_> = pods.iter().filter(|pod| pod["namespace"] == "default").collect();
    assert_eq!(shop.len(), 6, "{shop:#?}");
    assert!(shop.iter().all(|pod| pod["ready"] == "2/2" && pod["status"] == "Running"), "{shop:#?}");
    let job = pods.iter().find(|pod| pod["pod"].as_str().unwrap().starts_with("mesh-cleanup-")).unwrap();
    assert_eq!(job["status"], "Completed");
    let services = status["services"].as_array().unwrap();
    let ingress = services.iter().find(|service| service["service"] == "mesh-ingress").unwrap();
    assert_eq!(ingress["kind"], "NodePort");
    assert!(ingress["endpoints"][0].as_str().unwrap().starts_with("10.244."), "{ingress}");
    let said = clone(&mesh.home, ["status", LAB]).ok();
    assert!(said.contains("productpage-v1-") && said.contains("mesh-ingress"), "{said}");
}

fn the_pages_can_be_opened(mesh: &Mesh) {
    let mut command = clone(&mesh.home, ["open", "productpage"]).into_command();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("http://").unwrap();
    let (address, path) = address.split_once('/').unwrap();
    assert!(address.starts_with("127.0.0.1:"), "{url}");
    let mut page = TcpStream::connect(address).unwrap();
    write!(page, "GET /{path} HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    page.read_to_string(&mut text).unwrap();
    assert!(text.contains("<title>Simple Shop</title>"), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
    let said = clone(&mesh.home, ["open", "nothing"]).fails(NOT_FOUND);
    assert!(said.contains("there is: productpage"), "{said}");
}

fn up_again_changes_nothing(mesh: &Mesh) {
    let up = clone(&mesh.home, ["up", mesh.lab.as_str()]).finish();
    assert!(up.code() == Some(0) && up.stderr().contains("nothing was changed"), "{}", up.stderr());
}

fn it_is_removed_and_made_again(mesh: &Mesh) {
    clone(&mesh.home, ["mesh", "remove"]).ok();
    until("its pods are gone", PATIENCE, || mesh.status()["pods"].as_array().unwrap().is_empty());
    assert_eq!(mesh.done(), [""; 0]);
    let labels = mesh.kubectl(&["get", "namespace", "default", "-o", "json"]).json_document();
    assert_eq!(labels["metadata"]["labels"].get("mesh-injection"), None);
    mesh.chapter("the mesh is removed");
    clone(&mesh.home, ["up", mesh.lab.as_str()]).ok();
    assert_eq!(mesh.done(), ["crds", "demo", "gateway", "shop"]);
    clone(&mesh.home, ["mesh", "reapply"]).ok();
    assert_eq!(mesh.done(), ["crds", "demo", "gateway", "shop"]);
    mesh.chapter("the mesh was made again, and applied again");
}
