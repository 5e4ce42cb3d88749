//! Container images, from registries that only pretend.

use kiln_console::{Console, Global};
use kiln_tool::testing::Fake;

use super::*;
use crate::context::Context;
use crate::recipe::Recipe;
use crate::supply::Supply;

/// Has every image but those of a registry that is none, all with one digest. What the image is called in an archive, and
/// where it is from, is its configuration.
const SKOPEO: &str = r#"
case " $* " in
    *docker://none.invalid/*) echo "there is no such host" >&2; exit 1 ;;
    *" inspect "*) printf sha256:; printf a | sha256sum | cut -d ' ' -f 1 ;;
    *" copy "*)
        for last; do from=$to; to=$last; done
        rest=${to#docker-archive:}
        echo "${rest#*:} from $from" > config.json
        echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"${rest#*:}\"]}]" > manifest.json
        tar -cf "${rest%%:*}" manifest.json config.json ;;
esac"#;

struct Case {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
    context: Context,
    console: Console,
}

fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    let context = Context::open(Some(&root.join("home"))).unwrap_or_else(|error| panic!("{}", error.message()));
    Case { _folder: folder, root, context, console: Console::new(&Global { quiet: true, ..Global::default() }) }
}

impl Case {
    async fn fetch(&self, images: &str, supply: &Supply) -> Result<Vec<FetchedImage>, BuildError> {
        let Context { home, qemu_img, store } = &self.context;
        let finder = Finder { home, store, qemu_img, console: &self.console, supply };
        finder.registry_images(&self.recipe(images)).await
    }

    fn recipe(&self, images: &str) -> Loaded {
        let text = format!(
            "name: x\nbase: {{image: y}}\nuser: debian\ndisk: 1GiB\nlayers:\n\
             - {{name: a, boot: true, steps: [container-images: {{{images}}}]}}\n"
        );
        let recipe = kiln_document::read::<Recipe>("x.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
        Loaded { recipe, origin: "x.yaml".to_owned(), folder: self.root.clone(), built_in: None, warnings: Vec::new() }
    }

    fn online(&self, mirrors: &str) -> Supply {
        let text = format!("mirrors: {{{mirrors}}}\n");
        let config = kiln_document::read("config.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
        Supply::online(&self.context.home, config)
    }
}

#[tokio::test]
async fn an_image_of_a_bundle_is_the_one_that_was_pinned() {
    let case = case();
    let archive = case.root.join("pause.tar");
    write_archive(&archive, "a configuration");
    let (manifest, another) = (Digest::of_bytes(b"a manifest"), Digest::of_bytes(b"another"));
    for (digest, key) in [
        (manifest, "docker://registry.invalid/pause:3.9"),
        (Digest::of_file(&archive).unwrap(), "docker-archive://registry.invalid/pause:3.9"),
    ] {
        let made = case.root.join("bundle");
        let bundle = Bundle::create(&made, None).unwrap();
        bundle.keep_image(("registry.invalid/pause:3.9", digest), &archive, "pause.tar".into()).unwrap();
        bundle.finish().unwrap();
        let home = &case.context.home;
        let supply = Supply::offline(home, Bundle::open(&made, home).unwrap());
        let fetch = async || case.fetch("registry: ['registry.invalid/pause:3.9']", &supply).await;
        for _ in 0..2 {
            assert_eq!(fetch().await.unwrap()[0].digest, digest);
        }
        let lock = case.root.join("kiln.lock");
        let text = fs::read_to_string(&lock).unwrap();
        assert!(text.contains(&format!("\"{key}\"")), "{text}");
        fs::write(&lock, text.replace(&format!("\"{digest}\""), &format!("\"{another}\""))).unwrap();
        let error = fetch().await.unwrap_err().to_string();
        assert!(error.contains("pause.tar is not what it was") && error.contains(&digest.to_string()), "{error}");
    }
}

/// Makes an archive with an image that has this configuration.
fn write_archive(path: &Utf8Path, configuration: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), configuration).unwrap();
    let manifest = r#"[{"Config": "config.json", "RepoTags": ["registry.invalid/pause:3.9"]}]"#;
    fs::write(folder.path().join("manifest.json"), manifest).unwrap();
    let mut tar = std::process::Command::new("tar");
    tar.args(["-cf", path.as_str(), "-C"]).arg(folder.path()).args(["manifest.json", "config.json"]);
    assert!(tar.status().unwrap().success());
}

#[tokio::test]
async fn an_archive_of_a_bundle_holds_the_image_that_was_pinned() {
    let case = case();
    let (archive, home) = (case.root.join("pause.tar"), &case.context.home);
    let manifest = Digest::of_bytes(b"a manifest");
    let fetch_by = async |configuration: &str, digest: Option<Digest>| {
        write_archive(&archive, configuration);
        let made = case.root.join("bundle");
        let bundle = Bundle::create(&made, None).unwrap();
        let digest = digest.unwrap_or_else(|| Digest::of_file(&archive).unwrap());
        bundle.keep_image(("registry.invalid/pause:3.9", digest), &archive, "pause.tar".into()).unwrap();
        bundle.finish().unwrap();
        let supply = Supply::offline(home, Bundle::open(&made, home).unwrap());
        case.fetch("registry: ['registry.invalid/pause:3.9']", &supply).await
    };
    let fetch = async |configuration: &str| fetch_by(configuration, Some(manifest)).await;
    fetch("one").await.unwrap();
    // As one that was pinned by what it is itself.
    fetch_by("two", None).await.unwrap_err();
    fetch_by("one", None).await.unwrap();
    let error = fetch("two").await.unwrap_err().to_string();
    assert!(error.contains(&Digest::of_bytes(b"two").to_string()), "{error}");
    // One that was pinned by an older version.
    let lock = case.root.join("kiln.lock");
    let mut content: serde_json::Value = serde_json::from_slice(&fs::read(&lock).unwrap()).unwrap();
    let pins = content["pins"].as_object_mut().unwrap();
    pins.remove("docker-archive://registry.invalid/pause:3.9").unwrap();
    let pin = pins["docker://registry.invalid/pause:3.9"].as_object_mut().unwrap();
    assert!(pin.remove("configuration").is_some());
    fs::write(&lock, content.to_string()).unwrap();
    fetch("two").await.unwrap();
    fetch("one").await.unwrap_err();
}

#[tokio::test]
async fn two_names_of_one_image_are_two_archives() {
    let (case, _skopeo) = (case(), Fake::new("skopeo", SKOPEO));
    let names = ["k8s.gcr.io/pause:3.1", "registry.k8s.io/pause:3.1"];
    // The second time by the pins.
    for _ in 0..2 {
        let fetched = case.fetch(&format!("registry: [{}, {}]", names[0], names[1]), &case.online("")).await.unwrap();
        assert_eq!(fetched[0].digest, fetched[1].digest);
        for (image, name) in fetched.iter().zip(names) {
            let archive = fs::read_to_string(&image.archive).unwrap();
            assert!(archive.contains(&format!("{name} from docker://")), "{archive}");
        }
    }
}

#[tokio::test]
async fn a_folder_and_a_registry_stand_in_for_each_other() {
    let (case, _skopeo) = (case(), Fake::new("skopeo", SKOPEO));
    let folder = case.root.join("k8s");
    let supply = case.online(&format!("registry.k8s.io: {folder}, quay.io: /nowhere"));
    fs::create_dir_all(folder.join("pause")).unwrap();
    write_archive(&folder.join("pause/3.1.tar"), "a configuration");

    let fetched = case.fetch("registry: ['quay.io/flannel:1'], also: {quay.io: [docker.io]}", &supply).await.unwrap();
    let archive = fs::read_to_string(&fetched[0].archive).unwrap();
    assert!(archive.contains("quay.io/flannel:1 from docker://docker.io/flannel@sha256:"), "{archive}");

    let also = "also: {none.invalid: [quay.io, registry.k8s.io]}";
    let fetched = case.fetch(&format!("registry: ['none.invalid/pause:3.1'], {also}"), &supply).await.unwrap();
    assert_eq!(fetched[0].archive, folder.join("pause/3.1.tar"));
    assert_eq!(fetched[0].digest, Digest::of_file(&folder.join("pause/3.1.tar")).unwrap());
    let lock = fs::read_to_string(case.root.join("kiln.lock")).unwrap();
    assert!(lock.contains("\"docker-archive://none.invalid/pause:3.1\""), "{lock}");

    let error = case.fetch(&format!("registry: ['none.invalid/pause:3.2'], {also}"), &supply).await.unwrap_err();
    assert!(error.to_string().contains(folder.join("pause/3.2.tar").as_str()), "{error}");
}
