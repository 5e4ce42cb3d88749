//! Sealing: the last thing that is done to an image.

use std::sync::LazyLock;

use camino::Utf8Path;

/// The script that is run in it. Its comments say which operation of virt-sysprep(1) each part is.
pub const SCRIPT: &str = include_str!("seal.sh");

/// Gives back what was freed, so that an image gets no larger than what is in it, and has nothing of what was deleted. A
/// file system knows what is free when that is written down. An image without fstrim(8) keeps it.
pub const TRIM: &str = "sync; fstrim --all --verbose || true";

/// What becomes of a file when an image is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is removed.
    Removed,
    /// It stays, with nothing in it.
    Emptied,
}

/// A place that the script clears.
#[derive(Debug)]
struct Place {
    /// A path, in which `*` is what it is to the shell.
    pattern: &'static str,
    /// Whether all that is below it is meant, too.
    whole: bool,
    fate: Fate,
}

/// What the script clears in every image, from its own lines. What begins with a condition is none of it: that depends on
/// what a file says, or is in one of these places.
static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| SCRIPT.lines().flat_map(places).collect());

/// What sealing does to what is at `path`, if it does something to that in every image.
pub fn fate_of(path: &Utf8Path) -> Option<Fate> {
    let is_in = |place: &&Place| {
        let depth = if place.whole { usize::MAX } else { 1 };
        path.ancestors().take(depth).any(|path| is_like(path, place.pattern))
    };
    PLACES.iter().find(is_in).map(|place| place.fate)
}

/// The places that a line of the script clears.
fn places(line: &'static str) -> Vec<Place> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (whole, fate) = match words[..] {
        [":", ">", ..] => (false, Fate::Emptied),
        ["rm", "-f", ..] => (false, Fate::Removed),
        ["rm", "-rf", ..] => (true, Fate::Removed),
        ["find", ..] if words.contains(&"truncate") => (true, Fate::Emptied),
        ["find", ..] if words.contains(&"-delete") => (true, Fate::Removed),
        _ => return Vec::new(),
    };
    let patterns = words.into_iter().filter(|word| word.starts_with('/'));
    patterns.map(|pattern| Place { pattern, whole, fate }).collect()
}

/// Whether a path fits a pattern that has one `*` in a part at most (glob(7)).
fn is_like(path: &Utf8Path, pattern: &str) -> bool {
    let (path, pattern) = (path.components(), Utf8Path::new(pattern).components());
    path.clone().count() == pattern.clone().count()
        && path.zip(pattern).all(|(name, pattern)| match pattern.as_str().split_once('*') {
            None => name == pattern,
            Some((start, end)) => {
                let rest = name.as_str().strip_prefix(start);
                rest.is_some_and(|rest| rest.ends_with(end)) && !(start.is_empty() && name.as_str().starts_with('.'))
            }
        })
}

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
        // The first comes first: it is where tests have their folders.
        let roots = ["/tmp/", "/etc/", "/var/", "/run/", "/root/", "/home/", "/tmp "];
        roots.iter().fold(script.to_owned(), |script, folder| {
            let script = script.replace(&format!(" {folder}"), &format!(" {root}{folder}"));
            script.replace(&format!("({folder}"), &format!("({root}{folder}"))
        })
    }

    #[test]
    fn the_places_are_those_of_the_script() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let sample = |place: &Place| {
            let path = place.pattern.replace('*', "x");
            if place.whole { format!("{path}/sub/file") } else { path }
        };
        for place in PLACES.iter() {
            let path = root.join(&sample(place)[1..]);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "something").unwrap();
            assert_eq!(fate_of(Utf8Path::new(&sample(place))), Some(place.fate), "{place:?}");
        }
        seal(root);
        for place in PLACES.iter() {
            let left = fs::read_to_string(root.join(&sample(place)[1..])).ok();
            assert_eq!(left.as_deref(), (place.fate == Fate::Emptied).then_some(""), "{place:?}");
        }
        // A line that clears something is understood, or has a condition.
        let clears = |line: &&str| ["rm -", "truncate", "-delete", ": >"].iter().any(|words| line.contains(words));
        for line in SCRIPT.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter(clears) {
            assert!(line.starts_with("if ") || line.starts_with("[ ") || !places(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn what_sealing_leaves_alone_has_no_fate() {
        let cases = [
            ("/root/.ssh/authorized_keys", Some(Fate::Removed)),
            ("/home/ada/.ssh/config", Some(Fate::Removed)),
            ("/var/tmp/a/b", Some(Fate::Removed)),
            ("/etc/ssh/ssh_host_rsa_key", Some(Fate::Removed)),
            ("/var/log/app/app.log", Some(Fate::Emptied)),
            ("/etc/machine-id", Some(Fate::Emptied)),
            ("/etc/ssh/ssh_host_keys.d/x", None),
            ("/etc/ssh/sshd_config", None),
            ("/etc/hostname", None),
            ("/home/ada/.profile", None),
            ("/var/tmpfiles", None),
            ("/opt/tmp/x", None),
            ("/var/lib/dhclient/.keep", None),
            ("/etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf", None),
        ];
        for (path, fate) in cases {
            assert_eq!(fate_of(Utf8Path::new(path)), fate, "{path}");
        }
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
        put("tmp/builder.log", "secret");
        let log = fs::File::open(root.join("tmp/builder.log")).unwrap();
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
        assert_eq!(log.metadata().unwrap().len(), 0, "whoever holds it open keeps what is in it");
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(text("etc/machine-id"), "");
        assert_eq!(text("var/log/syslog"), "");
        assert_eq!(text("etc/ssh/sshd_config"), "UseDNS no\n");
        assert_eq!(text("etc/sysconfig/network-scripts/ifcfg-eth0"), "DEVICE=eth0\n");
        assert_eq!(text("etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf"), "[Network]\n");
    }
}
