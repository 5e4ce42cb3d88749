//! Ending a machine: asked, told, killed.

use std::time::Duration;

use tokio::time::Instant;

use super::agent::Agent;
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
    let Some(process) = Process::holding(&Files::of(machine).pid())? else { return Ok(Ending::NotRunning) };
    let until = Instant::now() + deadline;
    if !deadline.is_zero() {
        ask_guest(machine, deadline).await;
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
    let Some(process) = Process::holding(&Files::of(machine).pid())? else { return Ok(Ending::NotRunning) };
    process.kill(&machine.title()).await?;
    Ok(Ending::Killed)
}

/// Asks the guest to shut down: by its agent, or else by the power button. What becomes of it shows in the process; a
/// guest that could not be asked is ended at the deadline like one that did not listen.
async fn ask_guest(machine: &Machine, deadline: Duration) {
    if let Err(error) = resume(machine).await {
        tracing::debug!(machine = %machine.title(), %error, "its monitor does not answer");
        return;
    }
    let by_agent =
        async { Agent::connect(&Files::of(machine).agent(), AGENT_LIMIT.min(deadline / 2)).await?.shutdown().await };
    if let Err(error) = by_agent.await {
        tracing::debug!(machine = %machine.title(), %error, "pressing the power button instead");
        if let Err(error) = press_power_button(machine).await {
            tracing::debug!(machine = %machine.title(), %error, "the power button cannot be pressed");
        }
    }
}

/// A guest that is held cannot shut down.
async fn resume(machine: &Machine) -> Result<(), qmp::Error> {
    let mut qmp = Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?;
    if qmp.query_status().await?.status == "running" { Ok(()) } else { qmp.cont().await }
}

async fn press_power_button(machine: &Machine) -> Result<(), qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?.system_powerdown().await
}

async fn tell_qemu(machine: &Machine) -> Result<(), qmp::Error> {
    Qmp::connect(&Files::of(machine).monitor(), MONITOR_LIMIT).await?.quit().await
}
