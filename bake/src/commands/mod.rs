//! The commands of `bake`, one file each: its options, whose comments are the manual, and what it does.

pub mod build;
pub mod completion;
pub mod doctor;
pub mod export;
pub mod fetch;
pub mod images;
pub mod import;
pub mod init;
mod kitchen;
pub mod manual;
pub mod prune;
pub mod recipes;
pub mod rm;
pub mod schema;
pub mod show;
pub mod validate;
pub mod verify;
