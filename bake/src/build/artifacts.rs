//! The artifacts that a layer reads: from the cache, or built.

use std::collections::BTreeSet;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::scratch::Scratch;
use kiln_images::{blocking, durable};

use super::inputs::Inputs;
use super::plan::{PlannedLayer, PlannedStep, links_at};
use super::{Baker, BuildError};
use crate::artifacts::{Artifact, Artifacts, Workshop};
use crate::links::{Links, way_out_below, way_out_to};
use crate::steps::Asset;

impl Baker<'_> {
    /// Builds the artifacts that the steps of a layer read, unless they were built before, and looks whether there is in
    /// them what the steps name.
    pub(super) async fn artifacts(&self, layer: &PlannedLayer, inputs: &Inputs) -> Result<(), BuildError> {
        for artifact in inputs.artifacts_of(layer) {
            if !artifact.is_built() {
                self.build_artifact(artifact).await?;
            }
        }
        for asset in &layer.assets {
            if let Asset::Artifact { name, path } = asset
                && let Some(artifact) = inputs.artifact(name)
            {
                check_way(artifact, path)?;
                look_into(artifact, path)?;
                check_links(artifact, path, &layer.steps)?;
            }
        }
        Ok(())
    }

    async fn build_artifact(&self, artifact: &Artifact) -> Result<(), BuildError> {
        let started = Instant::now();
        let scratch = Scratch::new(self.home)?;
        let task = self.reporter.start(format!("artifact {}", artifact.name), "make");
        let workshop = Workshop::new(artifact, scratch.path(), self.log);
        let kept = match make(artifact, &workshop, |line| task.note(line)).await {
            Ok(()) => {
                let folder = scratch.path().join("artifact");
                durable::create_folder(&folder)?;
                Artifacts::new(self.home).keep(artifact, &workshop.out(), &folder, started.elapsed())
            }
            Err(error) => Err(error),
        };
        let removed = workshop.remove().await.map_err(BuildError::Tool);
        task.finish(kept.and(removed))
    }
}

/// Makes an artifact of what its key says. `on_line` hears every line that is said.
async fn make(artifact: &Artifact, workshop: &Workshop<'_>, mut on_line: impl FnMut(&str)) -> Result<(), BuildError> {
    let failed = |source| BuildError::Artifact { name: artifact.name.clone(), source: Box::new(source) };
    workshop.furnish(&mut on_line).await.map_err(failed)?;
    // What is run are the copies: a file that is edited from here on changes nothing.
    let copied = artifact.clone();
    blocking(move || copied.check_files()).await?;
    workshop.run(on_line).await.map_err(failed)
}

impl Inputs {
    /// The artifacts that the steps of a layer read, each once.
    pub(super) fn artifacts_of(&self, layer: &PlannedLayer) -> impl Iterator<Item = &Artifact> {
        let names: BTreeSet<_> = layer.assets.iter().filter_map(Asset::artifact).collect();
        self.artifacts.iter().filter(move |artifact| names.contains(&artifact.name))
    }
}

fn look_into(artifact: &Artifact, path: &Utf8Path) -> Result<(), BuildError> {
    let whole = artifact.content.join(path);
    if whole.exists() {
        return Ok(());
    }
    let fail = |source| BuildError::File { path: artifact.content.clone(), source };
    let entries = artifact.content.read_dir_utf8().map_err(fail)?;
    let mut found =
        entries.map(|entry| Ok(entry?.file_name().to_owned())).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    found.sort();
    Err(BuildError::NotInArtifact {
        name: artifact.name.clone(),
        path: path.to_owned(),
        found: found.join(", "),
        folder: artifact.content.clone(),
    })
}

/// Refuses a path by which something else would get into the image than what is in the artifact: its script had another root,
/// so that a link of its may lead to any file of this host here.
fn check_way(artifact: &Artifact, path: &Utf8Path) -> Result<(), BuildError> {
    let whole = artifact.content.join(path);
    let found = way_out_to(&whole, &artifact.content).map_err(|source| BuildError::Input { path: whole, source })?;
    found.map_or(Ok(()), |link| Err(link_in(artifact, &link, Links::Followed)))
}

/// Refuses links at that path and below it, as [`check_way`], and one that would be copied as what it is.
fn check_links(artifact: &Artifact, path: &Utf8Path, steps: &[PlannedStep]) -> Result<(), BuildError> {
    // A slash at the end would lead to what a link leads to.
    let whole: Utf8PathBuf = artifact.content.join(path).components().collect();
    let links = links_at(steps, &whole);
    let found = match links {
        Links::Kept => Ok(Some(whole.clone()).filter(|whole| whole.is_symlink())),
        Links::Followed => way_out_below(&whole, &artifact.content),
    };
    let found = found.map_err(|source| BuildError::Input { path: whole, source })?;
    found.map_or(Ok(()), |link| Err(link_in(artifact, &link, links)))
}

fn link_in(artifact: &Artifact, link: &Utf8Path, links: Links) -> BuildError {
    let path = link.strip_prefix(&artifact.content).unwrap_or(link).to_owned();
    BuildError::LinkInArtifact { name: artifact.name.clone(), path, links }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use kiln_images::home::Home;
    use kiln_tool::testing::Fake;

    use super::*;
    use crate::actions::Action;
    use crate::recipe;

    #[tokio::test]
    async fn a_script_that_was_edited_meanwhile_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (home, log, ran) = (Home::new(root.join("home")).unwrap(), root.join("log"), root.join("ran"));
        fs::create_dir(root.join("parts")).unwrap();
        let _apt = Fake::new("apt-get", "printf 'Debian\\tbookworm\\thttp://mirror/\\tmain\\n'");
        let _settings = Fake::new("apt-config", "exit 0");
        // The script is run without a network, and nothing else is.
        let run = format!("cat '{root}/tree/recipe/build.sh' >> '{ran}'; mkdir -p '{root}/tree/out/made'");
        let rest = "while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"";
        let _unshare = Fake::new("unshare", &format!("case \" $* \" in *' --net '*) {run} ;; *) {rest} ;; esac"));
        let text = "{name: tools, debootstrap: {suite: bookworm}, script: build.sh, files: [parts]}";
        let declared = kiln_document::read::<recipe::Artifact>("x.yaml", text).unwrap().value;
        for (edit, expected) in [
            ("true", "made"),
            ("echo new > build.sh", "build.sh changed while it was being used: the artifact `tools` is not kept"),
            ("echo new > parts/a", "parts/a changed while"),
            ("echo new > parts/b", "parts/b is new while"),
        ] {
            for name in ["build.sh", "parts/a"] {
                fs::write(root.join(name), "old\n").unwrap();
            }
            let artifact = Artifact::plan(&declared, root, &home).unwrap();
            let tree = format!("rm -rf '{root}/tree'; mkdir '{root}/tree' && cd '{root}' && {edit}");
            let _mmdebstrap = Fake::new("mmdebstrap", &tree);
            let said = make(&artifact, &Workshop::new(&artifact, root, &log), |_| ()).await;
            let said = said.map_or_else(|error| error.to_string(), |()| "made".to_owned());
            assert!(said.starts_with(expected), "{said}");
        }
        assert_eq!(fs::read_to_string(&ran).unwrap(), "old\n", "another one was run");
    }

    #[test]
    fn links_of_an_artifact_lead_to_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let home = Home::new(root.join("home")).unwrap();
        fs::write(root.join("build.sh"), "true\n").unwrap();
        let text = "{name: tools, debootstrap: {suite: bookworm}, script: build.sh}";
        let declared = kiln_document::read::<recipe::Artifact>("x.yaml", text).unwrap().value;
        let artifact = Artifact::plan(&declared, root, &home).unwrap();
        let bin = artifact.content.join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("hyperkube"), "").unwrap();
        symlink("hyperkube", bin.join("kubelet")).unwrap();
        symlink("bin", artifact.content.join("current")).unwrap();
        let checked = |path: &str, links| {
            let from = artifact.content.join(path);
            let actions = vec![Action::CopyIn { from, into: "/opt".into(), links }];
            let summary = "copy-in".to_owned();
            let step = PlannedStep { summary, actions, fetches: true, archives: Vec::new(), images: Vec::new() };
            check_links(&artifact, path.into(), &[step]).map_err(|error| error.to_string())
        };
        assert_eq!(checked("bin", Links::Kept), Ok(()));
        assert_eq!(checked("current", Links::Followed), Ok(()));
        let said = checked("current", Links::Kept).unwrap_err();
        assert!(said.contains("`current` in the artifact `tools`") && said.contains("name what it leads to"), "{said}");
        assert_eq!(checked("current/", Links::Kept), Err(said));
        symlink("/bin/sh", bin.join("sh")).unwrap();
        assert_eq!(checked("bin", Links::Kept), Ok(()));
        let said = checked("bin", Links::Followed).unwrap_err();
        assert!(said.contains("`bin/sh` in the artifact `tools`") && said.contains("cp -L"), "{said}");
        symlink("/etc", artifact.content.join("ssl")).unwrap();
        symlink("/out/bin", artifact.content.join("programs")).unwrap();
        for (path, link) in [("ssl/certs", "`ssl`"), ("programs", "`programs`")] {
            let said = check_way(&artifact, path.into()).unwrap_err().to_string();
            assert!(said.contains(link) && said.contains("or to nothing"), "{said}");
        }
        assert!(check_way(&artifact, "current/kubelet".into()).is_ok());
    }
}
