use super::*;
use std::process::Command;

/// An archive with these members in a folder of its own.
fn archive(folder: &Utf8Path, name: &str, members: &[(&str, &str)]) -> Utf8PathBuf {
    let tree = folder.join(format!("{name}.tree"));
    for (path, text) in members {
        let path = tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let path = folder.join(name);
    let names = members.iter().map(|(path, _)| path);
    let made = Command::new("tar").arg("-cf").arg(&path).arg("-C").arg(&tree).args(names).status().unwrap();
    assert!(made.success());
    path
}

fn image(name: &str, config: &str) -> ContainerImage {
    ContainerImage { name: name.to_owned(), digest: Digest::of_bytes(config.as_bytes()) }
}

#[tokio::test]
async fn images_have_the_digests_of_their_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let docker = r#"[{"Config": "a.json", "RepoTags": ["k8s.gcr.io/pause:3.2", "pause:3.2"], "Layers": []}]"#;
    archive(folder, "docker.tar", &[("manifest.json", docker), ("a.json", "{}"), ("index.json", "nonsense")]);
    let digest = |text: &str| Digest::of_bytes(text.as_bytes());
    let config = digest("the configuration");
    let manifest = format!(r#"{{"config": {{"digest": "{config}"}}, "layers": []}}"#);
    let platforms = format!(
        r#"{{"manifests": [{{"digest": "{}", "platform": {{"os": "linux", "architecture": "arm64"}}}},
            {{"digest": "{}", "platform": {{"os": "linux", "architecture": "amd64"}}}}]}}"#,
        digest("arm"),
        digest(&manifest)
    );
    let index = format!(
        r#"{{"manifests": [{{"digest": "{}", "annotations": {{"org.opencontainers.image.ref.name": "a:1"}}}},
            {{"digest": "{}", "annotations": {{"io.containerd.image.name": "b:2",
            "org.opencontainers.image.ref.name": "2"}}}}]}}"#,
        digest(&manifest),
        digest(&platforms)
    );
    let (one, several) = (blob(&digest(&manifest)), blob(&digest(&platforms)));
    let members = [("index.json", index.as_str()), (&one, &manifest), (&several, &platforms)];
    archive(folder, "oci.tar", &members);

    let read = Archive::read_all(&[folder.to_owned()]).await.unwrap();
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].images, [image("k8s.gcr.io/pause:3.2", "{}"), image("pause:3.2", "{}")]);
    let expected = ["a:1", "b:2"].map(|name| image(name, "the configuration"));
    assert_eq!(read[1].images, expected);
}

#[tokio::test]
async fn what_is_no_archive_of_images_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let untagged = r#"[{"Config": "a.json", "RepoTags": null}]"#;
    std::fs::write(folder.join("text"), "no archive at all").unwrap();
    let cases = [
        (archive(folder, "other", &[("etc/passwd", "")]), "neither a manifest.json"),
        (archive(folder, "untagged", &[("manifest.json", untagged), ("a.json", "")]), "without a name"),
        (archive(folder, "odd", &[("manifest.json", "{}")]), "manifest.json is not what it should be"),
        (folder.join("text"), "not compressed"),
        (folder.join("odd.tree"), "no file in it ends in .tar"),
    ];
    for (path, expected) in cases {
        let error = Archive::read_all(std::slice::from_ref(&path)).await.unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(path.as_str()), "{error}");
    }
}
