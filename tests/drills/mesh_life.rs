//! A mesh on a real cluster: from a way up on which things go wrong to its removal. It is one test with chapters, because the cluster takes minutes to come up.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
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
/// The title of the page of the shop.
const TITLE: &str = "<title>Simple Shop</title>";
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

    /// Writes the lab file with these groups before all others, each of one manifest.
    fn with_groups(&self, groups: &[(&str, &str, &str)]) -> String {
        let group = |(name, wait, text): &(&str, &str, &str)| {
            fs::write(self.lab.with_file_name(format!("{name}.yaml")), text).unwrap();
            format!("  - {{name: {name}, manifests: [{{file: {name}.yaml}}], wait: [{wait}]}}\n")
        };
        self.changed("  groups:\n", &format!("  groups:\n{}", groups.iter().map(group).collect::<String>()))
    }

    /// The pods of the shop that are ready with both of their containers.
    fn shop_pods(&self) -> usize {
        let status = self.status();
        let is_ready =
            |pod: &&Value| pod["namespace"] == "default" && pod["ready"] == "2/2" && pod["status"] == "Running";
        status["pods"].as_array().unwrap().iter().filter(is_ready).count()
    }

    /// Opens a door, and returns the address that is printed and the page behind it.
    fn opened(&self, words: &[&str]) -> (String, String) {
        let mut command = clone(&self.home, ["open"].iter().chain(words)).into_command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let (address, path) = url.trim().strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut page = TcpStream::connect(address).unwrap();
        write!(page, "GET /{path} HTTP/1.0\r\n\r\n").unwrap();
        let mut text = String::new();
        page.read_to_string(&mut text).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        (address.to_owned(), text)
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
    a_job_and_a_definition_that_fail_are_named_and_mended(&mesh);
    clone_is_killed_between_two_groups(&mesh);
    it_comes_up(&mesh);
    the_pages_can_be_opened(&mesh);
    every_node_has_the_page(&mesh);
    up_again_changes_nothing(&mesh);
    it_is_removed_and_made_again(&mesh);
    it_is_back_after_a_reset(&mesh);
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
    let lab = mesh.with_groups(&[("broken", "deployments", text)]);
    let said = clone(&mesh.home, ["up", &lab]).fails(GUEST);
    for part in [
        "Deployment broken in file:broken.yaml, container broken: kiln.local/none:1 is not in the golden image",
        "group broken: pod broken-",
        "kiln.local/none:1: ErrImageNeverPull",
        "`container-images`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    mesh.kubectl(&["delete", "deployment", "broken"]).ok();
    mesh.chapter("the cluster is up, and an image that is missing was named");
}

/// Each is mended as its failure says, and `up` goes on behind it.
fn a_job_and_a_definition_that_fail_are_named_and_mended(mesh: &Mesh) {
    let job = |command: &str| {
        format!(
            "\
apiVersion: batch/v1
kind: Job
metadata: {{name: chore}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: chore, image: 'kiln.local/probe:1', imagePullPolicy: IfNotPresent, command: [{command}]}}]
"
        )
    };
    // The kind of the second is that of the first, or another one.
    let definitions = |second: &str| {
        let definition = |plural: &str, kind: &str| {
            format!(
                "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.trial.kiln.local}}
spec:
  group: trial.kiln.local
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}}}
  versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
"
            )
        };
        format!("{}---\n{}", definition("doors", "Door"), definition("gates", second))
    };

    let said = clone(&mesh.home, ["up", &mesh.with_groups(&[("chore", "jobs", &job("'false'"))])]).fails(GUEST);
    for part in ["group chore: Job chore has failed", "clone kubectl -- -n default delete job chore; then: clone up"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    mesh.kubectl(&["-n", "default", "delete", "job", "chore"]).ok();
    mesh.chapter("a Job that fails was named");

    // It would be given up by itself, but patience is long where everything is emulated.
    let (chore, taken) = (job("'true'"), definitions("Door"));
    let lab = mesh.with_groups(&[("chore", "jobs", &chore), ("names", "crds", &taken)]);
    let said = clone(&mesh.home, ["up", &lab, "--timeout", "240"]).fails(GUEST);
    for part in [
        "group names: the definition ",
        ".trial.kiln.local is not established: NamesAccepted is False",
        "clone kubectl -- delete crd NAME; then: clone up",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(mesh.done(), ["chore"]);
    mesh.kubectl(&["delete", "crd", "doors.trial.kiln.local", "gates.trial.kiln.local"]).ok();
    let lab = mesh.with_groups(&[("chore", "jobs", &chore), ("names", "crds", &definitions("Gate"))]);
    let mut up = clone(&mesh.home, ["up", &lab]).start();
    up.until("what was mended is done", PATIENCE, || mesh.done().contains(&"names".to_owned()));
    up.kill();
    mesh.kubectl(&["delete", "crd", "doors.trial.kiln.local", "gates.trial.kiln.local"]).ok();
    mesh.kubectl(&["-n", "default", "delete", "job", "chore"]).ok();
    mesh.kubectl(&["-n", "kube-system", "delete", "configmap", "kiln-mesh"]).ok();
    mesh.chapter("a definition that is never established was named, and up went on when it was mended");
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
    let labels = mesh.kubectl(&["get", "namespace", "default", "-o", "json"]).json_document();
    for (label, value) in [("mesh-injection", "enabled"), ("mesh-gateway", "shop")] {
        assert_eq!(labels["metadata"]["labels"][label], value, "two groups label this namespace");
    }
    assert!(ingress["endpoints"][0].as_str().unwrap().starts_with("10.244."), "{ingress}");
    let said = clone(&mesh.home, ["status", LAB]).ok();
    assert!(said.contains("productpage-v1-") && said.contains("mesh-ingress"), "{said}");
}

fn the_pages_can_be_opened(mesh: &Mesh) {
    let (address, page) = mesh.opened(&["productpage"]);
    assert!(address.starts_with("127.0.0.1:") && page.contains(TITLE), "{address}: {page}");
    // One that is free is likely to be free a moment later.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let (address, page) = mesh.opened(&["direct", "--port", &port]);
    assert!(address == format!("127.0.0.1:{port}") && page.contains(TITLE), "{address}: {page}");
    let said = clone(&mesh.home, ["open", "nothing"]).fails(NOT_FOUND);
    assert!(said.contains("there is: direct, productpage"), "{said}");
}

/// What the phase has seen by itself, seen by somebody else: Python, which every node has for cloud-init.
fn every_node_has_the_page(mesh: &Mesh) {
    let status = mesh.status();
    let services = status["services"].as_array().unwrap();
    let ingress = services.iter().find(|service| service["service"] == "mesh-ingress").unwrap();
    let port = ingress["ports"][0].as_str().unwrap().strip_prefix("80:").unwrap().strip_suffix("/TCP").unwrap();
    let fetch = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=120).read().decode())";
    for last in 196..=198 {
        let url = format!("http://192.168.206.{last}:{port}/cgi-bin/productpage");
        let page = clone(&mesh.home, ["exec", "node2", "--", "python3", "-c", fetch, &url]).ok();
        assert!(page.contains(TITLE), "{url}: {page}");
    }
}

fn up_again_changes_nothing(mesh: &Mesh) {
    let up = clone(&mesh.home, ["up", mesh.lab.as_str()]).finish();
    assert!(up.code() == Some(0) && up.stderr().contains("nothing was changed"), "{}", up.stderr());
    // The groups of the chapters before this one.
    let left = "until `clone mesh remove` takes it away, with the rest of the mesh: broken, chore, names";
    assert!(up.stderr().contains(left), "{}", up.stderr());
}

fn it_is_removed_and_made_again(mesh: &Mesh) {
    clone(&mesh.home, ["mesh", "remove"]).ok();
    until("its pods are gone", PATIENCE, || mesh.status()["pods"].as_array().unwrap().is_empty());
    assert_eq!(mesh.done(), [""; 0]);
    let labels = mesh.kubectl(&["get", "namespace", "default", "-o", "json"]).json_document();
    assert_eq!(labels["metadata"]["labels"].get("mesh-injection"), None);
    mesh.chapter("the mesh is removed");
    let up = clone(&mesh.home, ["up", mesh.lab.as_str()]).finish();
    assert!(up.code() == Some(0) && !up.stderr().contains("clone mesh remove"), "{}", up.stderr());
    assert_eq!(mesh.done(), ["crds", "demo", "gateway", "shop"]);
    clone(&mesh.home, ["mesh", "reapply"]).ok();
    assert_eq!(mesh.done(), ["crds", "demo", "gateway", "shop"]);
    mesh.chapter("the mesh was made again, and applied again");
}

/// The checkpoint knows the mesh as it was when the lab came up first, and `reset` waits until it is so again.
fn it_is_back_after_a_reset(mesh: &Mesh) {
    let record = || mesh.kubectl(&["-n", "kube-system", "get", "configmap", "kiln-mesh", "-o", "json"]).json_document();
    let before = record();
    mesh.kubectl(&["-n", "default", "scale", "deployment", "details-v1", "--replicas=0"]).ok();
    until("a pod of the shop is gone", PATIENCE, || mesh.shop_pods() == 5);
    let back = clone(&mesh.home, ["reset", "--to", "ready", "-o", "json"]).finish().json();
    let shares = back["shares"].as_array().unwrap();
    assert!(shares.iter().any(|share| share["phase"] == "mesh"), "{back}");
    let timings = clone(&mesh.home, ["timings", LAB, "-o", "json"]).json();
    let spans = timings["spans"].as_array().unwrap();
    assert!(timings["operation"] == "reset" && spans.iter().any(|span| span["phase"] == "mesh"), "{timings}");
    assert_eq!(record()["data"], before["data"]);
    assert_eq!(mesh.shop_pods(), 6);
    mesh.chapter("the mesh is back after a reset");
}
