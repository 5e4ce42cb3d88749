//! The `main` of both programs.

use std::future::Future;
use std::process::{ExitCode, Termination};

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;
use crate::global::Global;
use crate::output::Console;
use crate::{Class, interrupt, log};

/// Runs a command and ends as it ended: prints its failure, and returns the exit code for it.
///
/// The command may return `()`, or an [`ExitCode`] that is passed on, such as that of a program in a guest.
pub fn main<Command, Run, T>(global: &Global, command: Command) -> ExitCode
where
    Command: FnOnce(Console) -> Run,
    Run: Future<Output = Result<T, Failure>>,
    T: Termination,
{
    let console = Console::new(global);
    let result = log::start(global, console.reporter(), console.colour())
        .and_then(|()| runtime())
        .and_then(|runtime| on(runtime, interrupt::run(command(console.clone()))));
    console.reporter().finish();
    match result {
        Ok(value) => value.report(),
        Err(failure) => {
            // Whoever closes a pipe early (`| head`) has seen enough.
            if failure.class() != Class::OutputClosed {
                console.failure(&failure);
            }
            ExitCode::from(failure.class().code())
        }
    }
}

/// One thread serves everything: commands wait for other programs, and blocking work goes to `spawn_blocking`.
fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Class::Unexpected, "starting the runtime").caused_by(&error))
}

fn on<T>(runtime: Runtime, command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let result = runtime.block_on(command);
    // Not waiting for blocking work that a dropped command has left behind, such as a question nobody answers.
    runtime.shutdown_background();
    result
}
