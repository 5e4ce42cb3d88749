//! Files to start from.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};

use camino::Utf8Path;
use serde::Serialize;

use crate::exit::Class;
use crate::failure::Failure;
use crate::output::Console;

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Utf8Path,
}

/// Writes `text` into a new file, whose folder is made if it is not there, and says what to do with it: `next` is the
/// command that takes it.
///
/// # Errors
/// Where the file is there already, or cannot be written.
pub fn write(console: &Console, file: &Utf8Path, text: &str, next: &str) -> Result<(), Failure> {
    create(file, text).map_err(|error| {
        let failure = Failure::new(Class::File, format!("writing {file}")).caused_by(&error);
        if error.kind() == ErrorKind::AlreadyExists { failure.hint("name another file") } else { failure }
    })?;
    console.value(&Written { file }, |_| format!("wrote {file}; then: {next} {}", as_argument(file)))
}

fn create(file: &Utf8Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The file as a shell takes it, and as our programs tell it from a name.
fn as_argument(file: &Utf8Path) -> String {
    let path = if file.as_str().contains('/') { file.to_string() } else { format!("./{file}") };
    shlex::try_quote(&path).map_or_else(|_| path.clone(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Global;

    #[test]
    fn a_file_is_written_once_where_it_was_asked_for() {
        let guard = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(guard.path()).unwrap().join("labs/mine.yaml");
        let console = Console::new(&Global { quiet: true, ..Global::default() });
        write(&console, &file, "name: mine\n", "clone up").unwrap();
        let again = write(&console, &file, "other", "clone up").unwrap_err();
        assert_eq!((again.class(), fs::read_to_string(&file).unwrap()), (Class::File, "name: mine\n".to_owned()));
    }

    #[test]
    fn what_is_said_can_be_typed() {
        for (file, expected) in [
            ("lab.yaml", "./lab.yaml"),
            ("labs/lab.yaml", "labs/lab.yaml"),
            ("/tmp/lab.yaml", "/tmp/lab.yaml"),
            ("my lab.yaml", "'./my lab.yaml'"),
        ] {
            assert_eq!(as_argument(file.into()), expected);
        }
    }
}
