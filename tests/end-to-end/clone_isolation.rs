//! Who can get at a lab: nobody but its owner. And what a lab stands on stays while it stands on it.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs::{self, Permissions};
use std::net::Ipv4Addr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::process::Command;

use camino::Utf8Path;
use kiln_tests::{Guest, Person, TestHome, bake, clone, processes};

/// Every file and folder below `folder`, and itself.
fn everything_in(folder: &Utf8Path) -> Vec<camino::Utf8PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            found.extend(path.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()));
        }
        next += 1;
    }
    found
}

#[test]
fn everything_of_a_lab_is_its_owners_alone() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 2), "--no-wait"]).ok();
    let (mut sockets, mut pipes) = (0, 0);
    for path in everything_in(&home.root().join("labs")) {
        let metadata = fs::symlink_metadata(&path).unwrap();
        sockets += u32::from(metadata.file_type().is_socket());
        pipes += u32::from(metadata.file_type().is_fifo());
        assert!(metadata.mode() & 0o077 == 0, "{path} has the mode {:o}", metadata.mode());
    }
    // The monitor and console of each node, and those of the switch; both ways of the line to each agent.
    assert!(sockets >= 2 * 2 + 2 && pipes == 2 * 2, "{sockets} sockets, {pipes} pipes");
    assert_eq!(fs::metadata(home.root()).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn nothing_listens_on_the_network() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    let text = fs::read_to_string(home.lab("lab", "silent", 2)).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = text.replace("206.1}", &format!("206.1, forwards: [{{host: {port}, guest: 80}}]}}"));
    clone(&home, ["up", &home.file("lab.yaml", &text), "--no-wait"]).ok();
    let mut listening: Vec<_> = processes(&home).iter().flat_map(|process| process.listens_on()).collect();
    assert!(listening.iter().all(|(address, _)| *address == Some(Ipv4Addr::LOCALHOST)), "{listening:?}");
    let mut ports: Vec<_> = home.status("lab").iter().map(|row| row["ssh-port"].as_u64().unwrap() as u16).collect();
    ports.push(port);
    ports.sort_unstable();
    listening.sort_unstable();
    assert_eq!(listening.into_iter().map(|(_, port)| port).collect::<Vec<_>>(), ports);
}

/// Connects to the socket `$ARGV[0]`; perl-base is on every Debian.
const CONNECT: &str = "socket(S, PF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un($ARGV[0])) or die \"$!\\n\"";

#[test]
fn another_user_cannot_plug_into_the_network_of_a_lab() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 1), "--no-wait"]).ok();
    let control = home.root().join("labs/lab/switch/ctl/ctl");
    let connect = |command: &mut Command| {
        let output = command.args(["-MSocket", "-e", CONNECT, control.as_str()]).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(connect(&mut Command::new("perl")), (true, String::new()));
    let as_stranger = || connect(&mut Person::stranger("perl"));
    assert_eq!(as_stranger(), (false, "Permission denied\n".to_owned()));
    // The socket keeps others out by itself, too.
    for folder in control.ancestors().skip(1).take_while(|folder| folder.starts_with(home.root())) {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(as_stranger(), (false, "Permission denied\n".to_owned()));
}

#[test]
fn an_image_that_a_lab_stands_on_cannot_be_removed() {
    let home = TestHome::empty();
    let golden = home.publish("silent", Guest::Silent);
    clone(&home, ["up", &home.lab("lab", "silent", 1), "--no-start"]).ok();
    for command in [["rm", "silent"], ["rm", golden.digest()]] {
        let refused = bake(&home, command).finish();
        assert!(refused.code() != Some(0) && refused.stderr().contains("lab"), "{command:?}: {}", refused.stderr());
    }
    bake(&home, ["prune"]).ok();
    golden.assert_untouched();

    // A rebaked image takes the name; the lab keeps the old one, and a new node of it gets the new one.
    let newer = home.publish("silent", Guest::Says("newer\r\n"));
    assert_ne!(golden.digest(), newer.digest());
    bake(&home, ["prune"]).ok();
    golden.assert_untouched();
    let plan = clone(&home, ["plan", "lab"]).ok();
    assert!(plan.contains("is a newer image now"), "{plan}");
    clone(&home, ["up", "lab", "--no-wait"]).ok();
    clone(&home, ["destroy", "lab", "--yes"]).ok();
    golden.assert_untouched();
    bake(&home, ["prune"]).ok();
    assert!(!home.root().join("images").join(golden.digest()).exists(), "nobody needs it any more");
    newer.assert_untouched();
}
