//! The tree of files: what mmdebstrap is asked for.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::{Error, Invocation};
use walkdir::WalkDir;

use super::disk::DiskError;
use super::{DebootstrapError, Site, stages};
use crate::debian::{Apt, Mmdebstrap};
use crate::recipe::Debootstrap;
use crate::steps::Package;

/// What a clone needs to boot, to take its identity from a seed, and to be talked to.
const PACKAGES: &str = include_str!("files/packages");

/// Files that are there before the packages are configured: the initial RAM disk is made while that happens.
const EARLY: &[(&str, &str)] = &[
    ("etc/initramfs-tools/conf.d/kiln", include_str!("files/initramfs.conf")),
    ("etc/initramfs-tools/modules", include_str!("files/initramfs-modules")),
];

/// Files that are put over what the packages brought.
const LATE: &[(&str, &str)] = &[
    ("etc/cloud/cloud.cfg.d/90_kiln.cfg", include_str!("files/cloud.cfg")),
    ("etc/ssh/sshd_config.d/50-kiln.conf", include_str!("files/sshd.conf")),
    ("etc/systemd/network/10-cloud-init-eth0.network.d/kiln.conf", include_str!("files/no-router-advertisements.conf")),
    ("etc/systemd/network/10-cloud-init-eth1.network.d/kiln.conf", include_str!("files/no-router-advertisements.conf")),
];

/// Units that cost an emulated machine seconds at every boot and do nothing for a lab.
const MASKED: &str = "e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer \
                      dpkg-db-backup.timer systemd-pstore.service getty@tty1.service";

/// Profiles of AppArmor for programs that no lab starts: networkd speaks DHCP, and `dhclient` only comes with cloud-init.
/// The kernel's form of these three is compiled at first boot, which takes an emulated machine ten seconds and more.
/// They are switched off the way aa-disable(8) does it; all others are loaded.
const UNUSED_PROFILES: &str =
    "/etc/apparmor.d/lsb_release /etc/apparmor.d/nvidia_modprobe /etc/apparmor.d/sbin.dhclient";

/// The boot loader's configuration; the UUID of the root file system takes the place of the mark.
const GRUB: &str = include_str!("files/grub.cfg");
const ROOT_UUID_MARK: &str = "@ROOT_UUID@";

/// Everything that goes into a tree besides what the recipe says, as a text that differs when any of it does.
pub(super) fn additions() -> String {
    let files = EARLY.iter().copied().chain(late_files(GRUB));
    let files: String = files.map(|(path, content)| format!("{path}\n{content}\n")).collect();
    let options = options(&[], "early", "late").join("\n");
    format!("{files}etc/fstab\n{}{options}\n", fstab(ROOT_UUID_MARK))
}

fn late_files(grub: &str) -> impl Iterator<Item = (&str, &str)> {
    LATE.iter().chain(stages::FILES).copied().chain([("boot/grub/grub.cfg", grub)])
}

/// Where the tree of a build is.
pub(super) fn folder(site: Site<'_>) -> Utf8PathBuf {
    site.folder.join("tree")
}

/// Fills the tree.
pub(super) async fn populate(
    what: &Debootstrap,
    apt: &Apt,
    sources: &[String],
    site: Site<'_>,
    on_line: impl FnMut(&str),
) -> Result<(), DebootstrapError> {
    let root_uuid = site.root_uuid.to_string();
    let (fstab, grub) = (fstab(&root_uuid), GRUB.replace(ROOT_UUID_MARK, &root_uuid));
    let early = lay_out(site, "early", EARLY.iter().copied().chain([("etc/fstab", fstab.as_str())]))?;
    let late = lay_out(site, "late", late_files(&grub))?;
    let options = options(&what.packages, &early, &late);
    mmdebstrap(what, site, &options, &folder(site)).run(apt, sources, on_line).await?;
    Ok(())
}

/// The command that fills the tree.
pub(super) fn command(what: &Debootstrap, apt: &Apt, site: Site<'_>) -> Result<Invocation, Error> {
    let (early, late) = (site.folder.join("early"), site.folder.join("late"));
    let options = options(&what.packages, early.as_str(), late.as_str());
    mmdebstrap(what, site, &options, &folder(site)).command(apt)
}

fn mmdebstrap<'a>(what: &'a Debootstrap, site: Site<'a>, options: &'a [String], tree: &'a Utf8Path) -> Mmdebstrap<'a> {
    let (step, suite) = ("building Debian from packages", what.suite.as_str());
    Mmdebstrap { step, suite, options, tree, folder: site.folder, log: site.log }
}

/// fstab(5): the root file system and nothing else.
fn fstab(root_uuid: &str) -> String {
    format!("UUID={root_uuid} / ext4 rw,noatime,errors=remount-ro 0 1\n")
}

fn options(more: &[Package], early: &str, late: &str) -> Vec<String> {
    let packages = PACKAGES.lines().filter(|line| !line.starts_with('#'));
    let packages: Vec<_> = packages.chain(more.iter().map(Package::as_str)).collect();
    let mut options = Mmdebstrap::options(&packages);
    options.push(format!("--essential-hook=sync-in {early} /"));
    options.extend(hooks(late).map(|hook| format!("--customize-hook={hook}")));
    options
}

/// What is done when all packages are installed. mmdebstrap gives these lines to a shell, with the tree as `$1`.
fn hooks(late: &str) -> impl Iterator<Item = String> {
    [
        format!("sync-in {late} /"),
        "systemctl --root=\"$1\" --quiet enable systemd-networkd.service systemd-resolved.service".to_owned(),
        format!("systemctl --root=\"$1\" --quiet mask {MASKED}"),
        disable_profiles(),
        stages::REMOVE_WHERE_NEEDLESS.to_owned(),
        "ln -sf ../run/systemd/resolve/resolv.conf \"$1\"/etc/resolv.conf".to_owned(),
        "rm -f \"$1\"/etc/hostname \"$1\"/etc/ssh/ssh_host_* \"$1\"/var/lib/dbus/machine-id \
         \"$1\"/etc/apt/apt.conf.d/99mmdebstrap \"$1\"/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
            .to_owned(),
        "truncate -s 0 \"$1\"/etc/machine-id".to_owned(),
    ]
    .into_iter()
}

/// Puts a link of the same name to each of the profiles where apparmor_parser(8) looks for them. It is one command, so that
/// it fails if any of them cannot be made; one that the packages have brought is as good.
fn disable_profiles() -> String {
    let folder = "\"$1\"/etc/apparmor.d/disable";
    format!("mkdir -p {folder} && ln -sf {UNUSED_PROFILES} {folder}/")
}

/// Writes files into a folder that is synced into the tree, and returns its path, quoted for a hook.
fn lay_out<'a>(
    site: Site<'_>,
    name: &str,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<String, DiskError> {
    let root = site.folder.join(name);
    for (path, content) in files {
        let path = root.join(path);
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(&root))?;
            std::fs::write(&path, content)
        };
        write().map_err(|source| DiskError::Write { path: path.clone(), source })?;
    }
    open_to_all(&root).map_err(|source| DiskError::Write { path: root.clone(), source })?;
    Ok(shlex::try_quote(root.as_str()).map_or_else(|_| root.to_string(), std::borrow::Cow::into_owned))
}

/// Gives folders and files the modes that /etc has. What is synced gives its modes to the folders of the tree, and a
/// user's umask must not decide who can read /etc.
fn open_to_all(root: &Utf8Path) -> io::Result<()> {
    for entry in WalkDir::new(root) {
        let entry = entry?;
        let mode = if entry.file_type().is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(entry.path(), Permissions::from_mode(mode))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn profiles_are_switched_off_whatever_the_packages_have_brought_and_it_is_known_when_not() {
        let folder = tempfile::tempdir().unwrap();
        // As mmdebstrap runs it.
        let run = || {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &disable_profiles(), "exec"]).arg(folder.path()).output().unwrap().status.success()
        };
        let disabled = folder.path().join("etc/apparmor.d/disable");
        for _ in 0..2 {
            assert!(run());
            for profile in UNUSED_PROFILES.split(' ').map(Utf8Path::new) {
                assert_eq!(fs::read_link(disabled.join(profile.file_name().unwrap())).unwrap(), profile);
            }
        }
        // A folder in the place of the first is in the way.
        fs::remove_file(disabled.join("lsb_release")).unwrap();
        fs::create_dir(disabled.join("lsb_release")).unwrap();
        assert!(!run());
    }
}
