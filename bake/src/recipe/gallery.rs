//! The recipes that are built into the program, so that a name is enough.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_images::digest::Digest;
use kiln_images::home::Home;
use kiln_images::scratch::Scratch;
use kiln_images::{At, FileError, durable};

/// A recipe of the gallery.
#[derive(Debug)]
pub struct BuiltIn {
    name: &'static str,
    /// Its YAML.
    pub text: &'static str,
    /// The files that lie beside it, by their paths.
    files: &'static [(&'static str, &'static str)],
}

const GALLERY: &[BuiltIn] = &[
    BuiltIn {
        name: "centos-7.5-k8s-1.12",
        text: include_str!("../../../recipes/centos-7.5-k8s-1.12.yaml"),
        files: &[(
            "centos-7.5-k8s-1.12/RPM-GPG-KEY-CentOS-7",
            include_str!("../../../recipes/centos-7.5-k8s-1.12/RPM-GPG-KEY-CentOS-7"),
        )],
    },
    BuiltIn {
        name: "centos-7.5-k8s-1.12-desktop",
        text: include_str!("../../../recipes/centos-7.5-k8s-1.12-desktop.yaml"),
        files: &[],
    },
    BuiltIn { name: "debian-12", text: include_str!("../../../recipes/debian-12.yaml"), files: &[] },
    BuiltIn {
        name: "debian-12-k8s-1.20",
        text: include_str!("../../../recipes/debian-12-k8s-1.20.yaml"),
        files: &[
            ("debian-12-k8s-1.20/build.sh", include_str!("../../../recipes/debian-12-k8s-1.20/build.sh")),
            ("debian-12-k8s-1.20/pack.sh", include_str!("../../../recipes/debian-12-k8s-1.20/pack.sh")),
        ],
    },
    BuiltIn { name: "debian-12-k8s-1.36", text: include_str!("../../../recipes/debian-12-k8s-1.36.yaml"), files: &[] },
    BuiltIn { name: "rocky-9-k8s-1.36", text: include_str!("../../../recipes/rocky-9-k8s-1.36.yaml"), files: &[] },
];

/// The mode of a file that lies beside a recipe: the one that a checkout has. It is part of a layer's key.
const MODE: u32 = 0o644;

/// The names, in order.
pub fn names() -> Vec<&'static str> {
    GALLERY.iter().map(|recipe| recipe.name).collect()
}

/// The recipe `name`.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    GALLERY.iter().find(|recipe| recipe.name == name)
}

impl BuiltIn {
    /// Whether there is such a file or folder beside it.
    pub fn has(&self, path: &Utf8Path) -> bool {
        self.files.iter().any(|(file, _)| Utf8Path::new(file).starts_with(path))
    }

    /// Writes what lies beside it into a folder of the home, unless it is there, and returns that folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn unpack(&self, home: &Home) -> Result<Utf8PathBuf, FileError> {
        let folder = home.recipe_files(&Digest::of_bytes(format!("{:?}", self.files).as_bytes()));
        if folder.exists() {
            return Ok(folder);
        }
        let scratch = Scratch::new(home)?;
        let half = scratch.path().join("files");
        durable::create_folder(&half)?;
        for (path, text) in self.files {
            let path = half.join(path);
            durable::create_folder(path.parent().unwrap_or(&half))?;
            durable::write_atomically(&path, text.as_bytes(), MODE)?;
        }
        match fs::rename(&half, &folder) {
            // Another command has done the same in the meantime.
            Err(_) if folder.exists() => Ok(folder),
            result => result.map(|()| folder).at("writing", &half),
        }
    }
}

#[cfg(test)]
mod tests {
    use walkdir::WalkDir;

    use super::*;

    #[test]
    fn everything_that_lies_beside_a_recipe_is_built_in() {
        let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes");
        for recipe in GALLERY {
            let beside = WalkDir::new(folder.join(recipe.name)).into_iter().flatten();
            let mut paths: Vec<_> = beside
                .filter(|entry| entry.file_type().is_file())
                .map(|entry| entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned())
                .collect();
            paths.sort();
            assert_eq!(recipe.files.iter().map(|(path, _)| *path).collect::<Vec<_>>(), paths, "{}", recipe.name);
        }
    }

    #[test]
    fn files_are_unpacked_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        let recipe = find("debian-12-k8s-1.20").unwrap();
        let unpacked = recipe.unpack(&home).unwrap();
        let script = unpacked.join("debian-12-k8s-1.20/build.sh");
        assert!(recipe.has("debian-12-k8s-1.20/build.sh".into()) && recipe.has("debian-12-k8s-1.20".into()));
        assert!(!recipe.has("debian-12-k8s-1.20/build".into()));
        let written = fs::metadata(&script).unwrap().modified().unwrap();
        assert_eq!(recipe.unpack(&home).unwrap(), unpacked);
        assert_eq!(fs::metadata(&script).unwrap().modified().unwrap(), written);
        assert_eq!(home.scratch().read_dir_utf8().unwrap().count(), 0);
    }
}
