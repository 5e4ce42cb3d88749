//! Programs that only pretend, and what the errors of a wrapper must say when they misbehave.
//!
//! A [`Fake`] takes the place of a program for the thread that made it: tests that run beside it find the real one.

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The exit status of a fake that fails. No program that Kiln runs gives it a meaning.
const STATUS: u8 = 97;

/// What a fake says that fails.
const LAST_WORDS: &str = "these are its last words";

/// What a fake prints that is to be understood by nobody.
const NONSENSE: &str = "moonshine and mist";

thread_local! {
    /// The fakes of this thread, by the names of their programs. The latest one counts.
    static FAKES: RefCell<Vec<(String, PathBuf)>> = const { RefCell::new(Vec::new()) };
}

/// Stands in for a program until it is dropped.
#[derive(Debug)]
#[must_use = "the real program is found again as soon as this is dropped"]
pub struct Fake {
    path: PathBuf,
    _folder: TempDir,
}

impl Fake {
    /// Lets the program `name` be a shell script that does `script`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn new(name: &str, script: &str) -> Self {
        let fake = Self::missing(name);
        let text = fake.path.with_extension("sh");
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).expect("the script can be written");
        // By another process: a program that is still open for writing, if only in a child that another thread has just
        // forked from us, cannot be executed (execve(2), ETXTBSY).
        let installed = Command::new("install").args(["-m", "0755"]).args([&text, &fake.path]).status();
        assert!(installed.is_ok_and(|status| status.success()), "{}: it cannot be installed", fake.path.display());
        fake
    }

    /// Lets the program `name` not be there.
    ///
    /// # Panics
    /// When there is no room for temporary files.
    pub fn missing(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let path = folder.path().join(name);
        FAKES.with_borrow_mut(|fakes| fakes.push((name.to_owned(), path.clone())));
        Self { path, _folder: folder }
    }

    /// Lets the program `name` fail.
    fn failing(name: &str) -> Self {
        Self::new(name, &format!("echo '{LAST_WORDS}' >&2; exit {STATUS}"))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        FAKES.with_borrow_mut(|fakes| fakes.retain(|(_, path)| *path != self.path));
    }
}

/// Where the fake of a program is, if this thread has one.
pub(crate) fn fake(name: &str) -> Option<PathBuf> {
    FAKES.with_borrow(|fakes| fakes.iter().rev().find(|(faked, _)| faked == name).map(|(_, path)| path.clone()))
}

/// Checks what the error of `run` says when the program `name` fails (all of `doing`, the command line, the status, the
/// last words) and when it is missing (its name and the Debian `package`). `run` has to find the program anew each time.
///
/// # Panics
/// When something of it is not said.
pub async fn assert_explains<T, E: Error>(
    (name, package): (&str, &str),
    doing: &[&str],
    run: impl AsyncFn() -> Result<T, E>,
) {
    let fake = Fake::failing(name);
    let text = error_of(&run, "it failed").await;
    let command = fake.path().to_string_lossy();
    assert_says(&text, doing);
    assert_says(&text, &["\n  command: ", &command, &format!("status {STATUS}"), LAST_WORDS]);
    drop(fake);
    let _missing = Fake::missing(name);
    let text = error_of(&run, "it is missing").await;
    assert_says(&text, &[&format!("`{name}` was not found"), &format!("apt-get install {package}\n")]);
}

/// Checks what the error of `run` says when the program `name` ends well and prints nonsense: all of `doing`, the command
/// line, that this is no answer, and how it begins.
///
/// # Panics
/// When something of it is not said.
pub async fn assert_understands_no_nonsense<T, E: Error>(
    name: &str,
    doing: &[&str],
    run: impl AsyncFn() -> Result<T, E>,
) {
    let fake = Fake::new(name, &format!("echo '{NONSENSE}'"));
    let text = error_of(&run, "it printed nonsense").await;
    let command = fake.path().to_string_lossy();
    assert_says(&text, doing);
    assert_says(&text, &["\n  command: ", &command, "printed something unexpected: ", NONSENSE]);
}

/// What is said of an error, with the errors behind it.
async fn error_of<T, E: Error>(run: &impl AsyncFn() -> Result<T, E>, although: &str) -> String {
    let Err(error) = run().await else { panic!("the wrapper says that all is well, although {although}") };
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    std::iter::once(error.to_string()).chain(sources.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Program;

    const SH: Program = Program::new("sh", "dash");

    #[tokio::test]
    async fn a_fake_is_found_by_its_thread_until_it_is_dropped() {
        let real = SH.find().unwrap().path().to_owned();
        let fake = Fake::new("sh", "echo \"$1\"");
        let _other = Fake::missing("bash");
        assert_eq!(SH.find().unwrap().path(), fake.path());
        assert_eq!(SH.find().unwrap().invoke("trying").arg("a b").output().await.unwrap(), b"a b\n");
        let elsewhere = std::thread::spawn(|| SH.find().unwrap().path().to_owned());
        assert_eq!(elsewhere.join().unwrap(), real);
        drop(fake);
        assert_eq!(SH.find().unwrap().path(), real);
    }

    #[tokio::test]
    async fn every_way_of_running_a_program_explains_what_went_wrong() {
        let sh = |step: &str| SH.find().map(|sh| sh.invoke(step));
        let package = ("sh", "dash");
        assert_explains(package, &["making a"], async || sh("making a")?.run().await).await;
        assert_explains(package, &["making b"], async || sh("making b")?.output().await).await;
        assert_explains(package, &["making c"], async || sh("making c")?.stream(|_| ()).await).await;
        assert_explains(package, &["making d"], async || Err::<(), _>(sh("making d")?.outcome().await?.failed())).await;
        assert_explains(package, &["making e"], async || sh("making e")?.json::<u8>().await).await;
        assert_understands_no_nonsense("sh", &["making e"], async || sh("making e")?.json::<u8>().await).await;
    }

    #[tokio::test]
    #[should_panic(expected = "although it failed")]
    async fn a_wrapper_that_hides_a_failure_is_noticed() {
        let hiding = async || {
            SH.find()?.invoke("trying").run().await.ok();
            Ok::<_, crate::Error>(())
        };
        assert_explains(("sh", "dash"), &["trying"], hiding).await;
    }
}
