//! Taking a node out of a cluster.

use std::time::Duration;

use kiln_cloud_init::NodeName;
use serde::Deserialize;

use super::View;
use crate::kubernetes::Member;
use crate::lab::Role;
use crate::phases::Problem;

/// Where kubeadm's etcd is reached from inside its own container, and what it is asked with
/// (kubeadm, `app/util/staticpod`; the certificate is the one of its health checks). Five seconds are its usual time for one
/// answer, which an emulated etcd does not always keep.
const ETCD: [&str; 5] = [
    "--command-timeout=60s",
    "--endpoints=https://127.0.0.1:2379",
    "--cacert=/etc/kubernetes/pki/etcd/ca.crt",
    "--cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt",
    "--key=/etc/kubernetes/pki/etcd/healthcheck-client.key",
];

/// Takes a living node out of the cluster: its pods are moved elsewhere first, for `limit` at most. `stays` is a control
/// plane that is asked.
///
/// # Errors
/// Where the API does not do it. A node whose pods cannot be moved goes nevertheless: it is about to be destroyed.
pub async fn drain(view: &View, stays: &NodeName, member: &Member, limit: Duration) -> Result<(), Problem> {
    if let Err(error) = view.kubectl().drain(member.name.as_str(), limit).await {
        tracing::warn!("the pods of {} could not be moved in time, and end with it: {error}", member.name);
    }
    forget(view, stays, member).await
}

/// Makes the cluster forget a node that is gone, or will be another when it comes back: etcd, too, whose remaining members
/// would otherwise wait for it. A node that the cluster does not know is no error.
///
/// # Errors
/// Where the API does not do it.
pub async fn forget(view: &View, stays: &NodeName, member: &Member) -> Result<(), Problem> {
    if member.role == Role::ControlPlane && member.name != *stays {
        forget_etcd_member(view, stays, member).await?;
    }
    Ok(view.kubectl().delete_node(member.name.as_str()).await?)
}

async fn forget_etcd_member(view: &View, stays: &NodeName, gone: &Member) -> Result<(), Problem> {
    let pod = format!("etcd-{stays}");
    let ask = async |step: String, words: &[&str]| {
        let words = [view.version().etcdctl(), &ETCD[..], words].concat();
        let outcome = view.kubectl().exec(step, "kube-system", &pod, &words).await?;
        match outcome.code {
            0 => Ok(outcome.stdout),
            _ => Err(Problem::Wrong(format!("etcdctl in pod {pod} failed\n    {}", outcome.stderr.trim()))),
        }
    };
    let members = ask("listing the members of etcd".to_owned(), &["member", "list", "--write-out=json"]).await?;
    let members: Members = serde_json::from_slice(&members)
        .map_err(|error| Problem::Wrong(format!("the members of etcd are not understood: {error}")))?;
    for member in members.members.iter().filter(|member| member.is(gone)) {
        let id = format!("{:x}", member.id);
        ask(format!("removing {} from etcd", gone.name), &["member", "remove", &id]).await?;
    }
    Ok(())
}

/// What `etcdctl member list --write-out=json` prints (etcd, `etcdserverpb`, in the field names of Go).
#[derive(Deserialize)]
struct Members {
    members: Vec<EtcdMember>,
}

#[derive(Deserialize)]
struct EtcdMember {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(default)]
    name: String,
    #[serde(rename = "peerURLs", default)]
    peer_urls: Vec<String>,
}

impl EtcdMember {
    /// Whether it is the one of this node. A member that was added and has not started yet has no name.
    fn is(&self, node: &Member) -> bool {
        let address = format!("//{}:", node.ip);
        self.name == node.name.as_str() || self.peer_urls.iter().any(|url| url.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::cluster::tests::{LAB, with};

    #[test]
    fn the_members_of_etcd_are_read() {
        let text = r#"{"header":{"cluster_id":17237436991929493444,"member_id":9372538179322589801,"raft_term":2},
            "members":[{"ID":9372538179322589801,"name":"node1","peerURLs":["https://192.168.206.196:2380"]},
            {"ID":10501334649042878790,"peerURLs":["https://192.168.206.197:2380"]}]}"#;
        let members: Members = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{:x}", members.members[0].id), "8211f1d0f64f3269");
        let cluster = with(LAB, "1.20.2");
        let gone =
            |node: usize| members.members.iter().map(|member| member.is(&cluster.members[node])).collect::<Vec<_>>();
        assert_eq!(gone(0), [true, false], "by its address, whatever its name");
        assert_eq!(gone(1), [false, true], "it has no name yet");
        assert_eq!(gone(2), [false, false]);
    }
}
