//! Tests of the whole document; that cloud-init takes it is tested in the crate's `tests/`.

use super::*;

const INSTANCE: Uuid = Uuid::from_u128(1);

fn login() -> Login {
    Login { name: "debian".to_owned(), authorized_keys: vec!["ssh-ed25519 AAAA me".to_owned()], password_hash: None }
}

fn everything() -> Extra {
    Extra {
        bootcmd: vec!["sysctl -w net.ipv4.ip_forward=1".to_owned()],
        files: vec![File { path: "/etc/motd".into(), content: "hello\n".to_owned(), mode: 0o600 }],
        packages: vec!["socat".to_owned()],
        runcmd: vec!["echo 'a: b' # no comment".to_owned()],
        cloud_config: BTreeMap::from([("timezone".to_owned(), "UTC".into())]),
    }
}

#[test]
fn the_half_in_common_reads_like_this() {
    let expected = r#"preserve_hostname: false
manage_etc_hosts: false
users:
- name: debian
  shell: /bin/bash
  sudo: ALL=(ALL) NOPASSWD:ALL
  lock_passwd: true
  ssh_authorized_keys:
  - ssh-ed25519 AAAA me
ssh_pwauth: false
disable_root: true
ssh_deletekeys: true
growpart:
  mode: auto
  devices:
  - /
resize_rootfs: true
bootcmd:
- if [ -e /proc/1/timerslack_ns ] && [ "$(systemd-detect-virt)" = qemu ]; then echo 5000000 > /proc/1/timerslack_ns; fi
- sysctl -w net.ipv4.ip_forward=1
write_files:
- path: /etc/hosts
  permissions: "0644"
  content: |
    127.0.0.1 localhost
- path: /etc/ssh/sshd_config.d/50-cloud-init.conf
  permissions: "0600"
  content: |
    PasswordAuthentication no
- path: /etc/motd
  permissions: "0600"
  content: |
    hello
packages:
- socat
runcmd:
- "echo 'a: b' # no comment"
timezone: UTC
"#;
    assert_eq!(Template::new("127.0.0.1 localhost\n", &login(), &everything()).unwrap().0, expected);
}

#[test]
fn every_key_that_is_written_is_owned_and_the_other_way_round() {
    let extra = Extra { cloud_config: BTreeMap::new(), ..everything() };
    let key = KeyPair::generate("node1").unwrap();
    let template = Template::new("127.0.0.1 localhost\n", &login(), &extra).unwrap();
    let text = template.fill(&"node1".parse().unwrap(), INSTANCE, &key).unwrap();
    let keys: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys, OWNED_KEYS);
}

#[test]
fn owned_keys_are_refused_by_name() {
    let cloud_config = ["users", "timezone", "fqdn"].map(|key| (key.to_owned(), "x".into())).into();
    let error = Template::new("", &login(), &Extra { cloud_config, ..Extra::default() }).unwrap_err();
    assert!(matches!(&error, Error::OwnedKeys { keys } if keys == &["fqdn", "users"]), "{error}");
    assert!(error.to_string().contains("may not set fqdn, users: Kiln writes them itself"), "{error}");
}

#[test]
fn only_root_alone_is_let_in() {
    let root = Login { name: "root".to_owned(), ..login() };
    assert!(Template::new("", &root, &Extra::default()).unwrap().0.contains("disable_root: false\n"));
}

#[test]
fn the_random_seed_is_of_the_key_and_the_instance() {
    let (one, other) = (KeyPair::generate("node1").unwrap(), KeyPair::generate("node1").unwrap());
    let data = random_seed(INSTANCE, &one).data;
    assert_eq!(data, random_seed(INSTANCE, &one).data);
    assert_ne!(data, random_seed(INSTANCE, &other).data);
    assert_ne!(data, random_seed(Uuid::from_u128(2), &one).data);
}
