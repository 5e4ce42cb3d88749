//! The cloner: golden images to labs of machines.
//!
//! A lab file ([`lab`]) is compared with what exists ([`state`]) and what runs ([`survey`]); the result is a plan
//! ([`plan`]) of what to do with each node. [`up`], [`down`], [`reset`] and [`destroy`] are the operations that change
//! a lab; [`checkpoint`] saves one with its memory, and goes back to that. They share the steps they are made of: writing
//! down what will be ([`register`]), disks and seeds ([`make`]), starting ([`mod@start`]), and waiting for all nodes
//! through their phases ([`wait`], [`phases`]). [`ssh`] and [`guest`] reach into the nodes; [`kubernetes`], [`cluster`]
//! and [`mesh`] are about what is made of them together.
//!
//! [`cli`] is the command line; each command is a file of [`commands`], and [`errors`] decides on what the user is told
//! when one fails.

pub mod checkpoint;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod crash;
pub mod destroy;
pub mod doctor;
pub mod down;
pub mod error;
pub mod errors;
pub mod fetch;
pub mod folder;
pub mod golden;
mod guest;
pub mod kill;
pub mod kubernetes;
pub mod lab;
pub mod leftovers;
pub mod machine;
pub mod make;
pub mod mesh;
pub mod pace;
pub mod phases;
pub mod plan;
pub mod power;
pub mod programs;
pub mod register;
pub mod report;
pub mod reset;
pub mod room;
pub mod ssh;
pub mod start;
pub mod state;
pub mod survey;
pub mod tasks;
pub mod terminal;
pub mod timings;
pub mod up;
pub mod wait;
pub mod world;

pub use cli::run;
