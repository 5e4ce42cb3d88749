//! Signatures of checksum files, verified by `gpgv` with a keyring that came with the recipe, and a fingerprint that is
//! written in it.

use std::fmt;
use std::fs;
use std::str::FromStr;

use camino::Utf8PathBuf;
use data_encoding::BASE64;
use kiln_tool::Program;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::DownloadError;
use super::source::Url;
use crate::home::Home;
use crate::scratch::Scratch;
use crate::{At, durable};

const GPGV: Program = Program::new("gpgv", "gpgv");

/// The largest keyring that is read.
const KEYRING_MAX: u64 = 1 << 20;

/// Who must have signed a checksum file, and how.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The publisher's public key, armoured or not.
    pub keyring: Utf8PathBuf,
    /// The fingerprint of the key: the keyring may hold others.
    pub fingerprint: Fingerprint,
    /// The signature, where it is a file of its own; otherwise the checksum file is clear-signed.
    pub detached: Option<Url>,
}

/// The fingerprint of an OpenPGP key: 40 (version 4) or 64 (version 5) hexadecimal digits. Spaces between them are
/// ignored, as publishers write them in groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Fingerprint(String);

/// A text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fingerprint: write all 40 hexadecimal digits (a short key id can be forged)")]
pub struct InvalidFingerprint(String);

/// What is to be verified.
pub(super) enum Form {
    Clear(Vec<u8>),
    Detached { signature: Vec<u8>, data: Vec<u8> },
}

/// Returns the text that was signed, and nothing else of the file.
pub(super) async fn verify(home: &Home, form: Form, by: &Signature, url: &Url) -> Result<Vec<u8>, DownloadError> {
    let gpgv = GPGV.find()?;
    let scratch = Scratch::new(home)?;
    let file = |name: &str| scratch.path().join(name);
    let put = |name: &str, bytes: &[u8]| fs::write(file(name), bytes).at("writing", &file(name));
    put("keyring", &dearmoured(&durable::read_limited(&by.keyring, KEYRING_MAX)?))?;
    let mut gpgv = gpgv.invoke(format!("verifying the signature of {url}")).env("LC_ALL", "C");
    gpgv = gpgv.args(["--homedir", scratch.path().as_str(), "--keyring", file("keyring").as_str(), "--status-fd", "1"]);
    let is_clear = match &form {
        Form::Clear(signed) => {
            put("signed", signed)?;
            gpgv = gpgv.args(["--output", file("text").as_str(), "--", file("signed").as_str()]);
            true
        }
        Form::Detached { signature, data } => {
            put("signature", signature)?;
            put("data", data)?;
            gpgv = gpgv.args(["--", file("signature").as_str(), file("data").as_str()]);
            false
        }
    };
    let outcome = gpgv.outcome().await?;
    if !is_signed_by(&String::from_utf8_lossy(&outcome.stdout), &by.fingerprint, is_clear) {
        let found =
            if outcome.code == 0 { outcome.not_understood("no good signature of the key") } else { outcome.failed() };
        return Err(DownloadError::Signature {
            url: url.clone(),
            fingerprint: by.fingerprint.clone(),
            source: Box::new(found),
        });
    }
    match form {
        Form::Clear(_) => Ok(durable::read_limited(&file("text"), u64::MAX)?),
        Form::Detached { data, .. } => Ok(data),
    }
}

/// Reads the status lines of gpgv (GnuPG, `doc/DETAILS`): a `GOODSIG`, which an expired or revoked key does not get,
/// and its `VALIDSIG` with the full fingerprint of the key (first) and of its primary key (last); no bad signature
/// besides; and the signed text inside the file (`PLAINTEXT`) exactly where it should be: given a clear-signed file
/// as the detached signature of another file, gpgv only warns that the other file was not verified.
fn is_signed_by(status: &str, fingerprint: &Fingerprint, is_clear: bool) -> bool {
    let (mut good, mut signed, mut texts) = (false, false, 0);
    for line in status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] ")) {
        let mut words = line.split(' ');
        match words.next() {
            Some("NEWSIG") => good = false,
            Some("GOODSIG") => good = true,
            Some("VALIDSIG") => {
                let keys: Vec<_> = words.collect();
                let ours = [keys.first(), keys.last()].into_iter().flatten().any(|key| **key == fingerprint.0);
                signed |= good && ours;
            }
            Some("PLAINTEXT") => texts += 1,
            Some("BADSIG") => return false,
            _ => {}
        }
    }
    signed && texts == usize::from(is_clear)
}

/// gpgv only reads binary keyrings; publishers give armoured ones (RFC 9580, 6.2: headers, an empty line, base64, a
/// checksum that begins with `=`).
fn dearmoured(keyring: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(keyring);
    if !text.trim_start().starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        return keyring.to_vec();
    }
    let lines = text.lines().map(str::trim).skip_while(|line| !line.is_empty());
    let body: String = lines.take_while(|line| !line.starts_with(['-', '='])).collect();
    // What cannot be decoded is given to gpgv as it is, which says what is wrong with it.
    BASE64.decode(body.as_bytes()).unwrap_or_else(|_| keyring.to_vec())
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let is_whole = matches!(digits.len(), 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_whole { Ok(Self(digits)) } else { Err(InvalidFingerprint(text.to_owned())) }
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = InvalidFingerprint;

    fn try_from(text: String) -> Result<Self, InvalidFingerprint> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use camino::Utf8Path;
    use kiln_tool::testing::{assert_explains, assert_understands_no_nonsense};

    use super::*;

    /// The key in `fixtures/test-key.*`, made with a faked time (2020) so that no clock finds it in the future.
    pub(crate) const FINGERPRINT: &str = "F812 572C ED9E 7318 B845  801A 1EC3 48FB F31F E0B0";

    const SUMS: &[u8] = include_bytes!("../../fixtures/SHA256SUMS");
    const CLEAR: &[u8] = include_bytes!("../../fixtures/SHA256SUMS.asc");
    const DETACHED: &[u8] = include_bytes!("../../fixtures/SHA256SUMS.sig");
    const OTHER: &[u8] = include_bytes!("../../fixtures/SHA256SUMS.other.asc");

    pub(crate) fn fixture(name: &str) -> Utf8PathBuf {
        Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
    }

    async fn check(form: Form, keyring: &str, fingerprint: &str) -> Result<Vec<u8>, DownloadError> {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("home")).unwrap();
        let fingerprint = fingerprint.parse().unwrap();
        let by = Signature { keyring: fixture(keyring), fingerprint, detached: None };
        verify(&home, form, &by, &"https://example.org/SHA256SUMS".parse().unwrap()).await
    }

    fn detached(signature: &[u8], data: &[u8]) -> Form {
        Form::Detached { signature: signature.to_vec(), data: data.to_vec() }
    }

    #[tokio::test]
    async fn good_signatures_yield_the_signed_text() {
        for keyring in ["test-key.gpg", "test-key.asc"] {
            let mut wrapped = b"evil  disk.qcow2\n".to_vec();
            wrapped.extend_from_slice(CLEAR);
            for form in [Form::Clear(CLEAR.to_vec()), Form::Clear(wrapped), detached(DETACHED, SUMS)] {
                assert_eq!(check(form, keyring, FINGERPRINT).await.unwrap(), SUMS);
            }
        }
    }

    #[tokio::test]
    async fn everything_else_is_refused() {
        let altered = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("other.qcow2", "wrong.qcow2").into_bytes();
        for (form, what) in [
            (Form::Clear(altered(CLEAR)), "altered text"),
            (Form::Clear(SUMS.to_vec()), "no signature"),
            (Form::Clear(Vec::new()), "an empty file"),
            (Form::Clear(OTHER.to_vec()), "another key"),
            (detached(DETACHED, &altered(SUMS)), "altered data"),
            (detached(CLEAR, &altered(SUMS)), "a signature of something else"),
        ] {
            let error = check(form, "test-key.gpg", FINGERPRINT).await.unwrap_err();
            assert!(matches!(error, DownloadError::Signature { .. }), "{what}: {error}");
        }
        let other_key = check(Form::Clear(CLEAR.to_vec()), "test-key.gpg", &"A".repeat(40)).await;
        assert!(other_key.unwrap_err().to_string().contains(&"A".repeat(40)));
    }

    #[tokio::test]
    async fn what_gpgv_said_comes_with_the_refusal() {
        let verify = async || check(Form::Clear(CLEAR.to_vec()), "test-key.gpg", FINGERPRINT).await;
        let doing = ["verifying the signature of https://example.org/SHA256SUMS"];
        assert_explains(("gpgv", "gpgv"), &doing, verify).await;
        assert_understands_no_nonsense("gpgv", &doing, verify).await;
    }

    #[test]
    fn expired_and_revoked_keys_are_refused() {
        let fingerprint: Fingerprint = FINGERPRINT.parse().unwrap();
        let valid = format!("[GNUPG:] VALIDSIG {fingerprint} 2020-01-01 1577836800 0 4 0 22 8 00 {fingerprint}");
        for (status, expected) in [
            (format!("[GNUPG:] GOODSIG 1EC348FBF31FE0B0 Kiln\n{valid}"), true),
            (format!("[GNUPG:] EXPKEYSIG 1EC348FBF31FE0B0 Kiln\n{valid}"), false),
            (format!("[GNUPG:] REVKEYSIG 1EC348FBF31FE0B0 Kiln\n{valid}"), false),
            (format!("[GNUPG:] GOODSIG 0 Other\n[GNUPG:] NEWSIG\n{valid}"), false),
            (valid.replace("[GNUPG:] ", "gpgv: [GNUPG:] "), false),
        ] {
            assert_eq!(is_signed_by(&status, &fingerprint, false), expected, "{status}");
        }
    }

    #[test]
    fn short_key_ids_are_no_fingerprints() {
        for text in ["", "F31FE0B0", "1EC348FBF31FE0B0", &"G".repeat(40)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
