//! An authority that signs certificates, and what it signs.

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType, date_time_ymd,
};

use super::PkiError;

/// How long before it is made a certificate begins to be good: the clock of a node may be that far behind.
const SLACK: Duration = Duration::from_secs(24 * 3600);
/// How long certificates are good: kubeadm's own figures (`constants.go`, `CertificateValidity`, and `NewSelfSignedCACert`).
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
const AUTHORITY_YEARS: u32 = 10;
/// How long the certificates are good with which the programs of a cluster prove themselves.
pub const LEAF_LIFE: Duration = YEAR;

/// A certificate authority: its certificate and its private key. `Debug` shows its name only.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
    name: &'static str,
}

/// A certificate with its private key, both as PEM. `Debug` does not show the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The certificate.
    pub certificate: String,
    /// The private key (PKCS #8).
    pub key: String,
}

/// What a certificate says.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject<'a> {
    /// Who: a user's name, or a server's.
    pub common_name: &'a str,
    /// The group of a user.
    pub organization: Option<&'static str>,
    /// Whether a server shows it, and under which names.
    pub server: Option<Vec<String>>,
    /// Whether a client shows it.
    pub client: bool,
}

impl Authority {
    /// Makes the authority `name` with this private key, an RSA key as PEM.
    pub(super) fn new(name: &'static str, key: &str) -> Result<(Self, Credentials), PkiError> {
        let failed = |source| PkiError::Certificate { what: name.to_owned(), source };
        let pair = KeyPair::from_pem(key).map_err(failed)?;
        let certificate = parameters(name).self_signed(&pair).map_err(failed)?.pem();
        let authority = Self { certificate, issuer: Issuer::new(parameters(name), pair), name };
        let credentials = Credentials { certificate: authority.certificate.clone(), key: key.to_owned() };
        Ok((authority, credentials))
    }

    /// The authority `name` that was made before.
    pub(super) fn read(name: &'static str, credentials: Credentials) -> Result<Self, PkiError> {
        let failed = |source| PkiError::Certificate { what: name.to_owned(), source };
        let pair = KeyPair::from_pem(&credentials.key).map_err(failed)?;
        let issuer = Issuer::new(parameters(name), pair);
        Ok(Self { certificate: credentials.certificate, issuer, name })
    }

    /// Its certificate, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its private key, as PEM.
    pub(super) fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Its public key as DER (SubjectPublicKeyInfo, RFC 5280).
    pub(super) fn public_key(&self) -> Vec<u8> {
        self.issuer.key().subject_public_key_info()
    }

    /// Signs a certificate for a new key. ECDSA keys (P-256) cost nothing to make, and less than RSA's to sign with in every
    /// handshake on an emulated processor.
    pub(super) fn sign(&self, subject: &Subject<'_>) -> Result<Credentials, PkiError> {
        let sign = || {
            let key = KeyPair::generate()?;
            let certificate = subject.parameters()?.signed_by(&key, &self.issuer)?;
            Ok(Credentials { certificate: certificate.pem(), key: key.serialize_pem() })
        };
        sign().map_err(|source| PkiError::Certificate { what: subject.common_name.to_owned(), source })
    }
}

impl Subject<'_> {
    fn parameters(&self) -> Result<CertificateParams, rcgen::Error> {
        let names = self.server.iter().flatten().map(|name| match name.parse::<IpAddr>() {
            Ok(address) => Ok(SanType::IpAddress(address)),
            Err(_) => Ok(SanType::DnsName(name.as_str().try_into()?)),
        });
        let mut parameters = CertificateParams::default();
        parameters.subject_alt_names = names.collect::<Result<_, rcgen::Error>>()?;
        parameters.distinguished_name = DistinguishedName::new();
        if let Some(organization) = self.organization {
            parameters.distinguished_name.push(DnType::OrganizationName, organization);
        }
        parameters.distinguished_name.push(DnType::CommonName, self.common_name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if self.server.is_some() {
            parameters.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        }
        if self.client {
            parameters.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        }
        parameters.use_authority_key_identifier_extension = true;
        set_validity(&mut parameters, LEAF_LIFE);
        Ok(parameters)
    }
}

/// What the certificate of an authority says. Made again for the same name, it says the same, but for the times: that is
/// how an authority that is read signs as the one that was made.
fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages =
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::KeyCertSign];
    set_validity(&mut parameters, YEAR * AUTHORITY_YEARS);
    parameters
}

fn set_validity(parameters: &mut CertificateParams, length: Duration) {
    // A clock before 1970 makes certificates that begin then; they are good as long.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let epoch = date_time_ymd(1970, 1, 1);
    parameters.not_before = epoch + now.saturating_sub(SLACK);
    parameters.not_after = epoch + now + length;
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({})", self.name)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}
