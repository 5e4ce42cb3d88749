//! Disks: where they live, how they are made, verified, kept and handed out.
//!
//! - [`home`]: the names of everything under `$KILN_HOME`; [`scratch`] for half-made things;
//! - [`durable`]: files that are either old or new, never half; locks between processes;
//! - [`digest`], [`name`], [`size`]: the validated types the rest is written in;
//! - [`qemu_img`]: the wrapper of `qemu-img`; [`header`]: the qcow2 header, read without it, and by it what [`disks`]
//!   stand on;
//! - [`base`]: is a file that somebody gave us a disk image, and a harmless one?
//! - [`download`], [`pins`]: getting a base image, and knowing that it is the right one; [`bundle`]: a folder of all that
//!   was got, for where there is no network;
//! - [`store`], [`manifest`]: the golden images, named by the digest of their bytes;
//! - [`overlay`], [`sparse`]: linked clones, a thousand for the price of one; [`export`]: images for other hypervisors.

pub mod base;
mod blocking;
pub mod bundle;
pub mod config;
pub mod digest;
pub mod disks;
pub mod download;
pub mod durable;
pub mod export;
mod file_error;
pub mod header;
pub mod home;
pub mod manifest;
pub mod name;
pub mod overlay;
pub mod pins;
pub mod qemu_img;
pub mod reference;
pub mod scratch;
pub mod size;
pub mod sparse;
pub mod store;

pub use blocking::blocking;
pub use file_error::{At, FileError};
