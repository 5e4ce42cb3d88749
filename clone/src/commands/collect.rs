//! `clone collect`.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf, absolute_utf8};
use kiln_console::Failure;
use kiln_images::durable::{self, PRIVATE, create_folder};
use kiln_images::scratch::Scratch;
use kiln_images::{At, FileError};

use super::WhichLab;
use crate::doctor;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::lab::select::applied;
use crate::programs::TAR;
use crate::world::{World, load_state};

/// The most of one file that is packed, in bytes: its end, where the fault is.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// Pack everything that helps to understand a fault into one archive
///
/// Lab file, state, logs, consoles, what QEMU said, versions, and what `clone
/// doctor` finds. No disk, no seed and no private key is in it. A lab file with a
/// `cloud-init` section, which can have passwords in it, is left out. Consoles and
/// logs are packed as they are: look at what the nodes have printed before you
/// hand the archive to others.
///
/// Example:
///   clone collect three-nodes --file fault.tar.gz
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    lab: WhichLab,
    /// The archive [default: LAB.tar.gz]
    #[arg(long, short, env = "KILN_COLLECT_FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<Utf8PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such lab, or the archive cannot be written.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = args.lab.folder(world)?;
    let file = args.file.unwrap_or_else(|| format!("{}.tar.gz", folder.lab()).into());
    let findings = [doctor::programs().await, doctor::host(world).await].concat();
    let report: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    pack(world, &folder, &file, &report).await?;
    world.console.value(&file, ToString::to_string)
}

async fn pack(world: &World, folder: &LabFolder, file: &Utf8Path, report: &str) -> Result<(), Error> {
    let archive =
        absolute_utf8(file).map_err(|source| Error::UserFile { doing: "finding", path: file.to_owned(), source })?;
    let scratch = Scratch::new(&world.home)?;
    let root = scratch.path().join(folder.lab().as_str());
    gather(folder, &root)?;
    let doctor = root.join("doctor.txt");
    fs::write(&doctor, report).at("writing", &doctor)?;
    reserve(&archive)?;
    Ok(compress(&archive, scratch.path(), folder.lab().as_str()).await?)
}

/// Writes what is under `name` in a folder to the archive.
async fn compress(archive: &Utf8Path, folder: &Utf8Path, name: &str) -> Result<(), kiln_tool::Error> {
    let tar = TAR.find()?.invoke(format!("packing {archive}"));
    tar.args(["--create", "--gzip", "--file", archive.as_str(), "--directory", folder.as_str(), name]).run().await
}

/// Makes the archive an empty file for the owner alone, which tar then writes to.
fn reserve(archive: &Utf8Path) -> Result<(), Error> {
    let failed = |source| Error::UserFile { doing: "writing", path: archive.to_owned(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(archive);
    file.and_then(|file| file.set_permissions(Permissions::from_mode(PRIVATE))).map_err(failed)
}

/// Copies what may be shown to others. What is packed is listed here, file by file: a secret that is added to a lab
/// some day is not packed by accident.
fn gather(folder: &LabFolder, to: &Utf8Path) -> Result<(), Error> {
    create_folder(&to.join("logs"))?;
    create_folder(&to.join("ssh"))?;
    gather_state(folder, to)?;
    copy(&folder.ssh_config(), &to.join("ssh/config"))?;
    copy(&folder.known_hosts(), &to.join("ssh/known_hosts"))?;
    for log in files(&folder.logs())? {
        copy(&log, &to.join("logs").join(log.file_name().unwrap_or_default()))?;
    }
    for node in files(&folder.nodes())? {
        let name = node.file_name().unwrap_or_default();
        create_folder(&to.join("nodes").join(name))?;
        for log in ["console.log", "qemu.log"] {
            copy(&node.join(log), &to.join("nodes").join(name).join(log))?;
        }
    }
    Ok(())
}

/// Copies the state and the lab file in it, unless that has something for cloud-init. Of a state that cannot be read, the
/// reason is written down.
fn gather_state(folder: &LabFolder, to: &Utf8Path) -> Result<(), Error> {
    let mut state = match load_state(folder) {
        Ok(Some(state)) => state,
        Ok(None) => return Ok(()),
        Err(error) => {
            let note = to.join("state.txt");
            return Ok(fs::write(&note, format!("{error}\n")).at("writing", &note)?);
        }
    };
    if applied(folder, &state).is_ok_and(|lab| !lab.adds_to_first_boot()) {
        let copy = to.join("lab.yaml");
        fs::write(&copy, &state.file).at("writing", &copy)?;
    } else {
        state.file = "(left out)".to_owned();
    }
    Ok(durable::save(&to.join("state.json"), &state)?)
}

fn files(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, FileError> {
    match folder.read_dir_utf8() {
        Ok(entries) => entries.map(|entry| Ok(entry.at("reading", folder)?.into_path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(FileError::new("reading", folder, error)),
    }
}

/// Copies the end of a file that may not be there.
fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    let end = || -> io::Result<_> {
        let mut file = File::open(from)?;
        file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(MAX_FILE_BYTES)))?;
        Ok(file.take(MAX_FILE_BYTES))
    };
    match end() {
        Ok(mut end) => File::create(to).and_then(|mut copy| io::copy(&mut end, &mut copy)).map(drop).at("writing", to),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::new("reading", from, error)),
    }
}

#[cfg(test)]
mod tests {
    use kiln_images::home::Home;
    use kiln_tool::testing::assert_explains;

    use super::*;
    use crate::lab::check;
    use crate::state::State;
    use crate::world::save_state;

    const LAB: &str = "name: lab\nimage: tiny\nnetwork: 10.1.1.0/24\nnodes: [{name: node1, ip: 10.1.1.2}]\n";

    #[test]
    fn a_lab_file_is_gathered_unless_it_can_have_secrets_in_it() {
        for (cloud_init, expected) in [
            ("", true),
            ("cloud-init: {files: [{path: /etc/token, content: SECRET}]}\n", false),
            ("cloud-init: {config: {chpasswd: {list: 'root:SECRET'}}}\n", false),
        ] {
            let guard = tempfile::tempdir().unwrap();
            let root = Utf8Path::from_path(guard.path()).unwrap();
            let folder = LabFolder::new(&Home::new(root.join("kiln")).unwrap(), &"lab".parse().unwrap());
            create_folder(folder.root()).unwrap();
            let lab = check::parse("lab.yaml", &format!("{LAB}{cloud_init}")).unwrap();
            save_state(&folder, &State::new(&lab)).unwrap();
            fs::write(folder.lab_file(), &lab.text).unwrap();
            let to = root.join("gathered");
            gather(&folder, &to).unwrap();
            assert_eq!(to.join("lab.yaml").exists(), expected, "{cloud_init}");
            assert!(!fs::read_to_string(to.join("state.json")).unwrap().contains("SECRET"), "{cloud_init}");
        }
    }

    #[tokio::test]
    async fn an_archive_that_cannot_be_written_is_named() {
        let compress = async || compress("/lab.tar.gz".into(), "/scratch".into(), "lab").await;
        assert_explains(("tar", "tar"), &["packing /lab.tar.gz", "/scratch"], compress).await;
    }

    #[test]
    fn the_archive_is_for_its_owner_alone() {
        let guard = tempfile::tempdir().unwrap();
        let archive = Utf8Path::from_path(guard.path()).unwrap().join("lab.tar.gz");
        fs::write(&archive, "an old one").unwrap();
        fs::set_permissions(&archive, Permissions::from_mode(0o644)).unwrap();
        reserve(&archive).unwrap();
        let metadata = fs::metadata(&archive).unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 0));
    }

    #[test]
    fn of_a_large_file_its_end_is_gathered() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let (from, to) = (root.join("console.log"), root.join("copy"));
        // A hole that is larger than any memory, and then what was said last.
        let mut file = File::create(&from).unwrap();
        file.seek(SeekFrom::Start(4 << 40)).unwrap();
        io::Write::write_all(&mut file, b"the end").unwrap();
        copy(&from, &to).unwrap();
        let copied = fs::read(&to).unwrap();
        assert_eq!((copied.len() as u64, copied.ends_with(b"the end")), (MAX_FILE_BYTES, true));
        copy(&root.join("missing"), &to).unwrap();
    }

    #[test]
    fn no_disk_and_no_private_key_is_gathered() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let folder = LabFolder::new(&Home::new(root.join("kiln")).unwrap(), &"lab".parse().unwrap());
        let node = "node1".parse().unwrap();
        for path in [folder.identity(), folder.host_key(&node), folder.disk(&node), folder.seed(&node)] {
            create_folder(path.parent().unwrap()).unwrap();
            fs::write(path, "SECRET").unwrap();
        }
        create_folder(&folder.logs()).unwrap();
        fs::write(folder.log("reachable", &node), "a log").unwrap();
        fs::write(folder.node(&node).join("console.log"), "a console").unwrap();
        let to = root.join("gathered");
        gather(&folder, &to).unwrap();
        let mut found = Vec::new();
        let mut folders = vec![to.clone()];
        while let Some(folder) = folders.pop() {
            for path in files(&folder).unwrap() {
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(&to).unwrap().as_str()).collect();
        assert_eq!(names, ["logs/reachable-node1.log", "nodes/node1/console.log"]);
    }
}
