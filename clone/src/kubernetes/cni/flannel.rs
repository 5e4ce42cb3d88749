//! Flannel's manifest, fitted to a lab: the addresses of its pods, and the network card between the nodes.
//!
//! Flannel takes the card of the default route unless it is told otherwise; behind QEMU's user network that has the same
//! address on every node. All documents of the manifest are kept, whatever version it is of.

use ipnet::Ipv4Net;
use kiln_document::Problems;
use serde_json::Value;

use crate::kubernetes::yaml::{self, YamlError};

/// Where the network is in the ConfigMap.
const NETWORK: &str = "net-conf.json";
/// The containers that run flanneld are told apart by the program they run, or by their name.
const PROGRAM: &str = "flanneld";

/// A manifest could not be fitted.
#[derive(Debug, thiserror::Error)]
pub enum FlannelError {
    /// It is not YAML.
    #[error("{0}")]
    Read(Box<Problems>),
    /// It lacks what is to be set.
    #[error("{manifest} is no manifest of flannel's: there is no {what} in it")]
    Missing {
        /// The manifest.
        manifest: String,
        /// What is missing.
        what: &'static str,
    },
    /// The network in it is no JSON.
    #[error("reading {NETWORK} in {manifest}")]
    Network {
        /// The manifest.
        manifest: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It could not be written again.
    #[error(transparent)]
    Write(#[from] YamlError),
}

/// Fits the manifest `text`, known as `manifest`, to a lab with these pods, whose nodes reach each other through the
/// network card `card`.
///
/// # Errors
/// [`FlannelError`]
pub fn fit(manifest: &str, text: &str, pods: Ipv4Net, card: &str) -> Result<String, FlannelError> {
    let mut documents = yaml::read(manifest, text).map_err(|problems| FlannelError::Read(Box::new(problems)))?;
    let missing = |what| FlannelError::Missing { manifest: manifest.to_owned(), what };
    let mut networks = 0;
    let mut daemons = 0;
    for document in documents.iter_mut() {
        match document["kind"].as_str() {
            Some("ConfigMap") => networks += set_network(manifest, document, pods)?,
            Some("DaemonSet") => daemons += set_card(document, card),
            _ => {}
        }
    }
    if networks == 0 {
        return Err(missing("ConfigMap with net-conf.json"));
    }
    if daemons == 0 {
        return Err(missing("DaemonSet that runs flanneld"));
    }
    let documents = documents.iter().map(|document| yaml::write("flannel's manifest", document));
    Ok(yaml::join(&documents.collect::<Result<Vec<_>, _>>()?))
}

/// Sets the addresses of pods; says how many places there were.
fn set_network(manifest: &str, config_map: &mut Value, pods: Ipv4Net) -> Result<usize, FlannelError> {
    let Some(text) = config_map["data"].get_mut(NETWORK) else { return Ok(0) };
    let failed = |source| FlannelError::Network { manifest: manifest.to_owned(), source };
    let mut network: Value = serde_json::from_str(text.as_str().unwrap_or_default()).map_err(failed)?;
    network["Network"] = pods.to_string().into();
    *text = format!("{}\n", serde_json::to_string_pretty(&network).map_err(failed)?).into();
    Ok(1)
}

/// Names the network card to every container that runs flanneld; says how many there were.
fn set_card(daemon_set: &mut Value, card: &str) -> usize {
    let containers = daemon_set["spec"]["template"]["spec"]["containers"].as_array_mut();
    let flanneld = |container: &&mut Value| {
        let words = container["command"].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.into_iter().any(|word| word.ends_with(PROGRAM))
    };
    let mut count = 0;
    for container in containers.into_iter().flatten().filter(flanneld) {
        let mut arguments: Vec<_> = container["args"].as_array().cloned().unwrap_or_default();
        arguments.retain(|argument| !argument.as_str().is_some_and(|argument| argument.starts_with("--iface")));
        arguments.push(format!("--iface={card}").into());
        container["args"] = arguments.into();
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manifest of flannel 0.11.0, as its repository has it at 62e44c86 (2019-02-15).
    const MANIFEST: &str = include_str!("../../../fixtures/kube-flannel-0.11.0.yml");

    fn pods() -> Ipv4Net {
        "10.50.0.0/16".parse().unwrap()
    }

    #[test]
    fn only_the_network_and_the_card_are_changed() {
        let fitted = fit("kube-flannel.yml", MANIFEST, pods(), "eth1").unwrap();
        let mut before = yaml::read("before", MANIFEST).unwrap();
        let after = yaml::read("after", &fitted).unwrap();
        assert_eq!(after.len(), 10);
        for (before, after) in before.iter_mut().zip(&after) {
            match before["kind"].as_str().unwrap() {
                "ConfigMap" => {
                    let network: Value = serde_json::from_str(after["data"][NETWORK].as_str().unwrap()).unwrap();
                    let expected = serde_json::json!({"Network": "10.50.0.0/16", "Backend": {"Type": "vxlan"}});
                    assert_eq!(network, expected);
                    before["data"][NETWORK] = after["data"][NETWORK].clone();
                }
                "DaemonSet" => {
                    let arguments = &mut before["spec"]["template"]["spec"]["containers"][0]["args"];
                    *arguments = serde_json::json!(["--ip-masq", "--kube-subnet-mgr", "--iface=eth1"]);
                }
                _ => {}
            }
            assert_eq!(before, after);
        }
    }

    #[test]
    fn a_fitted_manifest_is_fitted_anew() {
        let once = fit("m", MANIFEST, pods(), "eth1").unwrap();
        let twice = fit("m", &once, pods(), "ens4").unwrap();
        assert_eq!(twice, once.replace("--iface=eth1", "--iface=ens4"));
    }

    #[test]
    fn what_is_not_flannel_is_refused() {
        let config_map = "kind: ConfigMap\ndata: {net-conf.json: '{}'}\n";
        for (text, message) in [
            ("", "ConfigMap with net-conf.json"),
            ("kind: ConfigMap\n", "ConfigMap with net-conf.json"),
            (config_map, "DaemonSet that runs flanneld"),
            ("kind: ConfigMap\ndata: {net-conf.json: '{'}\n", "reading net-conf.json"),
            ("a: [", "error:"),
        ] {
            let error = fit("m.yml", text, pods(), "eth1").unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("m.yml"), "{text}: {error}");
        }
    }
}
