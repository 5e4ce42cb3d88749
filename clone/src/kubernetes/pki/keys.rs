//! RSA keys, from `openssl`.

use kiln_tool::Program;
use rcgen::KeyPair;

use super::PkiError;

/// The program that makes the keys.
pub const OPENSSL: Program = Program::new("openssl", "openssl");
/// The length of the keys: kubeadm's own (`pki_helpers.go`, `rsaKeySize`).
const LENGTH: &str = "rsa_keygen_bits:2048";

/// The first line of a key as PEM (RFC 7468, section 10).
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";

/// Four private keys as PEM (PKCS #8), made all at once. They exist in memory only.
pub(super) async fn generate() -> Result<[String; 4], PkiError> {
    let openssl = OPENSSL.find()?;
    let generate = async |number: usize| {
        let step = format!("making key {} of the cluster", number + 1);
        openssl.invoke(step).args(["genpkey", "-algorithm", "RSA", "-pkeyopt", LENGTH]).parse(pem).await
    };
    let (one, two, three, four) = tokio::try_join!(generate(0), generate(1), generate(2), generate(3))?;
    Ok([one, two, three, four])
}

/// The key as text. What begins as a key is one or is damaged, and must not be quoted in an error: that is noticed where
/// the key is used.
fn pem(said: &[u8]) -> Result<String, &'static str> {
    // PEM is ASCII.
    let text = String::from_utf8_lossy(said);
    if text.starts_with(BEGIN) { Ok(text.into_owned()) } else { Err("it is no private key") }
}

/// The public half of a key, as PEM (SubjectPublicKeyInfo).
pub(super) fn public(key: &str) -> Result<String, PkiError> {
    let failed = |source| PkiError::Certificate { what: "the service accounts".to_owned(), source };
    Ok(KeyPair::from_pem(key).map_err(failed)?.public_key_pem())
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::{assert_explains, assert_understands_no_nonsense};

    use super::*;

    #[tokio::test]
    async fn keys_that_cannot_be_made_are_explained() {
        let doing = [" of the cluster", "genpkey -algorithm RSA"];
        assert_explains(("openssl", "openssl"), &doing, generate).await;
        assert_understands_no_nonsense("openssl", &doing, generate).await;
    }
}
