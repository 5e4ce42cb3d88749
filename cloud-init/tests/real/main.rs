//! The seed against the real programs that read it: cloud-init, PyYAML, libblkid, and readers of ISO 9660.
//!
//! A missing program is a failure that names it and its package; nothing is skipped.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod apt;
mod cloud_init;
mod host_keys;
mod medium;
mod network;
mod programs;
mod render;
mod sample;
mod schema;
mod yaml;
