//! Where a program's standard input comes from; with a connection, where its standard output goes to, too.

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
    /// A connection, which the program also writes to.
    Connection {
        /// Its socket.
        socket: OwnedFd,
        /// How a shell would be told to make one like it.
        redirection: String,
    },
}

impl Input {
    /// What the program is given when it starts. Bytes are written to its pipe later.
    pub(crate) fn as_stdio(&self) -> io::Result<Stdio> {
        Ok(match self {
            Self::Empty => Stdio::null(),
            Self::Bytes(_) => Stdio::piped(),
            Self::File { file: descriptor, .. } | Self::Connection { socket: descriptor, .. } => {
                descriptor.try_clone()?.into()
            }
        })
    }

    /// Where the program's standard output goes to, if that is the same.
    pub(crate) fn as_stdout(&self) -> io::Result<Option<Stdio>> {
        Ok(match self {
            Self::Connection { socket, .. } => Some(socket.try_clone()?.into()),
            Self::Empty | Self::Bytes(_) | Self::File { .. } => None,
        })
    }

    /// What the command line says of it.
    pub(crate) fn redirection(&self) -> Option<String> {
        match self {
            Self::File { redirection, .. } | Self::Connection { redirection, .. } => Some(redirection.clone()),
            Self::Empty | Self::Bytes(_) => None,
        }
    }
}
