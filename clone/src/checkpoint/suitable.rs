//! Whether a checkpoint can be restored here and now: its files, this host, and the certificates in it.

use std::fs;
use std::io;

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_images::{At, FileError, header};
use kiln_machines::{Accelerator, Facts};

use super::cluster::NEAR;
use super::{CheckpointError, Entry, Manifest};
use crate::error::Error;

const CPUINFO: &str = "/proc/cpuinfo";
/// The processor model with which a guest sees the one that the host has (qemu-cpu-models(7)).
const HOST_MODEL: &str = "host";

/// Checks the files of a checkpoint: each is there, has the length it had, and stands on what is there. Without its seed or
/// its keys a lab would be killed and not come back, or come back and let nobody in.
///
/// # Errors
/// [`CheckpointError::Missing`] and [`CheckpointError::Length`].
pub(super) fn check_files(entry: &Entry) -> Result<(), Error> {
    let name = || entry.manifest.name.clone();
    for file in entry.manifest.files().into_values() {
        let path = &file.path;
        let found_bytes = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(CheckpointError::Missing { name: name(), file: path.clone() }.into());
            }
            metadata => metadata.at("looking at", path)?.len(),
        };
        if found_bytes != file.bytes {
            let (file, expected_bytes) = (path.clone(), file.bytes);
            return Err(CheckpointError::Length { name: name(), file, found_bytes, expected_bytes }.into());
        }
    }
    // Of these, earlier versions did not write down what is in them.
    let nodes = &entry.manifest.lab.nodes;
    let of_nodes = nodes.keys().flat_map(|node| [entry.folder.seed(node), entry.folder.host_key(node)]);
    let pki = nodes.values().any(|node| node.joined.is_some()).then(|| entry.folder.pki());
    if let Some(file) = of_nodes.chain(pki).find(|file| !file.exists()) {
        return Err(CheckpointError::Missing { name: name(), file }.into());
    }
    for node in nodes.keys() {
        for file in header::chain(&entry.folder.disk(node)).skip(1) {
            let file = file?;
            if !file.exists() {
                return Err(CheckpointError::Missing { name: name(), file }.into());
            }
        }
    }
    Ok(())
}

/// Checks whether the hypervisor of this host can run what was saved, and says what is to be known of it.
///
/// # Errors
/// [`CheckpointError::OtherHost`] with what is another.
pub(super) fn check_host(manifest: &Manifest, facts: &Facts) -> Result<Option<String>, Error> {
    let made = &manifest.hypervisor;
    let refuse = |why: String| Err(CheckpointError::OtherHost { name: manifest.name.clone(), why }.into());
    if made.accelerator != facts.accelerator {
        let word = |accelerator| match accelerator {
            Accelerator::Kvm => "KVM",
            Accelerator::Tcg => "QEMU's translator",
        };
        let (was, is) = (word(made.accelerator), word(facts.accelerator));
        return refuse(format!("its nodes ran on {was}, and here they would on {is} ({})", facts.reason));
    }
    if made.processor.is_some() && made.processor != processor(&manifest.lab, facts)? {
        let was = made.processor.as_deref().unwrap_or_default();
        return refuse(format!("its nodes had the processor of the host, which was {was}, and this one has another"));
    }
    let cpus = || manifest.lab.nodes.values().filter_map(|node| node.cpu.as_deref());
    if let Some(cpu) = cpus().find(|cpu| !facts.can_be(cpu)) {
        return refuse(format!("its nodes have the processor {cpu}, which that of this host cannot be"));
    }
    if version(&made.version) > version(&facts.hypervisor) {
        let (was, is) = (&made.version, &facts.hypervisor);
        return refuse(format!("it was made by {was}, and {is} does not know what is newer than itself\n  upgrade it"));
    }
    // Those of other makes have names of their own, and every QEMU drops the boards of those long before it.
    let other = manifest.lab.nodes.values().find(|node| !facts.boards.contains(&node.board));
    if let Some(node) = other {
        return refuse(format!("its nodes have the board {}, and {} has none like it", node.board, facts.hypervisor));
    }
    Ok((made.version != facts.hypervisor)
        .then(|| format!("it was made by {}, and is loaded by {}", made.version, facts.hypervisor)))
}

/// The host's processor, where a guest of the lab is given it.
///
/// # Errors
/// [`FileError`] where the kernel does not say.
pub(super) fn processor(lab: &crate::state::State, facts: &Facts) -> Result<Option<String>, FileError> {
    let model = |node: &crate::state::NodeState| node.cpu.clone().unwrap_or_else(|| facts.cpu()) == HOST_MODEL;
    if !lab.nodes.values().any(model) {
        return Ok(None);
    }
    let text = fs::read_to_string(CPUINFO).at("reading", Utf8Path::new(CPUINFO))?;
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    Ok(line.map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned()))
}

/// Checks whether the nodes of the cluster still trust each other at `now`, and says when they will not any more if that is
/// near.
///
/// # Errors
/// [`CheckpointError::Expired`]
pub(super) fn check_certificates(manifest: &Manifest, now: Timestamp) -> Result<Option<String>, Error> {
    let Some(expires) = manifest.cluster.as_ref().map(|cluster| cluster.expires) else { return Ok(None) };
    if expires <= now {
        return Err(CheckpointError::Expired { name: manifest.name.clone(), expired: expires }.into());
    }
    let near = now.checked_add(NEAR).is_ok_and(|soon| expires < soon);
    Ok(near.then(|| format!("the certificates of its cluster end at {expires}")))
}

/// The first two numbers in `QEMU 10.0.2`: what is between two of them that differ in the third only is mended, not new.
fn version(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).take(2).collect()
}

#[cfg(test)]
mod tests {
    use kiln_images::digest::PagesDigest;
    use kiln_images::home::Home;

    use super::*;
    use crate::checkpoint::cluster::SavedCluster;
    use crate::checkpoint::manifest::{Maker, SavedFile, tests::manifest};
    use crate::checkpoint::{CheckpointFolder, CheckpointId};
    use crate::folder::LabFolder;
    use crate::state::tests::{node, state};
    use crate::state::{NodeState, State};

    fn facts() -> Facts {
        Facts {
            hypervisor: "QEMU 10.0.2".to_owned(),
            board: "pc-q35-10.0".to_owned(),
            boards: ["pc-q35-9.2", "pc-q35-10.0"].map(str::to_owned).to_vec(),
            accelerator: Accelerator::Tcg,
            reason: "there is no /dev/kvm".to_owned(),
            processors: vec![],
        }
    }

    #[test]
    fn a_host_that_cannot_run_what_was_saved_is_told_why() {
        let made = |version: &str, board: &str, accelerator, processor: Option<&str>| Manifest {
            hypervisor: Maker { version: version.to_owned(), accelerator, processor: processor.map(str::to_owned) },
            lab: State { ..state([("node1", NodeState { board: board.to_owned(), ..node() })]) },
            ..manifest("before")
        };
        let board = "pc-q35-10.0";
        for (manifest, expected) in [
            (made("QEMU 10.0.2", board, Accelerator::Tcg, None), Ok(None)),
            (made("QEMU 9.2.0", "pc-q35-9.2", Accelerator::Tcg, None), Ok(Some("is loaded by QEMU 10.0.2"))),
            (made("QEMU 10.0.3", board, Accelerator::Tcg, None), Ok(Some("is loaded by QEMU 10.0.2"))),
            (made("QEMU 10.1.0", board, Accelerator::Tcg, None), Err("does not know what is newer")),
            (
                made("QEMU 2.4.0", "pc-q35-2.4", Accelerator::Tcg, None),
                Err("board pc-q35-2.4, and QEMU 10.0.2 has none"),
            ),
            (made("QEMU 10.0.2", board, Accelerator::Kvm, None), Err("ran on KVM, and here they would on QEMU's")),
            (made("QEMU 10.0.2", "pc-q35-rhel9.4.0", Accelerator::Tcg, None), Err("board pc-q35-rhel9.4.0")),
            (made("QEMU 10.0.2", board, Accelerator::Tcg, Some("A 6502")), Err("which was A 6502")),
        ] {
            match (check_host(&manifest, &facts()), expected) {
                (Ok(note), Ok(part)) => {
                    assert_eq!(note.is_some(), part.is_some(), "{note:?}");
                    assert!(note.unwrap_or_default().contains(part.unwrap_or_default()));
                }
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                (found, expected) => panic!("{found:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_processor_that_this_host_cannot_be_is_refused() {
        let here = Facts { accelerator: Accelerator::Kvm, processors: vec!["Haswell-v4".to_owned()], ..facts() };
        let saved = |cpu: &str| {
            let node = NodeState { board: here.board.clone(), cpu: Some(cpu.to_owned()), ..node() };
            let maker = Maker { version: here.hypervisor.clone(), accelerator: Accelerator::Kvm, processor: None };
            Manifest { hypervisor: maker, lab: State { ..state([("node1", node)]) }, ..manifest("before") }
        };
        assert_eq!(check_host(&saved("Haswell-v4,enforce"), &here).unwrap(), None);
        let refused = check_host(&saved("Icelake-Server-v7,enforce"), &here).unwrap_err().to_string();
        assert!(refused.contains("its nodes have the processor Icelake-Server-v7"), "{refused}");
    }

    #[test]
    fn certificates_that_have_ended_are_told_before_anything_is_done() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let cluster = |expires| SavedCluster {
            version: "1.20.2".to_owned(),
            expires,
            nodes: vec![],
            pods: vec![],
            heartbeats: std::collections::BTreeMap::new(),
        };
        let manifest = Manifest { cluster: Some(cluster(at("2027-03-01T00:00:00Z"))), ..manifest("ready") };
        assert_eq!(check_certificates(&manifest, at("2027-01-01T00:00:00Z")).unwrap(), None);
        assert!(check_certificates(&manifest, at("2027-02-20T00:00:00Z")).unwrap().is_some());
        let error = check_certificates(&manifest, at("2027-03-01T00:00:00Z")).unwrap_err().to_string();
        assert!(error.contains("ended at 2027-03-01T00:00:00Z") && error.contains("--to golden"), "{error}");
    }

    #[test]
    fn a_file_that_is_gone_or_cut_off_is_named() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let lab = LabFolder::new(&home, &"lab".parse().unwrap());
        let folder = CheckpointFolder::new(&lab, CheckpointId::draw());
        fs::create_dir_all(folder.root()).unwrap();
        let name = "node1".parse().unwrap();
        let (disk, memory, seed, key) =
            (folder.disk(&name), folder.memory(&name), folder.seed(&name), folder.host_key(&name));
        [&disk, &memory, &seed, &key].iter().for_each(|file| fs::write(file, "12345").unwrap());
        let file = |path: &camino::Utf8PathBuf| SavedFile {
            path: path.clone(),
            bytes: 5,
            used_bytes: 4096,
            pages: PagesDigest::of_file(path).unwrap(),
        };
        let mut manifest = manifest("before");
        manifest.nodes.values_mut().for_each(|node| node.files = vec![file(&disk), file(&memory)]);
        let mut entry = Entry { folder, manifest };
        check_files(&entry).unwrap();
        // What it has no digest of, as an earlier version made it, is missed all the same.
        let missing = |entry: &Entry, path: &Utf8Path| {
            let error = check_files(entry).unwrap_err().to_string();
            assert!(error.contains(&format!("{path} is missing")), "{error}");
        };
        for path in [&seed, &key] {
            fs::remove_file(path).unwrap();
            missing(&entry, path);
            fs::write(path, "12345").unwrap();
        }
        entry.manifest.lab.nodes.values_mut().for_each(|node| node.joined = Some(Timestamp::UNIX_EPOCH));
        missing(&entry, &entry.folder.pki());
        fs::create_dir(entry.folder.pki()).unwrap();
        fs::write(&memory, "123").unwrap();
        let error = check_files(&entry).unwrap_err().to_string();
        assert!(error.contains(memory.as_str()) && error.contains("3 bytes"), "{error}");
        fs::remove_file(&memory).unwrap();
        missing(&entry, &memory);
    }
}
