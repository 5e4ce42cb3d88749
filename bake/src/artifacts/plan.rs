//! What an artifact is made of, and the key that follows.

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::home::Home;
use kiln_images::name::Name;
use serde_json::json;

use crate::build::BuildError;
use crate::build::ingredients::Ingredients;
use crate::links::Links;
use crate::recipe::{self, Tree};

/// Goes up when the same ingredients would give another artifact: when its tree is made or its script is run differently.
const FORMAT: u32 = 1;

/// An artifact of a recipe, built or not.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// What the recipe calls it.
    pub name: Name,
    /// The tree that its script runs in.
    pub tree: Tree,
    /// Where its script is on this host.
    pub script: Utf8PathBuf,
    /// Where the files are that the script reads.
    pub files: Vec<Utf8PathBuf>,
    /// What it is made of. Its name is no part of that.
    pub ingredients: Ingredients,
    /// The key that follows.
    pub key: Digest,
    /// The folder of what is in it. It is there once the artifact was built.
    pub content: Utf8PathBuf,
}

impl Artifact {
    /// Works out the key of an artifact that a recipe in `folder` declares. Reads its script and its files.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn plan(declared: &recipe::Artifact, folder: &Utf8Path, home: &Home) -> Result<Self, BuildError> {
        let made = vec![json!({"debootstrap": declared.debootstrap})];
        let mut ingredients = Ingredients { format: FORMAT, ..Ingredients::new(None, made) };
        for path in std::iter::once(&declared.script).chain(&declared.files) {
            let whole = folder.join(path);
            let added = ingredients.add_path(path.as_str(), &whole, Links::Followed);
            added.map_err(|source| BuildError::Input { path: whole, source })?;
        }
        let key = ingredients.key();
        let content = home.artifact(&key).join("content");
        Ok(Self {
            name: declared.name.clone(),
            tree: declared.debootstrap.clone(),
            script: folder.join(&declared.script),
            files: declared.files.iter().map(|path| folder.join(path)).collect(),
            ingredients,
            key,
            content,
        })
    }

    /// Whether it was built.
    pub fn is_built(&self) -> bool {
        self.content.exists()
    }
}
