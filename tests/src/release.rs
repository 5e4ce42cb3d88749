//! An archive with a mesh in it, laid out like a release of Istio: `fixtures/mesh`, with a certificate that is made for it.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::TestHome;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mesh");
/// What the API server calls the webhook.
const HOST: &str = "mesh-injector.mesh-system.svc";

/// Packs the archive, and writes the lab file of `fixtures/mesh` beside it. Returns the path of that.
pub fn lab_with_mesh(home: &TestHome) -> Utf8PathBuf {
    let (work, fixtures) = (home.work(), Utf8Path::new(FIXTURES));
    run(Command::new("cp").args(["-r", fixtures.join("release-1.0").as_str(), work.as_str()]));
    let demo = work.join("release-1.0/install/demo.yaml");
    let (certificate, key) = certificate(&work);
    let script = fs::read_to_string(fixtures.join("inject.py")).unwrap();
    let script: String = script.lines().map(|line| format!("    {line}\n")).collect();
    let text = fs::read_to_string(&demo).unwrap();
    let text = text.replace("@INJECT@\n", &script).replace("@CERTIFICATE@", &certificate).replace("@KEY@", &key);
    fs::write(&demo, text).unwrap();
    let archive = work.join("release-1.0.tar.gz");
    run(Command::new("tar").args(["-C", work.as_str(), "-czf", archive.as_str(), "release-1.0"]));
    let lab = work.join("shop.yaml");
    fs::copy(fixtures.join("lab.yaml"), &lab).unwrap();
    lab
}

/// A certificate that signs itself, and its key: both in base64, as Kubernetes has them.
fn certificate(work: &Utf8Path) -> (String, String) {
    let (certificate, key) = (work.join("tls.crt"), work.join("tls.key"));
    let (subject, name) = (format!("/CN={HOST}"), format!("subjectAltName=DNS:{HOST}"));
    let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject, "-addext", &name];
    run(Command::new("openssl").args(request).args(["-keyout", key.as_str(), "-out", certificate.as_str()]));
    let base64 = |path: &Utf8Path| run(Command::new("base64").args(["-w", "0", path.as_str()]));
    (base64(&certificate), base64(&key))
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
