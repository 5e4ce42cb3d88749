//! The recipe `centos-7.5-k8s-1.12` on a stand-in for CentOS 7.5, by way of mirrors, and without any network from a bundle.
//!
//! The stand-in is Debian with CentOS' identity; docker, Kubernetes and the container images in it are scripts and names
//! (tests/fixtures/centos-7.5-stand-in, tests/src/centos.rs). What is proven is what `bake` does, not what CentOS does. The
//! recipe is the shipped one, but for four digests and fingerprints of things that only their publishers can make.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::time::Instant;

use kiln_tests::{Centos, Counter, DiskReader, TestHome, bake, clone};
use serde_json::Value;

const NAME: &str = "centos-7.5-k8s-1.12";
/// The exit codes for images and downloads, and for a step that failed.
const IMAGE: i32 = 5;
const BAKE: i32 = 6;

#[test]
fn the_recipe_is_baked_by_mirrors_and_from_a_bundle() {
    let begun = Instant::now();
    let chapter = |what: &str| eprintln!("{what} ({} s)", begun.elapsed().as_secs());
    let home = TestHome::empty();
    let centos = Centos::new(&home);
    chapter("the stand-in is there");
    let online = fetched_into_a_bundle(&home, &centos);
    chapter("fetched, recorded and baked by mirrors");
    every_effect_is_on_the_disk(&home, &online, &centos);
    the_programs_can_come_as_rpms(&home, &centos);
    chapter("baked with RPMs");
    let there = TestHome::empty().cut_off();
    baked_without_a_network(&home, &there, &centos, &online);
    chapter("baked from the bundle");
    the_desktop_stands_on_it(&home, &centos);
    chapter("baked with a desktop");
    a_second_source_is_named(&home, &centos);
    chapter("baked from second sources");
    what_is_missing_is_named(&home, &there, &centos);
    chapter("faults");
    a_clone_has_it_all(&there, &centos);
    chapter("cloned");
}

fn fetched_into_a_bundle(home: &TestHome, centos: &Centos) -> Value {
    let bundle = home.work().join("bundle");
    let words = ["fetch", &centos.recipe, "--bundle", bundle.as_str(), "-o", "json"];
    let fetched = bake(home, words).env("KILN_CONFIG", &centos.config).json();
    assert!(fetched["files"].as_u64().unwrap() > 40, "{fetched}");
    let content: Value = serde_json::from_slice(&fs::read(bundle.join("bundle.json")).unwrap()).unwrap();
    for url in [
        "https://cloud.centos.org/centos/7/images/CentOS-7-x86_64-GenericCloud-1804_02.qcow2",
        "https://cloud.centos.org/centos/7/images/sha256sum.txt.asc",
        "http://vault.centos.org/7.5.1804/os/x86_64/repodata/repomd.xml",
        "http://vault.centos.org/7.5.1804/extras/x86_64/Packages/container-selinux-2.68-1.el7.x86_64.rpm",
        "https://download.docker.com/linux/centos/gpg",
        "https://download.docker.com/linux/centos/7/x86_64/stable/Packages/docker-ce-18.09.3-3.el7.x86_64.rpm",
        "https://dl.k8s.io/v1.12.6/kubernetes-node-linux-amd64.tar.gz",
    ] {
        assert!(content["files"][url]["sha256"].is_string(), "{url} is not in the bundle");
    }
    // What nothing needs is not there, and nothing of the second sources was asked for.
    let names: Vec<_> = content["files"].as_object().unwrap().keys().collect();
    assert!(!names.iter().any(|url| url.contains("docker-ce-26") || url.contains("aliyun")), "{names:?}");
    assert_eq!(content["images"].as_object().unwrap().len(), centos.images.len());
    bake(home, ["show", NAME, "-o", "json"]).json()
}

fn every_effect_is_on_the_disk(home: &TestHome, manifest: &Value, centos: &Centos) {
    let has = |name: &str, version: &str| {
        let packages = manifest["packages"].as_array().unwrap();
        let found: Vec<_> = packages.iter().filter(|package| package["name"] == name).collect();
        assert!(found.len() == 1 && found[0]["version"] == version, "{name}: {found:?}");
    };
    has("docker-ce", "3:18.09.3-3.el7.x86_64");
    has("docker-ce-cli", "1:18.09.3-3.el7.x86_64");
    has("containerd.io", "1.2.4-3.1.el7.x86_64");
    has("container-selinux", "2:2.68-1.el7.x86_64");
    has("conntrack-tools", "1.4.4-3.el7_3.x86_64");
    has("libseccomp", "2.3.1-4.el7.x86_64");
    for (key, expected) in
        [("kubernetes", "1.12.6"), ("container-runtime", "docker"), ("cgroup-driver", "cgroupfs"), ("user", "centos")]
    {
        assert_eq!(manifest[key], expected, "{key}");
    }
    assert_eq!(manifest["os"]["name"], "CentOS Linux 7 (Core)");
    let images: Vec<_> = manifest["container-images"].as_array().unwrap().iter().map(|image| &image["name"]).collect();
    assert!(centos.images.iter().all(|name| images.contains(&&Value::from(name.as_str()))), "{images:?}");

    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    let read = |path: &str| disk.read(path).unwrap_or_else(|| panic!("{path} is missing"));
    assert!(read("/etc/selinux/config").contains("SELINUX=disabled\n"));
    assert!(read("/etc/fstab").contains("\n#UUID=4549c6c1-d0a5-4a8b-ae25-f03847f2b241 swap"), "{}", read("/etc/fstab"));
    assert!(read("/etc/sysconfig/qemu-ga").contains("\n#BLACKLIST_RPC="));
    assert!(read("/root/kube-flannel.yaml").contains("quay.io/coreos/flannel:v0.11.0-amd64"));
    // The image's own repositories are out of use. Those of the recipe are as the recipe says, whatever way was taken.
    assert!(disk.read("/etc/yum.repos.d/CentOS-Base.repo").is_none());
    assert!(read("/etc/yum.repos.d/CentOS-Base.repo.disabled").contains("mirrorlist"));
    let vault = read("/etc/yum.repos.d/centos-7.5-os.repo");
    assert!(vault.contains("baseurl=http://vault.centos.org/7.5.1804/os/$basearch/\n"), "{vault}");
    assert!(vault.contains("gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7\n"), "{vault}");
    let docker = read("/etc/yum.repos.d/docker.repo");
    assert!(docker.contains("baseurl=https://download.docker.com/linux/centos/7/$basearch/stable\n"), "{docker}");
    assert!(docker.contains("gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-docker\n"), "{docker}");
    assert!(read("/etc/docker/daemon.json").contains("native.cgroupdriver=cgroupfs"));
    for module in ["br_netfilter", "overlay"] {
        assert_eq!(read(&format!("/etc/modules-load.d/{module}.conf")), format!("{module}\n"));
    }
    for key in ["net.ipv4.ip_forward", "net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"] {
        assert_eq!(read(&format!("/etc/sysctl.d/90-{key}.conf")), format!("{key} = 1\n"));
    }
    let started = disk.list("/etc/systemd/system/multi-user.target.wants");
    for unit in ["docker.service", "kubelet.service"] {
        assert!(started.contains(&unit.to_owned()), "{unit}: {started:?}");
    }
    assert!(read("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf").contains("/etc/sysconfig/kubelet"));
    assert!(disk.list("/opt/cni/bin").contains(&"flannel".to_owned()));
    assert_eq!(read("/etc/machine-id"), "");
}

/// Those that bake makes, and those of a mirror. What the packages are asked is in the recipes' checks.
fn the_programs_can_come_as_rpms(home: &TestHome, centos: &Centos) {
    let (recipes, config) = centos.by_rpms(home);
    for recipe in recipes {
        assert!(bake(home, ["build", &recipe]).env("KILN_CONFIG", &config).ok().contains("baked"), "{recipe}");
        let manifest = bake(home, ["show", NAME, "-o", "json"]).json();
        let packages: Vec<_> =
            manifest["packages"].as_array().unwrap().iter().map(|package| &package["name"]).collect();
        assert!(
            ["kubelet", "kubeadm", "kubectl"].iter().all(|name| packages.contains(&&Value::from(*name))),
            "{recipe}"
        );
        let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
        let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
        // The unit is the package's.
        assert!(disk.read("/usr/lib/systemd/system/kubelet.service").is_some(), "{recipe}");
        assert!(!disk.list("/etc/systemd/system").contains(&"kubelet.service".to_owned()), "{recipe}");
        assert!(disk.list("/opt/cni/bin").contains(&"flannel".to_owned()), "{recipe}");
    }
}

/// With a home that knows nothing, in a network that leads nowhere, from the recipe and the bundle alone.
fn baked_without_a_network(home: &TestHome, there: &TestHome, centos: &Centos, online: &Value) {
    let (recipe, counter) = (centos.recipe_in(there), Counter::new(there));
    let bundle = home.work().join("bundle");
    let build = || counter.watch(bake(there, ["build", &recipe, "--offline", "--bundle", bundle.as_str()]));
    assert!(build().ok().contains("baked centos-7.5-k8s-1.12"));
    // Four layers: a run each, or a boot for that of the container images.
    assert_eq!((counter.runs(), counter.boots()), (3, 1));
    let offline = bake(there, ["show", NAME, "-o", "json"]).json();
    for key in ["packages", "container-images", "kubernetes", "base"] {
        assert_eq!(offline[key], online[key], "{key}");
    }
    let keys = |manifest: &Value| {
        let layers = manifest["layers"].as_array().unwrap().iter();
        layers.map(|layer| layer["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&offline), keys(online), "how things come is no ingredient of what they make");
    assert!(build().ok().contains("nothing changed"));

    // One layer changes, the last: one run more.
    let text = fs::read_to_string(&recipe).unwrap();
    fs::write(&recipe, format!("{text}- test -e /root/kube-flannel.yaml\n")).unwrap();
    assert!(build().ok().contains("baked centos-7.5-k8s-1.12"));
    assert_eq!((counter.runs(), counter.boots()), (4, 1));
}

/// The shipped recipe on the image of the other. What makes it a desktop is in its checks, too.
fn the_desktop_stands_on_it(home: &TestHome, centos: &Centos) {
    let built = bake(home, ["build", "centos-7.5-k8s-1.12-desktop"]).env("KILN_CONFIG", &centos.config);
    assert!(built.ok().contains("baked centos-7.5-k8s-1.12-desktop"));
    let show = |name: &str| bake(home, ["show", name, "-o", "json"]).json();
    let (desktop, below) = (show("centos-7.5-k8s-1.12-desktop"), show(NAME));
    for key in ["kubernetes", "container-runtime", "cgroup-driver", "container-images", "user", "os"] {
        assert!(!below[key].is_null() && desktop[key] == below[key], "{key}: {} {}", desktop[key], below[key]);
    }
    let digest = desktop["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    assert!(disk.list("/etc/systemd/system").contains(&"default.target".to_owned()));
    assert!(disk.list("/etc/systemd/system/graphical.target.wants").contains(&"gdm.service".to_owned()));
    // One sits at it without a password; what closes its ports is masked, and the recipe's checks say that it is off.
    let gdm = disk.read("/etc/gdm/custom.conf").unwrap();
    assert!(gdm.contains("[daemon]\nAutomaticLoginEnable=True\nAutomaticLogin=centos\n"), "{gdm}");
    assert!(disk.list("/etc/systemd/system").contains(&"firewalld.service".to_owned()), "it is not masked");
}

/// One mirror is gone; the second source of the repository, and of its key, is there.
fn a_second_source_is_named(home: &TestHome, centos: &Centos) {
    let [recipe, config] = centos.by_second_source(home);
    let built = bake(home, ["build", &recipe]).env("KILN_CONFIG", &config).finish();
    let said = built.stderr();
    for part in [
        "the key of the repository `docker` came from https://mirrors.aliyun.com/docker-ce/linux/centos/gpg",
        "packages of the repository `docker` came from https://mirrors.aliyun.com/docker-ce/linux/centos/7/",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    built.ok();
}

fn what_is_missing_is_named(home: &TestHome, there: &TestHome, centos: &Centos) {
    let bundle = home.work().join("bundle");
    let words = |recipe: &str| ["build", recipe, "--offline", "--bundle", bundle.as_str()].map(str::to_owned);

    // A package version that is gone, or was never fetched.
    let text = fs::read_to_string(&centos.recipe).unwrap();
    let gone = there.file("gone.yaml", &text.replace("18.09.3-3.el7", "18.09.99-3.el7"));
    let said = bake(there, words(&gone)).fails(BAKE);
    for part in ["`runtime`", "docker-ce-18.09.99-3.el7", "step 2 of 2"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }

    // A package that is in the repository, but not in the bundle.
    let more = there.file("more.yaml", &text.replace("containerd.io-1.2.4-3.1.el7]", "containerd.io-1.6.33-3.1.el7]"));
    let said = bake(there, words(&more)).fails(BAKE);
    let rpm =
        "https://download.docker.com/linux/centos/7/x86_64/stable/Packages/containerd.io-1.6.33-3.1.el7.x86_64.rpm";
    assert!(said.contains("could not be had") && said.contains(rpm), "{said}");

    // A package that is signed by somebody else.
    let other = home.file("signed.yaml", &text.replace("containerd.io-1.2.4-3.1.el7]", "containerd.io-1.2.5-3.1.el7]"));
    let said = bake(home, ["build", &other]).env("KILN_CONFIG", &centos.config).fails(BAKE);
    for part in ["`runtime`", "containerd.io-1.2.5-3.1.el7", "GPG check FAILED"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }

    // A repository whose key is another one than the recipe believes.
    let (other, fingerprint) = centos.by_another_key(home);
    let said = bake(home, ["build", &other]).env("KILN_CONFIG", &centos.config).fails(BAKE);
    for part in ["`runtime`", "RPM-GPG-KEY-docker", &fingerprint, &"0".repeat(40)] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }

    // A mirror that answers 404, with the layers below from the cache.
    fs::remove_file(centos.mirrors.join("download.docker.com/linux/centos/gpg")).unwrap();
    let changed = home.file("changed.yaml", &text.replace("cgroup-driver: cgroupfs", "cgroup-driver: systemd"));
    let said = bake(home, ["build", &changed]).env("KILN_CONFIG", &centos.config).fails(BAKE);
    for part in ["`runtime`", "https://download.docker.com/linux/centos/gpg", "could not be had", "there is no /"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }

    // A file of the bundle that was lost, and one that was changed, before anything is made.
    let rpm = bundle.join("web/https/dl.k8s.io/v1.12.6/kubernetes-node-linux-amd64.tar.gz");
    fs::write(&rpm, "half").unwrap();
    let said = bake(there, words(&centos.recipe)).fails(IMAGE);
    assert!(said.contains("https://dl.k8s.io/v1.12.6/kubernetes-node") && said.contains("expected"), "{said}");
    fs::remove_file(&rpm).unwrap();
    let said = bake(there, words(&centos.recipe)).fails(IMAGE);
    assert!(said.contains("is missing, which is https://dl.k8s.io/v1.12.6/kubernetes-node"), "{said}");
}

/// Says, a line each, what a clone has not of what the image is to be. The arguments are the names of container images.
const ASKED: &str = r#"
wants() { what=$1; shift; "$@" > /dev/null 2>&1 || echo "missing: $what"; }
says() { [ "$2" = "$3" ] || echo "$1: '$2', not '$3'"; }
says hostname "$(hostname)" node1
wants 'the address of node1 in /etc/hosts' grep -E '^192\.168\.206\.196[[:space:]]+node1' /etc/hosts
wants 'its address on eth1' sh -c 'ip -4 -o addr show eth1 | grep -F 192.168.206.196/24'
wants 'SELinux off' grep -x SELINUX=disabled /etc/selinux/config
says 'swap areas in use' "$(tail -n +2 /proc/swaps)" ''
wants 'the swap area commented out in fstab' grep '^#UUID=4549c6c1-d0a5-4a8b-ae25-f03847f2b241 swap' /etc/fstab
for key in net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables; do
    says "$key" "$(/sbin/sysctl -n "$key")" 1
done
for module in br_netfilter overlay; do
    wants "$module in modules-load.d" grep -x "$module" "/etc/modules-load.d/$module.conf"
    wants "$module in the kernel" test -d "/sys/module/$module"
done
says packages "$(rpm -q docker-ce docker-ce-cli containerd.io | tr '\n' ' ')" \
    'docker-ce-18.09.3-3.el7.x86_64 docker-ce-cli-18.09.3-3.el7.x86_64 containerd.io-1.2.4-3.1.el7.x86_64 '
says kubelet "$(kubelet --version)" 'Kubernetes v1.12.6'
for unit in docker kubelet qemu-guest-agent; do says "$unit at boot" "$(systemctl is-enabled $unit.service)" enabled; done
for unit in docker qemu-guest-agent; do says "$unit" "$(systemctl is-active $unit.service)" active; done
says repositories "$(cd /etc/yum.repos.d && ls *.repo | tr '\n' ' ')" \
    'centos-7.5-extras.repo centos-7.5-os.repo centos-7.5-updates.repo docker.repo '
says 'the manifest of flannel' "$(sha256sum < /root/kube-flannel.yaml)" \
    'a82ee33314f6203991c0fd67c74d9587d9d1e20fe3661eb0744e7e8e31ec0b2d  -'
for image; do wants "the image $image" docker image inspect --format x "$image"; done
"#;

/// The same on a clone that has booted.
fn a_clone_has_it_all(there: &TestHome, centos: &Centos) {
    let lab = there.file(
        "centos.yaml",
        "name: centos\nimage: centos-7.5-k8s-1.12\nnetwork: 192.168.206.0/24\ndefaults: {cpus: 1, memory: 1GiB}\nnodes:\n\
         - {name: node1, ip: 192.168.206.196}\n",
    );
    clone(there, ["up", &lab]).ok();
    assert_eq!(clone(there, ["exec", "node1", "--", "id", "-un"]).ok().trim(), "centos");
    let asked = ["exec", "node1", "--", "sudo", "sh", "-c", ASKED, "sh"].map(str::to_owned);
    assert_eq!(clone(there, asked.into_iter().chain(centos.images.iter().cloned())).ok(), "");
    clone(there, ["destroy", "centos", "--yes"]).ok();
}
