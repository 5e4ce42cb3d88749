//! Files that people write: strict YAML, read into serde types, with every mistake reported at once and in its place.
//!
//! [`text()`] reads a file; [`read`] turns text into a [`Document`], or into [`Problems`], which print like a compiler's:
//!
//! ```text
//! error: unknown field `imgae`
//!  --> labs/three-nodes.yaml:2:1
//!   |
//! 2 | imgae: debian-12
//!   | ^^^^^ did you mean `image`?
//!
//! 1 problem in labs/three-nodes.yaml
//! ```
//!
//! How it works: `parse` builds a tree of nodes with positions, `de` is a serde deserializer over that tree, and
//! `reading` runs it again and again: each run ends at one fault, the faulty node is left out of the next run, and
//! the last run finds nothing new. What serde cannot know (an address outside of its network) is checked on the
//! finished value with [`Document::problems`], and reported in the same form.
//!
//! Files that were written for other programs are read by [`read_loosely`].
//!
//! Types that are read this way use externally tagged enums and neither `flatten` nor `untagged`: those make serde
//! buffer the values, and the positions inside are lost.

mod de;
mod document;
mod file;
mod loose;
mod node;
mod parse;
mod path;
mod problem;
mod reading;
mod render;
mod scalar;
mod source;
mod stand_in;
mod suggest;

pub use document::Document;
pub use file::text;
pub use parse::{MAX_BYTES, MAX_DEPTH};
pub use path::{Path, Step};
pub use problem::{Problem, Problems};
pub use reading::{read, read_loosely};
pub use suggest::nearest;
