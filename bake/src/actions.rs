//! Actions: what one virt-customize run is made of.
//!
//! A [step](crate::steps) of a recipe says what a person wants; it becomes one or more actions, each of which is one
//! option of virt-customize(1). virt-customize prints one line for each option it begins ("[  12.3] Running: …"), which
//! is how a failure is traced back to its step.

use camino::{Utf8Path, Utf8PathBuf};

use crate::links::Links;
use crate::steps::{Package, quote};

/// One option of virt-customize.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `--install`: install packages with the guest's own package manager.
    Install(Vec<Package>),
    /// `--uninstall`: remove packages with the guest's own package manager.
    Uninstall(Vec<Package>),
    /// `--run-command`: run a command with the guest's shell, as root.
    RunCommand(String),
    /// `--run`: run a script of the host's in the guest, as root.
    RunScript(Utf8PathBuf),
    /// `--run-command`, too: the guest itself fetches a file, by the first of these URLs that answers.
    Fetch { urls: Vec<String>, to: Utf8PathBuf },
    /// `--mkdir`: make a folder and its parents.
    Mkdir(Utf8PathBuf),
    /// `--write`: replace a file by this text.
    Write { path: Utf8PathBuf, content: String },
    /// `--append-line`: add a line to a file.
    AppendLine { path: Utf8PathBuf, line: String },
    /// `--chmod`: set a file's mode, given in octal digits.
    Chmod { path: Utf8PathBuf, mode: String },
    /// `--upload`: copy a file of the host's to a path in the guest.
    Upload { from: Utf8PathBuf, to: Utf8PathBuf },
    /// `--copy-in`: copy a file or folder of the host's, with all in it, into a folder of the guest. The option itself keeps
    /// links: what they lead to is put in their place before.
    CopyIn { from: Utf8PathBuf, into: Utf8PathBuf, links: Links },
    /// `--delete`: remove a file or a whole folder.
    Delete(Utf8PathBuf),
    /// `--timezone`: set the default time zone.
    Timezone(String),
}

impl Action {
    /// The option and its value, as virt-customize 1.40 and later take them. Values that hold two things are separated
    /// by the first colon, which is why [`GuestPath`](crate::steps::GuestPath) allows none.
    pub fn arguments(&self) -> [String; 2] {
        let (option, value) = match self {
            Self::Install(packages) => ("--install", joined(packages)),
            Self::Uninstall(packages) => ("--uninstall", joined(packages)),
            Self::RunCommand(command) => ("--run-command", command.clone()),
            Self::RunScript(script) => ("--run", script.to_string()),
            Self::Fetch { urls, to } => ("--run-command", fetch_command(urls, to, None)),
            Self::Mkdir(path) => ("--mkdir", path.to_string()),
            Self::Write { path, content } => ("--write", format!("{path}:{content}")),
            Self::AppendLine { path, line } => ("--append-line", format!("{path}:{line}")),
            Self::Chmod { path, mode } => ("--chmod", format!("{mode}:{path}")),
            Self::Upload { from, to } => ("--upload", format!("{from}:{to}")),
            Self::CopyIn { from, into, .. } => ("--copy-in", format!("{from}:{into}")),
            Self::Delete(path) => ("--delete", literal(path)),
            Self::Timezone(zone) => ("--timezone", zone.clone()),
        };
        [option.to_owned(), value]
    }

    /// How the line begins that virt-customize prints when it begins the action (customize/customize_run.ml of
    /// guestfs-tools).
    pub fn announced(&self) -> &'static str {
        match self {
            Self::Install(_) => "Installing packages: ",
            Self::Uninstall(_) => "Uninstalling packages: ",
            Self::RunCommand(_) | Self::RunScript(_) | Self::Fetch { .. } => "Running: ",
            Self::Mkdir(_) => "Making directory: ",
            Self::Write { .. } => "Writing: ",
            Self::AppendLine { .. } => "Appending line to ",
            Self::Chmod { .. } => "Changing permissions of ",
            Self::Upload { .. } => "Uploading: ",
            Self::CopyIn { .. } => "Copying: ",
            Self::Delete(_) => "Deleting: ",
            Self::Timezone(_) => "Setting the timezone: ",
        }
    }

    /// Whether the action fetches something from a network, so that the appliance needs one.
    pub fn needs_network(&self) -> bool {
        matches!(self, Self::Install(_) | Self::RunCommand(_) | Self::RunScript(_) | Self::Fetch { .. })
    }

    /// The actions that leave `content` in the file `path` with that mode: its folder is made, then it is written.
    pub fn write_file(path: &Utf8Path, content: impl Into<String>, mode: &str) -> Vec<Self> {
        let mut actions = Vec::new();
        if let Some(folder) = path.parent().filter(|folder| folder.as_str() != "/") {
            actions.push(Self::Mkdir(folder.to_owned()));
        }
        actions.push(Self::Write { path: path.to_owned(), content: content.into() });
        actions.push(Self::Chmod { path: path.to_owned(), mode: mode.to_owned() });
        actions
    }
}

/// A path as a pattern that stands for itself alone: `--delete` expands patterns (virt-customize(1), glob(7)).
fn literal(path: &Utf8Path) -> String {
    let escaped = |character| if "*?[]\\".contains(character) { vec!['\\', character] } else { vec![character] };
    path.as_str().chars().flat_map(escaped).collect()
}

/// What fetches a file in a guest: apt-helper(1) is there where apt is, and curl where yum is. The script `renamed`, if
/// there is one, says how a URL is called.
pub fn fetch_command(urls: &[String], to: &Utf8Path, renamed: Option<&str>) -> String {
    let to = quote([to.as_str()]);
    let words = quote(urls.iter().map(String::as_str));
    let renamed = renamed.map(|script| format!("url=$(sh {} \"$url\"); ", quote([script]))).unwrap_or_default();
    format!(
        "for url in {words}; do {renamed}if [ -x /usr/lib/apt/apt-helper ]; then \
         /usr/lib/apt/apt-helper download-file \"$url\" {to}; \
         else curl --fail --silent --show-error --location --output {to} \"$url\"; fi && exit 0; done; \
         echo \"none of {} could be fetched\" >&2; exit 1",
        urls.join(", ")
    )
}

fn joined(packages: &[Package]) -> String {
    packages.iter().map(Package::as_str).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_joined_as_virt_customize_splits_them() {
        let path = Utf8PathBuf::from("/etc/motd");
        let cases = [
            (Action::Install(vec!["a".parse().unwrap(), "b".parse().unwrap()]), ["--install", "a,b"]),
            (Action::Write { path: path.clone(), content: "x:y\n".into() }, ["--write", "/etc/motd:x:y\n"]),
            (Action::Chmod { path: path.clone(), mode: "0644".into() }, ["--chmod", "0644:/etc/motd"]),
            (Action::Upload { from: "/tmp/a".into(), to: path }, ["--upload", "/tmp/a:/etc/motd"]),
            (Action::Delete("/opt/a[1]*".into()), ["--delete", "/opt/a\\[1\\]\\*"]),
        ];
        for (action, expected) in cases {
            assert_eq!(action.arguments(), expected);
        }
    }

    #[test]
    fn a_file_gets_its_folder_first() {
        let actions = Action::write_file(Utf8Path::new("/etc/a/b"), "text", "0600");
        assert_eq!(actions[0], Action::Mkdir("/etc/a".into()));
        assert_eq!(actions.len(), 3);
        assert_eq!(Action::write_file(Utf8Path::new("/b"), "text", "0600").len(), 2);
    }
}
