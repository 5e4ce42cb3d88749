//! What of the keys and certificates a node gets.

use camino::Utf8PathBuf;

use super::authority::{Authority, Credentials, Subject};
use super::{MASTERS, Pki, PkiError};
use crate::kubernetes::NodeFile;
use crate::kubernetes::cluster::{API_PORT, Cluster, Member};
use crate::kubernetes::kubeconfig::Access;

/// Where kubeadm keeps certificates and kubeconfigs (`constants.go`).
const KUBERNETES: &str = "/etc/kubernetes";
/// Where a kubelet looks for the certificate it shows (`--cert-dir`): it makes one that nobody can check where there is
/// none, from two RSA keys.
const KUBELET: &str = "/var/lib/kubelet/pki";
/// The administrators' group, from 1.29 on.
const ADMINS: &str = "kubeadm:cluster-admins";

impl Pki {
    /// What the first control-plane node gets before `kubeadm init`: the authorities and, where kubeadm takes ECDSA keys,
    /// every certificate and kubeconfig it would otherwise make itself (`phases/certs`, `phases/kubeconfig`: what is there
    /// and right is used).
    ///
    /// # Errors
    /// [`PkiError`]
    pub fn for_init(&self, cluster: &Cluster, node: &Member) -> Result<Vec<NodeFile>, PkiError> {
        let mut files = self.for_control_plane(cluster, node)?;
        if cluster.version.reads_ecdsa_keys() {
            let server = format!("https://{}", cluster.endpoint());
            let user = format!("system:node:{}", node.name);
            files.push(self.kubeconfig(cluster, "kubelet.conf", &server, &user, "system:nodes")?);
        }
        Ok(files)
    }

    /// What a node gets before `kubeadm join`. A worker gets no authority's certificate: kubeadm fetches that itself, and
    /// refuses one that is there.
    ///
    /// # Errors
    /// [`PkiError`]
    pub fn for_join(&self, cluster: &Cluster, node: &Member) -> Result<Vec<NodeFile>, PkiError> {
        match node.role {
            crate::lab::Role::ControlPlane => self.for_control_plane(cluster, node),
            crate::lab::Role::Worker => self.for_kubelet(node),
        }
    }

    fn for_control_plane(&self, cluster: &Cluster, node: &Member) -> Result<Vec<NodeFile>, PkiError> {
        let mut files = self.for_kubelet(node)?;
        for (name, authority) in [("ca", &self.cluster), ("etcd/ca", &self.etcd), ("front-proxy-ca", &self.front_proxy)]
        {
            let certificate = authority.certificate().to_owned();
            files.extend(pair(in_pki(name), Credentials { certificate, key: authority.key() }));
        }
        files.push(NodeFile::public(format!("{KUBERNETES}/pki/sa.pub"), self.service_account.public.as_str()));
        files.push(NodeFile::secret(format!("{KUBERNETES}/pki/sa.key"), self.service_account.private.as_str()));
        if cluster.version.reads_ecdsa_keys() {
            for (name, authority, subject) in self.certificates(cluster, node) {
                files.extend(pair(in_pki(name), authority.sign(&subject)?));
            }
            files.extend(self.kubeconfigs(cluster, node)?);
        }
        Ok(files)
    }

    /// The certificate that the kubelet of a node shows, signed by the cluster's authority.
    fn for_kubelet(&self, node: &Member) -> Result<Vec<NodeFile>, PkiError> {
        let user = format!("system:node:{}", node.name);
        let names = vec![node.name.to_string(), node.ip.to_string()];
        let credentials = self.cluster.sign(&Subject {
            common_name: &user,
            organization: Some("system:nodes"),
            server: Some(names),
            client: false,
        })?;
        Ok(pair(format!("{KUBELET}/kubelet").into(), credentials).into())
    }

    /// The certificates of a control-plane node, as kubeadm makes them (`phases/certs/certlist.go`).
    fn certificates<'a>(
        &'a self,
        cluster: &Cluster,
        node: &'a Member,
    ) -> [(&'static str, &'a Authority, Subject<'a>); 7] {
        let super_group = if cluster.version.has_super_admin() { ADMINS } else { MASTERS };
        let client = |common_name, organization| Subject { common_name, organization, server: None, client: true };
        let member = || Subject {
            common_name: node.name.as_str(),
            organization: None,
            server: Some(etcd_names(node)),
            client: true,
        };
        let api = Subject {
            common_name: "kube-apiserver",
            organization: None,
            server: Some(api_names(cluster, node)),
            client: false,
        };
        [
            ("apiserver", &self.cluster, api),
            ("apiserver-kubelet-client", &self.cluster, client("kube-apiserver-kubelet-client", Some(super_group))),
            ("front-proxy-client", &self.front_proxy, client("front-proxy-client", None)),
            ("etcd/server", &self.etcd, member()),
            ("etcd/peer", &self.etcd, member()),
            ("etcd/healthcheck-client", &self.etcd, client("kube-etcd-healthcheck-client", Some(MASTERS))),
            ("apiserver-etcd-client", &self.etcd, client("kube-apiserver-etcd-client", Some(MASTERS))),
        ]
    }

    /// The kubeconfigs of a control-plane node (`phases/kubeconfig/kubeconfig.go`), but for that of its kubelet.
    fn kubeconfigs(&self, cluster: &Cluster, node: &Member) -> Result<Vec<NodeFile>, PkiError> {
        let shared = format!("https://{}", cluster.endpoint());
        let own = format!("https://{}:{API_PORT}", node.ip);
        let local = if cluster.version.asks_local_api() { &own } else { &shared };
        let has_super_admin = cluster.version.has_super_admin();
        let admins = if has_super_admin { ADMINS } else { MASTERS };
        let mut files = vec![
            self.kubeconfig(cluster, "admin.conf", &shared, "kubernetes-admin", admins)?,
            self.kubeconfig(cluster, "controller-manager.conf", local, "system:kube-controller-manager", "")?,
            self.kubeconfig(cluster, "scheduler.conf", local, "system:kube-scheduler", "")?,
        ];
        if has_super_admin {
            files.push(self.kubeconfig(cluster, "super-admin.conf", &shared, "kubernetes-super-admin", MASTERS)?);
        }
        Ok(files)
    }

    fn kubeconfig(
        &self,
        cluster: &Cluster,
        file: &str,
        server: &str,
        user: &str,
        organization: &'static str,
    ) -> Result<NodeFile, PkiError> {
        let organization = Some(organization).filter(|organization| !organization.is_empty());
        let credentials =
            self.cluster.sign(&Subject { common_name: user, organization, server: None, client: true })?;
        let access = Access {
            cluster: cluster.lab.as_str(),
            context: &format!("{user}@{}", cluster.lab),
            user,
            server,
            authority: self.cluster.certificate(),
            credentials: &credentials,
        };
        Ok(NodeFile::secret(format!("{KUBERNETES}/{file}"), access.render()?))
    }
}

/// The names of an API server (`pki_helpers.go`, `GetAPIServerAltNames`).
fn api_names(cluster: &Cluster, node: &Member) -> Vec<String> {
    let own = [
        node.name.as_str(),
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];
    let addresses = [cluster.api_service_ip().to_string(), node.ip.to_string()];
    let mut names: Vec<_> = own.map(str::to_owned).into_iter().chain(addresses).collect();
    for name in cluster.api_names() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The names of an etcd member (`pki_helpers.go`, `getAltNames`).
fn etcd_names(node: &Member) -> Vec<String> {
    vec![node.name.to_string(), "localhost".to_owned(), node.ip.to_string(), "127.0.0.1".to_owned(), "::1".to_owned()]
}

fn in_pki(name: &str) -> Utf8PathBuf {
    format!("{KUBERNETES}/pki/{name}").into()
}

fn pair(path: Utf8PathBuf, credentials: Credentials) -> [NodeFile; 2] {
    [
        NodeFile::public(format!("{path}.crt"), credentials.certificate),
        NodeFile::secret(format!("{path}.key"), credentials.key),
    ]
}
