//! What the types of the section `mesh` cannot say: its values compared with each other and with the rest of the file.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8Path};
use kiln_document::{Path, Problems, path};
use kiln_images::download::{check_source, check_sources};

use super::file::LabFile;
use super::mesh::{Group, ManifestSource, Mesh, Wait};

/// Adds every problem of the section.
pub(super) fn check(file: &LabFile, problems: &mut Problems) {
    let Some(mesh) = &file.mesh else { return };
    if file.kubernetes.is_none() {
        problems
            .add(path!["mesh"], "a mesh needs a cluster, and the lab has none")
            .hint("add a section `kubernetes: {}`, and take an image with Kubernetes in it");
    }
    if let Some(archive) = &mesh.archive {
        check_source(problems, path!["mesh", "archive", "source"], &archive.source);
        check_sources(problems, &path!["mesh", "archive", "also"], &archive.also);
    }
    if mesh.groups.is_empty() {
        problems.add(path!["mesh", "groups"], "a mesh needs at least one group");
    }
    for (at, one) in placed(mesh) {
        group(mesh, one, &at, problems);
    }
    names(mesh, problems);
    pages(mesh, problems);
}

/// All groups, each with its place in the file.
pub(super) fn placed(mesh: &Mesh) -> impl Iterator<Item = (Path, &Group)> {
    [("groups", &mesh.groups), ("samples", &mesh.samples)].into_iter().flat_map(|(key, groups)| {
        groups.iter().enumerate().map(move |(index, group)| (path!["mesh", key, index], group))
    })
}

fn group(mesh: &Mesh, group: &Group, at: &Path, problems: &mut Problems) {
    if group.manifests.is_empty() && group.namespaces.is_empty() {
        problems.add(at, format!("the group `{}` has nothing to apply", group.name)).hint("say `manifests:`");
    }
    for (index, manifest) in group.manifests.iter().enumerate() {
        let at = at.at("manifests").at(index);
        match manifest {
            ManifestSource::Archive(_) if mesh.archive.is_none() => {
                problems.add(&at, "there is no archive to take this from").hint("say `archive:` under `mesh`");
            }
            ManifestSource::Archive(member) if !is_member(member) => {
                problems
                    .add(&at, format!("`{member}` is no path in an archive"))
                    .hint("give it as `tar --list` shows it, without `..` and without a `/` at the beginning");
            }
            ManifestSource::File(file) if file.is_empty() => {
                problems.add(&at, "the name of a file is needed");
            }
            ManifestSource::Archive(_) | ManifestSource::File(_) => {}
        }
    }
    for (index, wait) in group.wait.iter().enumerate() {
        if let Wait::Pods(pods) = wait
            && (pods.count == 0 || pods.containers == Some(0))
        {
            problems.add(at.at("wait").at(index), "nothing cannot be waited for: give a number from 1 on");
        }
    }
}

/// Whether it names a file below the root of an archive.
fn is_member(path: &str) -> bool {
    let mut parts = Utf8Path::new(path).components();
    !path.is_empty() && !path.ends_with('/') && parts.all(|part| matches!(part, Utf8Component::Normal(_)))
}

/// What was applied is remembered by the names of the groups.
fn names(mesh: &Mesh, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for (at, group) in placed(mesh) {
        if seen.insert(&group.name, ()).is_some() {
            problems
                .add(at.at("name"), format!("two groups are named `{}`", group.name))
                .hint("groups and samples have their names together");
        }
    }
}

fn pages(mesh: &Mesh, problems: &mut Problems) {
    let probes = mesh.probes.iter().enumerate();
    let probes = probes.map(|(index, probe)| (path!["mesh", "probes", index], probe.port, &probe.path));
    let doors = mesh.open.iter().map(|(name, door)| (path!["mesh", "open", name.as_str()], door.port, &door.path));
    for (at, port, path) in probes.chain(doors) {
        if port == 0 {
            problems.add(at.at("port"), "there is no port 0");
        }
        // It becomes a line of a request.
        if !path.starts_with('/') || path.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_control()) {
            problems.add(at.at("path"), format!("`{path}` is no path of a page")).hint("it begins with `/`");
        }
    }
    for (index, probe) in mesh.probes.iter().enumerate().filter(|(_, probe)| !(200..=599).contains(&probe.status)) {
        problems
            .add(path!["mesh", "probes", index, "status"], format!("no answer ends with the status {}", probe.status))
            .hint("take 200 to 599");
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::check::parse;

    const LAB: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
kubernetes: {}
nodes: [{name: node1, ip: 192.168.206.196, cpus: 2}]
mesh:
";

    fn problems(mesh: &str) -> String {
        parse("lab.yaml", &format!("{LAB}  {}\n", mesh.replace('\n', "\n  "))).unwrap_err().to_string()
    }

    #[test]
    fn every_value_is_compared_with_what_it_needs() {
        for (mesh, expected) in [
            ("groups: []", "at least one group"),
            ("groups: [{name: a}]", "the group `a` has nothing to apply"),
            ("groups: [{name: a, manifests: [{archive: x.yaml}]}]", "there is no archive to take this from"),
            ("archive: {source: a.tgz}\ngroups: [{name: a, manifests: [{archive: ../x}]}]", "is no path in an archive"),
            ("archive: {source: a.tgz}\ngroups: [{name: a, manifests: [{archive: /x}]}]", "is no path in an archive"),
            ("archive: {source: a.tgz}\ngroups: [{name: a, manifests: [{archive: x/}]}]", "is no path in an archive"),
            ("archive: {source: 'ftp://x/a.tgz'}\ngroups: [{name: a, manifests: [{archive: x}]}]", "only https"),
            ("groups: [{name: a, manifests: [{file: ''}]}]", "the name of a file is needed"),
            ("groups: [{name: A_b, manifests: [{file: a}]}]", "no name in Kubernetes"),
            ("groups: [{name: a, manifests: [{flie: a}]}]", "flie"),
            ("groups: [{name: a, manifests: [{file: a}], wait: [deploymnets]}]", "deploymnets"),
            (
                "groups: [{name: a, manifests: [{file: a}], wait: [{pods: {namespace: b, count: 0}}]}]",
                "nothing cannot be waited for",
            ),
            (
                "groups: [{name: a, manifests: [{file: a}]}]\nsamples: [{name: a, manifests: [{file: a}]}]",
                "two groups are named `a`",
            ),
            (
                "groups: [{name: a, manifests: [{file: a}]}]\nprobes: [{service: b, port: 0, path: c, status: 7}]",
                "there is no port 0",
            ),
            (
                "groups: [{name: a, manifests: [{file: a}]}]\nopen: {b: {service: b, port: 80, path: 'a b'}}",
                "no path of a page",
            ),
        ] {
            let text = problems(mesh);
            assert!(text.contains(expected), "{mesh}: {text}");
        }
    }

    #[test]
    fn a_mesh_needs_a_cluster() {
        let text = LAB.replace("kubernetes: {}\n", "") + "  groups: [{name: a, manifests: [{file: a}]}]\n";
        let text = parse("lab.yaml", &text).unwrap_err().to_string();
        assert!(text.contains("a mesh needs a cluster"), "{text}");
    }

    #[test]
    fn what_is_written_is_read() {
        let mesh =
            "  archive: {source: a.tgz}\n  groups: [{name: a, manifests: [{archive: b/c.yaml}], wait: [crds, jobs]}]\n";
        let lab = parse("lab.yaml", &format!("{LAB}{mesh}")).unwrap();
        let mesh = lab.mesh.unwrap();
        assert_eq!((mesh.groups[0].namespace(), mesh.groups[0].wait.len()), ("default", 2));
    }
}
