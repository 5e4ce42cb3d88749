//! The seed medium as releases of cloud-init find it, read it, and set the network up from it: one renderer for every way
//! a distribution does that.

use kiln_cloud_init::{Extra, Seed};
use serde_json::json;

use crate::cloud_init::{Suite, modules};
use crate::render::{Files, render};
use crate::sample::{self, NAT_MAC, SERVICE_MAC};

fn sample() -> Seed {
    sample::seed(&Extra::default(), None)
}

/// What the renderer makes of the sample's network in each release that has it, by release and file.
fn render_in(suites: &[Suite], renderer: &str, distribution: &str) -> Vec<(String, Files)> {
    let seed = sample();
    let files = |suite: &Suite| (format!("{suite:?}"), render(&modules(*suite), &seed, renderer, distribution).files);
    suites.iter().map(files).collect()
}

/// The lines of a file, without comments and empty ones.
#[track_caller]
fn lines<'a>(release: &str, files: &'a Files, path: &str) -> Vec<&'a str> {
    let text = files.get(path).unwrap_or_else(|| panic!("{release} wrote no {path}, but {:?}", files.keys()));
    text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.trim_start().starts_with('#')).collect()
}

#[track_caller]
fn assert_lines(release: &str, files: &Files, path: &str, expected: &[&str]) {
    let lines = lines(release, files, path);
    for line in expected {
        assert!(lines.contains(line), "{release}: `{line}` is missing in {path}: {lines:#?}");
    }
    let gateway = lines.iter().find(|line| line.to_lowercase().contains("gateway"));
    assert_eq!(gateway, None, "{release}: the service network must not have the default route");
}

/// What every release has to write for the network of Red Hat's initscripts.
fn assert_sysconfig(release: &str, files: &Files) {
    let scripts = "etc/sysconfig/network-scripts";
    let nat_mac = format!("HWADDR={NAT_MAC}");
    let nat = ["BOOTPROTO=dhcp", "DEVICE=eth0", "ONBOOT=yes", &nat_mac];
    assert_lines(release, files, &format!("{scripts}/ifcfg-eth0"), &nat);
    let service_mac = format!("HWADDR={SERVICE_MAC}");
    let address = ["BOOTPROTO=none", "DEVICE=eth1", "IPADDR=192.168.206.196", "NETMASK=255.255.255.0", &service_mac];
    assert_lines(release, files, &format!("{scripts}/ifcfg-eth1"), &address);
    let rule = |mac: &str, name: &str| {
        format!(r#"SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{{address}}=="{mac}", NAME="{name}""#)
    };
    let rules = [rule(NAT_MAC, "eth0"), rule(SERVICE_MAC, "eth1")];
    assert_lines(release, files, "etc/udev/rules.d/70-persistent-net.rules", &rules.each_ref().map(String::as_str));
}

#[test]
fn every_release_finds_the_seed_and_knows_who_it_is() {
    let seed = sample();
    for suite in Suite::ALL {
        let known = render(&modules(suite), &seed, "eni", "debian").known;
        let expected = json!({
            "instance-id": "00000000-0000-0000-0000-000000000001",
            "seed": "medium",
            "hostname": "node1",
            "fqdn": "node1",
        });
        assert_eq!(known, expected, "{suite:?}");
    }
}

#[test]
fn sysconfig_has_names_and_addresses() {
    for (release, files) in render_in(&Suite::ALL, "sysconfig", "centos") {
        assert_sysconfig(&release, &files);
    }
}

/// The files were written by the code of CentOS 7.5's release (0.7.9 with the patches of the source package 0.7.9-24.el7)
/// for the seed that lies beside them. That release is in no archive of Debian's, so that they are kept; with its modules
/// in the folder `KILN_CLOUD_INIT_0_7_9`, they are made again and compared.
#[test]
fn the_release_of_centos_7_5_has_read_this_very_seed() {
    const NETWORK_CONFIG: &str = include_str!("../0.7.9/network-config");
    const META_DATA: &str = include_str!("../0.7.9/meta-data");
    let kept: Files = [
        ("etc/sysconfig/network-scripts/ifcfg-eth0", include_str!("../0.7.9/ifcfg-eth0")),
        ("etc/sysconfig/network-scripts/ifcfg-eth1", include_str!("../0.7.9/ifcfg-eth1")),
        ("etc/udev/rules.d/70-persistent-net.rules", include_str!("../0.7.9/70-persistent-net.rules")),
        ("etc/resolv.conf", include_str!("../0.7.9/resolv.conf")),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    let seed = sample();
    assert_eq!(seed.network_config(), NETWORK_CONFIG, "have 0.7.9 read it, and keep what it writes");
    assert_eq!(seed.meta_data(), META_DATA, "have 0.7.9 read it, and keep what it writes");
    assert_sysconfig("0.7.9", &kept);
    if let Some(modules) = std::env::var_os("KILN_CLOUD_INIT_0_7_9") {
        let rendering = render(modules.as_ref(), &seed, "sysconfig", "rhel");
        assert_eq!(rendering.files, kept);
        assert_eq!(rendering.known["hostname"], "node1");
    }
}

#[test]
fn network_manager_has_names_and_addresses() {
    for (release, files) in render_in(&[Suite::Bookworm, Suite::Trixie], "network_manager", "centos") {
        let connection = |name| format!("etc/NetworkManager/system-connections/cloud-init-{name}.nmconnection");
        let nat_mac = format!("mac-address={}", NAT_MAC.to_uppercase());
        assert_lines(&release, &files, &connection("eth0"), &["method=auto", &nat_mac]);
        let service_mac = format!("mac-address={}", SERVICE_MAC.to_uppercase());
        let address = ["method=manual", "address1=192.168.206.196/24", &service_mac];
        assert_lines(&release, &files, &connection("eth1"), &address);
    }
}

#[test]
fn networkd_has_names_and_addresses() {
    for (release, files) in render_in(&[Suite::Bookworm, Suite::Trixie], "networkd", "debian") {
        let network = |name| format!("etc/systemd/network/10-cloud-init-{name}.network");
        assert_lines(&release, &files, &network("eth0"), &["Name=eth0", &format!("MACAddress={NAT_MAC}"), "DHCP=ipv4"]);
        let address = ["Name=eth1", &format!("MACAddress={SERVICE_MAC}"), "Address=192.168.206.196/24"];
        assert_lines(&release, &files, &network("eth1"), &address);
    }
}

#[test]
fn netplan_has_names_and_addresses() {
    for (release, files) in render_in(&Suite::ALL, "netplan", "ubuntu") {
        let lines = lines(&release, &files, "etc/netplan/50-cloud-init.yaml");
        let has = |wanted: &str| lines.iter().any(|line| line.trim().replace(['"', '\''], "") == wanted);
        for wanted in ["set-name: eth0", "dhcp4: true", "set-name: eth1", "- 192.168.206.196/24"] {
            assert!(has(wanted), "{release}: `{wanted}` is missing: {lines:#?}");
        }
        let macs = [NAT_MAC, SERVICE_MAC].map(|mac| format!("macaddress: {mac}"));
        assert!(macs.iter().all(|mac| has(mac)), "{release}: {lines:#?}");
        assert!(!has("gateway4") && !lines.iter().any(|line| line.contains("routes")), "{release}: {lines:#?}");
    }
}

#[test]
fn eni_has_names_and_addresses() {
    for (release, files) in render_in(&Suite::ALL, "eni", "debian") {
        let wanted = ["iface eth0 inet dhcp", "iface eth1 inet static", "    address 192.168.206.196/24"];
        assert_lines(&release, &files, "etc/network/interfaces.d/50-cloud-init", &wanted);
    }
}
