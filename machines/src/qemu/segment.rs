//! The segment of a lab: a `vde_switch`, an Ethernet switch in user space that QEMU plugs into over a UNIX socket.
//!
//! It is private: its sockets are 0600 in folders that are 0700, so that only the lab's owner can plug in. It outlives
//! us as the machines do. Whether it runs is asked of its management socket: the kernel tells whoever connects which
//! process listens (`SO_PEERCRED`, unix(7)), so there is no pid file that could be wrong.

use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::{Lock, remove_file, remove_folder};
use kiln_images::home::check_socket_path;
use kiln_tool::Program;
use rustix::net::sockopt::socket_peercred;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::files::make_private;
use super::process::Process;
use crate::patience::Patience;
use crate::{Ending, Error, Segment, Started};

const SWITCH: Program = Program::new("vde_switch", "vde2");

/// How many machines can be plugged in: eight times what vde_switch allows by itself.
const PORTS: &str = "256";

/// How long the switch may take to answer, to end when asked, and how long the lock on the segment is waited for. Each
/// takes some milliseconds.
const LIMIT: Duration = Duration::from_secs(5);

/// The longest pause between two looks at a switch that starts.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The longest name that a client's socket has in the control folder: `.<pid>-<number>` (vde2's libvdeplug.c).
const LONGEST_CLIENT: &str = ".4194304-00000";

/// The folder that is given to those who plug in.
pub(super) fn control_folder(segment: &Segment) -> Utf8PathBuf {
    segment.folder.join("ctl")
}

fn management_socket(segment: &Segment) -> Utf8PathBuf {
    segment.folder.join("mgmt")
}

/// Refuses a segment that nobody could plug into.
pub(super) fn check_sockets(segment: &Segment) -> Result<(), Error> {
    Ok(check_socket_path(&control_folder(segment).join(LONGEST_CLIENT))?)
}

/// Starts the switch unless it runs.
pub(super) async fn up(segment: &Segment) -> Result<Started, Error> {
    check_sockets(segment)?;
    make_private(&segment.folder)?;
    let _lock = lock(segment).await?;
    if running(segment).await?.is_some() {
        return Ok(Started::Already);
    }
    // A switch that was killed left its sockets, and with a management socket in its way a new one ends in silence.
    remove_leftovers(segment)?;
    let step = format!("starting the network of lab {}", segment.lab);
    SWITCH
        .find()?
        .invoke(step)
        .args(["--sock", control_folder(segment).as_str(), "--mode", "0600", "--dirmode", "0700"])
        .args(["--mgmt", management_socket(segment).as_str(), "--mgmtmode", "0600"])
        // Else it would read ~/.vderc.
        .args(["--rcfile", "/dev/null", "--numports", PORTS, "--daemon"])
        .time_limit(LIMIT)
        .run()
        .await?;
    wait_until_running(segment).await
}

/// Ends the switch if it runs, and removes what it had.
pub(super) async fn down(segment: &Segment) -> Result<Ending, Error> {
    if !exists(&segment.folder)? {
        return Ok(Ending::NotRunning);
    }
    let _lock = lock(segment).await?;
    let ending = match running(segment).await? {
        None => Ending::NotRunning,
        Some((process, console)) => end(segment, &process, console).await?,
    };
    remove_leftovers(segment)?;
    Ok(ending)
}

/// True if the switch runs.
pub(super) async fn is_up(segment: &Segment) -> Result<bool, Error> {
    Ok(running(segment).await?.is_some())
}

/// What tells the switch that runs from those before it: its process.
pub(super) async fn id(segment: &Segment) -> Result<Option<String>, Error> {
    running(segment).await?.map(|(process, _)| process.identity()).transpose()
}

async fn end(segment: &Segment, process: &Process, mut console: UnixStream) -> Result<Ending, Error> {
    let asked = console.write_all(b"shutdown\n").await;
    if asked.is_ok() && process.ended_within(LIMIT).await? {
        return Ok(Ending::ShutDown);
    }
    process.kill(&format!("the network of lab {}", segment.lab)).await?;
    Ok(Ending::Killed)
}

/// The switch's process and a connection to its management console, if it runs.
async fn running(segment: &Segment) -> Result<Option<(Process, UnixStream)>, Error> {
    let path = management_socket(segment);
    let Some(console) = connect(&path).await.map_err(Error::io("connecting to", &path))? else { return Ok(None) };
    let listener =
        socket_peercred(&console).map_err(|errno| Error::io("asking who listens on", &path)(errno.into()))?;
    Ok(Process::open(listener.pid, &path)?.map(|process| (process, console)))
}

/// A connection to who listens there, if anybody does.
async fn connect(path: &Utf8Path) -> io::Result<Option<UnixStream>> {
    loop {
        match UnixStream::connect(path).await {
            Ok(stream) => return Ok(Some(stream)),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => return Ok(None),
                // Who listened ended just before it took the connection: the next answer is a plain one.
                io::ErrorKind::ConnectionReset => {}
                _ => return Err(error),
            },
        }
    }
}

/// With `--daemon` the program has ended with status 0 before it bound its management socket.
async fn wait_until_running(segment: &Segment) -> Result<Started, Error> {
    let mut patience = Patience::until(Instant::now() + LIMIT, LONGEST_PAUSE);
    while running(segment).await?.is_none() {
        if !patience.pause().await {
            let problem = format!("vde_switch was started, but did not answer within {} s", LIMIT.as_secs());
            return Err(trouble(segment, problem));
        }
    }
    Ok(Started::Now)
}

async fn lock(segment: &Segment) -> Result<Lock, Error> {
    Ok(Lock::exclusive_within(&segment.folder.join("lock"), 2 * LIMIT).await?)
}

fn remove_leftovers(segment: &Segment) -> Result<(), Error> {
    remove_folder(&control_folder(segment))?;
    Ok(remove_file(&management_socket(segment))?)
}

fn exists(folder: &Utf8Path) -> Result<bool, Error> {
    folder.try_exists().map_err(Error::io("looking for", folder))
}

fn trouble(segment: &Segment, problem: String) -> Error {
    Error::Segment { lab: segment.lab.clone(), folder: segment.folder.clone(), problem }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn whoever_listens_may_end_at_any_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("mgmt")).unwrap();
        let socket = path.clone();
        let listeners = thread::spawn(move || {
            for _ in 0..2000 {
                drop(UnixListener::bind(&socket).unwrap());
                fs::remove_file(&socket).unwrap();
            }
        });
        while !listeners.is_finished() {
            connect(&path).await.unwrap();
        }
        listeners.join().unwrap();
    }
}
