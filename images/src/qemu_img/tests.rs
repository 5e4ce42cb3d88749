use std::fs;
use std::io::Read;

use kiln_tool::testing::{Fake, assert_explains, assert_understands_no_nonsense};

use super::*;

const PROGRAM: (&str, &str) = ("qemu-img", "qemu-utils");

fn gib(number: u64) -> DiskSize {
    format!("{number}GiB").parse().unwrap()
}

#[tokio::test]
async fn disks_are_made_looked_at_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let (base, overlay) = (folder.join("base.qcow2"), folder.join("overlay.qcow2"));
    let qemu_img = QemuImg::find().unwrap();
    qemu_img.create(&base, gib(1)).await.unwrap();
    qemu_img.create_overlay(&overlay, &base, Format::Qcow2, Some(gib(2))).await.unwrap();
    qemu_img.resize(&overlay, gib(3)).await.unwrap();

    let chain = qemu_img.info(&overlay, Format::Qcow2).await.unwrap();
    assert_eq!(chain.iter().map(|image| image.virtual_size_bytes).collect::<Vec<_>>(), [3 << 30, 1 << 30]);
    assert_eq!(crate::header::backing_file(&overlay).unwrap(), Some(base.clone()));
    assert_eq!(qemu_img.check(&overlay, Format::Qcow2).await.unwrap(), Check::Clean);
    assert!(qemu_img.is_same((&base, Format::Qcow2), (&overlay, Format::Qcow2)).await.unwrap());
    assert!(qemu_img.measure(&overlay, Format::Qcow2).await.unwrap().required_bytes < 1 << 20);

    let moved = folder.join("moved.qcow2");
    fs::rename(&base, &moved).unwrap();
    qemu_img.rebase(&overlay, &moved, Format::Qcow2, Rebase::HeaderOnly).await.unwrap();
    assert_eq!(crate::header::backing_file(&overlay).unwrap(), Some(moved));
}

#[tokio::test]
async fn what_is_given_back_to_a_fine_overlay_is_in_no_copy_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let (base, fine, usual) = (folder.join("base"), folder.join("fine"), folder.join("usual"));
    let qemu_img = QemuImg::find().unwrap();
    qemu_img.create(&base, gib(1)).await.unwrap();
    let io = |disk: &Utf8Path, commands: &[&str]| {
        let mut qemu_io = std::process::Command::new("qemu-io");
        qemu_io.args(["-f", "qcow2", "-d", "unmap"]).args(commands.iter().flat_map(|command| ["-c", command]));
        assert!(qemu_io.arg(disk).output().unwrap().status.success(), "{commands:?}");
    };
    io(&base, &["write -P 0x41 0 64k"]);
    qemu_img.fine_overlay_command(&fine, &base).unwrap().run().await.unwrap();
    qemu_img.create_overlay(&usual, &base, Format::Qcow2, None).await.unwrap();
    for (disk, expected) in [(&fine, [0x41, 0, 0, 0x42]), (&usual, [0x41, 0x41, 0x42, 0x42])] {
        io(disk, &["write -P 0x42 8k 56k", "discard 4k 8k"]);
        let copy = folder.join("copy");
        let conversion = Conversion {
            source: disk,
            source_format: Format::Qcow2,
            target: &copy,
            target_format: Format::Raw,
            compressed: false,
            options: &[],
        };
        qemu_img.convert(&conversion).await.unwrap();
        let mut bytes = vec![0; 4 << 12];
        fs::File::open(&copy).unwrap().read_exact(&mut bytes).unwrap();
        assert_eq!([0, 1, 2, 3].map(|block: usize| bytes[block << 12]), expected, "{disk}");
    }
}

#[tokio::test]
async fn different_disks_are_told_from_unreadable_ones() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let (one, two) = (folder.join("one"), folder.join("two"));
    fs::write(&one, [1; 4096]).unwrap();
    fs::write(&two, [2; 4096]).unwrap();
    let qemu_img = QemuImg::find().unwrap();
    assert!(!qemu_img.is_same((&one, Format::Raw), (&two, Format::Raw)).await.unwrap());
    let error = qemu_img.is_same((&one, Format::Raw), (&folder.join("three"), Format::Raw)).await.unwrap_err();
    assert!(error.to_string().contains("status 2"), "{error}");
    assert_eq!(qemu_img.check(&one, Format::Raw).await.unwrap(), Check::NotSupported);
    let error = qemu_img.check(&one, Format::Qcow2).await.unwrap_err().to_string();
    assert!(error.contains("not in qcow2 format"), "{error}");
}

#[tokio::test]
async fn what_fails_is_explained_with_its_disk() {
    let (one, two): (&Utf8Path, &Utf8Path) = ("/one".into(), "/two".into());
    let qemu_img = QemuImg::find;
    let create = async || qemu_img()?.create(one, gib(1)).await;
    assert_explains(PROGRAM, &["creating the disk /one"], create).await;
    let overlay = async || qemu_img()?.create_overlay(one, two, Format::Qcow2, None).await;
    assert_explains(PROGRAM, &["creating the overlay /one of /two"], overlay).await;
    let unseen = async || qemu_img()?.create_overlay_unseen(one, two, 4096).await;
    assert_explains(PROGRAM, &["creating the overlay /one of /two"], unseen).await;
    let (raw, qcow2) = (Format::Raw, Format::Qcow2);
    let (source, source_format, target, target_format) = (one, raw, two, qcow2);
    let conversion = Conversion { source, source_format, target, target_format, compressed: false, options: &[] };
    let convert = async || qemu_img()?.convert(&conversion).await;
    assert_explains(PROGRAM, &["converting /one to /two"], convert).await;
    let resize = async || qemu_img()?.resize(one, gib(2)).await;
    assert_explains(PROGRAM, &["resizing the disk /one to 2GiB"], resize).await;
    let rebase = async || qemu_img()?.rebase(one, two, qcow2, Rebase::HeaderOnly).await;
    assert_explains(PROGRAM, &["putting the overlay /one onto /two"], rebase).await;
    let compare = async || qemu_img()?.is_same((one, raw), (two, raw)).await;
    assert_explains(PROGRAM, &["comparing /one with /two"], compare).await;
    let check = async || qemu_img()?.check(one, qcow2).await;
    assert_explains(PROGRAM, &["checking the disk /one"], check).await;
}

#[tokio::test]
async fn what_is_no_answer_is_shown() {
    let info = async || QemuImg::find()?.info("/one".into(), Format::Qcow2).await;
    let measure = async || QemuImg::find()?.measure("/one".into(), Format::Qcow2).await;
    assert_explains(PROGRAM, &["looking at the disk /one"], info).await;
    assert_understands_no_nonsense(PROGRAM.0, &["looking at the disk /one"], info).await;
    assert_explains(PROGRAM, &["measuring the disk /one"], measure).await;
    assert_understands_no_nonsense(PROGRAM.0, &["measuring the disk /one"], measure).await;

    // The exit code says that there is something to read.
    let _fake = Fake::new(PROGRAM.0, "echo 'two clusters leak'; exit 3");
    let error = QemuImg::find().unwrap().check("/one".into(), Format::Qcow2).await.unwrap_err().to_string();
    assert!(error.contains("checking the disk /one") && error.contains("two clusters leak"), "{error}");
}
