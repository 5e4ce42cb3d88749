//! What both programs show, ask and end with.
//!
//! A program's `main` has its command line read by [`parse`], with [`Global`] flattened into it, and hands over to [`main()`]: it
//! sets up logging and the runtime, gives the command a [`Console`], ends it at Ctrl-C, prints its [`Failure`] and
//! turns that into the documented exit code.
//!
//! Results go to standard output, everything else to standard error. With `-o json` results and progress events are
//! JSON on standard output, one a line, and a failure is one JSON object on standard error, as [`Failure::to_json`] says.
//!
//! - [`Console::reporter`] is where anything that takes longer than a second reports to (see [`progress`]).
//! - [`Console::table`], [`Console::value`] and [`Console::line`] print results.
//! - [`Confirm`] asks before something is destroyed.
//! - [`generate`] makes completions and manual pages.

pub mod doctor;
pub mod exit;
pub mod generate;
pub mod human;
pub mod interface;
pub mod progress;
pub mod template;

mod ask;
mod command_line;
mod failure;
mod global;
mod interrupt;
mod log;
mod output;
mod run;
mod table;
mod term;

pub use ask::Confirm;
pub use command_line::parse;
pub use exit::Class;
pub use failure::Failure;
pub use global::{Format, Global};
pub use output::Console;
pub use progress::{Reporter, Task};
pub use run::main;
pub use table::Column;
pub use term::{Colour, When};
