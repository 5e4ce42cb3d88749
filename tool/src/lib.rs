//! How Kiln runs any external program.
//!
//! There is one way: a [`Program`] constant names the program and the package it comes from, [`Program::find`]
//! looks it up, and [`Tool::invoke`] starts an [`Invocation`], which is given its arguments and ends in the method
//! that says what happens to the program's output ([`Invocation::run`], [`Invocation::output`],
//! [`Invocation::parse`], [`Invocation::json`], [`Invocation::stream`], [`Invocation::outcome`],
//! [`Invocation::interactive`], [`Invocation::detach`], [`Invocation::attach`]).
//!
//! What always holds:
//! - arguments are passed as they are; no shell is involved;
//! - every command line is logged at debug level under the target `kiln::command`;
//! - standard input is empty unless it is given;
//! - a helper has a time limit, at which it is ended with its children; so it is when nobody waits for it any more. When the
//!   program that started it is killed, the kernel kills the helper, and not what that has started;
//! - a failure is an [`Error`] that holds the step in words, the command as it could be typed, the status, the last
//!   words of standard error, and the log if there is one.
//!
//! A virtual machine outlives us and therefore is no helper: [`Invocation::detach`] starts it in a session of its own. One that
//! serves only us is started by [`Invocation::attach`].

mod error;
mod input;
mod invocation;
mod outcome;
mod process;
mod program;
mod streams;
mod tail;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::{Ending, Error, Failure};
pub use invocation::{DEFAULT_TIME_LIMIT, Invocation};
pub use outcome::Outcome;
pub use program::{Program, Tool};
