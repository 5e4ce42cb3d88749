//! Ending a machine: asked, told, killed.

use std::time::Duration;

use tokio::time::Instant;

use super::agent::{self, Agent};
use super::files::Files;
use super::process::Process;
use super::qmp::{self, Qmp};
use crate::{Ending, Error, Machine};

/// How long the agent in the guest may take to take the order, but no more than half of the guest's time: the rest is
/// for the power button. A guest without an agent costs this much time.
const AGENT_LIMIT: Duration = Duration::from_secs(2);

/// How long the monitor may take to answer.
const MONITOR_LIMIT: Duration = Duration::from_secs(5);

/// How long QEMU may take to write its disks once it was told to end.
const QUIT_LIMIT: Duration = Duration::from_secs(10);

/// Stops the machine; the guest has until `deadline`, from now, to end by itself.
pub(super) async fn stop(machine: &Machine, deadline: Duration) -> Result<Ending, Error> {
    let Some(process) = Process::of(machine).await? else { return Ok(Ending::NotRunning) };
    let until = Instant::now() + deadline;
    if !deadline.is_zero() {
        ask_guest(machine, until).await;
        if process.ended_within(until.saturating_duration_since(Instant::now())).await? {
            return Ok(Ending::ShutDown);
        }
    }
    match tell_qemu(machine).await {
        Ok(()) if process.ended_within(QUIT_LIMIT).await? => return Ok(Ending::Ended),
        Ok(()) => {}
        Err(error) => tracing::debug!(machine = %machine.title(), %error, "its monitor does not end it"),
    }
    process.kill(&machine.title()).await?;
    Ok(Ending::Killed)
}

/// Kills the machine.
pub(super) async fn kill(machine: &Machine) -> Result<Ending, Error> {
    let Some(process) = Process::of(machine).await? else { return Ok(Ending::NotRunning) };
    process.kill(&machine.title()).await?;
    Ok(Ending::Killed)
}

/// Asks the guest to shut down: by its agent, or by the power button where that is not there or refuses. Returns when it
/// was asked, at the latest at `until`. What becomes of it shows in the process; a guest that could not be asked is ended
/// at the deadline like one that did not listen.
async fn ask_guest(machine: &Machine, until: Instant) {
    if let Err(error) = resume(machine).await {
        tracing::debug!(machine = %machine.title(), %error, "its monitor does not answer");
        return;
    }
    match ask_agent(machine, until).await {
        Ok(()) => return,
        Err(error @ agent::Error::Absent { .. }) => {
            tracing::debug!(machine = %machine.title(), %error, "pressing the power button instead");
        }
        Err(error) => tracing::warn!("{}: {error}; pressing its power button instead", machine.title()),
    }
    if let Err(error) = press_power_button(machine).await {
        tracing::debug!(machine = %machine.title(), %error, "the power button cannot be pressed");
    }
}

async fn ask_agent(machine: &Machine, until: Instant) -> Result<(), agent::Error> {
    let limit = AGENT_LIMIT.min(until.saturating_duration_since(Instant::now()) / 2);
    Agent::connect(&Files::of(machine).agent(), limit).await?.shutdown(until).await
}

/// A guest that is held or asleep cannot shut down.
async fn resume(machine: &Machine) -> Result<(), qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?.go_on().await
}

async fn press_power_button(machine: &Machine) -> Result<(), qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?.system_powerdown().await
}

async fn tell_qemu(machine: &Machine) -> Result<(), qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?.quit().await
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use serde_json::{Value, json};
    use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
    use tokio::net::UnixListener;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::qemu::agent::line::tests::far_side;

    /// Serves `clients` on `socket` one after the other, as [`converse`] does, and returns the commands.
    fn serve(socket: &Utf8Path, clients: usize, greeting: &'static str, answer: Reply) -> JoinHandle<Vec<String>> {
        let listener = UnixListener::bind(socket).unwrap();
        tokio::spawn(async move {
            let mut commands = Vec::new();
            for _ in 0..clients {
                let (reader, mut writer) = listener.accept().await.unwrap().0.into_split();
                writer.write_all(greeting.as_bytes()).await.unwrap();
                commands.extend(converse(reader, writer, usize::MAX, answer).await);
            }
            commands
        })
    }

    /// Answers that many requests at most as `answer` says, while there are any, and returns their commands.
    async fn converse(
        reader: impl AsyncRead + Unpin,
        mut writer: impl AsyncWrite + Unpin,
        requests: usize,
        answer: Reply,
    ) -> Vec<String> {
        let mut lines = BufReader::new(reader).split(b'\n');
        let mut commands = Vec::new();
        while commands.len() < requests
            && let Some(line) = lines.next_segment().await.unwrap()
        {
            let begin = line.iter().position(|byte| *byte == b'{').unwrap();
            let request: Value = serde_json::from_slice(&line[begin..]).unwrap();
            writer.write_all(&answer(&request)).await.unwrap();
            commands.push(request["execute"].as_str().unwrap().to_owned());
        }
        commands
    }

    type Reply = fn(&Value) -> Vec<u8>;

    fn refusing_agent(request: &Value) -> Vec<u8> {
        match &request["arguments"]["id"] {
            Value::Null => b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"not allowed\"}}\n".to_vec(),
            id => [b"\xff", json!({ "return": id }).to_string().as_bytes(), b"\n"].concat(),
        }
    }

    fn monitor(request: &Value) -> Vec<u8> {
        format!("{}\n", json!({ "return": { "status": "running" }, "id": request["id"] })).into_bytes()
    }

    #[tokio::test]
    async fn where_the_agent_refuses_the_power_button_is_pressed_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let machine = json!({ "name": "node1", "lab": "lab", "folder": path, "disk": path.join("disk"),
            "product-uuid": uuid::Uuid::nil(), "cpus": 1, "memory-mib": 1 });
        let machine: Machine = serde_json::from_value(machine).unwrap();
        let files = Files::of(&machine);
        let (questions, answers) = far_side(&files.agent());
        let agent = tokio::spawn(converse(questions, answers, 2, refusing_agent));
        let monitor = serve(&files.monitor(), 2, "{\"QMP\": {}}\n", monitor);
        let begin = Instant::now();
        ask_guest(&machine, begin + Duration::from_secs(60)).await;
        assert!(begin.elapsed() < Duration::from_secs(30));
        assert_eq!(agent.await.unwrap(), ["guest-sync-delimited", "guest-shutdown"]);
        let asked = ["qmp_capabilities", "query-status", "qmp_capabilities", "system_powerdown"];
        assert_eq!(monitor.await.unwrap(), asked);
    }
}
