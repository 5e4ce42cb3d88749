//! What the appliance copies in. It copies links as what they are, and in an image most of them lead to nothing.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::durable::create_folder;
use kiln_images::{At, FileError};

use crate::actions::Action;
use crate::links::{Links, copy_followed, is_or_has_link};
use crate::steps::quote;

/// The same actions, where links are to be followed on a copy without any, which is made in `folder`. What has no links is
/// not copied: that of Kubernetes alone is some hundred megabytes.
///
/// # Errors
/// When something cannot be read or written.
pub(super) fn without_links(mut actions: Vec<Action>, folder: &Utf8Path) -> Result<Vec<Action>, FileError> {
    for Staged { from, place, copy } in redirect(&mut actions, folder)? {
        create_folder(&place)?;
        copy_followed(&from, &copy).at("copying", &from)?;
    }
    Ok(actions)
}

/// A copy without links.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Staged {
    from: Utf8PathBuf,
    place: Utf8PathBuf,
    copy: Utf8PathBuf,
}

impl Staged {
    /// What makes it, for a shell.
    pub(super) fn command_line(&self) -> String {
        let paths = quote([self.from.as_str(), self.copy.as_str()]);
        format!("mkdir -p {} && cp -rL {paths}", quote([self.place.as_str()]))
    }
}

/// Has these actions read copies in `folder` where links are to be followed, as [`without_links`], and returns the copies
/// that are to be made. What is not there is left to who reads it: of an artifact that is not built yet nothing is known.
///
/// # Errors
/// When something cannot be read.
pub(super) fn redirect(actions: &mut [Action], folder: &Utf8Path) -> Result<Vec<Staged>, FileError> {
    let mut copies = Vec::new();
    for (number, action) in actions.iter_mut().enumerate() {
        let Action::CopyIn { from, links: Links::Followed, .. } = action else { continue };
        let is_there = from.symlink_metadata().is_ok();
        if !is_there || !is_or_has_link(from).at("reading", from)? {
            continue;
        }
        // By its own name in a folder of its own: the steps after it know it by that.
        let place = folder.join(number.to_string());
        let copy = place.join(from.file_name().unwrap_or_default());
        copies.push(Staged { from: std::mem::replace(from, copy.clone()), place, copy });
    }
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_links_that_are_to_be_followed_cost_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs::write(root.join("kubelet-1.20"), "a program").unwrap();
        symlink("kubelet-1.20", root.join("kubelet")).unwrap();
        let copy_in = |name: &str, links| Action::CopyIn { from: root.join(name), into: "/opt".into(), links };
        let actions = vec![
            copy_in("kubelet", Links::Kept),
            copy_in("kubelet-1.20", Links::Followed),
            copy_in("kubelet", Links::Followed),
        ];
        let mut shown = actions.clone();
        shown.push(copy_in("not built yet", Links::Followed));
        let copies = redirect(&mut shown, &root.join("stage")).unwrap();
        let lines: Vec<_> = copies.iter().map(Staged::command_line).collect();
        assert_eq!(lines, [format!("mkdir -p {root}/stage/2 && cp -rL {root}/kubelet {root}/stage/2/kubelet")]);
        assert!(!root.join("stage").exists());
        let staged = without_links(actions.clone(), &root.join("stage")).unwrap();
        assert_eq!(staged, shown[..3]);
        assert_eq!(staged[..2], actions[..2]);
        let Action::CopyIn { from, .. } = &staged[2] else { panic!("{staged:?}") };
        assert_eq!(from, &root.join("stage/2/kubelet"));
        assert!(!from.is_symlink());
        assert_eq!(fs::read_to_string(from).unwrap(), "a program");
    }
}
