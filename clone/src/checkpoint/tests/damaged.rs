//! Checkpoints whose disks do not say any more what they stand on.

use camino::Utf8PathBuf;

use super::*;

/// Where the version is in a header, and the length and the place of the name of the backing file (`images/src/header.rs`).
const VERSION: usize = 7;
const NAME_LENGTH: usize = 16;
const NAME_OFFSET: usize = 15;

/// What a disk is after it was damaged.
type Damage = fn(&[u8]) -> Vec<u8>;

fn with(bytes: &[u8], place: usize, byte: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] = byte;
    bytes
}

const DAMAGES: [(&str, Damage); 6] = [
    ("no qcow2 file", |bytes| with(bytes, 0, b'X')),
    ("of no known version", |bytes| with(bytes, VERSION, 9)),
    ("with a name that is too long", |bytes| with(bytes, NAME_LENGTH, 0xff)),
    ("without a backing file", |bytes| [&bytes[..8], &[0; 8], &bytes[16..]].concat()),
    ("cut off", |bytes| bytes[..40].to_vec()),
    ("empty", |_| Vec::new()),
];

impl Stage {
    /// The verdicts on the files of a checkpoint, and on the golden images below: those with a problem.
    async fn problems(&self, entry: &Entry) -> [Vec<(Utf8PathBuf, String)>; 2] {
        let (entries, reporter) = (std::slice::from_ref(entry), self.world.console.reporter());
        let files = verify::verify(&[&entry.manifest], reporter).await.unwrap();
        let golden = verify::verify_golden(&self.world.store().unwrap(), entries, reporter).await.unwrap();
        [files, golden].map(|verdicts| {
            let problem = |verdict: verify::Verdict| Some((verdict.file, verdict.problem?));
            verdicts.into_iter().filter_map(problem).collect()
        })
    }
}

/// What is below it cannot be told then, and nothing is said of that: not that it is good, and not that it is damaged.
#[tokio::test]
async fn a_disk_whose_header_is_damaged_is_named_and_hides_no_other() {
    let stage = Stage::new().await;
    let golden = (stage.world.home.root().join("golden.qcow2"), "it is no image of the store".to_owned());
    let below = stage.save("below").await.unwrap();
    let entry = stage.save("before").await.unwrap();
    assert_eq!(stage.problems(&entry).await, [vec![], vec![golden.clone()]]);
    let [node1, node2] = ["node1", "node2"].map(|name| name.parse().unwrap());
    let changed = |disk: &Utf8PathBuf| (disk.clone(), "its content is not what was saved".to_owned());
    for (what, damage) in DAMAGES {
        // That of the checkpoint itself, and one that the other node's stands on.
        let disks = [entry.folder.disk(&node1), below.folder.disk(&node2)];
        let before = disks.clone().map(|disk| fs::read(disk).unwrap());
        for (disk, before) in disks.iter().zip(&before) {
            fs::set_permissions(disk, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            fs::write(disk, damage(before)).unwrap();
        }
        let [files, images] = stage.problems(&entry).await;
        let mut expected = disks.each_ref().map(changed);
        expected.sort();
        assert_eq!((files, images), (expected.to_vec(), vec![]), "{what}");
        fs::write(&disks[0], &before[0]).unwrap();
        assert_eq!(stage.problems(&entry).await, [vec![changed(&disks[1])], vec![golden.clone()]], "{what}");
        fs::write(&disks[1], &before[1]).unwrap();
    }
    assert_eq!(stage.problems(&entry).await, [vec![], vec![golden]]);
}

/// It is whole, and leads elsewhere.
#[tokio::test]
async fn a_disk_that_stands_on_another_file_than_it_did_is_named_with_that_file() {
    let stage = Stage::new().await;
    let entry = stage.save("before").await.unwrap();
    let disk = entry.folder.disk(&"node1".parse().unwrap());
    fs::set_permissions(&disk, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let bytes = fs::read(&disk).unwrap();
    let name = usize::from(bytes[NAME_OFFSET]) + usize::from(bytes[NAME_OFFSET - 1]) * 256;
    fs::write(&disk, with(&bytes, name + 1, b'_')).unwrap();
    let elsewhere = header::backing_file(&disk).unwrap().unwrap();
    let [files, images] = stage.problems(&entry).await;
    assert_eq!(files, [(disk, "its content is not what was saved".to_owned())]);
    assert!(images.contains(&(elsewhere, "it is no image of the store".to_owned())), "{images:?}");
}
