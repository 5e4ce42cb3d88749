//! A stand-in for CentOS 7.5 and for everything that the recipe `centos-7.5-k8s-1.12` fetches: the tests cannot reach the
//! hosts that have the real things, and nothing here pretends to be from them.

use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::containers::container_images;
use crate::golden::sha256;
use crate::image::{bake_file, cache};
use crate::person::Person;
use crate::program::root;
use crate::{RepositoryKey, TestHome};

/// The name of the recipe.
pub const RECIPE: &str = "centos-7.5-k8s-1.12";
/// Where the image and the packages of the stand-in are described.
const FIXTURE: &str = "centos-7.5-stand-in";
const BASE: &str = "CentOS-7-x86_64-GenericCloud-1804_02.qcow2";

/// What is baked once: the image, and the repositories with the key of their packages.
#[derive(Debug)]
pub(crate) struct Baked {
    pub(crate) disk: Utf8PathBuf,
    pub(crate) packages: Utf8PathBuf,
}

pub(crate) fn baked() -> &'static Baked {
    static BAKED: OnceLock<Baked> = OnceLock::new();
    BAKED.get_or_init(|| {
        let (from, to) = (root().join("tests/fixtures").join(FIXTURE), cache().join(FIXTURE));
        fs::create_dir_all(&to).unwrap();
        for file in from.read_dir_utf8().unwrap().map(Result::unwrap) {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
        if let Some(person) = Person::ordinary() {
            to.read_dir_utf8().unwrap().for_each(|file| person.own(file.unwrap().path()));
            person.own(&to);
        }
        let (home, digest) = bake_file(FIXTURE, &to.join("stand-in.yaml"));
        let artifacts = home.join("artifacts").read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path());
        let newest = artifacts
            .map(|folder| folder.join("content"))
            .filter(|content| content.join("web/vault.centos.org").exists())
            .max_by_key(|content| fs::metadata(content).unwrap().modified().unwrap());
        Baked { disk: home.join("images").join(digest).join("disk.qcow2"), packages: newest.unwrap() }
    })
}

/// The shipped recipe in the work folder of a home, with mirrors of everything that it fetches.
#[derive(Debug)]
pub struct Centos {
    /// The recipe, as an argument.
    pub recipe: String,
    /// The configuration with the mirrors, for `KILN_CONFIG`.
    pub config: String,
    /// The folder of the mirrors, a folder for each host.
    pub mirrors: Utf8PathBuf,
    /// The names of the container images.
    pub images: Vec<String>,
}

/// The text of the shipped recipe.
pub fn shipped() -> String {
    fs::read_to_string(root().join("recipes").join(format!("{RECIPE}.yaml"))).unwrap()
}

impl Centos {
    /// Lays the mirrors out, and the recipe. Of the recipe only those digests and fingerprints are exchanged that nobody
    /// but a publisher can make something for; a different line is a failure.
    pub fn new(home: &TestHome) -> Self {
        let (baked, work) = (baked(), home.work());
        let mirrors = work.join("mirrors");
        let text = shipped();
        let images = container_images(&mirrors, &text);
        for host in ["vault.centos.org", "download.docker.com"] {
            copy(&baked.packages.join("web").join(host), &mirrors.join(host));
        }
        let key = RepositoryKey::generate();
        publish_base(&mirrors.join("cloud.centos.org/centos/7/images"), &baked.disk, &key);
        let kubernetes = mirrors.join("dl.k8s.io/v1.12.6/kubernetes-node-linux-amd64.tar.gz");
        pack(&kubernetes, &kubernetes_programs(), "kubernetes");
        let plugins = mirrors
            .join("github.com/containernetworking/plugins/releases/download/v0.6.0/cni-plugins-amd64-v0.6.0.tgz");
        pack(
            &plugins,
            &["bridge", "flannel", "loopback", "portmap"].map(|name| (format!("./{name}"), script(name))),
            ".",
        );
        let flannel = "coreos/flannel/62e44c867a2846fefb68bd5f178daf4da3095ccb/Documentation/kube-flannel.yml";
        let flannel = mirrors.join("raw.githubusercontent.com").join(flannel);
        fs::create_dir_all(flannel.parent().unwrap()).unwrap();
        fs::copy(root().join("clone/fixtures/kube-flannel-0.11.0.yml"), flannel).unwrap();

        let docker = fs::read_to_string(baked.packages.join("fingerprint")).unwrap();
        let text = exchange(&text, "6341 AB27 53D7 8A78 A7C2 7BB1 24C6 A8A7 F4A8 0EB5", &key.fingerprint());
        let text = exchange(&text, "060A 61C5 1B55 8A7F 742B 77AA C52F EB6B 621E 9F35", docker.trim());
        let text = exchange(&text, after(&text, "sha512: "), &sum("sha512sum", &kubernetes));
        let text = exchange(&text, after(&text, "          sha256: "), &sha256(&plugins));
        assert_eq!(text.lines().zip(shipped().lines()).filter(|(ours, theirs)| *ours != *theirs).count(), 4);
        copy(&root().join("recipes").join(RECIPE), &work.join(RECIPE));
        fs::write(work.join(RECIPE).join("RPM-GPG-KEY-CentOS-7"), key.public()).unwrap();
        Self { recipe: home.file(&format!("{RECIPE}.yaml"), &text), config: config_of(home, &mirrors), mirrors, images }
    }

    /// The recipe with RPMs that bake makes, and the one with those of a mirror, which a comment in it describes: as
    /// arguments, and with the configuration. Both want to find that the programs are in packages.
    pub fn by_rpms(&self, home: &TestHome) -> ([String; 2], String) {
        let text = fs::read_to_string(&self.recipe).unwrap();
        let made = exchange(&text, "      version: 1.12.6\n", "      version: 1.12.6\n      rpm-build: true\n");
        let checks = "- rpm -q kubelet-1.12.6-0 kubeadm-1.12.6-0 kubectl-1.12.6-0\n- rpm -V kubelet kubeadm kubectl\n";
        let made = format!("{made}{checks}- test -z \"$(rpm -qa rpm-build patch)\"\n");
        let mirrored = self.mirrored(&text) + checks + "- rpm -q kubernetes-cni-0.6.0-0 cri-tools-1.12.0-0\n";
        let host = "mirrors.aliyun.com";
        let config = format!("{}  {host}: {}\n", fs::read_to_string(&self.config).unwrap(), self.mirrors.join(host));
        let recipes = [home.file("rpm-build.yaml", &made), home.file("mirror.yaml", &mirrored)];
        (recipes, home.file("more-mirrors.yaml", &config))
    }

    /// A recipe on the finished image that installs from the repository of docker, as the recipe names it, and a
    /// configuration by which only its second source answers: as arguments.
    pub fn by_second_source(&self, home: &TestHome) -> [String; 2] {
        let text = fs::read_to_string(&self.recipe).unwrap();
        let (_, rest) = text.split_once("- name: runtime\n  steps:\n").unwrap();
        let (repos, _) = rest.split_once("  # All three").unwrap();
        let steps = format!("{repos}  - install: [containerd.io-1.6.33-3.1.el7]\n");
        let head = format!("name: second\nbase: {{image: {RECIPE}}}\nuser: centos\ndisk: 20GiB\n");
        let recipe = home.file("second.yaml", &format!("{head}layers:\n- name: packages\n  steps:\n{steps}"));
        let config = fs::read_to_string(&self.config).unwrap();
        let (host, folder) = ("download.docker.com", self.mirrors.join("download.docker.com"));
        let config = exchange(&config, &format!("  {host}: {folder}\n"), &format!("  {host}: /nowhere/at-all\n"));
        let config = format!("{config}  mirrors.aliyun.com/docker-ce: {folder}\n");
        [recipe, home.file("second-config.yaml", &config)]
    }

    /// The recipe with another fingerprint for the key of docker's repository, as an argument; and the key's own.
    pub fn by_another_key(&self, home: &TestHome) -> (String, String) {
        let text = fs::read_to_string(&self.recipe).unwrap();
        let (_, rest) = text.split_once("docker-ce/linux/centos/gpg]\n").unwrap();
        let fingerprint = after(rest, "fingerprint: ");
        let changed = exchange(
            &text,
            &format!("centos/gpg]\n            fingerprint: {fingerprint}"),
            &format!("centos/gpg]\n            fingerprint: {}", "0".repeat(40)),
        );
        (home.file("another-key.yaml", &changed), fingerprint.to_owned())
    }

    /// Puts the comment about a mirror's RPMs in the place of `tarball` and `cni`, and stand-ins for them on the mirror.
    fn mirrored(&self, text: &str) -> String {
        let commented = text.lines().skip_while(|line| *line != "  #   packages:");
        let mut packages: String = commented
            .take_while(|line| line.starts_with("  #"))
            .map(|line| line.replacen('#', " ", 1) + "\n")
            .collect();
        let urls: Vec<_> =
            packages.lines().filter_map(|line| line.split_once("https://")).map(|(_, url)| url).collect();
        assert_eq!(urls.len(), 5);
        for url in urls.into_iter().map(str::to_owned).collect::<Vec<_>>() {
            let (digest, package) = url.rsplit('/').next().unwrap().split_once('-').unwrap();
            let (from, to) = (baked().packages.join("kubernetes").join(package), self.mirrors.join(&url));
            copy(&from, &to);
            packages = exchange(&packages, &format!("sha256: {digest}\n"), &format!("sha256: {}\n", sha256(&from)));
        }
        let (before, rest) = text.split_once("      # The checksum is of CHANGELOG").unwrap();
        let (_, after) = rest.split_once("  # The document's own manifest").unwrap();
        format!("{before}{packages}  # The document's own manifest{after}")
    }

    /// Copies the recipe, without anything that it fetches, into another home, and returns it as an argument.
    pub fn recipe_in(&self, home: &TestHome) -> String {
        copy(&Utf8Path::new(&self.recipe).parent().unwrap().join(RECIPE), &home.work().join(RECIPE));
        home.file(&format!("{RECIPE}.yaml"), &fs::read_to_string(&self.recipe).unwrap())
    }
}

/// Writes the configuration by which a folder of `mirrors` stands for the host of its name, and returns it as an argument.
pub(crate) fn config_of(home: &TestHome, mirrors: &Utf8Path) -> String {
    let hosts = mirrors.read_dir_utf8().unwrap().map(|host| host.unwrap().into_path());
    let hosts: String = hosts.map(|host| format!("  {}: {host}\n", host.file_name().unwrap())).collect();
    home.file("config.yaml", &format!("mirrors:\n{hosts}"))
}

/// The image and its signed list of checksums, as they are published.
fn publish_base(folder: &Utf8Path, disk: &Utf8Path, key: &RepositoryKey) {
    fs::create_dir_all(folder).unwrap();
    fs::copy(disk, folder.join(BASE)).unwrap();
    let list = folder.join("list");
    fs::write(&list, format!("{}  {BASE}\n", sha256(disk))).unwrap();
    key.clear_sign(&list, &folder.join("sha256sum.txt.asc"));
    fs::remove_file(&list).unwrap();
}

fn kubernetes_programs() -> Vec<(String, String)> {
    let said = [
        ("kubelet", "Kubernetes v1.12.6"),
        ("kubeadm", "v1.12.6"),
        ("kubectl", "clientVersion:\n  gitVersion: v1.12.6\n  minor: \"12\""),
    ];
    said.map(|(name, said)| (format!("kubernetes/node/bin/{name}"), script(said))).into()
}

/// A stand-in for a program: it says this.
fn script(said: &str) -> String {
    format!("#!/bin/sh\necho '{said}'\n")
}

/// Packs executable files.
fn pack(archive: &Utf8Path, files: &[(String, String)], top: &str) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir_all(archive.parent().unwrap()).unwrap();
    run(Command::new("tar").arg("-C").arg(folder.path()).args(["-czf", archive.as_str(), top]));
}

/// Exchanges one text, which must be there.
#[track_caller]
pub(crate) fn exchange(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old} is not in the recipe once");
    text.replace(old, new)
}

/// The rest of the line after a key that is there once.
fn after<'a>(text: &'a str, key: &str) -> &'a str {
    text.split_once(key).unwrap().1.lines().next().unwrap()
}

fn sum(program: &str, path: &Utf8Path) -> String {
    let ran = Command::new(program).arg(path).output().unwrap();
    String::from_utf8(ran.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

pub(crate) fn copy(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    run(Command::new("cp").args(["--recursive", "--no-target-directory", from.as_str(), to.as_str()]));
}

fn run(command: &mut Command) {
    let ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ran.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&ran.stderr));
}
