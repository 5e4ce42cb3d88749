//! OpenSSH's programs, which reach the nodes through the configuration of the lab ([`config`]).

pub mod banner;
pub mod config;
pub mod files;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::NodeName;
use kiln_tool::{Error, Invocation, Program};
use tokio::sync::Notify;

use self::banner::Server;

/// The program one logs in with.
pub const SSH: Program = Program::new("ssh", "openssh-client");
/// The program that copies files.
pub const SCP: Program = Program::new("scp", "openssh-client");

/// `ssh` and `scp` with the configuration of one lab.
#[derive(Debug)]
pub struct Ssh {
    config: Utf8PathBuf,
}

impl Ssh {
    /// Uses the configuration in the file `config`.
    pub fn new(config: &Utf8Path) -> Self {
        Self { config: config.to_owned() }
    }

    /// A login on the terminal. `words` are joined and given to the login shell, as `ssh` does; without any there is a
    /// shell.
    ///
    /// # Errors
    /// Where `ssh` is not installed.
    pub fn login(&self, node: &NodeName, words: &[String]) -> Result<Invocation, Error> {
        let ssh = self.ssh(format!("logging in to {node}"))?;
        Ok(ssh.arg(node.as_str()).arg("--").args(words))
    }

    /// A command in the node with exactly these arguments, whatever characters are in them.
    ///
    /// # Errors
    /// Where `ssh` is not installed.
    pub fn command(&self, step: impl Into<String>, node: &NodeName, words: &[String]) -> Result<Invocation, Error> {
        Ok(self.ssh(step)?.arg(node.as_str()).arg("--").arg(remote_line(words)))
    }

    /// Like [`Ssh::command`], over a connection of its own that ends with the command.
    ///
    /// # Errors
    /// Where `ssh` is not installed.
    pub fn lone_command(
        &self,
        step: impl Into<String>,
        node: &NodeName,
        words: &[String],
    ) -> Result<Invocation, Error> {
        let ssh = self.ssh(step)?.args(["-o", "ControlPath=none"]);
        Ok(ssh.arg(node.as_str()).arg("--").arg(remote_line(words)))
    }

    /// Logs in to a node and hangs up as soon as it has let us in: its host key was the right one, and ours was taken.
    /// The session that would follow is not waited for; an emulated guest needs seconds for one (pam_systemd(8)).
    ///
    /// # Errors
    /// [`Error::Failed`] with what `ssh` said when it was not let in within `limit`.
    pub async fn knock(&self, node: &NodeName, server: Server, limit: Duration, log: &Utf8Path) -> Result<(), Error> {
        // Without a command, the connection stays open until it is dropped here. A `-` in the place of a command to
        // connect by is ssh's own standard input and output (OpenSSH, sshconnect.c, `ssh_connect`; so since 5.5).
        let options = ["-N", "-o", "ControlPath=none", "-o", "LogLevel=VERBOSE", "-o", "ProxyCommand=-"];
        let redirection = format!("<>/dev/tcp/127.0.0.1/{} >&0", server.port);
        let ssh = self.ssh(format!("logging in to {node}"))?.args(options).arg(node.as_str());
        let ssh = ssh.on_connection(server.socket, redirection);
        let let_in = Notify::new();
        let on_line = |line: &str| {
            if is_let_in(line) {
                let_in.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = let_in.notified() => Ok(()),
            result = ssh.time_limit(limit).log(log).stream(on_line) => result,
        }
    }

    /// A copy between this host and a node, as `scp` has it: folders with all that is in them, times and modes kept.
    ///
    /// # Errors
    /// Where `scp` is not installed.
    pub fn copy(&self, from: &str, to: &str) -> Result<Invocation, Error> {
        let scp = SCP.find()?.invoke(format!("copying {from} to {to}"));
        Ok(scp.args(["-F", self.config.as_str(), "-r", "-p", "--", from, to]))
    }

    fn ssh(&self, step: impl Into<String>) -> Result<Invocation, Error> {
        Ok(SSH.find()?.invoke(step).args(["-F", self.config.as_str()]))
    }
}

/// What `ssh` says at the level VERBOSE when it was let in (OpenSSH, sshconnect2.c, `ssh_userauth2`; so since 5.1):
/// `Authenticated to 127.0.0.1 (via proxy) using "publickey".`
fn is_let_in(line: &str) -> bool {
    line.starts_with("Authenticated to ")
}

/// The words of a command as one line for the shell that sshd gives it to, which splits it into the same words again.
fn remote_line(words: &[String]) -> String {
    // A zero byte is the only thing that cannot be quoted, and no argument of a program can hold one (execve(2)).
    words.iter().map(|word| shlex::try_quote(word).unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::assert_explains;

    use super::*;

    #[tokio::test]
    async fn what_fails_on_the_way_to_a_node_is_explained() {
        let (ssh, node) = (Ssh::new(Utf8Path::new("/lab/ssh/config")), "node1".parse().unwrap());
        let (package, words) = (("ssh", "openssh-client"), ["true".to_owned()]);
        let line = "-F /lab/ssh/config node1 -- true";
        assert_explains(package, &["testing", line], async || ssh.command("testing", &node, &words)?.run().await).await;
        let lone = async || ssh.lone_command("testing", &node, &words)?.output().await;
        assert_explains(package, &["testing", "node1 -- true"], lone).await;
        assert_explains(package, &["logging in to node1", line], async || ssh.login(&node, &words)?.run().await).await;
        let copy = async || ssh.copy("node1:/a", "/b")?.run().await;
        assert_explains(("scp", "openssh-client"), &["copying node1:/a to /b"], copy).await;
        let folder = tempfile::tempdir().unwrap();
        let log = Utf8Path::from_path(folder.path()).unwrap().join("log");
        let knock = async || {
            let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
            let server = Server { socket: socket.into(), port: 20_000 };
            ssh.knock(&node, server, Duration::from_secs(5), &log).await
        };
        assert_explains(package, &["logging in to node1", log.as_str()], knock).await;
    }

    #[test]
    fn words_stay_apart_in_the_remote_shell() {
        let words = ["echo", "two words", "$HOME", "it's", ""].map(str::to_owned);
        let line = remote_line(&words);
        assert_eq!(shlex::split(&line).unwrap(), words);
        assert!(!line.contains(" $HOME "), "{line}");
    }

    #[test]
    fn only_the_line_that_says_so_lets_in() {
        assert!(is_let_in("Authenticated to 127.0.0.1 (via proxy) using \"publickey\"."));
        assert!(!is_let_in("debian@127.0.0.1: Permission denied (publickey)."));
    }

    #[test]
    fn a_command_names_the_configuration_and_ends_the_options_before_it() {
        let ssh = Ssh::new(Utf8Path::new("/lab/ssh/config"));
        let invocation = ssh.lone_command("testing", &"node1".parse().unwrap(), &["true".to_owned()]).unwrap();
        let line = invocation.command_line();
        assert!(line.ends_with("ssh -F /lab/ssh/config -o 'ControlPath=none' node1 -- true"), "{line}");
    }
}
