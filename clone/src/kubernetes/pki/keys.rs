//! RSA keys, from `openssl`.

use kiln_tool::Program;
use rcgen::KeyPair;

use super::PkiError;

/// The program that makes the keys.
pub const OPENSSL: Program = Program::new("openssl", "openssl");
/// The length of the keys: kubeadm's own (`pki_helpers.go`, `rsaKeySize`).
const LENGTH: &str = "rsa_keygen_bits:2048";

/// Four private keys as PEM (PKCS #8), made all at once. They exist in memory only.
pub(super) async fn generate() -> Result<[String; 4], PkiError> {
    let openssl = OPENSSL.find()?;
    let generate = async |number: usize| {
        let step = format!("making key {} of the cluster", number + 1);
        openssl.invoke(step).args(["genpkey", "-algorithm", "RSA", "-pkeyopt", LENGTH]).output().await
    };
    let (one, two, three, four) = tokio::try_join!(generate(0), generate(1), generate(2), generate(3))?;
    // PEM is ASCII; anything else is refused where it is read as a key.
    Ok([one, two, three, four].map(|pem| String::from_utf8_lossy(&pem).into_owned()))
}

/// The public half of a key, as PEM (SubjectPublicKeyInfo).
pub(super) fn public(key: &str) -> Result<String, PkiError> {
    let failed = |source| PkiError::Certificate { what: "the service accounts".to_owned(), source };
    Ok(KeyPair::from_pem(key).map_err(failed)?.public_key_pem())
}
