//! The steps of a layer as scripts for the guest's own shell: what virt-customize does elsewhere.

use super::media::Media;
use crate::actions::{Action, fetch_command};
use crate::steps::{Package, inline, quote};
use camino::Utf8Path;

/// Installs packages with whatever package manager there is; `$@` are the packages.
const INSTALL: &str = include_str!("install.sh");

/// Removes packages.
const REMOVE: &str = include_str!("remove.sh");

/// The script that carries out the actions of one step, one after the other until one fails. What they take from the host
/// is added to `media`; it is packed into `folder`.
pub(super) fn script(actions: &[Action], media: &mut Media, folder: &Utf8Path) -> String {
    let mut script = "set -e\nexport HOME=/root LC_ALL=C\n".to_owned();
    for action in actions {
        let source = media.add_source(action, folder).unwrap_or_default();
        script.push_str(&line(action, &source));
        script.push('\n');
    }
    script
}

/// One action; `source` is the disk with what it takes from the host.
fn line(action: &Action, source: &str) -> String {
    match action {
        Action::Install(packages) => with_packages(INSTALL, packages),
        Action::Uninstall(packages) => with_packages(REMOVE, packages),
        // A shell of its own: what it does to the shell does not reach the next action.
        Action::RunCommand(command) => quote(["sh", "-c", command]),
        Action::Fetch { urls, to } => quote(["sh", "-c", &fetch_command(urls, to, None)]),
        // /run may be mounted so that nothing in it can be executed.
        Action::RunScript(_) => format!(
            "script=$(mktemp)\ntar -xOf {source} > \"$script\"\nchmod 0700 \"$script\"\n\"$script\"\nrm -f \"$script\""
        ),
        Action::Mkdir(path) => quote(["mkdir", "-p", path.as_str()]),
        Action::Write { path, content } => format!("{} > {}", quote(["printf", "%s", content]), word(path)),
        Action::AppendLine { path, line } => {
            let path = word(path);
            format!(
                "test -f {path}\n[ -z \"$(tail -c 1 {path})\" ] || echo >> {path}\n{} >> {path}",
                quote(["printf", "%s\\n", line])
            )
        }
        Action::Chmod { path, mode } => quote(["chmod", mode, path.as_str()]),
        Action::Upload { to, .. } => format!("tar -xOf {source} > {}", word(to)),
        Action::CopyIn { into, .. } => format!("tar -xf {source} -C {}", word(into)),
        Action::Delete(path) => quote(["rm", "-rf", path.as_str()]),
        Action::Timezone(zone) => {
            let (file, zone) = (format!("/usr/share/zoneinfo/{zone}"), quote([zone.as_str()]));
            let file = quote([file.as_str()]);
            format!(
                "test -f {file}\nln -sf {file} /etc/localtime\n[ ! -e /etc/timezone ] || echo {zone} > /etc/timezone"
            )
        }
    }
}

fn with_packages(script: &str, packages: &[Package]) -> String {
    inline(script, packages.iter().map(Package::as_str))
}

fn word(path: &Utf8Path) -> String {
    quote([path.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Links;
    use crate::tar::Tar;
    use std::process::Command;

    #[tokio::test]
    async fn what_is_read_through_a_link_is_packed_as_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::write(root.join("setup.sh"), "#!/bin/sh\n").unwrap();
        std::os::unix::fs::symlink("setup.sh", root.join("link")).unwrap();
        let mut media = Media::default();
        let actions = [
            Action::RunScript(root.join("link")),
            Action::Upload { from: root.join("link"), to: "/opt/setup".into() },
            Action::CopyIn { from: root.join("link"), into: "/opt".into(), links: Links::Followed },
            Action::CopyIn { from: root.join("link"), into: "/opt".into(), links: Links::Kept },
        ];
        script(&actions, &mut media, root);
        media.pack().await.unwrap();
        let tar = Tar::find().unwrap();
        for (number, archive) in media.files().iter().enumerate() {
            let content = tar.member(archive, "link").await.unwrap();
            assert_eq!(content, if number < 3 { "#!/bin/sh\n".as_bytes() } else { b"" }, "{number}");
        }
    }

    /// Runs a script with this folder in place of the disks' folder.
    fn run(script: &str) -> (bool, String) {
        let ran = Command::new("sh").args(["-c", script]).output().unwrap();
        (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
    }

    #[test]
    fn files_are_what_virt_customize_would_have_made_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let path = root.join("a b/it's");
        let mut actions = Action::write_file(&path, "no line break, 100% $HOME\\n", "0640");
        actions.push(Action::AppendLine { path: path.clone(), line: "-n \\t".into() });
        actions.push(Action::RunCommand(format!("cd {root} && false; touch made")));
        let (ok, said) = run(&script(&actions, &mut Media::default(), root));
        assert!(ok, "{said}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "no line break, 100% $HOME\\n\n-n \\t\n");
        assert!(root.join("made").exists());
        let (ok, _) = run(&script(&[Action::Delete(root.join("a b"))], &mut Media::default(), root));
        assert!(ok && !root.join("a b").exists());
    }

    #[test]
    fn the_first_failure_ends_it() {
        let root = Utf8Path::new("/nowhere");
        let actions = [Action::RunCommand("echo why >&2; exit 7".into()), Action::RunCommand("echo never >&2".into())];
        let ran = Command::new("sh").args(["-c", &script(&actions, &mut Media::default(), root)]).output().unwrap();
        assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(7), &b"why\n"[..]));
        let missing = Action::AppendLine { path: root.join("x"), line: "x".into() };
        assert!(!run(&script(&[missing], &mut Media::default(), root)).0, "the file has to be there");
    }

    #[tokio::test]
    async fn what_comes_from_the_host_comes_on_disks() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("tree/sub")).unwrap();
        std::fs::write(root.join("tree/sub/tool"), "#!/bin/sh\necho ran > \"$RESULT\"\n").unwrap();
        let (into, result) = (root.join("into"), root.join("result"));
        let actions = [
            Action::Mkdir(into.clone()),
            Action::CopyIn { from: root.join("tree"), into: into.clone(), links: Links::Kept },
            Action::Upload { from: root.join("tree/sub/tool"), to: into.join("copy") },
            Action::RunScript(root.join("tree/sub/tool")),
        ];
        let mut media = Media::default();
        let mut text = script(&actions, &mut media, root);
        media.pack().await.unwrap();
        assert_eq!(media.files().len(), 3);
        for (place, file) in media.files().iter().enumerate() {
            let device = format!("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_medium{place}");
            assert!(text.contains(&device), "{text}");
            text = text.replace(&device, file.as_str());
        }
        let (ok, said) = run(&format!("export RESULT={result}\n{text}"));
        assert!(ok, "{said}");
        assert_eq!(std::fs::read_to_string(into.join("tree/sub/tool")).unwrap().lines().count(), 2);
        assert_eq!(std::fs::read_to_string(into.join("copy")).unwrap().lines().count(), 2);
        assert_eq!(std::fs::read_to_string(result).unwrap(), "ran\n");
    }

    #[test]
    fn packages_are_installed_by_the_manager_that_is_there() {
        use std::os::unix::fs::PermissionsExt;
        for (manager, action, expected) in [
            ("apt-get", Action::Install(vec!["a=1".parse().unwrap()]), "install a=1"),
            ("dnf", Action::Install(vec!["a".parse().unwrap(), "b".parse().unwrap()]), "-y install a b"),
            ("yum", Action::Uninstall(vec!["a".parse().unwrap()]), "-y remove a"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let root = Utf8Path::from_path(folder.path()).unwrap();
            std::os::unix::fs::symlink("/bin/sh", root.join("sh")).unwrap();
            std::fs::write(root.join(manager), format!("#!/bin/sh\necho \"$@\" >> {root}/called\n")).unwrap();
            std::fs::set_permissions(root.join(manager), std::fs::Permissions::from_mode(0o755)).unwrap();
            let text = script(&[action], &mut Media::default(), root);
            let ran = Command::new("/bin/sh").args(["-c", &text]).env("PATH", root).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            let called = std::fs::read_to_string(root.join("called")).unwrap();
            assert!(called.trim_end().ends_with(expected), "{manager}: {called}");
        }
    }
}
