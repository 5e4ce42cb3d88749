//! The token that a joining node shows.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;
use uuid::Uuid;

/// Bootstrap tokens: `id.secret`, six and sixteen characters of `a-z0-9` (Kubernetes, "Authenticating with Bootstrap
/// Tokens"). `Debug` shows the public half only.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    id: String,
    secret: String,
}

/// A text that is no bootstrap token. The text is not repeated: it can be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no bootstrap token: six and sixteen characters of a-z and 0-9 with a dot between are needed")]
pub struct InvalidToken;

/// The letters of a token: 32 of the 36 that are allowed, so that five random bits choose one.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const ID: usize = 6;
const SECRET: usize = 16;

impl Token {
    /// Draws a token.
    pub fn generate() -> Self {
        // Two version 4 UUIDs hold 244 random bits; their bytes 6 and 8 are not all random (RFC 9562) and are left out.
        let bytes = [Uuid::new_v4(), Uuid::new_v4()].into_iter().flat_map(Uuid::into_bytes).enumerate();
        let random = bytes.filter(|(index, _)| !matches!(index % 16, 6 | 8));
        let letters: String = random.map(|(_, byte)| char::from(LETTERS[usize::from(byte & 31)])).collect();
        Self { id: letters[..ID].to_owned(), secret: letters[ID..ID + SECRET].to_owned() }
    }

    /// The half that is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole token. It is a secret: who has it can join.
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.id, self.secret)
    }

    /// The signature by which a node that has the token knows that the cluster says this: a JWS with detached content
    /// (RFC 7515, appendix F), exactly as kube-controller-manager's `bootstrapsigner` makes it
    /// (cluster-bootstrap, `token/jws`).
    pub fn sign(&self, content: &str) -> String {
        let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, self.id);
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(content.as_bytes()));
        format!("{}..{}", encode(header.as_bytes()), encode(&hmac_sha256(self.secret.as_bytes(), signed.as_bytes())))
    }

    /// The object that makes the cluster take the token until `expires`, for `kubectl apply`. It is what `kubeadm token
    /// create` makes (kubeadm, `apis/bootstraptoken`), and applied again, it prolongs the token.
    pub fn manifest(&self, expires: Timestamp) -> serde_json::Value {
        let expires = Timestamp::from_second(expires.as_second()).unwrap_or(expires);
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "bootstrap.kubernetes.io/token",
            "metadata": { "name": format!("bootstrap-token-{}", self.id), "namespace": "kube-system" },
            "stringData": {
                "token-id": self.id,
                "token-secret": self.secret,
                "expiration": expires.to_string(),
                "usage-bootstrap-authentication": "true",
                "usage-bootstrap-signing": "true",
                "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
            },
        })
    }
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let good = |part: &str, length| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match text.split_once('.') {
            Some((id, secret)) if good(id, ID) && good(secret, SECRET) => {
                Ok(Self { id: id.to_owned(), secret: secret.to_owned() })
            }
            _ => Err(InvalidToken),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.…)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_drawn_and_read_back() {
        let token = Token::generate();
        assert_eq!(token.reveal().len(), 23);
        assert_eq!(token.reveal().parse::<Token>().unwrap(), token);
        assert_ne!(Token::generate(), token);
        assert!(!format!("{token:?}").contains(&token.secret));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["", "abcdef", "abcdef.0123456789abcde", "abcdeF.0123456789abcdef", "abcdef.0123456789abcdef\n"] {
            assert_eq!(bad.parse::<Token>(), Err(InvalidToken), "{bad:?}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4231() {
        // Test cases 1 and 2.
        for (key, message, code) in [
            (&[0x0b; 20][..], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            assert_eq!(data_encoding::HEXLOWER.encode(&hmac_sha256(key, message)), code);
        }
    }

    #[test]
    fn the_signature_is_the_one_that_kubernetes_makes() {
        // cluster-bootstrap, token/jws/jws_test.go: its content, id and secret.
        let token = Token { id: "joshua".to_owned(), secret: "my voice is my passcode".to_owned() };
        let expected = "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8";
        assert_eq!(token.sign("Hello from the other side. I must have called a thousand times."), expected);
    }

    #[test]
    fn the_manifest_is_a_bootstrap_token_secret() {
        let token: Token = "abcdef.0123456789abcdef".parse().unwrap();
        let manifest = token.manifest("2026-11-23T00:00:00.5Z".parse().unwrap());
        assert_eq!(manifest["metadata"]["name"], "bootstrap-token-abcdef");
        assert_eq!(manifest["stringData"]["expiration"], "2026-11-23T00:00:00Z");
    }
}
