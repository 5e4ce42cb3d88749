//! What lies beside a recipe: where its relative paths lead.

use camino::{Utf8Path, Utf8PathBuf};

use super::gallery::BuiltIn;

/// The files beside a recipe.
#[derive(Debug, Clone, Copy)]
pub(super) enum Beside<'a> {
    /// Those of a folder.
    Folder(&'a Utf8Path),
    /// Those that are built in with the recipe. They are unpacked before they are used.
    BuiltIn(&'static BuiltIn),
}

impl Beside<'_> {
    /// The folder where they are, or a stand-in for it.
    pub(super) fn folder(&self) -> &Utf8Path {
        match self {
            Self::Folder(folder) => folder,
            Self::BuiltIn(_) => Utf8Path::new("/"),
        }
    }

    /// The whole path of one of them.
    pub(super) fn path(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.folder().join(path)
    }

    /// Whether one of them is a link. What is built in has none.
    pub(super) fn is_link(&self, path: &Utf8Path) -> bool {
        let is_built_in = matches!(self, Self::BuiltIn(_)) && path.is_relative();
        !is_built_in && self.path(path).is_symlink()
    }

    /// Whether there is one.
    pub(super) fn has(&self, path: &Utf8Path) -> bool {
        match self {
            Self::Folder(folder) => folder.join(path).exists(),
            Self::BuiltIn(recipe) => path.is_absolute() && path.exists() || recipe.has(path),
        }
    }
}
