//! The recipe `rocky-9-k8s-1.36` on the stand-in for CentOS: dnf, signed RPMs, and a containerd that takes the images in.
//!
//! The stand-in is Debian with CentOS' identity and rpm; Kubernetes is scripts that say the right version, and the images are
//! names. containerd is a real one, Debian's (tests/fixtures/centos-7.5-stand-in/rocky.sh). What is proven is what `bake`
//! does, not what Rocky Linux does.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use kiln_tests::{DiskReader, Rocky, TestHome, bake};
use serde_json::Value;

const NAME: &str = "rocky-9-k8s-1.36";

#[test]
fn the_recipe_makes_a_node_from_signed_rpms() {
    let home = TestHome::empty();
    let rocky = Rocky::new(&home);
    let built = bake(&home, ["build", &rocky.recipe]).env("KILN_CONFIG", &rocky.config).ok();
    assert!(built.contains("baked rocky-9-k8s-1.36"), "{built}");

    let manifest = bake(&home, ["show", NAME, "-o", "json"]).json();
    for (key, expected) in
        [("kubernetes", "1.36.1"), ("container-runtime", "containerd"), ("cgroup-driver", "systemd"), ("user", "rocky")]
    {
        assert_eq!(manifest[key], expected, "{key}");
    }
    let packages = manifest["packages"].as_array().unwrap();
    for (name, version) in [
        ("containerd.io", "2.2.0-1.el9.x86_64"),
        ("kubelet", "1.36.1-150500.1.1.x86_64"),
        ("kubernetes-cni", "1.9.1-150500.1.1.x86_64"),
        ("cri-tools", "1.36.0-150500.1.1.x86_64"),
    ] {
        let found: Vec<_> = packages.iter().filter(|package| package["name"] == name).collect();
        assert!(found.len() == 1 && found[0]["version"] == version, "{name}: {found:?}");
    }
    // What containerd has is what was asked for; that it is all of kubeadm's is in a step of the recipe.
    let images: Vec<_> = manifest["container-images"].as_array().unwrap().iter().map(|image| &image["name"]).collect();
    assert_eq!(images.len(), rocky.images.len());
    assert!(rocky.images.iter().all(|name| images.contains(&&Value::from(name.as_str()))), "{images:?}");
    assert_is_a_node(&home, &manifest);

    // A version that the repository does not have.
    let text = std::fs::read_to_string(&rocky.recipe).unwrap();
    let gone = home.file("gone.yaml", &text.replace("kubernetes-cni-1.9.1", "kubernetes-cni-1.9.9"));
    let said = bake(&home, ["build", &gone]).env("KILN_CONFIG", &rocky.config).fails(6);
    assert!(said.contains("`kubernetes`") && said.contains("kubernetes-cni-1.9.9"), "{said}");
}

/// What `kubeadm` finds when it starts is on the disk.
fn assert_is_a_node(home: &TestHome, manifest: &Value) {
    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    let read = |path: &str| disk.read(path).unwrap_or_else(|| panic!("{path} is missing"));
    let containerd = read("/etc/containerd/config.toml");
    for part in ["sandbox_image = \"registry.k8s.io/pause:3.10.2\"", "SystemdCgroup = true"] {
        assert!(containerd.contains(part), "{part} is missing in:\n{containerd}");
    }
    assert!(!containerd.contains("disabled_plugins"), "{containerd}");
    assert!(read("/etc/selinux/config").contains("SELINUX=permissive\n"));
    assert!(read("/etc/sysconfig/qemu-ga").contains("\n#BLACKLIST_RPC="));
    let kubernetes = read("/etc/yum.repos.d/kubernetes.repo");
    for line in [
        "baseurl=https://pkgs.k8s.io/core:/stable:/v1.36/rpm/\n",
        "gpgcheck=1\n",
        "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-kubernetes\n",
        "exclude=kubelet kubeadm kubectl kubernetes-cni cri-tools\n",
    ] {
        assert!(kubernetes.contains(line), "{line} is missing in:\n{kubernetes}");
    }
    let docker = read("/etc/yum.repos.d/docker.repo");
    assert!(
        docker.contains("baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable\n"),
        "{docker}"
    );
    let started = disk.list("/etc/systemd/system/multi-user.target.wants");
    for unit in ["containerd.service", "kubelet.service"] {
        assert!(started.contains(&unit.to_owned()), "{unit}: {started:?}");
    }
    assert_eq!(disk.list("/etc/systemd/system/kubelet.service.d"), ["20-kiln.conf"], "the package has the others");
    for module in ["br_netfilter", "overlay"] {
        assert_eq!(read(&format!("/etc/modules-load.d/{module}.conf")), format!("{module}\n"));
    }
    assert!(disk.list("/opt/cni/bin").contains(&"loopback".to_owned()));
    assert_eq!(read("/etc/machine-id"), "");
}
