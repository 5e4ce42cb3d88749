//! Container images: loaded from archives by the runtime in the booted image, and looked for afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_images::manifest::ContainerImage;
use kiln_images::reference::full_name;

use super::BootError;
use super::guest::Guest;
use super::media::Media;
use crate::steps::{Archive, RegistryImage};

/// Loads the archives `$@`, each a disk, as many at once as there are processors.
const LOAD: &str = include_str!("load_images.sh");

/// Gives each first of the pairs in `$@` the second as another name.
const TAG: &str = include_str!("tag_images.sh");

/// Says of each pair of a name and a digest in `$@` what is there.
const FIND: &str = include_str!("find_images.sh");

/// Archives that are loaded, with the disks on which the guest finds them.
#[derive(Debug)]
pub(super) struct Loading {
    archives: Vec<(String, Archive)>,
    /// Images by their names in the archives, and further names that they get. Both are full.
    names: Vec<[String; 2]>,
}

impl Loading {
    /// Reads the archives, and makes disks of them. The images in some must have these names.
    ///
    /// # Errors
    /// When one is no archive of images, or it cannot be told which of the images in it is to have a name.
    pub(super) async fn of(
        paths: &[Utf8PathBuf],
        wanted: &[(RegistryImage, Utf8PathBuf)],
        media: &mut Media,
    ) -> Result<Self, BootError> {
        let mut archives = Archive::read_all(paths).await?;
        let names = further_names(&mut archives, wanted)?;
        let archives = archives.into_iter().map(|archive| (media.add(&archive.path), archive)).collect();
        Ok(Self { archives, names })
    }

    /// What would be loaded, a line an image.
    pub(super) fn text(&self) -> String {
        let images =
            self.archives.iter().flat_map(|(disk, archive)| archive.images.iter().map(move |it| (disk, archive, it)));
        let lines = images.map(|(disk, archive, image)| {
            format!("# {} ({}) from {disk}, which is {}", image.name, image.digest, archive.path)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Loads them, and checks that every image in them is there, and is the one of the archive.
    ///
    /// # Errors
    /// [`BootError::Failed`] with what the runtime said, or [`BootError::OtherImage`].
    pub(super) async fn load(&self, guest: &Guest<'_>, limit: Duration) -> Result<Vec<ContainerImage>, BootError> {
        let disks: Vec<_> = self.archives.iter().map(|(disk, _)| disk.as_str()).collect();
        guest.run(LOAD, &disks, limit).await?;
        if !self.names.is_empty() {
            let names: Vec<_> = self.names.iter().flatten().map(String::as_str).collect();
            guest.run(TAG, &names, limit).await?;
        }
        let wanted: Vec<_> =
            self.archives.iter().flat_map(|(_, archive)| archive.images.iter().map(move |it| (archive, it))).collect();
        let digests: Vec<_> = wanted.iter().map(|(_, image)| image.digest.to_string()).collect();
        let pairs: Vec<_> = wanted
            .iter()
            .zip(&digests)
            .flat_map(|((_, image), digest)| [image.name.as_str(), digest.as_str()])
            .collect();
        let found = guest.run(FIND, &pairs, limit).await?;
        let found: BTreeMap<_, _> = found.lines().filter_map(|line| line.split_once(' ')).collect();
        for ((archive, image), expected) in wanted.iter().zip(digests) {
            let there = found.get(image.name.as_str()).copied();
            if there != Some(expected.as_str()) {
                let (name, archive) = (image.name.clone(), archive.path.clone());
                return Err(BootError::OtherImage { name, archive, expected, found: there.map(str::to_owned) });
            }
        }
        Ok(wanted.into_iter().map(|(_, image)| image.clone()).collect())
    }
}

/// Adds the names to the archives that images in them are to have and have not, and returns them: an archive of another
/// registry's is as good, but nothing in a cluster would ever find what is in it.
fn further_names(
    archives: &mut [Archive],
    wanted: &[(RegistryImage, Utf8PathBuf)],
) -> Result<Vec<[String; 2]>, BootError> {
    let mut names = Vec::new();
    for (name, path) in wanted {
        // An archive that is not there yet is in no dry run.
        let Some(archive) = archives.iter_mut().find(|archive| archive.path == *path) else { continue };
        let [first, others @ ..] = &archive.images[..] else { continue };
        if archive.images.iter().any(|image| full_name(&image.name) == full_name(name.as_str())) {
            continue;
        }
        if others.iter().any(|other| other.digest != first.digest) {
            let found = archive.images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(BootError::WhichImage { name: name.clone(), archive: path.clone(), found });
        }
        names.push([full_name(&first.name), full_name(name.as_str())]);
        let named = ContainerImage { name: name.as_str().to_owned(), digest: first.digest };
        archive.images.push(named);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use camino::Utf8Path;
    use kiln_images::digest::Digest;

    use super::*;

    /// Stands in for ctr(8): what is loaded and what is asked for is in files.
    const CTR: &str = r#"#!/bin/sh
cd "${0%/*}/ctr.d" || exit
case "$3 $4" in
    "images import") echo "$5" >> imported ;;
    "images tag") echo "$5 $6 $7" >> tagged ;;
    "images ls") echo "REF TYPE DIGEST SIZE"; [ ! -e "${5##*/}" ] || echo "$5 x $(cat "${5##*/}") 1.0" ;;
    "content get") cat "$5" ;;
esac
"#;

    /// Runs a script where nothing but this program is called by its name.
    fn run(root: &Utf8Path, script: &str, program: &str, text: &str, arguments: &[&str]) -> String {
        let path = root.join(program);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new("sh");
        // There may be a docker on this machine.
        let others = ["tr", "grep", "awk", "cat", "xargs", "nproc", "sh"].map(|name| (name, root.join(name)));
        for (name, link) in others.iter().filter(|(_, link)| !link.exists()) {
            let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap();
            std::os::unix::fs::symlink(String::from_utf8(found.stdout).unwrap().trim(), link).unwrap();
        }
        let ran = command.env("PATH", root).args(["-c", script, "sh"]).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    #[test]
    fn containerds_images_are_known_by_their_configurations() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let digest = |text: &str| Digest::of_bytes(text.as_bytes()).to_string();
        let (config, other) = (digest("configuration"), digest("another"));
        let manifest = format!("{{\"config\": {{\"digest\": \"{config}\"}}, \"layers\": [\"{other}\"]}}");
        let index = format!("{{\"manifests\": [{{\"digest\": \"{}\"}}]}}", digest(&manifest));
        let files = root.join("ctr.d");
        fs::create_dir(&files).unwrap();
        for (name, text) in [
            ("pause:3.2", digest(&manifest)),
            ("busybox:1", digest(&index)),
            (&digest(&manifest), manifest.clone()),
            (&digest(&index), index.clone()),
        ] {
            fs::write(files.join(name), text).unwrap();
        }
        let asked =
            ["k8s.gcr.io/pause:3.2", &config, "busybox:1", &config, "pause:3.2", &digest("x"), "none:1", &config];
        let found = run(root, FIND, "ctr", CTR, &asked);
        let manifest = digest(&manifest);
        let expected = format!("k8s.gcr.io/pause:3.2 {config}\nbusybox:1 {config}\npause:3.2 {manifest}\n");
        assert_eq!(found, expected);
    }

    #[test]
    fn every_archive_is_loaded_by_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir(root.join("ctr.d")).unwrap();
        run(root, LOAD, "ctr", CTR, &["/dev/a", "/dev/b"]);
        let imported = fs::read_to_string(root.join("ctr.d/imported")).unwrap();
        let mut imported: Vec<_> = imported.lines().collect();
        imported.sort_unstable();
        assert_eq!(imported, ["/dev/a", "/dev/b"]);
        let docker = "#!/bin/sh\necho \"$@\"\n";
        assert_eq!(run(root, LOAD, "docker", docker, &["/dev/a"]), "load --quiet --input /dev/a\n");
    }

    #[test]
    fn images_get_the_names_that_the_recipe_has_for_them() {
        let image =
            |name: &str, of: &str| ContainerImage { name: name.to_owned(), digest: Digest::of_bytes(of.as_bytes()) };
        let archive = |path: &str, images: &[ContainerImage]| Archive { path: path.into(), images: images.to_vec() };
        let of_two = [image("a:1", "a"), image("b:1", "b")];
        let mut archives = [
            archive("/one", &[image("registry.k8s.io/pause:3.1", "x"), image("pause:3.1", "x")]),
            archive("/hub", &[image("istio/pilot:1.0.6", "y")]),
            archive("/two", &of_two),
        ];
        let mut names = |name: &str, path: &str| {
            further_names(&mut archives, &[(name.parse().unwrap(), path.into())]).map_err(|error| error.to_string())
        };
        let given = ["registry.k8s.io/pause:3.1", "k8s.gcr.io/pause:3.1"].map(str::to_owned);
        assert_eq!(names("k8s.gcr.io/pause:3.1", "/one"), Ok(vec![given]));
        for (name, path) in [
            ("registry.k8s.io/pause:3.1", "/one"),
            ("docker.io/library/pause:3.1", "/one"),
            ("docker.io/istio/pilot:1.0.6", "/hub"),
            ("docker.io/b:1", "/two"),
            ("c:1", "/not-there"),
        ] {
            assert_eq!(names(name, path), Ok(Vec::new()), "{name}");
        }
        let error = names("c:1", "/two").unwrap_err();
        assert!(error.contains("/two") && error.contains("a:1, b:1"), "{error}");
        assert_eq!(archives[0].images[2], image("k8s.gcr.io/pause:3.1", "x"));
    }

    #[test]
    fn further_names_are_given_by_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::create_dir(root.join("ctr.d")).unwrap();
        run(root, TAG, "ctr", CTR, &["r/a:1", "s/a:1", "r/b:1", "s/b:1"]);
        let tagged = fs::read_to_string(root.join("ctr.d/tagged")).unwrap();
        assert_eq!(tagged, "--force r/a:1 s/a:1\n--force r/b:1 s/b:1\n");
        let docker = "#!/bin/sh\necho \"$@\"\n";
        assert_eq!(run(root, TAG, "docker", docker, &["r/a:1", "s/a:1"]), "tag r/a:1 s/a:1\n");
    }
}
