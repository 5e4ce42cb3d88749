//! The network `routes`: every node knows at which node the pods of the others are.
//!
//! A script sets the routes, and the rule that hides pods behind their node when they leave the cluster; a unit of systemd
//! runs it at every boot. Both are safe to run again. A node that is added or removed changes the script on all others.

use std::fmt::Write;

use super::conflist;
use crate::kubernetes::NodeFile;
use crate::kubernetes::cluster::{Cluster, Member};

/// The script.
const SCRIPT: &str = "/usr/local/lib/kiln/pod-routes";
/// The unit that runs it.
const UNIT: &str = "kiln-pod-routes.service";

/// What a node needs for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    /// The files.
    pub files: Vec<NodeFile>,
    /// What to do, as root, when they are there: a line for a shell. The container runtime takes up the plugins'
    /// configuration by itself.
    pub activate: String,
}

/// The routes of `node` to all other nodes of the cluster.
///
/// # Errors
/// Never in practice: all of it has a form in JSON.
pub fn routes(cluster: &Cluster, node: &Member) -> Result<Routes, serde_json::Error> {
    let script = NodeFile { mode: 0o755, ..NodeFile::public(SCRIPT, script(cluster, node)) };
    let unit = NodeFile::public(format!("/etc/systemd/system/{UNIT}"), unit());
    Ok(Routes {
        files: vec![conflist::file(node.pod_cidr)?, script, unit],
        // `enable` has systemd read its units again (systemctl(1)); `enable --now` would not run one again that has run.
        activate: format!("systemctl enable --quiet {UNIT} && systemctl restart {UNIT}"),
    })
}

/// Every value in it is an address or a network, of types that print nothing a shell would take for its own.
fn script(cluster: &Cluster, node: &Member) -> String {
    let (pods, all) = (node.pod_cidr, cluster.settings.pods);
    let mut script = String::from(
        "#!/bin/sh\n# Written by Kiln: the pods of each node are behind that node. Safe to run again.\nset -eu\n",
    );
    let others = cluster.members.iter().filter(|member| member.name != node.name);
    for other in others {
        // Writing to a String cannot fail.
        writeln!(script, "ip route replace {} via {} # {}", other.pod_cidr, other.ip, other.name).unwrap_or_default();
    }
    // Pods keep their addresses inside the cluster; outside, only those of the nodes are known.
    let rule = format!("POSTROUTING -s {pods} ! -d {all} -j MASQUERADE");
    for line in [
        format!("iptables -w -t nat -C {rule} 2>/dev/null || iptables -w -t nat -A {rule}"),
        // Docker forbids forwarding where it has switched it on itself; and nobody but pods is forwarded here.
        format!("iptables -w -C FORWARD -s {all} -j ACCEPT 2>/dev/null || iptables -w -I FORWARD -s {all} -j ACCEPT"),
        format!("iptables -w -C FORWARD -d {all} -j ACCEPT 2>/dev/null || iptables -w -I FORWARD -d {all} -j ACCEPT"),
    ] {
        writeln!(script, "{line}").unwrap_or_default();
    }
    script
}

fn unit() -> String {
    format!(
        "\
[Unit]
Description=Routes to the pods of the other nodes of the lab
Wants=network-online.target
After=network-online.target docker.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={SCRIPT}

[Install]
WantedBy=multi-user.target
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::cluster::tests::cluster;

    #[test]
    fn a_node_gets_a_route_to_every_other_one() {
        let cluster = cluster();
        let routes = routes(&cluster, &cluster.members[1]).unwrap();
        let text = |index: usize| String::from_utf8(routes.files[index].content.clone()).unwrap();
        insta::assert_snapshot!(text(0), @r#"
        {
          "cniVersion": "0.3.1",
          "name": "kiln",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "cni0",
              "mtu": 1500,
              "isDefaultGateway": true,
              "hairpinMode": true,
              "ipMasq": false,
              "ipam": {
                "type": "host-local",
                "ranges": [
                  [
                    {
                      "subnet": "10.244.1.0/24"
                    }
                  ]
                ]
              }
            },
            {
              "type": "portmap",
              "capabilities": {
                "portMappings": true
              }
            }
          ]
        }
        "#);
        insta::assert_snapshot!(text(1), @"
        #!/bin/sh
        # Written by Kiln: the pods of each node are behind that node. Safe to run again.
        set -eu
        ip route replace 10.244.0.0/24 via 192.168.206.196 # zulu
        ip route replace 10.244.2.0/24 via 192.168.206.198 # mike
        iptables -w -t nat -C POSTROUTING -s 10.244.1.0/24 ! -d 10.244.0.0/16 -j MASQUERADE 2>/dev/null || iptables -w -t nat -A POSTROUTING -s 10.244.1.0/24 ! -d 10.244.0.0/16 -j MASQUERADE
        iptables -w -C FORWARD -s 10.244.0.0/16 -j ACCEPT 2>/dev/null || iptables -w -I FORWARD -s 10.244.0.0/16 -j ACCEPT
        iptables -w -C FORWARD -d 10.244.0.0/16 -j ACCEPT 2>/dev/null || iptables -w -I FORWARD -d 10.244.0.0/16 -j ACCEPT
        ");
        assert_eq!(routes.files[1].mode, 0o755);
        assert_eq!(
            routes.activate,
            "systemctl enable --quiet kiln-pod-routes.service && systemctl restart kiln-pod-routes.service"
        );
    }
}
