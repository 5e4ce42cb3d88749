//! Where this machine's own apt gets Debian from: images are built from the same mirror, whichever that is.

use std::collections::BTreeMap;

use kiln_tool::{Error, Program};

/// What this machine's own apt is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apt {
    /// By suite, such as `bookworm-security`: the lines for sources.list(5).
    lines: BTreeMap<String, Vec<String>>,
    /// Settings without which its mirror cannot be used, as apt.conf(5) has them.
    settings: Vec<String>,
}

/// What apt is asked to say of each index it fetches (apt-get(8), "indextargets").
const FORMAT: &str = "$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)\t$(COMPONENT)";

/// The key ring that Debian's own archives are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The settings that say how a mirror is reached and believed: a proxy; and that a mirror is a snapshot, whose indexes
/// are past their validity. Nothing is weakened that this machine has not weakened for itself.
const SETTINGS: &[&str] =
    &["Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::http::Proxy", "Acquire::https::Proxy"];

impl Apt {
    /// Asks apt. It knows the origin of a source only after `apt-get update`.
    pub async fn of_this_machine() -> Result<Self, Error> {
        let apt = Program::new("apt-get", "apt").find()?;
        let command = apt.invoke("asking apt for its sources");
        let said = command.args(["indextargets", "--format", FORMAT, "Created-By: Packages"]).output().await?;
        let lines = parse_sources(&String::from_utf8_lossy(&said));
        let config = Program::new("apt-config", "apt").find()?.invoke("asking apt for its settings");
        let said = config.args(["dump", "--format", "%f\t%v%n", "Acquire"]).output().await?;
        Ok(Self { lines, settings: parse_settings(&String::from_utf8_lossy(&said)) })
    }

    /// Settings to pass on to the apt that builds an image.
    pub fn settings(&self) -> &[String] {
        &self.settings
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

fn parse_sources(said: &str) -> BTreeMap<String, Vec<String>> {
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
    lines
}

fn parse_settings(said: &str) -> Vec<String> {
    let pairs = said.lines().filter_map(|line| line.split_once('\t'));
    let wanted = pairs.filter(|(name, value)| SETTINGS.contains(name) && !value.is_empty());
    wanted.map(|(name, value)| format!("{name} \"{value}\"")).collect()
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
        let sources = Apt { lines: parse_sources(said), settings: Vec::new() };
        let expected = [
            format!("deb [signed-by={KEYRING}] http://mirror/debian/ bookworm main contrib"),
            format!("deb [signed-by={KEYRING}] http://mirror/debian-security/ bookworm-security main"),
        ];
        assert_eq!(sources.lines("bookworm").unwrap(), expected);
        assert_eq!(sources.lines("trixie"), None);
        assert_eq!(sources.suites(), ["bookworm", "bookworm-backports", "bookworm-security"]);
    }

    #[test]
    fn only_what_the_mirror_needs_is_passed_on() {
        let said = "Acquire\t\nAcquire::AllowInsecureRepositories\t1\nAcquire::Check-Valid-Until\tfalse\n\
                    Acquire::http::Proxy\thttp://proxy:3128\nAcquire::https::Proxy\t\n";
        let expected = ["Acquire::Check-Valid-Until \"false\"", "Acquire::http::Proxy \"http://proxy:3128\""];
        assert_eq!(parse_settings(said), expected);
    }
}
