//! Where a program's standard input comes from.

use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;

/// What a program reads from its standard input.
#[derive(Debug)]
pub(crate) enum Input {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// An open file.
    File {
        /// The file.
        file: OwnedFd,
        /// How a shell would be told to open one like it.
        redirection: String,
    },
}

impl Input {
    /// What the program is given when it starts. Bytes are written to its pipe later.
    pub(crate) fn as_stdio(&self) -> io::Result<Stdio> {
        Ok(match self {
            Self::Empty => Stdio::null(),
            Self::Bytes(_) => Stdio::piped(),
            Self::File { file, .. } => file.try_clone()?.into(),
        })
    }

    /// What the command line says of it.
    pub(crate) fn redirection(&self) -> Option<String> {
        match self {
            Self::File { redirection, .. } => Some(redirection.clone()),
            Self::Empty | Self::Bytes(_) => None,
        }
    }
}
