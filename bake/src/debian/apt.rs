//! Where this machine's own apt gets Debian from: trees are made from the same mirror, whichever that is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kiln_tool::{Error, Program};

const APT_GET: Program = Program::new("apt-get", "apt");
const APT_CONFIG: Program = Program::new("apt-config", "apt");

/// What this machine's own apt is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apt {
    /// By suite, such as `bookworm-security`: the lines for sources.list(5), without their first word.
    lines: BTreeMap<String, Vec<String>>,
    /// Settings without which its mirror cannot be used, as apt.conf(5) has them.
    settings: Vec<String>,
}

/// What apt is asked to say of each index it fetches (apt-get(8), "indextargets").
const FORMAT: &str = "$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)\t$(COMPONENT)";

/// The key ring that Debian's own archives are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What a line of sources.list(5) is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Packages to install.
    Binary,
    /// What they are built from.
    Source,
}

/// The settings that say how a mirror is reached and believed: a proxy; and that a mirror is a snapshot, whose indexes
/// are past their validity. Nothing is weakened that this machine has not weakened for itself.
const SETTINGS: &[&str] =
    &["Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::http::Proxy", "Acquire::https::Proxy"];

/// The apt of this machine does not know a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this machine's apt sources have no suite `{suite}` of Debian; they have: {known}")]
pub struct NoSuite {
    suite: String,
    known: String,
}

impl Apt {
    /// Asks apt. It knows the origin of a source only after `apt-get update`.
    pub async fn of_this_machine() -> Result<Self, Error> {
        let sources = APT_GET.find()?.invoke("asking apt for its sources");
        let sources = sources.args(["indextargets", "--format", FORMAT, "Created-By: Packages"]);
        let lines = sources.parse(|said| rows(said).map(|text| parse_sources(&text))).await?;
        let settings = APT_CONFIG.find()?.invoke("asking apt for its settings");
        let settings = settings.args(["dump", "--format", "%f\t%v%n", "Acquire"]);
        let settings = settings.parse(|said| rows(said).map(|text| parse_settings(&text))).await?;
        Ok(Self { lines, settings })
    }

    /// One that knows this line.
    #[cfg(test)]
    pub fn from_lines(suite: &str, line: &str) -> Self {
        Self { lines: BTreeMap::from([(suite.to_owned(), vec![line.to_owned()])]), settings: Vec::new() }
    }

    /// Settings to pass on to the apt that fills a tree.
    pub fn settings(&self) -> &[String] {
        &self.settings
    }

    /// The lines of `suite`, its updates and its security fixes; not of its backports. `Binary` packages or `Source`
    /// packages: a mirror has both, whichever of them this machine itself asks for.
    ///
    /// # Errors
    /// When apt has no such suite.
    pub fn lines(&self, suite: &str, kind: Kind) -> Result<Vec<String>, NoSuite> {
        let known = || match self.lines.is_empty() {
            true => "none".to_owned(),
            false => self.lines.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        let main = self.lines.get(suite).ok_or_else(|| NoSuite { suite: suite.to_owned(), known: known() })?;
        let more = [format!("{suite}-updates"), format!("{suite}-security")];
        let more = more.iter().filter_map(|name| self.lines.get(name)).flatten();
        Ok(main.iter().chain(more).map(|rest| format!("{} {rest}", kind.word())).collect())
    }
}

impl Kind {
    /// The first word of a line of sources.list(5).
    fn word(self) -> &'static str {
        match self {
            Self::Binary => "deb",
            Self::Source => "deb-src",
        }
    }
}

/// What apt prints in columns, for which it is given a format with tabs. It may print nothing at all.
fn rows(said: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let text = String::from_utf8_lossy(said);
    if text.is_empty() || text.contains('\t') { Ok(text) } else { Err("it has no columns") }
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
        let line = format!("[signed-by={KEYRING}] {uri} {release} {}", components.join(" "));
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
    use kiln_tool::testing::{Fake, assert_explains, assert_understands_no_nonsense};

    use super::*;

    #[tokio::test]
    async fn an_apt_that_does_not_answer_is_explained() {
        let ask = Apt::of_this_machine;
        assert_explains(("apt-get", "apt"), &["asking apt for its sources"], ask).await;
        assert_understands_no_nonsense("apt-get", &["asking apt for its sources"], ask).await;
        let _apt = Fake::new("apt-get", "exit 0");
        assert_explains(("apt-config", "apt"), &["asking apt for its settings"], ask).await;
        assert_understands_no_nonsense("apt-config", &["asking apt for its settings"], ask).await;
    }

    #[tokio::test]
    async fn an_apt_without_sources_has_no_suite() {
        let _fakes = ["apt-get", "apt-config"].map(|name| Fake::new(name, "exit 0"));
        let error = Apt::of_this_machine().await.unwrap().lines("bookworm", Kind::Binary).unwrap_err().to_string();
        assert!(error.ends_with("no suite `bookworm` of Debian; they have: none"), "{error}");
    }

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
        assert_eq!(sources.lines("bookworm", Kind::Binary).unwrap(), expected);
        let first = &sources.lines("bookworm", Kind::Source).unwrap()[0];
        assert_eq!(*first, expected[0].replacen("deb", "deb-src", 1));
        let error = sources.lines("trixie", Kind::Binary).unwrap_err().to_string();
        assert!(
            error.contains("`trixie`") && error.ends_with("bookworm, bookworm-backports, bookworm-security"),
            "{error}"
        );
    }

    #[test]
    fn only_what_the_mirror_needs_is_passed_on() {
        let said = "Acquire\t\nAcquire::AllowInsecureRepositories\t1\nAcquire::Check-Valid-Until\tfalse\n\
                    Acquire::http::Proxy\thttp://proxy:3128\nAcquire::https::Proxy\t\n";
        let expected = ["Acquire::Check-Valid-Until \"false\"", "Acquire::http::Proxy \"http://proxy:3128\""];
        assert_eq!(parse_settings(said), expected);
    }
}
