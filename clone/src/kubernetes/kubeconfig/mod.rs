//! Kubeconfigs: how a program reaches the API of a cluster, and proves who it is.

pub mod host;
pub mod merge;
pub mod users;

use data_encoding::BASE64;
use serde::Serialize;

use super::pki::Credentials;
use super::yaml::{self, YamlError};

/// Where a cluster is, and who asks it.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// What the cluster is called in the file.
    pub cluster: &'a str,
    /// What the pair of cluster and user is called.
    pub context: &'a str,
    /// What the user is called.
    pub user: &'a str,
    /// The URL of the API.
    pub server: &'a str,
    /// The certificate of the authority that has signed the API's, as PEM.
    pub authority: &'a str,
    /// Who asks.
    pub credentials: &'a Credentials,
}

/// The file (Kubernetes, `client-go/tools/clientcmd/api/v1`).
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Config<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    clusters: [NamedCluster<'a>; 1],
    users: [NamedUser<'a>; 1],
    contexts: [NamedContext<'a>; 1],
    current_context: &'a str,
}

#[derive(Serialize)]
struct NamedCluster<'a> {
    name: &'a str,
    cluster: ClusterEntry<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ClusterEntry<'a> {
    server: &'a str,
    certificate_authority_data: String,
}

#[derive(Serialize)]
struct NamedUser<'a> {
    name: &'a str,
    user: UserEntry,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct UserEntry {
    client_certificate_data: String,
    client_key_data: String,
}

#[derive(Serialize)]
struct NamedContext<'a> {
    name: &'a str,
    context: ContextEntry<'a>,
}

#[derive(Serialize)]
struct ContextEntry<'a> {
    cluster: &'a str,
    user: &'a str,
}

impl Access<'_> {
    /// The text of a kubeconfig with this one way to one cluster. It holds a private key.
    ///
    /// # Errors
    /// [`YamlError`]
    pub fn render(&self) -> Result<String, YamlError> {
        let cluster =
            ClusterEntry { server: self.server, certificate_authority_data: BASE64.encode(self.authority.as_bytes()) };
        let user = UserEntry {
            client_certificate_data: BASE64.encode(self.credentials.certificate.as_bytes()),
            client_key_data: BASE64.encode(self.credentials.key.as_bytes()),
        };
        let context = ContextEntry { cluster: self.cluster, user: self.user };
        let config = Config {
            api_version: "v1",
            kind: "Config",
            clusters: [NamedCluster { name: self.cluster, cluster }],
            users: [NamedUser { name: self.user, user }],
            contexts: [NamedContext { name: self.context, context }],
            current_context: self.context,
        };
        yaml::write("a kubeconfig", &config)
    }
}
