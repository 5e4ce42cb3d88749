use std::fs;
use std::process::Command;

use camino::Utf8Path;

use super::*;
use crate::lab::check;

const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
kubernetes: {}
nodes: [{name: node1, ip: 192.168.206.196, cpus: 2}]
mesh:
  archive: {source: rel.tar.gz}
  groups:
  - {name: first, manifests: [{archive: rel/one.yaml}, {file: two.yaml}]}
";

/// A lab whose file is in a folder of its own, with an archive and a file beside it.
struct Scene {
    home: Home,
    folder: LabFolder,
    base: Utf8PathBuf,
    _guard: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        let home = Home::new(root.join("kiln")).unwrap();
        let folder = LabFolder::new(&home, &"lab".parse().unwrap());
        let base = root.join("labs");
        fs::create_dir(folder.root()).unwrap();
        fs::create_dir_all(base.join("rel")).unwrap();
        let scene = Self { home, folder, base, _guard: guard };
        scene.pack("kind: One\n");
        fs::write(scene.base.join("two.yaml"), "kind: Two\n").unwrap();
        scene
    }

    /// Makes an archive with this manifest in it.
    fn pack(&self, one: &str) {
        fs::write(self.base.join("rel/one.yaml"), one).unwrap();
        let (base, archive) = (self.base.as_str(), self.archive());
        assert!(Command::new("tar").args(["-C", base, "-czf", archive.as_str(), "rel"]).status().unwrap().success());
    }

    fn archive(&self) -> Utf8PathBuf {
        self.base.join("rel.tar.gz")
    }

    async fn gather(&self, text: &str) -> Result<Vec<String>, MeshError> {
        self.gather_of(&self.base.join("lab.yaml"), text).await
    }

    async fn gather_of(&self, file: &Utf8Path, text: &str) -> Result<Vec<String>, MeshError> {
        let lab = check::parse(file.as_str(), text).unwrap();
        let bundle = Bundle::gather(&self.home, &Reporter::silent(), &self.folder, &lab).await?.unwrap();
        bundle.keep(&self.folder).unwrap();
        base::keep(&self.folder, &lab).unwrap();
        let manifests = bundle.parcels.into_iter().flat_map(|parcel| parcel.manifests);
        Ok(manifests.map(|manifest| manifest.text).collect())
    }
}

#[tokio::test]
async fn manifests_are_gathered_and_kept_until_their_sources_change() {
    let scene = Scene::new();
    assert_eq!(scene.gather(LAB).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
    fs::remove_file(scene.base.join("two.yaml")).unwrap();
    scene.pack("kind: Other\n");
    assert_eq!(scene.gather(LAB).await.unwrap(), ["kind: Other\n", "kind: Two\n"]);
    fs::remove_file(scene.archive()).unwrap();
    assert_eq!(scene.gather(LAB).await.unwrap(), ["kind: Other\n", "kind: Two\n"]);
}

#[tokio::test]
async fn a_lab_that_is_named_by_its_name_has_its_files_where_they_were() {
    let scene = Scene::new();
    let applied = scene.folder.lab_file();
    let text = |text: &str| fs::write(scene.base.join("two.yaml"), text).unwrap();
    // As before there was such a memory: what the lab keeps is all there is.
    scene.gather(LAB).await.unwrap();
    fs::remove_file(scene.folder.base()).unwrap();
    text("kind: Changed\n");
    assert_eq!(scene.gather_of(&applied, LAB).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
    scene.gather(LAB).await.unwrap();
    text("kind: Again\n");
    scene.pack("kind: Other\n");
    for _ in 0..2 {
        assert_eq!(scene.gather_of(&applied, LAB).await.unwrap(), ["kind: Other\n", "kind: Again\n"]);
    }
    fs::remove_file(scene.base.join("two.yaml")).unwrap();
    assert_eq!(scene.gather_of(&applied, LAB).await.unwrap(), ["kind: Other\n", "kind: Again\n"]);
    let other = scene.base.join("other");
    fs::create_dir(&other).unwrap();
    let without_archive = LAB.replace("  archive: {source: rel.tar.gz}\n", "").replace("{archive: rel/one.yaml}, ", "");
    fs::write(other.join("two.yaml"), "kind: There\n").unwrap();
    for file in [&other.join("lab.yaml"), &applied] {
        assert_eq!(scene.gather_of(file, &without_archive).await.unwrap(), ["kind: There\n"]);
    }
}

#[tokio::test]
async fn an_archive_with_a_digest_is_needed_once() {
    let scene = Scene::new();
    let digest = Digest::of_bytes(&fs::read(scene.archive()).unwrap());
    let with = |digest: Digest| LAB.replace("rel.tar.gz}", &format!("rel.tar.gz, sha256: '{digest}'}}"));
    let error = scene.gather(&with(Digest::of_bytes(b"another"))).await.unwrap_err();
    assert!(matches!(error, MeshError::Fetch(_)), "{error}");
    assert_eq!(scene.gather(&with(digest)).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
    fs::remove_file(scene.archive()).unwrap();
    assert_eq!(scene.gather(&with(digest)).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let scene = Scene::new();
    for (from, to, expected) in [
        ("rel/one.yaml", "rel/three.yaml", "rel/three.yaml in rel.tar.gz is not there"),
        ("{archive: rel/one.yaml}", "{archive: rel}", "rel in rel.tar.gz is no file"),
        ("two.yaml", "three.yaml", "a manifest of the mesh is missing"),
        ("rel.tar.gz", "none.tar.gz", "gathering the manifests of the mesh"),
    ] {
        let error = scene.gather(&LAB.replace(from, to)).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// A lab from somebody else's checkpoint does not choose what of this host is given to its guests.
#[tokio::test]
async fn what_is_named_by_a_lab_whose_file_nobody_knows_is_not_read() {
    let scene = Scene::new();
    let (two, applied) = (scene.base.join("two.yaml"), scene.folder.lab_file());
    let text = LAB.replace("two.yaml", two.as_str());
    for source in [scene.archive().into_string(), format!("file://{}", scene.archive())] {
        let error = scene.gather_of(&applied, &text.replace("rel.tar.gz", &source)).await.unwrap_err();
        assert!(matches!(&error, MeshError::Fetch(FetchError::Elsewhere { file }) if *file == source), "{error:?}");
    }
    assert_eq!(scene.gather(&text).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
    fs::remove_file(scene.folder.base()).unwrap();
    fs::write(&two, "kind: Secret\n").unwrap();
    assert_eq!(scene.gather_of(&applied, &text).await.unwrap(), ["kind: One\n", "kind: Two\n"]);
}

#[tokio::test]
async fn what_is_waited_for_has_to_be_readable() {
    let scene = Scene::new();
    let text = "kind: Deployment\nmetadata: {name: web}\nspec: 1\nspec: 2\n---\nkind: {\n";
    fs::write(scene.base.join("two.yaml"), text).unwrap();
    let with = |wait: &str| LAB.replace("{file: two.yaml}]}", &format!("{{file: two.yaml}}], wait: [{wait}]}}"));
    let error = scene.gather(&with("deployments")).await.unwrap_err().to_string();
    for part in ["file:two.yaml, document 2:", "this is not YAML", "the group first waits for"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    for lab in [LAB, &with("pods: {namespace: default, count: 1}")] {
        assert_eq!(scene.gather(lab).await.unwrap(), ["kind: One\n", text]);
    }
    let group = &check::parse("lab.yaml", LAB).unwrap().mesh.unwrap().groups[0];
    let manifests = vec![Manifest { source: "file:two.yaml".to_owned(), text: text.to_owned() }];
    let objects = Parcel::of(group, manifests).objects(group);
    assert_eq!(objects.iter().map(|object| object.name.as_str()).collect::<Vec<_>>(), ["web"]);
}

#[tokio::test]
async fn a_group_that_is_taken_out_is_left_over_until_it_is_removed() {
    let scene = Scene::new();
    let with = |groups: &str| {
        let (head, _) = LAB.split_once("  archive:").unwrap();
        format!("{head}  groups:\n  - {{name: last, manifests: [{{file: two.yaml}}]}}\n{groups}")
    };
    let shop = "  - {name: shop, namespace: there, namespaces: [{name: default, labels: {a: b}}], manifests: [{file: two.yaml}]}\n";
    let without_mesh = LAB.split_once("mesh:").unwrap().0;
    let left = |lab: &str| {
        let mesh = check::parse("lab.yaml", lab).unwrap().mesh;
        let kept = Bundle::kept(&scene.folder).unwrap().unwrap();
        kept.leftovers(mesh.as_ref()).map(|parcel| parcel.group.clone()).collect::<Vec<_>>()
    };
    scene.gather(&with(shop)).await.unwrap();
    assert_eq!(left(&with(shop)), [""; 0]);
    // Known before anything is gathered, and kept by everything that is.
    assert_eq!(left(&with("")), ["shop"]);
    // What it made is the other's by now, and left over with that.
    for lab in [with(""), with(&shop.replace("shop", "shop-2")), with("")] {
        scene.gather(&lab).await.unwrap();
    }
    assert_eq!(left(&with("")), ["shop-2"]);
    scene.gather(without_mesh).await.unwrap();
    assert_eq!(left(without_mesh), ["shop-2", "last"]);
    let kept = Bundle::kept(&scene.folder).unwrap().unwrap();
    let first = kept.leftovers(None).next().unwrap();
    assert_eq!((first.namespace.as_ref().unwrap().as_str(), first.namespaces[0].labels["a"].as_str()), ("there", "b"));
    let lab = check::parse("lab.yaml", without_mesh).unwrap();
    kept.without_leftovers(None).keep(&scene.folder).unwrap();
    assert_eq!(left(without_mesh), [""; 0]);
    let gathered = Bundle::gather(&scene.home, &Reporter::silent(), &scene.folder, &lab).await.unwrap();
    assert_eq!(gathered, None);
}

#[tokio::test]
async fn a_group_with_another_name_is_not_left_over() {
    let scene = Scene::new();
    let renamed = LAB.replace("name: first", "name: other");
    for lab in [LAB, &renamed] {
        scene.gather(lab).await.unwrap();
    }
    let mesh = check::parse("lab.yaml", &renamed).unwrap().mesh;
    let kept = Bundle::kept(&scene.folder).unwrap().unwrap();
    assert_eq!(kept.leftovers(mesh.as_ref()).count(), 0);
}

#[test]
fn manifests_that_an_earlier_version_kept_are_read() {
    let text = r#"{"archive": null, "parcels": [{"group": "g", "manifests": [{"source": "file:a", "text": "b"}]}]}"#;
    let bundle: Bundle = serde_json::from_str(text).unwrap();
    assert_eq!((bundle.parcels[0].namespace.as_ref(), bundle.leftovers.len()), (None, 0));
}

#[test]
fn a_parcel_is_another_one_when_a_label_or_a_text_is() {
    let digest = |lab: &str, text: &str| {
        let mesh = check::parse("lab.yaml", lab).unwrap().mesh.unwrap();
        let manifest = Manifest { source: "file:a".to_owned(), text: text.to_owned() };
        Parcel::of(&mesh.groups[0], vec![manifest]).digest(&mesh.groups[0])
    };
    let labelled = LAB.replace("{name: first,", "{name: first, namespaces: [{name: default, labels: {a: b}}],");
    let moved = LAB.replace("{name: first,", "{name: first, namespace: there,");
    let waiting = LAB.replace("{name: first,", "{name: first, wait: [jobs],");
    let first = digest(LAB, "kind: A");
    for other in [digest(&labelled, "kind: A"), digest(&moved, "kind: A"), digest(LAB, "kind: B")] {
        assert_ne!(first, other);
    }
    assert_eq!(first, digest(&waiting, "kind: A"));
}
