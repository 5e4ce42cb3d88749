//! `clone collect`.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf, absolute_utf8};
use kiln_console::Failure;
use kiln_images::durable::create_folder;
use kiln_images::scratch::Scratch;
use kiln_images::{At, FileError};
use kiln_tool::Program;

use crate::doctor;
use crate::error::Error;
use crate::folder::LabFolder;
use crate::world::World;

const TAR: Program = Program::new("tar", "tar");

/// The most of one file that is packed, in bytes: its end, where the fault is.
const MAX_FILE_BYTES: usize = 8 << 20;

/// Pack everything that helps to understand a fault into one archive
///
/// Lab file, state, logs, consoles, what QEMU said, versions, and what `clone doctor` finds. No disk, no seed and no
/// private key is in it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The lab [default: the only one there is]
    #[arg(env = "KILN_LAB")]
    lab: Option<String>,
    /// The archive [default: LAB.tar.gz]
    #[arg(long, short, env = "KILN_FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<Utf8PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where there is no such lab, or the archive cannot be written.
pub async fn run(args: Args, world: &World) -> Result<(), Failure> {
    let folder = world.lab_folder(args.lab.as_deref())?;
    let file = args.file.unwrap_or_else(|| format!("{}.tar.gz", folder.lab()).into());
    let findings = doctor::examine(world).await;
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
    let tar = TAR.find()?.invoke(format!("packing {archive}"));
    let parent = scratch.path().as_str();
    Ok(tar
        .args(["--create", "--gzip", "--file", archive.as_str(), "--directory", parent, folder.lab().as_str()])
        .run()
        .await?)
}

/// Copies what may be shown to others. What is packed is listed here, file by file: a secret that is added to a lab
/// some day is not packed by accident.
fn gather(folder: &LabFolder, to: &Utf8Path) -> Result<(), FileError> {
    create_folder(&to.join("logs"))?;
    create_folder(&to.join("ssh"))?;
    copy(&folder.lab_file(), &to.join("lab.yaml"))?;
    copy(&folder.state(), &to.join("state.json"))?;
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

fn files(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, FileError> {
    match folder.read_dir_utf8() {
        Ok(entries) => entries.map(|entry| Ok(entry.at("reading", folder)?.into_path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(FileError::new("reading", folder, error)),
    }
}

/// Copies the end of a file that may not be there.
fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    match fs::read(from) {
        Ok(bytes) => fs::write(to, &bytes[bytes.len().saturating_sub(MAX_FILE_BYTES)..]).at("writing", to),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::new("reading", from, error)),
    }
}

#[cfg(test)]
mod tests {
    use kiln_images::home::Home;

    use super::*;

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
