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
    /// The folder of the recipe, to which its script and its files are relative.
    pub folder: Utf8PathBuf,
    /// Its script, as the recipe names it.
    pub script: Utf8PathBuf,
    /// The files that the script reads, as the recipe names them.
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
        add_files(&mut ingredients, folder, std::iter::once(&declared.script).chain(&declared.files))?;
        let key = ingredients.key();
        let content = home.artifact(&key).join("content");
        Ok(Self {
            name: declared.name.clone(),
            tree: declared.debootstrap.clone(),
            folder: folder.to_owned(),
            script: declared.script.clone(),
            files: declared.files.clone(),
            ingredients,
            key,
            content,
        })
    }

    /// Whether it was built.
    pub fn is_built(&self) -> bool {
        self.content.exists()
    }

    /// What is copied to where it is built, as the recipe names it: the script, and the files that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        std::iter::once(&self.script).chain(&self.files)
    }

    /// Refuses it, now that its files were copied, if they are no longer what its key says: layers below may have taken
    /// an hour since that was worked out.
    ///
    /// # Errors
    /// [`BuildError::Changed`], or when one of them cannot be read any more.
    pub fn check_files(&self) -> Result<(), BuildError> {
        let mut now = self.ingredients.clone();
        add_files(&mut now, &self.folder, self.paths())?;
        self.ingredients.check_same(&now, || format!("the artifact `{}`", self.name))
    }
}

/// Adds what these files and folders hold, which are relative to `folder`.
fn add_files<'a>(
    ingredients: &mut Ingredients,
    folder: &Utf8Path,
    files: impl Iterator<Item = &'a Utf8PathBuf>,
) -> Result<(), BuildError> {
    for path in files {
        let whole = folder.join(path);
        let added = ingredients.add_path(path.as_str(), &whole, Links::Followed);
        added.map_err(|source| BuildError::Input { path: whole, source })?;
    }
    Ok(())
}
