use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use kiln_images::home::Home;

use super::*;
use crate::kubernetes::NodeFile;
use crate::kubernetes::cluster::tests::cluster;

fn folder() -> (tempfile::TempDir, LabFolder) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(Utf8Path::from_path(folder.path()).unwrap().join("kiln")).unwrap();
    let lab = LabFolder::new(&home, &"lab".parse().unwrap());
    fs::create_dir(lab.root()).unwrap();
    (folder, lab)
}

/// What `openssl` says; it must end well.
fn openssl(words: &[&str]) -> String {
    let output = Command::new("openssl").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn write(root: &Utf8Path, files: &[NodeFile]) {
    for file in files {
        let path = root.join(file.path.as_str().trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.content).unwrap();
    }
}

#[tokio::test]
async fn keys_are_made_once_and_for_the_owner_alone() {
    let (_guard, folder) = folder();
    fs::create_dir(folder.pki().with_extension("half")).unwrap();
    let first = Pki::open(&folder).await.unwrap();
    let second = Pki::open(&folder).await.unwrap();
    assert_eq!(first.discovery_hash(), second.discovery_hash());
    assert_eq!(first.token, second.token);
    assert_eq!(first.cluster.certificate(), second.cluster.certificate());
    for (path, mode) in [("", 0o700), ("etcd", 0o700), ("ca.key", 0o600), ("etcd/ca.key", 0o600), ("token", 0o600)] {
        let metadata = fs::metadata(folder.pki().join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
    assert!(!folder.pki().with_extension("half").exists());
    discard(&folder).unwrap();
    discard(&folder).unwrap();
    assert_ne!(Pki::open(&folder).await.unwrap().discovery_hash(), first.discovery_hash());
}

#[tokio::test]
async fn the_discovery_hash_is_that_of_the_public_key() {
    let (_guard, folder) = folder();
    let pki = Pki::open(&folder).await.unwrap();
    let certificate = folder.pki().join("ca.crt");
    let public = openssl(&["x509", "-noout", "-pubkey", "-in", certificate.as_str()]);
    let base64: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    let der = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
    assert_eq!(pki.discovery_hash(), Digest::of_bytes(&der).to_string());
}

#[tokio::test]
async fn every_certificate_is_signed_by_its_authority_and_says_what_it_should() {
    let (_guard, folder) = folder();
    let cluster = cluster();
    Pki::open(&folder).await.unwrap();
    // Read from its files, an authority signs as the one that was made.
    let files = Pki::open(&folder).await.unwrap().for_init(&cluster, &cluster.members[0]).unwrap();
    write(folder.root(), &files);
    let kubernetes = folder.root().join("etc/kubernetes/pki");
    for (authority, certificate, subject) in [
        ("ca.crt", "apiserver.crt", "CN = kube-apiserver"),
        ("ca.crt", "apiserver-kubelet-client.crt", "O = system:masters, CN = kube-apiserver-kubelet-client"),
        ("front-proxy-ca.crt", "front-proxy-client.crt", "CN = front-proxy-client"),
        ("etcd/ca.crt", "etcd/server.crt", "CN = zulu"),
        ("etcd/ca.crt", "etcd/peer.crt", "CN = zulu"),
        ("etcd/ca.crt", "etcd/healthcheck-client.crt", "O = system:masters, CN = kube-etcd-healthcheck-client"),
        ("etcd/ca.crt", "apiserver-etcd-client.crt", "O = system:masters, CN = kube-apiserver-etcd-client"),
        ("ca.crt", "../../../var/lib/kubelet/pki/kubelet.crt", "O = system:nodes, CN = system:node:zulu"),
    ] {
        let (authority, certificate) = (kubernetes.join(authority), kubernetes.join(certificate));
        openssl(&["verify", "-x509_strict", "-CAfile", authority.as_str(), certificate.as_str()]);
        let said = openssl(&["x509", "-noout", "-subject", "-in", certificate.as_str()]);
        assert_eq!(said.trim(), format!("subject={subject}"));
    }
    let names =
        openssl(&["x509", "-noout", "-ext", "subjectAltName", "-in", kubernetes.join("apiserver.crt").as_str()]);
    for name in ["DNS:zulu", "DNS:kubernetes.default.svc.cluster.local", "IP Address:10.96.0.1", "IP Address:127.0.0.1"]
    {
        assert!(names.contains(name), "{name}: {names}");
    }
}

#[tokio::test]
async fn every_node_gets_what_its_role_needs_and_no_more() {
    let (_guard, folder) = folder();
    let mut cluster = cluster();
    let pki = Pki::open(&folder).await.unwrap();
    let names = |files: &[NodeFile]| files.iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    let worker = names(&pki.for_join(&cluster, &cluster.members[1]).unwrap());
    assert_eq!(worker, ["/var/lib/kubelet/pki/kubelet.crt", "/var/lib/kubelet/pki/kubelet.key"]);
    let has = |files: &[String], name: &str| files.iter().any(|file| file == &format!("/etc/kubernetes/{name}"));

    let first = names(&pki.for_init(&cluster, &cluster.members[0]).unwrap());
    for (name, expected) in [("kubelet.conf", true), ("admin.conf", true), ("super-admin.conf", false)] {
        assert_eq!(has(&first, name), expected, "{name}");
    }
    // A joining control plane's kubelet asks for its own certificate, and kubeadm refuses one that is there.
    let joining = names(&pki.for_join(&cluster, &cluster.members[0]).unwrap());
    assert!(has(&joining, "pki/sa.key") && has(&joining, "pki/apiserver.crt") && !has(&joining, "kubelet.conf"));

    cluster.version = "1.36.1".parse().unwrap();
    assert!(has(&names(&pki.for_init(&cluster, &cluster.members[0]).unwrap()), "super-admin.conf"));
    cluster.version = "1.12.6".parse().unwrap();
    let old = names(&pki.for_init(&cluster, &cluster.members[0]).unwrap());
    assert!(has(&old, "pki/ca.key") && !has(&old, "pki/apiserver.crt") && !has(&old, "admin.conf"), "{old:?}");
}

#[tokio::test]
async fn secrets_are_neither_shown_nor_readable() {
    let (_guard, folder) = folder();
    let cluster = cluster();
    let pki = Pki::open(&folder).await.unwrap();
    for file in pki.for_init(&cluster, &cluster.members[0]).unwrap() {
        let secret = String::from_utf8(file.content.clone()).unwrap().contains("PRIVATE KEY");
        let secret = secret || file.path.extension() == Some("conf");
        assert_eq!(file.mode, if secret { 0o600 } else { 0o644 }, "{}", file.path);
    }
    assert!(!format!("{pki:?}{:?}", pki.host().unwrap()).contains("PRIVATE"));
}

#[tokio::test]
async fn damaged_keys_are_named() {
    let (_guard, folder) = folder();
    Pki::open(&folder).await.unwrap();
    fs::write(folder.pki().join("token"), "not a token").unwrap();
    let error = Pki::open(&folder).await.unwrap_err().to_string();
    assert!(error.contains("pki/token"), "{error}");
    fs::write(folder.pki().join("ca.key"), "not a key").unwrap();
    let error = Pki::open(&folder).await.unwrap_err().to_string();
    assert!(error.contains("kubernetes"), "{error}");
}
