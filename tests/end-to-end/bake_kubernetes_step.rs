//! The recipes of today's Kubernetes, as far as they go without the hosts that they fetch from.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;

use camino::Utf8Path;
use kiln_tests::{DiskReader, RepositoryKey, StandIn, TestHome, bake, container_images};
use serde_json::Value;

/// The text of a recipe of the gallery.
fn gallery(name: &str) -> String {
    let recipes = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes");
    fs::read_to_string(recipes.join(format!("{name}.yaml"))).unwrap()
}

/// The same recipe on the image `debian-12`, with more steps in its first layer.
fn on_debian(recipe: &str, steps: &str) -> String {
    let (head, rest) = recipe.split_once("\nbase:\n").unwrap();
    let (_, rest) = rest.split_once("\nuser:").unwrap();
    let (middle, layers) = rest.split_once("- name: lab\n  steps:\n").unwrap();
    format!("{head}\nbase: {{image: debian-12}}\nuser:{middle}- name: lab\n  steps:\n{steps}{layers}")
}

/// The same recipe without the layer for which it is booted: these stand-ins load no images.
fn without_images(recipe: &str) -> String {
    let (layers, rest) = recipe.split_once("- name: container-images\n").unwrap();
    let (_, checks) = rest.split_once("\nchecks:\n").unwrap();
    format!("{layers}checks:\n{checks}")
}

/// Exchanges one text, which must be there.
#[track_caller]
fn exchange(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old} is not in the recipe");
    text.replace(old, new)
}

const UNIT: &str = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n";

/// Stand-ins for what pkgs.k8s.io has, and for what Debian has that the shared image lacks. There is a newer kubelet.
fn kubernetes_packages() -> Vec<StandIn> {
    let says = |name, version, said: &str| {
        let path = match name {
            "kubelet" => "/usr/bin/kubelet",
            "kubeadm" => "/usr/bin/kubeadm",
            _ => "/usr/bin/kubectl",
        };
        StandIn::program(name, version, path, &format!("echo '{said}'"))
    };
    let mut packages = vec![
        says("kubelet", "1.36.1-1.1", "Kubernetes v1.36.1").with("/usr/lib/systemd/system/kubelet.service", UNIT),
        says("kubelet", "1.36.2-1.1", "Kubernetes v1.36.2").with("/usr/lib/systemd/system/kubelet.service", UNIT),
        says("kubeadm", "1.36.1-1.1", "v1.36.1")
            .with("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", "[Service]\n# the package's\n"),
        says("kubectl", "1.36.1-1.1", "clientVersion:\n  gitVersion: v1.36.1\n  minor: \"36\""),
        StandIn::program("kubernetes-cni", "1.9.1-1.1", "/opt/cni/bin/loopback", "true"),
        StandIn::program("cri-tools", "1.36.0-1.1", "/usr/bin/crictl", "true"),
    ];
    // Not older than what Debian's usrmerge breaks.
    let needed = [
        ("conntrack", "1.4.7-1", "/usr/sbin/conntrack"),
        ("ebtables", "2.0.11-5", "/usr/sbin/ebtables"),
        ("ethtool", "6.1-1", "/usr/sbin/ethtool"),
        ("iptables", "1.8.9-2", "/usr/sbin/iptables"),
    ];
    packages.extend(needed.map(|(name, version, path)| StandIn::program(name, version, path, "true")));
    packages
}

/// A containerd 2: its configuration has version 3, and is what it was told.
fn containerd_package() -> StandIn {
    let script = "case \"$*\" in\n--version) echo 'containerd containerd.io v2.2.0 1c4457e';;\n\
                  'config default') echo 'version = 3';;\n'config dump') cat /etc/containerd/config.toml;;\nesac";
    StandIn::program("containerd.io", "2.2.0-2~debian.12~bookworm", "/usr/bin/containerd", script)
        .with("/usr/lib/systemd/system/containerd.service", UNIT)
        .with("/etc/containerd/config.toml", "disabled_plugins = [\"cri\"]\n")
}

#[test]
fn the_debian_recipe_makes_a_node_from_signed_repositories() {
    let home = TestHome::with_debian();
    let key = RepositoryKey::generate();
    let tree = home.work().join("packages");
    key.repository(&tree.join("kubernetes"), None, "Release.key", &kubernetes_packages());
    key.repository(&tree.join("docker"), Some(("bookworm", "stable")), "gpg", &[containerd_package()]);

    // The repositories lie in the image, and nothing else is asked: the image's own sources are out of use.
    let steps = "  - copy-in: {from: packages, into: /opt}\n  - repos: {replace: true, add: []}\n";
    let recipe = on_debian(&without_images(&gallery("debian-12-k8s-1.36")), steps);
    let recipe = exchange(&recipe, "https://pkgs.k8s.io/core:/stable:/v1.36/deb/", "file:///opt/packages/kubernetes/");
    let recipe = exchange(&recipe, "https://download.docker.com/linux/debian", "file:///opt/packages/docker");
    let fingerprint = key.fingerprint();
    let recipe = exchange(&recipe, "DE15 B144 86CD 377B 9E87 6E1A 2346 54DA 9A29 6436", &fingerprint);
    let recipe = exchange(&recipe, "9DC8 5822 9FC7 DD38 854A E2D8 8D81 803C 0EBF CD88", &fingerprint);
    // One layer for all of it: one start of the appliance.
    let recipe = exchange(&recipe, "- name: runtime\n  steps:\n", "");
    let recipe = exchange(&recipe, "- name: kubernetes\n  steps:\n", "");
    let path = home.file("node.yaml", &recipe);
    assert!(bake(&home, ["build", &path]).ok().contains("baked debian-12-k8s-1.36"));

    let manifest = bake(&home, ["show", "debian-12-k8s-1.36", "-o", "json"]).json();
    assert_eq!(manifest["kubernetes"], "1.36.1");
    assert_eq!(manifest["container-runtime"], "containerd");
    assert_eq!(manifest["cgroup-driver"], "systemd");
    let shown = bake(&home, ["show", "debian-12-k8s-1.36"]).ok();
    assert!(shown.contains("containerd, control groups by systemd"), "{shown}");
    for (name, version) in [("kubelet", "1.36.1-1.1"), ("kubernetes-cni", "1.9.1-1.1"), ("conntrack", "1.4.7-1")] {
        let packages = manifest["packages"].as_array().unwrap();
        let found: Vec<_> = packages.iter().filter(|package| package["name"] == name).collect();
        assert!(found.len() == 1 && found[0]["version"] == version, "{name}: {found:?}");
    }
    assert_is_a_node(&home, &manifest);
}

/// What `kubeadm` finds when it starts is on the disk.
fn assert_is_a_node(home: &TestHome, manifest: &Value) {
    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    let read = |path: &str| disk.read(path).unwrap_or_else(|| panic!("{path} is missing"));
    let containerd = read("/etc/containerd/config.toml");
    for part in ["version = 3", "sandbox = 'registry.k8s.io/pause:3.10.2'", "SystemdCgroup = true"] {
        assert!(containerd.contains(part), "{part} is missing in:\n{containerd}");
    }
    assert_eq!(read("/etc/modules-load.d/br_netfilter.conf"), "br_netfilter\n");
    assert_eq!(read("/etc/modules-load.d/overlay.conf"), "overlay\n");
    for key in ["net.ipv4.ip_forward", "net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"] {
        assert_eq!(read(&format!("/etc/sysctl.d/90-{key}.conf")), format!("{key} = 1\n"));
    }
    let started = disk.list("/etc/systemd/system/multi-user.target.wants");
    assert!(started.contains(&"kubelet.service".to_owned()) && started.contains(&"containerd.service".to_owned()));
    let own = disk.list("/etc/systemd/system/kubelet.service.d");
    assert_eq!(own, ["20-kiln.conf"], "the package has the unit and the drop-in");
    assert!(disk.list("/opt/cni/bin").contains(&"loopback".to_owned()));
    assert!(disk.mode("/var/tmp/kiln-kubernetes").is_none(), "the stage was left");
    let status = read("/var/lib/dpkg/status");
    for package in ["kubelet", "kubeadm", "kubectl", "kubernetes-cni", "cri-tools"] {
        let held = format!("Package: {package}\nStatus: hold ok installed\n");
        assert!(status.contains(&held), "{package} is not held");
    }
    let sources = read("/etc/apt/sources.list.d/kubernetes.sources");
    assert!(sources.contains("Signed-By: /etc/apt/keyrings/kubernetes.asc "), "{sources}");
}

/// The commands that would bake the recipe on the image `debian-12`, with stand-ins for its container images.
fn planned(home: &TestHome, name: &str) -> String {
    let (recipe, mirrors) = (gallery(name), home.work().join("mirrors"));
    let images = container_images(&mirrors, &recipe);
    let hosts = mirrors.read_dir_utf8().unwrap().map(|host| host.unwrap().into_path());
    let hosts: String = hosts.map(|host| format!("  {}: {host}\n", host.file_name().unwrap())).collect();
    let config = home.file("config.yaml", &format!("mirrors:\n{hosts}"));
    let path = home.file(&format!("{name}.yaml"), &on_debian(&recipe, ""));
    let commands = bake(home, ["build", &path, "--dry-run", "-o", "json"]).env("KILN_CONFIG", &config).json();
    let commands = commands.as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
    for image in &images {
        assert!(commands.contains(image.as_str()), "{image} is not loaded:\n{commands}");
    }
    commands
}

#[test]
fn the_recipes_are_planned_with_all_images_of_a_cluster() {
    for name in ["debian-12-k8s-1.36", "rocky-9-k8s-1.36"] {
        let home = TestHome::with_debian();
        assert!(bake(&home, ["validate", name]).ok().contains(name));
        let commands = planned(&home, name);
        let networks = commands.contains("flannel") && commands.contains("pause:3.10.2");
        assert!(networks && commands.contains("kubeadm config images list --kubernetes-version v1.36.1"), "{commands}");
    }
}

#[test]
fn the_rocky_recipe_is_planned_for_dnf() {
    let home = TestHome::with_debian();
    let commands = planned(&home, "rocky-9-k8s-1.36");
    for part in [
        "--install containerd.io-2.2.0",
        "kubelet-1.36.1,kubeadm-1.36.1,kubectl-1.36.1,kubernetes-cni-1.9.1,cri-tools-1.36.0",
        "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-kubernetes",
        "exclude=kubelet kubeadm kubectl kubernetes-cni cri-tools",
        "DE15B14486CD377B9E876E1A234654DA9A296436",
        "SELINUX=permissive",
        "FILTER_RPC_ARGS",
    ] {
        assert!(commands.contains(part), "{part} is missing in:\n{commands}");
    }
}
