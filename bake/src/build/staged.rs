//! What the appliance copies in. It copies links as what they are, and in an image most of them lead to nothing.

use camino::Utf8Path;
use kiln_images::durable::create_folder;
use kiln_images::{At, FileError};

use crate::actions::Action;
use crate::links::{Links, copy_followed, is_or_has_link};

/// The same actions, where links are to be followed on a copy without any, which is made in `folder`. What has no links is
/// not copied: that of Kubernetes alone is some hundred megabytes.
///
/// # Errors
/// When something cannot be read or written.
pub(super) fn without_links(mut actions: Vec<Action>, folder: &Utf8Path) -> Result<Vec<Action>, FileError> {
    for (number, action) in actions.iter_mut().enumerate() {
        let Action::CopyIn { from, links: Links::Followed, .. } = action else { continue };
        if !is_or_has_link(from).at("reading", from)? {
            continue;
        }
        // By its own name in a folder of its own: the steps after it know it by that.
        let place = folder.join(number.to_string());
        create_folder(&place)?;
        let copy = place.join(from.file_name().unwrap_or_default());
        copy_followed(from, &copy).at("copying", from)?;
        *from = copy;
    }
    Ok(actions)
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
        let staged = without_links(actions.clone(), &root.join("stage")).unwrap();
        assert_eq!(staged[..2], actions[..2]);
        let Action::CopyIn { from, .. } = &staged[2] else { panic!("{staged:?}") };
        assert_eq!(from, &root.join("stage/2/kubelet"));
        assert!(!from.is_symlink());
        assert_eq!(fs::read_to_string(from).unwrap(), "a program");
    }
}
