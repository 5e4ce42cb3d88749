//! The user one logs in as.

use serde::Serialize;

use crate::Error;

/// The longest name useradd(8) takes.
const MAX_NAME_LENGTH: usize = 32;

/// What a sha512-crypt hash begins with (crypt(5)): the one good method that CentOS 7's C library has, too.
const SHA512_CRYPT: &str = "$6$";

/// The shortest sha512-crypt hash: its prefix, an eight-character salt, `$` and 86 characters of digest.
const SHORTEST_HASH: usize = SHA512_CRYPT.len() + 8 + 1 + 86;

/// The user of a node: the one the image is made for (`debian`, `centos`), who may do everything through sudo. It is
/// made where the image does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub name: String,
    /// The lines of `authorized_keys`: public keys, one an entry.
    pub authorized_keys: Vec<String>,
    /// A sha512-crypt hash for logins at the console; without it the password is locked. SSH takes no password.
    pub password_hash: Option<String>,
}

/// An entry of cloud-config's `users`.
#[derive(Serialize)]
pub(super) struct User<'a> {
    name: &'a str,
    shell: &'static str,
    /// As one string: 0.7.9 and the schema of 25.x take it.
    sudo: &'static str,
    lock_passwd: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    passwd: Option<&'a str>,
    ssh_authorized_keys: &'a [String],
}

impl Login {
    /// Whether the image has no other user than root: only then root is not shut out.
    pub(super) fn is_root(&self) -> bool {
        self.name == "root"
    }

    pub(super) fn user(&self) -> Result<User<'_>, Error> {
        if !is_user_name(&self.name) {
            return Err(Error::UserName(self.name.clone()));
        }
        if let Some(key) = self.authorized_keys.iter().find(|key| !is_one_line(key)) {
            return Err(Error::AuthorizedKey(key.clone()));
        }
        if self.password_hash.as_deref().is_some_and(|hash| !is_sha512_crypt(hash)) {
            return Err(Error::PasswordHash);
        }
        Ok(User {
            name: &self.name,
            shell: "/bin/bash",
            sudo: "ALL=(ALL) NOPASSWD:ALL",
            lock_passwd: self.password_hash.is_none(),
            passwd: self.password_hash.as_deref(),
            ssh_authorized_keys: &self.authorized_keys,
        })
    }
}

/// Whether a login can be called so: useradd(8) takes it on every distribution.
pub fn is_user_name(name: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    name.len() <= MAX_NAME_LENGTH
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(letters)
}

fn is_one_line(key: &str) -> bool {
    !key.trim().is_empty() && !key.chars().any(char::is_control)
}

fn is_sha512_crypt(hash: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=');
    hash.starts_with(SHA512_CRYPT) && hash.len() >= SHORTEST_HASH && hash.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login {
            name: "debian".to_owned(),
            authorized_keys: vec!["ssh-ed25519 AAAA me".to_owned()],
            password_hash: None,
        }
    }

    #[test]
    fn a_password_is_locked_unless_there_is_one() {
        assert!(login().user().unwrap().lock_passwd);
        let hash = format!("$6$saltsalt${}", "a".repeat(86));
        let with_password = Login { password_hash: Some(hash.clone()), ..login() };
        let user = with_password.user().unwrap();
        assert_eq!((user.lock_passwd, user.passwd), (false, Some(hash.as_str())));
    }

    #[test]
    fn names_keys_and_hashes_are_checked() {
        for name in ["", "-debian", "Debian", "a b", "1a", "debian:x", &"a".repeat(33)] {
            let login = Login { name: name.to_owned(), ..login() };
            assert!(matches!(login.user(), Err(Error::UserName(_))), "{name:?}");
        }
        for key in ["", " ", "ssh-ed25519 AAAA\nssh-ed25519 BBBB"] {
            let login = Login { authorized_keys: vec![key.to_owned()], ..login() };
            assert!(matches!(login.user(), Err(Error::AuthorizedKey(_))), "{key:?}");
        }
        for hash in ["secret", "$6$short", &format!("$y$saltsalt${}", "a".repeat(86))] {
            let login = Login { password_hash: Some(hash.to_owned()), ..login() };
            assert!(matches!(login.user(), Err(Error::PasswordHash)), "{hash:?}");
        }
    }
}
