//! Where the home is when nobody says.

use std::env;

use camino::Utf8PathBuf;

use super::{HomeError, VARIABLE};

/// An environment variable that is set to something.
pub(super) fn variable(name: &str) -> Result<Option<Utf8PathBuf>, HomeError> {
    match env::var_os(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => {
            let text = value.into_string().map_err(|value| HomeError::NotUtf8(value.to_string_lossy().into_owned()))?;
            Ok(Some(text.into()))
        }
    }
}

pub(super) fn choose(
    variable: impl Fn(&str) -> Result<Option<Utf8PathBuf>, HomeError>,
) -> Result<Utf8PathBuf, HomeError> {
    if let Some(path) = variable(VARIABLE)? {
        return Ok(path);
    }
    // The specification says that relative paths in it are to be ignored.
    if let Some(path) = variable("XDG_DATA_HOME")?.filter(|path| path.is_absolute()) {
        return Ok(path.join("kiln"));
    }
    let home = variable("HOME")?.ok_or(HomeError::Unknown)?;
    Ok(home.join(".local/share/kiln"))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn where_the_home_is() {
        for (set, expected) in [
            (&[("KILN_HOME", "k"), ("HOME", "/h")][..], Some("k")),
            (&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")], Some("/x/kiln")),
            (&[("XDG_DATA_HOME", "x"), ("HOME", "/h")], Some("/h/.local/share/kiln")),
            (&[], None),
        ] {
            let look_up = |name: &str| Ok(set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into()));
            assert_eq!(choose(look_up).ok().as_deref(), expected.map(Utf8Path::new));
        }
    }
}
