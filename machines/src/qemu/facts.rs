//! What is found out about QEMU on this host, once for every boot of the host and every version of QEMU.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use camino::Utf8Path;
use kiln_images::durable::{self, Document, DocumentError};
use kiln_tool::Tool;
use serde::{Deserialize, Serialize};

use super::{accelerator, processor};
use crate::{Accelerator, Error, Facts};

/// The first QEMU that can do what is asked of it.
const MINIMUM: &str = "7.1";

/// What stands before the version in [`Facts::hypervisor`].
const HYPERVISOR: &str = "QEMU ";

/// QEMU's version.
pub(super) fn version(facts: &Facts) -> &str {
    facts.hypervisor.trim_start_matches(HYPERVISOR)
}

/// The cache file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Cache {
    key: Key,
    facts: Facts,
}

impl Document for Cache {
    const FORMAT: u32 = 2;
    /// A real one has some thousand bytes.
    const MAX_BYTES: u64 = 64 << 10;
}

/// What the facts depend on. When any of it changes they are found out again.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Key {
    boot_id: String,
    qemu: String,
    qemu_bytes: u64,
    qemu_modified_ns: i128,
    kvm_opens: bool,
}

impl Key {
    fn of(qemu: &Tool) -> Result<Self, Error> {
        let boot_id = "/proc/sys/kernel/random/boot_id";
        let path = qemu.path().display().to_string();
        let metadata = std::fs::metadata(qemu.path()).map_err(Error::io("looking at", &path))?;
        Ok(Self {
            boot_id: std::fs::read_to_string(boot_id).map_err(Error::io("reading", boot_id))?.trim().to_owned(),
            qemu: path,
            qemu_bytes: metadata.len(),
            qemu_modified_ns: modified_ns(&metadata),
            kvm_opens: accelerator::kvm_opens(),
        })
    }
}

fn modified_ns(metadata: &Metadata) -> i128 {
    i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())
}

/// The facts about `qemu`: from the file `cache` if they are there and still hold, else found out and written there.
pub(super) async fn find(qemu: &Tool, cache: &Utf8Path) -> Result<Facts, Error> {
    let key = Key::of(qemu)?;
    let demanded = accelerator::demanded()?;
    match (read(cache, &key)?, demanded) {
        (Some(facts), None) => Ok(facts),
        (Some(facts), Some((accelerator, reason))) if facts.accelerator == accelerator => Ok(Facts { reason, ..facts }),
        // A demand is no fact: nothing was probed, and nothing is kept.
        (_, Some(choice)) => ask(qemu, Some(choice)).await,
        (None, None) => {
            let facts = ask(qemu, None).await?;
            durable::save(cache, &Cache { key, facts: facts.clone() })?;
            Ok(facts)
        }
    }
}

async fn ask(qemu: &Tool, demanded: Option<accelerator::Choice>) -> Result<Facts, Error> {
    let version = qemu.invoke("asking QEMU for its version").arg("--version").parse(parse_version).await?;
    super::QEMU.require(&version, MINIMUM, "it writes screenshots as PNG (QMP `screendump`, member `format`)")?;
    let (board, boards) =
        qemu.invoke("asking QEMU for its boards").args(["-machine", "help"]).parse(parse_boards).await?;
    let (accelerator, reason) = match demanded {
        Some(choice) => choice,
        None => accelerator::probe(qemu, &board).await?,
    };
    let processors = match accelerator {
        // Without names it is the host's processor: a lab runs with that, too.
        Accelerator::Kvm => processor::models(qemu, &board).await.unwrap_or_else(|error| {
            tracing::warn!("machines get the processor of this host, and their checkpoints are for it alone: {error}");
            Vec::new()
        }),
        Accelerator::Tcg => Vec::new(),
    };
    let hypervisor = format!("{HYPERVISOR}{version}");
    Ok(Facts { hypervisor, board, boards, accelerator, reason, processors })
}

/// The number in `QEMU emulator version 10.0.2 (Debian …)`.
fn parse_version(said: &[u8]) -> Result<String, &'static str> {
    let text = String::from_utf8_lossy(said);
    let words = text.lines().next().unwrap_or_default().split_whitespace();
    let version = words.skip_while(|word| *word != "version").nth(1);
    version.map(str::to_owned).ok_or("it names no version")
}

/// The versioned name behind `q35`, from the line `q35  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)`, and the
/// names of all boards: a line each, below a heading.
fn parse_boards(said: &[u8]) -> Result<(String, Vec<String>), &'static str> {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().find(|line| line.split_whitespace().next() == Some("q35"));
    let board = line.and_then(|line| line.split_once("(alias of ")?.1.split_once(')')).map(|(board, _)| board);
    let boards = text.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    Ok((board.ok_or("it has no alias q35")?.to_owned(), boards.map(str::to_owned).collect()))
}

/// Reads the cache. Anything but facts under this very key is the same as none: they are simply found out again.
fn read(path: &Utf8Path, key: &Key) -> Result<Option<Facts>, Error> {
    match durable::load::<Cache>(path) {
        Ok(cache) => Ok((cache.key == *key).then_some(cache.facts)),
        Err(DocumentError::File(error)) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::FileTooLarge) => {
            Err(error.into())
        }
        Err(error) => {
            tracing::debug!(%error, "finding out about the hypervisor");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let debian = b"QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright (c) 2003-2025 Fabrice Bellard\n";
        assert_eq!(parse_version(debian).unwrap(), "10.0.2");
        assert!(parse_version(b"qemu").is_err());
    }

    #[test]
    fn the_alias_leads_to_the_versioned_board() {
        let debian = b"Supported machines are:\n\
            pc-q35-9.2           Standard PC (Q35 + ICH9, 2009)\n\
            pc-q35-10.0          Standard PC (Q35 + ICH9, 2009)\n\
            q35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)\n";
        let rhel = b"q35                  RHEL-9.4.0 PC (Q35 + ICH9, 2009) (alias of pc-q35-rhel9.4.0)\n";
        let (board, boards) = parse_boards(debian).unwrap();
        assert_eq!(board, "pc-q35-10.0");
        assert_eq!(boards, ["pc-q35-9.2", "pc-q35-10.0", "q35"]);
        assert_eq!(parse_boards(rhel).unwrap().0, "pc-q35-rhel9.4.0");
        assert!(parse_boards(b"none   empty machine\n").unwrap_err().contains("q35"));
    }

    #[test]
    fn the_cache_holds_for_its_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("qemu.json");
        let key = |boot_id: &str| Key {
            boot_id: boot_id.into(),
            qemu: "/usr/bin/qemu-system-x86_64".into(),
            qemu_bytes: 1,
            qemu_modified_ns: 2,
            kvm_opens: true,
        };
        let facts = Facts {
            hypervisor: "QEMU 10.0.2".into(),
            board: "pc-q35-10.0".into(),
            boards: vec!["pc-q35-10.0".into()],
            accelerator: Accelerator::Tcg,
            reason: "there is no /dev/kvm".into(),
            processors: vec![],
        };
        assert_eq!(read(&path, &key("a")).unwrap(), None);
        durable::save(&path, &Cache { key: key("a"), facts: facts.clone() }).unwrap();
        assert_eq!(read(&path, &key("a")).unwrap(), Some(facts));
        assert_eq!(read(&path, &key("b")).unwrap(), None, "after a boot of the host");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(read(&path, &key("a")).unwrap(), None, "a broken file is as good as none");
    }
}
