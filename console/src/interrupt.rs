//! Ending a command that its user wants to end.

use std::future::Future;
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Class;
use crate::failure::Failure;

/// Runs a command until it ends, or until the first SIGINT, SIGTERM or SIGHUP (its terminal is gone): then it is dropped,
/// and its helpers, which are killed with what holds them, end too. A second signal ends the program at once.
///
/// # Errors
/// The command's failure, or one of the class [`Class::Interrupted`] or [`Class::Terminated`].
pub(crate) async fn run<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut signals = Signals::new()?;
    let failure = {
        tokio::pin!(command);
        let (class, why) = tokio::select! {
            result = &mut command => return result,
            signal = signals.next() => signal,
        };
        end_at_next_signal();
        Failure::new(class, why)
        // The command is dropped here, which may take a moment.
    };
    Err(failure)
}

/// The signals that end a command.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::new(Class::Unexpected, "listening for signals").caused_by(&error))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for one, and says what that means.
    async fn next(&mut self) -> (Class, &'static str) {
        tokio::select! {
            _ = self.interrupt.recv() => (Class::Interrupted, "interrupted"),
            _ = self.terminate.recv() => (Class::Terminated, "ended by SIGTERM"),
            _ = self.hang_up.recv() => (Class::Terminated, "ended by SIGHUP: its terminal is gone"),
        }
    }
}

/// From now on a signal ends the program, whatever it is doing.
///
/// tokio keeps its signal handlers until the end, so the default cannot be had back; and the thread of the runtime may
/// be what hangs, so another one listens.
fn end_at_next_signal() {
    thread::spawn(|| {
        let Ok(runtime) = Builder::new_current_thread().enable_io().build() else { return };
        let next: Result<_, Failure> = runtime.block_on(async { Ok(Signals::new()?.next().await) });
        let Ok((class, _)) = next else { return };
        #[expect(clippy::exit, reason = "whoever asks twice wants no cleaning up")]
        std::process::exit(i32::from(class.code()));
    });
}
