//! The configuration and the certificates, judged by a real kubeadm: the one of the recipe `debian-12-k8s-1.20`, or another
//! that `KILN_TEST_KUBEADM` names.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::process::{Command, Output};
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_clone::folder::LabFolder;
use kiln_clone::kubernetes::pki::Pki;
use kiln_clone::kubernetes::{Cluster, Member, NodeFile, Runtime, kubeadm};
use kiln_clone::lab::check;
use kiln_images::home::Home;
use kiln_tests::kubernetes;

const LAB: &str = "\
name: lab
image: image
network: 192.168.206.0/24
kubernetes: {ignore-preflight: [NumCPU], skip-phases: [addon/coredns]}
nodes:
- {name: node1, ip: 192.168.206.196, role: control-plane}
- {name: node2, ip: 192.168.206.197, role: ROLE}
";

/// A node as kubeadm would find it, with the folders of the system in a folder of ours.
struct Scene {
    cluster: Cluster,
    pki: Pki,
    root: Utf8PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(second: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
        let lab = check::parse("lab.yaml", &LAB.replace("ROLE", second)).unwrap();
        let member = |(index, node): (usize, &kiln_clone::lab::Node)| Member {
            name: node.name.clone(),
            ip: node.ip,
            role: node.role.unwrap(),
            pod_cidr: format!("10.244.{index}.0/24").parse().unwrap(),
            service_card: "eth1".to_owned(),
        };
        let members = lab.nodes.iter().enumerate().map(member).collect();
        let said = String::from_utf8(kubeadm(&["version", "--output", "short"]).stdout).unwrap();
        let version: kiln_clone::kubernetes::Version = said.trim().trim_start_matches('v').parse().unwrap();
        let home = Home::new(root.join("kiln")).unwrap();
        let lab_folder = LabFolder::new(&home, &lab.name);
        fs::create_dir_all(lab_folder.root()).unwrap();
        let cluster = Cluster {
            lab: lab.name,
            version,
            runtime: if version.has_dockershim() { Runtime::Docker } else { Runtime::Containerd },
            cgroup_driver: None,
            settings: lab.kubernetes.unwrap(),
            members,
            slow: true,
        };
        Self { cluster, pki: Pki::open(&lab_folder).await.unwrap(), root, _folder: folder }
    }

    /// Where a file of the node is here.
    fn path(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.root.join(path.as_str().trim_start_matches('/'))
    }

    fn write(&self, files: &[NodeFile]) {
        for file in files {
            let path = self.path(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.content).unwrap();
        }
    }

    /// The configuration file, which names the certificates in our folder.
    fn configuration(&self) -> Utf8PathBuf {
        let path = self.path(Utf8Path::new(kubeadm::CONFIGURATION));
        let text = fs::read_to_string(&path).unwrap();
        let certificates = self.path(Utf8Path::new("/etc/kubernetes/pki"));
        let kind = "kind: ClusterConfiguration\n";
        fs::write(&path, text.replace(kind, &format!("{kind}certificatesDir: {certificates}\n"))).unwrap();
        path
    }
}

fn kubeadm(words: &[&str]) -> Output {
    static KUBEADM: LazyLock<Utf8PathBuf> = LazyLock::new(|| match std::env::var("KILN_TEST_KUBEADM") {
        Ok(path) => path.into(),
        Err(_) => kubernetes().artifact("bin/kubeadm"),
    });
    let program = &*KUBEADM;
    let output = Command::new(program).args(words).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What a run said on both streams.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream)).concat()
}

/// What was complained of, but for the docker that is not asked here.
fn complaints(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().filter(|line| !line.contains("CgroupDriver")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_configuration_is_read_without_a_complaint() {
    let scene = Scene::new("worker").await;
    let (first, second) = (&scene.cluster.members[0], &scene.cluster.members[1]);
    let token = &scene.pki.token;
    scene.write(&kubeadm::init(&scene.cluster, first, token, kubeadm::From::Scratch).unwrap().files);
    let path = scene.configuration();
    let migrated = kubeadm(&["config", "migrate", "--old-config", path.as_str()]);
    assert_eq!(complaints(&migrated), [""; 0]);
    let text = String::from_utf8(migrated.stdout).unwrap();
    let version = format!("kubernetesVersion: v{}", scene.cluster.version);
    for kept in [version.as_str(), "podSubnet: 10.244.0.0/16", "node-ip", "election-timeout", "leader-elect", "NumCPU"]
    {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let join = kubeadm::join(&scene.cluster, second, token, &scene.pki.discovery_hash()).unwrap();
    scene.write(&join.files);
    let migrated = kubeadm(&["config", "migrate", "--old-config", path.as_str()]);
    assert_eq!(complaints(&migrated), [""; 0]);
    let text = String::from_utf8(migrated.stdout).unwrap();
    assert!(text.contains(&scene.pki.discovery_hash()) && text.contains(&token.reveal()), "{text}");
}

#[tokio::test]
async fn every_certificate_and_kubeconfig_of_ours_is_used() {
    let scene = Scene::new("control-plane").await;
    let first = &scene.cluster.members[0];
    scene.write(&kubeadm::init(&scene.cluster, first, &scene.pki.token, kubeadm::From::Scratch).unwrap().files);
    scene.write(&scene.pki.for_init(&scene.cluster, first).unwrap());
    let path = scene.configuration();
    let certificates = said(&kubeadm(&["init", "phase", "certs", "all", "--config", path.as_str()]));
    assert_eq!(certificates.matches("[certs] Using existing").count(), 10, "{certificates}");
    assert_eq!(certificates.matches("[certs] Using the existing \"sa\" key").count(), 1, "{certificates}");
    assert!(!certificates.contains("Generating"), "{certificates}");
    let folder = scene.path(Utf8Path::new("/etc/kubernetes"));
    let words = ["init", "phase", "kubeconfig", "all", "--config", path.as_str(), "--kubeconfig-dir", folder.as_str()];
    let kubeconfigs = said(&kubeadm(&words));
    let count = if scene.cluster.version.has_super_admin() { 5 } else { 4 };
    assert_eq!(kubeconfigs.matches("Using existing kubeconfig file").count(), count, "{kubeconfigs}");
    assert!(!kubeconfigs.contains("Writing"), "{kubeconfigs}");
    assert!(!kubeconfigs.contains("unexpected API Server"), "{kubeconfigs}");
}
