//! Layers: what is made again, what is not, and what comes of a step or a check that fails.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::Utf8PathBuf;
use kiln_tests::{Counter, DiskReader, Server, TestHome, bake, debian, sha256_of};
use serde_json::Value;

/// The exit code for a step or a check that failed.
const BAKE: i32 = 6;

/// What the steps of the first layer find: a swap area, an SELinux configuration without SELinux, units, and what an image
/// that was used leaves behind.
const FURNISH: &str = r"#!/bin/sh
set -e
echo '/dev/vdb none swap sw 0 0' >> /etc/fstab
mkdir -p /etc/selinux /etc/kiln /var/lib/dhcp /var/lib/NetworkManager
printf 'SELINUX=enforcing\nSELINUXTYPE=targeted\n' > /etc/selinux/config
for unit in a b c; do
    printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/kiln-$unit.service
done
echo lines > /etc/kiln/lines
echo gone > /etc/kiln/gone
echo of-a-file-that-a-later-layer-deletes > /etc/kiln/marker
echo lease > /var/lib/dhcp/dhclient.eth0.leases
echo lease > /var/lib/NetworkManager/internal-eth0.lease
";

/// What is downloaded.
const TOOL: &str = "#!/bin/sh\necho downloaded\n";

/// Two layers on the shared image. The first one downloads `tool`, the second one reads the folder `tree`.
fn recipe(home: &TestHome, tool: &Server, last_step: &str, check: &str) -> String {
    home.file("note.txt", "one\n");
    home.file("furnish.sh", FURNISH);
    let download =
        format!("url: '{}', sha256: {}", tool.url("tool"), sha256_of(home.file("tool", TOOL).as_str().into()));
    home.file(
        "mine.yaml",
        &format!(
            "name: mine\nbase: {{image: debian-12}}\nuser: debian\ndisk: 11GiB\nlayers:\n\
             - name: system\n  steps:\n  - user: {{name: ada, sudo: true}}\n  - sysctl: {{vm.swappiness: 7}}\n  \
             - write: {{path: /etc/kiln/secret, content: 'a:b', mode: '0600'}}\n  \
             - upload: {{from: note.txt, to: /etc/kiln/recipe, mode: '0640'}}\n  \
             - script: furnish.sh\n  - swap: off\n  - selinux: permissive\n  - timezone: Europe/Paris\n  \
             - append-line: {{path: /etc/kiln/lines, line: 'one more: it'}}\n  - delete: /etc/kiln/gone\n  \
             - remove: [socat]\n  - service: {{enable: [kiln-a.service, kiln-b.service]}}\n  \
             - service: {{disable: [kiln-b.service], mask: [kiln-d.service]}}\n  \
             - download: {{{download}, to: /usr/local/bin/tool, mode: '0755'}}\n\
             - name: files\n  steps:\n  - copy-in: {{from: tree, into: /opt/kiln}}\n  - run: {last_step}\n  \
             - run: 'echo key > /etc/ssh/ssh_host_rsa_key; echo log > /var/log/mine.log; rm /etc/kiln/marker'\n\
             checks:\n- id ada && test /etc/localtime -ef /usr/share/zoneinfo/Europe/Paris && ! command -v socat\n- {check}\n"
        ),
    )
}

fn explained(home: &TestHome, path: &str) -> Value {
    bake(home, ["build", path, "--explain", "-o", "json"]).json()
}

/// The reasons for making the last layer, where all others are cached.
#[track_caller]
fn why_last(home: &TestHome, path: &str) -> String {
    let layers = explained(home, path);
    let made: Vec<_> = layers.as_array().unwrap().iter().filter(|layer| layer["cached"] == false).collect();
    assert!(made.len() == 1 && made[0]["layer"] == "files", "{layers:#}");
    made[0]["reasons"].to_string()
}

/// One recipe's life, each start of the appliance used for as much as can be seen from it.
#[test]
fn a_build_makes_what_is_missing_and_nothing_else() {
    let home = TestHome::of_ordinary_user().and_debian();
    let counter = Counter::new(&home);
    let build = |path: &str| counter.watch(bake(&home, ["build", path])).finish();
    let server = Server::of(TOOL.into());
    let recipe = |last_step: &str, check: &str| recipe(&home, &server, last_step, check);
    let tree = home.work().join("tree");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::write(tree.join("sub/tool"), "#!/bin/sh\necho one\n").unwrap();
    fs::set_permissions(tree.join("sub/tool"), fs::Permissions::from_mode(0o751)).unwrap();
    home.give_to_owner(&tree.join("sub/tool"));
    let good_check = "test \"$(/opt/kiln/tree/sub/tool)\" = one";

    // A step fails: everything is said that helps, and nothing is published.
    let path = recipe("'echo this is why >&2; exit 7'", good_check);
    let said = build(&path).fails(BAKE);
    for part in
        ["`files`", "step 2 of 7", "run: echo this is why", "this is why\n", "mine.log", "goes on at this layer"]
    {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert_eq!(counter.runs(), 2);
    assert!(!home.root().join("names/mine").exists(), "a failed build was published");

    // The step is put right: the build goes on at its layer.
    let path = recipe("touch /opt/kiln/run", good_check);
    assert!(why_last(&home, &path).contains("never made"), "{}", explained(&home, &path));
    assert!(build(&path).ok().contains("baked mine"));
    assert_eq!(counter.runs(), 3);
    let name = fs::read_to_string(home.root().join("names/mine")).unwrap();
    let manifest = bake(&home, ["show", "mine", "-o", "json"]).json();
    assert_eq!(name.trim(), manifest["digest"]);
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 3);
    assert_eq!(manifest["virtual-size-bytes"], 11_u64 << 30);
    assert!(manifest["base"]["what"].as_str().unwrap().contains(&debian().digest()[..12]));

    // Nothing changed, whichever way one asks.
    assert!(build(&path).ok().contains("nothing changed"));
    assert!(explained(&home, &path).as_array().unwrap().iter().all(|layer| layer["cached"] == true));
    assert_eq!(bake(&home, ["build", &path, "--dry-run", "-o", "json"]).json(), Value::Array(Vec::new()));
    assert_eq!(counter.runs(), 3);

    // One mode, one byte: named, and only the layer that reads the file is made again.
    fs::set_permissions(tree.join("sub/tool"), fs::Permissions::from_mode(0o750)).unwrap();
    assert!(why_last(&home, &path).contains("tree/sub/tool changed"), "{}", explained(&home, &path));
    fs::set_permissions(tree.join("sub/tool"), fs::Permissions::from_mode(0o751)).unwrap();
    assert!(build(&path).ok().contains("nothing changed"));
    fs::write(tree.join("sub/tool"), "#!/bin/sh\necho two\n").unwrap();
    let why = why_last(&home, &path);
    assert!(why.contains("tree/sub/tool changed") && !why.contains("step"), "{why}");

    // With that byte the check fails: the name stands for the image that it stood for.
    let said = build(&path).fails(BAKE);
    for part in ["`files`", "step 5 of 7", "check: test"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert_eq!(counter.runs(), 4);
    let log = fs::read_to_string(home.root().join("logs/bake-mine.log")).unwrap();
    assert!(!log.contains("this is why"), "the log is of more than the last bake");
    assert_eq!(fs::read_to_string(home.root().join("names/mine")).unwrap(), name);
    let left: Vec<_> = fs::read_dir(home.root().join("scratch")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    assert_sealed(&home, &manifest);
    assert_forgotten(&home, &manifest);
    debian().assert_untouched();
}

/// The steps of the first layer: what they changed, and nothing beside it.
fn assert_furnished(disk: &DiskReader) {
    let fstab = disk.read("/etc/fstab").unwrap();
    assert!(fstab.contains("\n#/dev/vdb none swap sw 0 0\n") && fstab.contains(" / "), "{fstab}");
    assert_eq!(disk.read("/etc/selinux/config").unwrap(), "SELINUX=permissive\nSELINUXTYPE=targeted\n");
    assert!(disk.mode("/.autorelabel").is_none(), "an image without a policy is to be labelled");
    assert_eq!(disk.read("/etc/kiln/lines").unwrap(), "lines\none more: it\n");
    assert!(disk.mode("/etc/kiln/gone").is_none());
    assert_eq!(disk.read("/usr/local/bin/tool").unwrap(), TOOL);
    assert_eq!(disk.mode("/usr/local/bin/tool").unwrap(), ("0755".to_owned(), 0, 0));
    let started = disk.list("/etc/systemd/system/multi-user.target.wants");
    let ours: Vec<_> = started.iter().filter(|unit| unit.starts_with("kiln-")).collect();
    assert_eq!(ours, ["kiln-a.service"]);
    assert!(disk.list("/etc/systemd/system").contains(&"kiln-d.service".to_owned()), "it is not masked");
    for gone in ["/var/lib/dhcp/dhclient.eth0.leases", "/var/lib/NetworkManager/internal-eth0.lease"] {
        assert!(disk.mode(gone).is_none(), "{gone} was left");
    }
}

/// What was deleted is on the disk of the layer that made it, and nowhere in the finished one.
fn assert_forgotten(home: &TestHome, manifest: &Value) {
    let is_in = |disk: Utf8PathBuf| {
        let found = Command::new("grep").args(["-qaF", "of-a-file-that-a-later-layer-deletes"]).arg(&disk).status();
        found.unwrap().success()
    };
    let key = manifest["layers"][1]["key"].as_str().unwrap().trim_start_matches("sha256:");
    assert!(is_in(home.root().join("layers").join(key).join("disk.qcow2")), "the layer has not written it");
    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    assert!(!is_in(home.root().join("images").join(digest).join("disk.qcow2")), "it can be read in the free blocks");
}

/// What the steps did is on the finished disk, and what must differ between clones is not.
fn assert_sealed(home: &TestHome, manifest: &Value) {
    let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let disk = DiskReader::open(&home.root().join("images").join(digest).join("disk.qcow2"));
    assert_eq!(disk.read("/etc/kiln/secret").unwrap(), "a:b");
    assert_eq!(disk.mode("/etc/kiln/secret").unwrap(), ("0600".to_owned(), 0, 0));
    assert_eq!(disk.mode("/etc/kiln/recipe").unwrap(), ("0640".to_owned(), 0, 0));
    assert_eq!(disk.read("/opt/kiln/tree/sub/tool").unwrap(), "#!/bin/sh\necho one\n");
    assert_eq!(disk.mode("/opt/kiln/tree/sub/tool").unwrap(), ("0751".to_owned(), 0, 0), "copied files are root's");
    assert_eq!(disk.read("/etc/sysctl.d/90-vm.swappiness.conf").unwrap(), "vm.swappiness = 7\n");
    assert_eq!(disk.read("/etc/sudoers.d/90-ada").unwrap(), "ada ALL=(ALL) NOPASSWD: ALL\n");
    assert!(disk.list("/opt/kiln").contains(&"run".to_owned()));
    assert_furnished(&disk);

    assert_eq!(disk.read("/etc/machine-id").unwrap(), "", "the machine id is not empty");
    assert_eq!(disk.read("/var/log/mine.log").unwrap(), "", "a log was left");
    let keys: Vec<_> = disk.list("/etc/ssh").into_iter().filter(|name| name.starts_with("ssh_host_")).collect();
    assert!(keys.is_empty(), "host keys were left: {keys:?}");
    for gone in ["/var/lib/systemd/random-seed", "/var/lib/cloud/instance", "/var/lib/dbus/machine-id", "/root/.ssh"] {
        assert!(disk.mode(gone).is_none(), "{gone} was left");
    }
}
