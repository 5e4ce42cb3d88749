//! Bases: what an image is made from. A disk image of somebody else's is found and checked in
//! [`inputs`](crate::build::inputs); Debian is built here.

pub mod debootstrap;

use camino::Utf8Path;
use kiln_images::home::Home;
use kiln_images::scratch;

use crate::build::BuildError;
use crate::debian;

/// Removes what builds that were killed have left in the scratch folder. The tree of a base belongs to users of a user
/// namespace, which an ordinary `rm` cannot remove. What cannot be removed at all is told, and stays.
///
/// # Errors
/// When the folder cannot be read.
pub async fn remove_leftovers(home: &Home, log: &Utf8Path) -> Result<(), BuildError> {
    for path in scratch::leftovers(home)? {
        tracing::info!("removing what an interrupted build left behind: {path}");
        if let Err(error) = debian::remove("removing a leftover", &path, log).await {
            tracing::warn!("{path}, which an interrupted build left behind, stays: {error}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::Fake;

    use super::*;

    #[tokio::test]
    async fn what_cannot_be_removed_keeps_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let home = Home::new(root.join("home")).unwrap();
        // A file is not removed as a folder, and this namespace removes nothing.
        let _unshare = Fake::new("unshare", "exit 1");
        std::fs::write(home.scratch().join("a"), "").unwrap();
        std::fs::create_dir(home.scratch().join("b")).unwrap();
        remove_leftovers(&home, &root.join("log")).await.unwrap();
        assert!(home.scratch().join("a").exists() && !home.scratch().join("b").exists());
    }
}
