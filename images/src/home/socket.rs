//! How long the path of a socket may be: what makes a home's own path too long.

use camino::{Utf8Path, Utf8PathBuf};

use super::VARIABLE;

/// The longest path of a UNIX socket, in bytes: `sun_path` has 108, one of them for the final zero (unix(7)).
pub const SOCKET_PATH_MAX: usize = 107;

/// The path of a socket is too long for the kernel.
#[derive(Debug, thiserror::Error)]
#[error(
    "the socket {path} has a path of {} bytes, and Linux takes {SOCKET_PATH_MAX}\n  \
     use shorter names, or set {VARIABLE} to a folder with a shorter path",
    path.as_str().len()
)]
pub struct SocketPathTooLong {
    /// The socket.
    pub path: Utf8PathBuf,
}

/// Checks that a socket can be bound at `path`.
///
/// # Errors
/// [`SocketPathTooLong`] when the kernel would refuse its length.
pub fn check_socket_path(path: &Utf8Path) -> Result<(), SocketPathTooLong> {
    if path.as_str().len() <= SOCKET_PATH_MAX { Ok(()) } else { Err(SocketPathTooLong { path: path.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn the_kernel_agrees_on_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(folder.path()).unwrap();
        for (length, fits) in [(SOCKET_PATH_MAX, true), (SOCKET_PATH_MAX + 1, false)] {
            let path = base.join("s".repeat(length - base.as_str().len() - 1));
            assert_eq!(check_socket_path(&path).is_ok(), fits, "{length}");
            assert_eq!(UnixListener::bind(&path).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn a_long_path_is_refused_with_its_length_and_a_way_out() {
        let text = check_socket_path(Utf8Path::new(&"/x".repeat(60))).unwrap_err().to_string();
        assert!(text.contains("120 bytes") && text.contains("set KILN_HOME"), "{text}");
    }
}
