//! Sealing: the last thing that is done to an image.

/// The script that is run in it. Its comments say which operation of virt-sysprep(1) each part is.
pub const SCRIPT: &str = include_str!("seal.sh");

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// Runs the shipped script on a folder in place of `/`.
    fn seal(root: &Path) {
        let script = rooted(SCRIPT, root.to_str().unwrap());
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    fn rooted(script: &str, root: &str) -> String {
        let roots = ["/etc/", "/var/", "/run/", "/root/", "/home/", "/tmp "];
        roots.iter().fold(script.to_owned(), |script, folder| {
            let script = script.replace(&format!(" {folder}"), &format!(" {root}{folder}"));
            script.replace(&format!("({folder}"), &format!("({root}{folder}"))
        })
    }

    #[test]
    fn what_must_differ_is_gone_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let put = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let gone = [
            "etc/ssh/ssh_host_rsa_key",
            "var/lib/systemd/random-seed",
            "var/lib/cloud/instance/boot-finished",
            "var/lib/dhcp/dhclient.leases",
            "etc/udev/rules.d/70-persistent-net.rules",
            "etc/systemd/network/10-cloud-init-eth0.network",
            "etc/sysconfig/network-scripts/ifcfg-eth1",
            "etc/hostname",
            "var/lib/containerd/io.containerd.grpc.v1.introspection/uuid",
            "root/.bash_history",
            "root/.ssh/authorized_keys",
            "home/ada/.ssh/id_ed25519",
            "var/tmp/x",
            "tmp/y",
        ];
        for path in gone {
            put(path, "secret");
        }
        put("etc/hostname", "kiln-bake\n");
        put("etc/sysconfig/network-scripts/ifcfg-eth1", "# Created by cloud-init on instance boot automatically\n");
        put("etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf", "[Network]\n");
        put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        put("etc/ssh/sshd_config", "UseDNS no\n");
        put("var/log/syslog", "old\n");
        put("etc/sysconfig/network-scripts/ifcfg-eth0", "DEVICE=eth0\nHWADDR=52:54:00:00:00:01\n");
        seal(root);
        for path in gone {
            assert!(!root.join(path).exists(), "{path} is still there");
        }
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(text("etc/machine-id"), "");
        assert_eq!(text("var/log/syslog"), "");
        assert_eq!(text("etc/ssh/sshd_config"), "UseDNS no\n");
        assert_eq!(text("etc/sysconfig/network-scripts/ifcfg-eth0"), "DEVICE=eth0\n");
        assert_eq!(text("etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf"), "[Network]\n");
    }
}
