//! Machines: what runs the nodes of a lab.
//!
//! [`Hypervisor`] is the one trait; it speaks of a [`Machine`] and a [`Segment`], never of the program behind it. Each
//! backend is one folder: [`qemu`] is the embedded default, which needs no daemon and no root.
//!
//! Nothing here keeps a book of what runs: a backend asks the system. [`ports`] chooses the host ports of a machine's
//! forwards. How a machine looks inside (its user, its addresses) is the business of the caller.

mod checkpoint;
pub mod console_log;
mod error;
mod guest;
mod hypervisor;
mod machine;
mod patience;
pub mod ports;
pub mod qemu;

pub use checkpoint::{Ahead, CheckpointProblem, Saved, SavedMemory};
pub use error::{Error, StartProblem};
pub use guest::{GuestCommand, GuestOutput};
pub use hypervisor::{Accelerator, Answer, Console, DISK_FULL, Ending, Facts, Hypervisor, Started, State, Terminal};
pub use machine::{Forward, Lifetime, Machine, Memory, NatNic, Segment, ServiceNic, medium_serial};
