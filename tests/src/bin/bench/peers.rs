//! What one would do without Kiln: the same disks and seeds, made by a shell loop.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tests::TestHome;

use crate::measure::{Ran, run};

/// How long a loop may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The files of a seed (cloud-init's documentation of the NoCloud data source).
const SEED: [&str; 3] = ["user-data", "meta-data", "network-config"];

/// Makes the disks and seeds of nodes with the tools themselves. Its arguments: the folder of the seeds' files, the
/// folder to be made, the golden image.
const LOOP: &str = r#"set -eu
for seed in "$1"/*; do
    node="$2/${seed##*/}"
    mkdir -p "$node"
    qemu-img create -q -f qcow2 -F qcow2 -b "$3" "$node/disk.qcow2"
    MEDIUM
done
"#;

/// How the loop makes the medium of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// By genisoimage.
    Genisoimage,
    /// By cloud-localds, of cloud-image-utils.
    CloudLocalds,
}

impl Medium {
    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Genisoimage => "genisoimage",
            Self::CloudLocalds => "cloud-localds",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Genisoimage => {
                r#"genisoimage -quiet -output "$node/seed.iso" -volid cidata -joliet -rock \
        "$seed/user-data" "$seed/meta-data" "$seed/network-config""#
            }
            Self::CloudLocalds => {
                r#"cloud-localds -N "$seed/network-config" "$node/seed.iso" "$seed/user-data" "$seed/meta-data""#
            }
        }
    }
}

/// The files of the seeds of a lab, taken out of its media: a folder a node.
pub fn unpack_seeds(nodes: &Utf8Path, home: &TestHome) -> Utf8PathBuf {
    let seeds = home.work().join("seeds");
    for node in nodes.read_dir_utf8().unwrap() {
        let node = node.unwrap();
        let folder = seeds.join(node.file_name());
        fs::create_dir_all(&folder).unwrap();
        for file in SEED {
            let mut isoinfo = Command::new("isoinfo");
            isoinfo.args(["-J", "-i"]).arg(node.path().join("seed.iso")).args(["-x", &format!("/{file}")]);
            let content = run(isoinfo, LIMIT).stdout;
            assert!(!content.is_empty(), "isoinfo finds no {file} in the seed of {}", node.file_name());
            fs::write(folder.join(file), content).unwrap();
        }
    }
    seeds
}

/// Makes the disks and seeds of as many nodes as there are seeds, in a folder that is called by a `number` and stays.
pub fn shell_loop(medium: Medium, seeds: &Utf8Path, image: &Utf8Path, home: &TestHome, number: usize) -> Ran {
    let script = home.file(&format!("{}.sh", medium.program()), &LOOP.replace("MEDIUM", medium.command()));
    let made = home.work().join(format!("{}-{number}", medium.program()));
    let mut sh = Command::new("sh");
    sh.arg(script).args([seeds, &made, image]);
    let ran = run(sh, LIMIT);
    assert_eq!(made.read_dir_utf8().unwrap().count(), seeds.read_dir_utf8().unwrap().count());
    ran
}

/// Makes full clones with virt-clone: it knows no linked ones, and no seeds. libvirt's own test driver stands in for the
/// daemon, which has no part in the copying.
pub fn virt_clone(count: usize, image: &Utf8Path, home: &TestHome) -> Ran {
    let domain = home.file("golden.xml", &domain(image));
    let made = home.work().join("made");
    fs::create_dir(&made).unwrap();
    let each =
        r#"virt-clone --quiet --connect test:///default --original-xml "$1" --name "$node" --file "$2/$node.qcow2""#;
    let mut sh = Command::new("sh");
    sh.args(["-c", &format!("set -eu; for node in $(seq -f node%g {count}); do {each}; done"), "sh"]);
    sh.arg(domain).arg(&made);
    let ran = run(sh, LIMIT);
    assert_eq!(made.read_dir_utf8().unwrap().count(), count);
    fs::remove_dir_all(&made).unwrap();
    ran
}

fn domain(image: &Utf8Path) -> String {
    format!(
        "<domain type='qemu'>
  <name>golden</name>
  <memory unit='MiB'>1024</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{image}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
"
    )
}

/// Whether a program is on PATH.
pub fn installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
