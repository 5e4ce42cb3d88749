//! What a node says of itself.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use kiln_cloud_init::MacAddr;
use uuid::Uuid;

/// Prints one fact a line, `<name> <value>`. It starts no program but `ip`: under emulation each costs 20 ms and more.
/// The product UUID is readable by root alone, and cloud-init ends the host key's file without a newline, at which
/// `read` fails although it has read.
pub(super) const SCRIPT: &str = "\
say() { line=; read -r line < \"$2\" || [ -n \"$line\" ] && echo \"$1 $line\"; }
say hostname /proc/sys/kernel/hostname
say machine-id /etc/machine-id
say product-uuid /sys/class/dmi/id/product_uuid
say boot-id /proc/sys/kernel/random/boot_id
say host-key /etc/ssh/ssh_host_ed25519_key.pub
for card in /sys/class/net/*; do say \"mac ${card##*/}\" \"$card/address\"; done
ip -o -4 addr show | while read -r _ name _ address _; do echo \"ip $name $address\"; done";

/// What a node says of itself; nothing where it does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its host name.
    pub hostname: Option<String>,
    /// machine-id(5).
    pub machine_id: Option<String>,
    /// The UUID of its system board.
    pub product_uuid: Option<Uuid>,
    /// Drawn from the kernel's random numbers at boot: two nodes with the same one have the same random seed.
    pub boot_id: Option<String>,
    /// Its public host key, without the comment.
    pub host_key: Option<String>,
    /// The addresses of its network cards, by their names.
    pub macs: BTreeMap<String, MacAddr>,
    /// Its IPv4 addresses and prefix lengths, with the names of their cards.
    pub addresses: Vec<(String, Ipv4Addr, u8)>,
}

impl Facts {
    /// Reads what [`SCRIPT`] printed. Lines that are not understood are passed over: what is missing then is noticed
    /// when it is compared.
    pub fn parse(text: &str) -> Self {
        let mut facts = Self::default();
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                ["hostname", name] => facts.hostname = Some((*name).to_owned()),
                ["machine-id", id] => facts.machine_id = Some((*id).to_owned()),
                // SMBIOS 2.8 prints it in capitals.
                ["product-uuid", uuid] => facts.product_uuid = uuid.parse().ok(),
                ["boot-id", id] => facts.boot_id = Some((*id).to_owned()),
                ["host-key", kind, key, ..] => facts.host_key = Some(format!("{kind} {key}")),
                ["mac", card, mac] => {
                    if let Ok(mac) = mac.parse() {
                        facts.macs.insert((*card).to_owned(), mac);
                    }
                }
                ["ip", card, address] => facts.addresses.extend(parse_address(card, address)),
                _ => {}
            }
        }
        facts
    }
}

fn parse_address(card: &str, address: &str) -> Option<(String, Ipv4Addr, u8)> {
    let (ip, prefix) = address.split_once('/')?;
    Some((card.to_owned(), ip.parse().ok()?, prefix.parse().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Recorded on a Debian 12 node.
    pub(in super::super) const ANSWER: &str = "\
hostname node1
machine-id 0b7c9d6f3a9a4f0bb7a3fd1ffb1c2a11
product-uuid 6BA7B810-9DAD-51D1-80B4-00C04FD430C8
boot-id 2f1b1f9e-9c0e-4c5d-8a55-3c5a3f0f6f11
host-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample node1
mac eth0 52:54:00:aa:00:01
mac eth1 52:54:00:aa:00:02
mac lo 00:00:00:00:00:00
ip lo 127.0.0.1/8
ip eth0 10.0.2.15/24
ip eth1 192.168.206.196/24
";

    #[test]
    fn a_recorded_answer_is_read() {
        let facts = Facts::parse(ANSWER);
        assert_eq!(facts.hostname.as_deref(), Some("node1"));
        assert_eq!(facts.product_uuid.unwrap().to_string(), "6ba7b810-9dad-51d1-80b4-00c04fd430c8");
        assert_eq!(facts.host_key.as_deref(), Some("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample"));
        assert_eq!(facts.macs["eth1"].to_string(), "52:54:00:aa:00:02");
        assert!(facts.addresses.contains(&("eth1".to_owned(), Ipv4Addr::new(192, 168, 206, 196), 24)));
    }

    #[test]
    fn the_script_works_in_a_plain_shell_and_its_answer_is_understood() {
        let output = std::process::Command::new("/bin/sh").args(["-c", SCRIPT]).output().unwrap();
        let facts = Facts::parse(&String::from_utf8_lossy(&output.stdout));
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(facts.hostname.as_deref(), Some(hostname.trim()));
        assert!(facts.boot_id.is_some() && facts.macs.contains_key("lo"), "{facts:?}");
    }

    #[test]
    fn a_file_without_a_newline_is_read_and_a_missing_one_is_passed_over() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"ssh-ed25519 AAAA node1").unwrap();
        let path = file.path().to_str().unwrap();
        let script =
            SCRIPT.replace("/etc/ssh/ssh_host_ed25519_key.pub", path).replace("/etc/machine-id", "/no/such/file");
        let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
        let facts = Facts::parse(&String::from_utf8_lossy(&output.stdout));
        assert_eq!((facts.host_key.as_deref(), facts.machine_id), (Some("ssh-ed25519 AAAA"), None));
    }

    #[test]
    fn what_is_not_said_is_missing() {
        assert_eq!(Facts::parse("machine-id\nip eth0 nonsense\n\n"), Facts::default());
    }
}
