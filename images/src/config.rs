//! The user's configuration: what is true of this machine and its network, whichever recipe is baked or lab comes up.

use std::env;
use std::io;

use camino::Utf8PathBuf;
use kiln_document::Problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::download::Mirrors;

/// Names the file, wherever it is.
const VARIABLE: &str = "KILN_CONFIG";

/// Its place in the folder of configurations.
const FILE: &str = "kiln/config.yaml";

/// What the help of both programs says of it.
pub const HELP: &str = "\
Files:
  ~/.config/kiln/config.yaml   from where else to take what public hosts have;
                               KILN_CONFIG names another (bake schema config)";

/// What a user may configure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// From where else to take what public hosts have: by a host, a registry, or the beginning of a URL, the URL or the
    /// absolute folder to take it from instead. What recipes, pins and images call it stays as it is. Container images
    /// lie in a folder as `<name>/<tag>.tar`.
    pub mirrors: Mirrors,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("reading the configuration {path}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It says something wrong; all of it.
    #[error("{0}")]
    Invalid(Box<Problems>),
}

impl Config {
    /// Reads the file that `KILN_CONFIG` names, or else `kiln/config.yaml` in the folder of configurations (XDG Base
    /// Directory Specification). Where there is none, nothing is configured; one that is named must be there.
    ///
    /// # Errors
    /// When it cannot be read, or is wrong: then with every problem there is.
    pub fn of_user() -> Result<Self, ConfigError> {
        match place(variable) {
            Some((path, is_named)) => Ok(Self::read(path, is_named)?.unwrap_or_default()),
            None => Ok(Self::default()),
        }
    }

    /// What the file says; nothing where there is none that has to be.
    fn read(path: Utf8PathBuf, is_named: bool) -> Result<Option<Self>, ConfigError> {
        match kiln_document::text(path.as_std_path()) {
            Ok(text) => Self::parse(path.as_str(), &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => Ok(None),
            Err(source) => Err(ConfigError::Read { path, source }),
        }
    }

    fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let read = kiln_document::read::<Self>(name, text);
        read.map(|document| document.value).map_err(|problems| ConfigError::Invalid(Box::new(problems)))
    }
}

/// What there is to say of the user's configuration: its file, or that there is none and where it would be.
///
/// # Errors
/// As [`Config::of_user`].
pub fn look() -> Result<String, ConfigError> {
    look_at(place(variable))
}

fn look_at(place: Option<(Utf8PathBuf, bool)>) -> Result<String, ConfigError> {
    let Some((path, is_named)) = place else { return Ok("none".to_owned()) };
    Ok(match Config::read(path.clone(), is_named)? {
        Some(_) => path.into_string(),
        None => format!("none (it would be {path})"),
    })
}

/// A variable of the environment. One that is empty is none.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where the file is, and whether the user has named it.
fn place(variable: impl Fn(&str) -> Option<String>) -> Option<(Utf8PathBuf, bool)> {
    if let Some(path) = variable(VARIABLE) {
        return Some((path.into(), true));
    }
    let folder = variable("XDG_CONFIG_HOME").map(Utf8PathBuf::from).filter(|path| path.is_absolute());
    let folder = folder.or_else(|| variable("HOME").map(|home| Utf8PathBuf::from(home).join(".config")))?;
    Some((folder.join(FILE), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_is() {
        for (set, expected) in [
            (&[("KILN_CONFIG", "mine.yaml"), ("HOME", "/h")][..], Some(("mine.yaml", true))),
            (&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], Some(("/x/kiln/config.yaml", false))),
            (&[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")], Some(("/h/.config/kiln/config.yaml", false))),
            (&[], None),
        ] {
            let look_up = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let found = place(look_up);
            assert_eq!(found.as_ref().map(|(path, named)| (path.as_str(), *named)), expected);
        }
    }

    #[test]
    fn what_is_said_of_it_is_what_holds() {
        let guard = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(guard.path().join("config.yaml")).unwrap();
        let look = |is_named| look_at(Some((path.clone(), is_named))).map_err(|error| error.to_string());
        assert_eq!(
            (look_at(None).unwrap(), look(false).unwrap()),
            ("none".into(), format!("none (it would be {path})"))
        );
        assert_eq!(look(true).unwrap_err(), format!("reading the configuration {path}"));
        std::fs::write(&path, "mirrors: {}\n").unwrap();
        assert_eq!(look(false).unwrap(), path);
        std::fs::write(&path, "mirorrs: {}\n").unwrap();
        assert!(look(false).unwrap_err().contains("did you mean `mirrors`?"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let text = "mirrors:\n  download.docker.com: mirrors/docker\nmirror: {}\n";
        let said = Config::parse("config.yaml", text).unwrap_err().to_string();
        for part in ["config.yaml:2:", "absolute path of a folder", "did you mean `mirrors`?"] {
            assert!(said.contains(part), "{part} is missing in:\n{said}");
        }
        let good =
            Config::parse("config.yaml", "mirrors:\n  dl.k8s.io: /srv/k8s\n  docker.io: https://r.example.com\n");
        assert!(!good.unwrap().mirrors.is_empty());
    }
}
