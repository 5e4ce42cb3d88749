//! Where this machine's own apt gets Debian from: images are built from the same mirror, whichever that is.

use std::collections::BTreeMap;

use kiln_tool::{Error, Program};

/// The package sources of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// By suite, such as `bookworm-security`: the lines for sources.list(5).
    lines: BTreeMap<String, Vec<String>>,
}

/// What apt is asked to say of each index it fetches (apt-get(8), "indextargets").
const FORMAT: &str = "$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)\t$(COMPONENT)";

/// The key ring that Debian's own archives are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

impl Sources {
    /// Asks apt. It knows the origin of a source only after `apt-get update`.
    pub async fn of_this_machine() -> Result<Self, Error> {
        let apt = Program::new("apt-get", "apt").find()?;
        let command = apt.invoke("asking apt for its sources");
        let said = command.args(["indextargets", "--format", FORMAT, "Created-By: Packages"]).output().await?;
        Ok(parse(&String::from_utf8_lossy(&said)))
    }

    /// The lines of `suite`, its updates and its security fixes; not of its backports.
    pub fn lines(&self, suite: &str) -> Option<Vec<String>> {
        let main = self.lines.get(suite)?;
        let more = [format!("{suite}-updates"), format!("{suite}-security")];
        let more = more.iter().filter_map(|name| self.lines.get(name)).flatten();
        Some(main.iter().chain(more).cloned().collect())
    }

    /// The suites there are.
    pub fn suites(&self) -> Vec<&str> {
        self.lines.keys().map(String::as_str).collect()
    }
}

fn parse(said: &str) -> Sources {
    let mut components: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for line in said.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        if let ["Debian", release, uri, component] = fields[..] {
            let known = components.entry((release, uri)).or_default();
            if !known.contains(&component) {
                known.push(component);
            }
        }
    }
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((release, uri), components) in components {
        let line = format!("deb [signed-by={KEYRING}] {uri} {release} {}", components.join(" "));
        lines.entry(release.to_owned()).or_default().push(line);
    }
    Sources { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_origins_and_backports_are_left_out() {
        let said = "Debian\tbookworm\thttp://mirror/debian/\tmain\n\
                    Debian\tbookworm\thttp://mirror/debian/\tcontrib\n\
                    Debian\tbookworm-backports\thttp://mirror/debian/\tmain\n\
                    Debian\tbookworm-security\thttp://mirror/debian-security/\tmain\n\
                    Docker\tbookworm\thttp://docker/\tstable\n";
        let sources = parse(said);
        let expected = [
            format!("deb [signed-by={KEYRING}] http://mirror/debian/ bookworm main contrib"),
            format!("deb [signed-by={KEYRING}] http://mirror/debian-security/ bookworm-security main"),
        ];
        assert_eq!(sources.lines("bookworm").unwrap(), expected);
        assert_eq!(sources.lines("trixie"), None);
        assert_eq!(sources.suites(), ["bookworm", "bookworm-backports", "bookworm-security"]);
    }
}
