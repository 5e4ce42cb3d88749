//! What the end-to-end tests share: the built programs, a home of one's own, and one baked image for all.
//!
//! The tests run the programs as a user would, in their release build (`make programs`). An image is baked once into a
//! cache outside of the repository (`KILN_TEST_CACHE`, else `~/.cache/kiln-tests/`) and is linked into the home of each
//! test: a test that harms an image would harm it for all, which is one more thing that they check.
//!
//! Where the tests run as root, the image is baked by an ordinary user that is made for it ([`Person`]), in that user's
//! home folder; [`TestHome::of_ordinary_user`] is a home in which all programs run as that user.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something goes wrong")]

mod appliance;
mod centos;
mod cluster;
mod containers;
mod disks;
mod golden;
mod home;
mod image;
mod lab;
mod network;
mod person;
mod process;
mod program;
mod registry;
mod release;
mod repository;
mod rocky;
mod schema;
mod server;
mod wait;

pub use appliance::{Counter, DiskReader};
pub use centos::{Centos, shipped};
pub use cluster::Cluster;
pub use containers::container_images;
pub use disks::{qcow2_disk, qemu_img, raw_disk};
pub use golden::{Golden, Guest, sha256 as sha256_of};
pub use home::TestHome;
pub use image::{CachedImage, cache, debian, kubernetes};
pub use network::Nowhere;
pub use person::Person;
pub use process::{Process, processes};
pub use program::{Finished, Running, Started, bake, clone, program};
pub use registry::Registry;
pub use release::lab_with_mesh;
pub use repository::{RepositoryKey, StandIn};
pub use rocky::Rocky;
pub use schema::Schema;
pub use server::Server;
pub use wait::until;
