//! The keys through OpenSSH's own tools.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use kiln_cloud_init::{KeyPair, known_host};

use crate::programs::run;

const PACKAGE: &str = "openssh-client";

#[test]
fn openssh_reads_the_private_key_and_finds_the_same_public_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let key = KeyPair::generate("node1").unwrap();
    fs::write(&file, key.private_pem()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let public = run(Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file), PACKAGE);
    assert_eq!(public.trim_end(), key.public_line());
}

#[test]
fn openssh_makes_keys_that_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let mut command = Command::new("ssh-keygen");
    run(command.args(["-q", "-t", "ed25519", "-N", "", "-C", "a user", "-f"]).arg(&file), PACKAGE);
    let key = KeyPair::from_private_pem(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(key.public_line(), fs::read_to_string(file.with_extension("pub")).unwrap().trim_end());
}

#[test]
fn a_key_with_a_passphrase_and_one_of_another_kind_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, passphrase, reason) in
        [("ed25519", "secret", "passphrase"), ("ecdsa", "", "not an ssh-ed25519 private key")]
    {
        let file = folder.path().join(kind);
        let mut command = Command::new("ssh-keygen");
        run(command.args(["-q", "-t", kind, "-N", passphrase, "-f"]).arg(&file), PACKAGE);
        let error = KeyPair::from_private_pem(&fs::read_to_string(&file).unwrap()).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn openssh_finds_every_host_of_a_known_hosts_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    let key = KeyPair::generate("node1").unwrap();
    let hosts = [known_host("127.0.0.1", 2201), known_host("node1", 22), known_host("192.168.206.196", 22)];
    fs::write(&file, key.known_hosts_line(&hosts) + "\n").unwrap();
    for host in ["[127.0.0.1]:2201", "node1", "192.168.206.196"] {
        let found = run(Command::new("ssh-keygen").args(["-F", host, "-f"]).arg(&file), PACKAGE);
        assert!(found.contains(&key.known_hosts_line(&hosts)), "{found}");
    }
}
