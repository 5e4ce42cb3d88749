//! The configuration that OpenSSH reaches the nodes of a lab with: `ssh -F labs/<lab>/ssh/config node1`.
//!
//! It stands on its own: nothing of the user's own configuration, keys, agents or known hosts is used, and no host-key
//! check is weakened. Kiln made the host keys and handed them to the nodes, so that `known_hosts` is exact.

use camino::Utf8Path;
use kiln_cloud_init::NodeName;
use kiln_images::home::SOCKET_PATH_MAX;

use crate::lab::LabName;

/// What OpenSSH adds to the path of a control socket while it binds it: a dot and 16 random letters (mux.c).
const SOCKET_SUFFIX: usize = 17;

/// One node, as OpenSSH has to know it.
#[derive(Debug, Clone, Copy)]
pub struct Host<'a> {
    /// Its name.
    pub name: &'a NodeName,
    /// The user to log in as.
    pub user: &'a str,
    /// The port of 127.0.0.1 that leads to its SSH server.
    pub port: u16,
}

/// The files the configuration speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a> {
    /// The private key of the lab.
    pub identity: &'a Utf8Path,
    /// The host keys of the nodes.
    pub known_hosts: &'a Utf8Path,
    /// The folder for the sockets of shared connections.
    pub sockets: &'a Utf8Path,
}

/// Writes the configuration. Every node has two names: its own, and `<node>.<lab>`, which is the only one in a file
/// that is to be included in a configuration with other labs (`alone` is false then).
pub fn render<'a>(lab: &LabName, hosts: impl IntoIterator<Item = Host<'a>>, paths: Paths<'_>, alone: bool) -> String {
    let mut text = String::from("# Made by `clone up`. Changes are overwritten.\n");
    let mut longest = 0;
    for Host { name, user, port } in hosts {
        let own = if alone { format!("{name} ") } else { String::new() };
        text.push_str(&format!("\nHost {own}{name}.{lab}\n  HostKeyAlias {name}\n  Port {port}\n  User {user}\n"));
        longest = longest.max(name.as_str().len());
    }
    let pattern = if alone { "*".to_owned() } else { format!("*.{lab}") };
    text.push_str(&format!("\nHost {pattern}\n"));
    for line in common(paths) {
        text.push_str(&format!("  {line}\n"));
    }
    let length = paths.sockets.as_str().len() + "/".len() + longest + ".mux".len() + SOCKET_SUFFIX;
    if length <= SOCKET_PATH_MAX {
        // %k is the HostKeyAlias: one connection for all names of a node.
        let socket = format!("{}/%k.mux", escape(paths.sockets.as_str()));
        text.push_str(&format!("  ControlMaster auto\n  ControlPath {}\n  ControlPersist 60\n", quote(&socket)));
    }
    text
}

fn common(paths: Paths<'_>) -> Vec<String> {
    let file = |path: &Utf8Path| quote(&escape(path.as_str()));
    vec![
        "HostName 127.0.0.1".to_owned(),
        format!("IdentityFile {}", file(paths.identity)),
        "IdentitiesOnly yes".to_owned(),
        "IdentityAgent none".to_owned(),
        "PreferredAuthentications publickey".to_owned(),
        "BatchMode yes".to_owned(),
        "ForwardAgent no".to_owned(),
        format!("UserKnownHostsFile {}", file(paths.known_hosts)),
        "GlobalKnownHostsFile /dev/null".to_owned(),
        "StrictHostKeyChecking yes".to_owned(),
        "HostKeyAlgorithms ssh-ed25519".to_owned(),
        // What OpenSSH of CentOS 7 and of today have in common; today's first choice costs an emulated guest 0.3 s
        // more, against an attacker who can listen on this host's loopback interface.
        "KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org".to_owned(),
        "UpdateHostKeys no".to_owned(),
        "CheckHostIP no".to_owned(),
        "LogLevel ERROR".to_owned(),
        // QEMU accepts the connection before the guest does, so that a guest that hangs would be waited for for ever.
        "ConnectTimeout 60".to_owned(),
        "ServerAliveInterval 15".to_owned(),
        "ServerAliveCountMax 8".to_owned(),
    ]
}

/// OpenSSH expands `%` in file names (ssh_config(5), TOKENS).
fn escape(path: &str) -> String {
    path.replace('%', "%%")
}

/// A word with spaces needs quotes; inside them a backslash escapes a quote (ssh_config(5)).
fn quote(word: &str) -> String {
    match word.contains([' ', '"', '\\', '#', '\'']) {
        true => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
        false => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render_in(folder: &str, alone: bool) -> String {
        let name: NodeName = "node1".parse().unwrap();
        let folder = Utf8Path::new(folder);
        let (identity, known_hosts) = (folder.join("id"), folder.join("known_hosts"));
        let paths = Paths { identity: &identity, known_hosts: &known_hosts, sockets: folder };
        let host = Host { name: &name, user: "debian", port: 20_000 };
        render(&"three-nodes".parse().unwrap(), [host], paths, alone)
    }

    #[test]
    fn it_is_exact_and_stands_on_its_own() {
        insta::assert_snapshot!(render_in("/home/me/kiln/labs/three-nodes/ssh", true), @r"
        # Made by `clone up`. Changes are overwritten.

        Host node1 node1.three-nodes
          HostKeyAlias node1
          Port 20000
          User debian

        Host *
          HostName 127.0.0.1
          IdentityFile /home/me/kiln/labs/three-nodes/ssh/id
          IdentitiesOnly yes
          IdentityAgent none
          PreferredAuthentications publickey
          BatchMode yes
          ForwardAgent no
          UserKnownHostsFile /home/me/kiln/labs/three-nodes/ssh/known_hosts
          GlobalKnownHostsFile /dev/null
          StrictHostKeyChecking yes
          HostKeyAlgorithms ssh-ed25519
          KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org
          UpdateHostKeys no
          CheckHostIP no
          LogLevel ERROR
          ConnectTimeout 60
          ServerAliveInterval 15
          ServerAliveCountMax 8
          ControlMaster auto
          ControlPath /home/me/kiln/labs/three-nodes/ssh/%k.mux
          ControlPersist 60
        ");
    }

    #[test]
    fn an_included_one_speaks_of_its_own_lab_only() {
        let text = render_in("/kiln", false);
        let hosts: Vec<_> = text.lines().filter(|line| line.starts_with("Host ")).collect();
        assert_eq!(hosts, ["Host node1.three-nodes", "Host *.three-nodes"]);
    }

    #[test]
    fn odd_folders_are_quoted_and_their_percent_signs_doubled() {
        let text = render_in("/a b/100%", true);
        assert!(text.contains("  IdentityFile \"/a b/100%%/id\"\n"), "{text}");
        assert!(text.contains("  ControlPath \"/a b/100%%/%k.mux\"\n"), "{text}");
    }

    #[test]
    fn no_connection_is_shared_where_its_socket_would_not_fit() {
        assert!(!render_in(&format!("/{}", "x".repeat(90)), true).contains("ControlMaster"));
    }
}
