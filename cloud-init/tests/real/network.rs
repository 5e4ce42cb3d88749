//! The network-config through cloud-init's own renderers, one for every way a distribution sets its network up.

use std::path::Path;

use kiln_cloud_init::Extra;

use crate::cloud_init::cloud_init;
use crate::programs::run;
use crate::sample::{self, NAT_MAC, SERVICE_MAC};

/// All files that `renderer` writes for the sample on `distribution`, one after the other.
fn render(renderer: &str, distribution: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("network-config");
    std::fs::write(&config, sample::seed(&Extra::default(), None).network_config()).unwrap();
    let output = folder.path().join("output");
    let cards = [format!("eth0,{NAT_MAC}"), format!("eth1,{SERVICE_MAC}")];
    let mut command = cloud_init(folder.path());
    command.args(["devel", "net-convert", "--kind", "yaml", "--network-data"]).arg(&config);
    command.args(["--mac", &cards[0], "--mac", &cards[1], "--distro", distribution, "--output-kind", renderer]);
    run(command.arg("--directory").arg(&output), "cloud-init");
    read_all(&output)
}

fn read_all(folder: &Path) -> String {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
        .iter()
        .map(|path| match path.is_dir() {
            true => read_all(path),
            false => format!("=== {}\n{}\n", path.display(), std::fs::read_to_string(path).unwrap()),
        })
        .collect()
}

fn assert_has(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "`{piece}` is missing in:\n{text}");
    }
}

#[test]
fn networkd_has_names_and_addresses() {
    let text = render("networkd", "debian");
    assert_has(&text, &["Name=eth0", "DHCP=ipv4", "Name=eth1", "Address=192.168.206.196/24", NAT_MAC, SERVICE_MAC]);
    assert!(!text.contains("Gateway="), "{text}");
}

#[test]
fn sysconfig_has_names_and_addresses() {
    let text = render("sysconfig", "centos");
    assert_has(&text, &["ifcfg-eth0", "BOOTPROTO=dhcp", &format!("HWADDR={NAT_MAC}")]);
    assert_has(&text, &["ifcfg-eth1", "BOOTPROTO=none", "IPADDR=192.168.206.196\n", "NETMASK=255.255.255.0"]);
    assert_has(&text, &[&format!("HWADDR={SERVICE_MAC}")]);
    assert!(!text.contains("GATEWAY="), "{text}");
}

#[test]
fn netplan_has_names_and_addresses() {
    let text = render("netplan", "ubuntu");
    assert_has(&text, &["set-name: eth0", "dhcp4: true", "set-name: eth1", "- 192.168.206.196/24"]);
    assert!(!text.contains("gateway4"), "{text}");
}

#[test]
fn eni_has_names_and_addresses() {
    let text = render("eni", "debian");
    assert_has(&text, &["iface eth0 inet dhcp", "iface eth1 inet static", "address 192.168.206.196/24"]);
    assert!(!text.contains("gateway"), "{text}");
}
