//! What the end-to-end tests share: the built programs, a home of one's own, and one baked image for all.
//!
//! The tests run the programs as a user would, in their release build (`make programs`). An image is baked once into a
//! cache outside of the repository (`KILN_TEST_CACHE`, else the XDG cache directory's `kiln-tests/`) and is linked into
//! the home of each test: a test that harms an image would harm it for all, which is one more thing that they check.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something goes wrong")]

mod home;
mod image;
mod program;
mod wait;

pub use home::TestHome;
pub use image::{cache, debian};
pub use program::{Finished, Running, bake, clone, program};
pub use wait::until;
