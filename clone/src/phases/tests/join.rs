//! The phase `join`, against programs and a node that only pretend.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kiln_machines::GuestCommand;
use serde_json::json;

use super::cluster::{Guest, INFO, RUNS, Stage, scripts};
use crate::cluster::Assembly;
use crate::kubernetes::cluster::tests::LAB;
use crate::phases::Phase;
use crate::phases::join::Join;
use crate::state::NodeState;
use crate::state::tests::node;

const TOKEN: &str = "[preflight] Running pre-flight checks\nerror execution phase preflight: couldn't validate the \
                     identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap";

fn join<'a>(assembly: &'a Assembly<'a>) -> Box<dyn Phase + 'a> {
    Box::new(Join { assembly })
}

#[tokio::test]
async fn a_worker_joins_a_cluster_that_forgets_what_it_was() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.has_nodes(&["zulu", "alpha"]);
    let (result, asked) = stage.take("alpha", node(), Guest::default(), join).await;
    result.unwrap();
    assert_eq!(scripts(&asked), BTreeMap::from([("files", 1)]));
    assert_eq!((stage.programs.calls("delete node"), stage.programs.calls("apply")), (1, 1));
}

#[tokio::test]
async fn a_cluster_that_has_not_said_who_it_is_is_helped() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.programs.serve(INFO, &json!({"data": {"kubeconfig": "where it is"}}).to_string());
    let (result, _) = stage.take("alpha", node(), Guest::default(), join).await;
    result.unwrap();
    let replaced: serde_json::Value = serde_json::from_str(&stage.programs.stdin("replace")).unwrap();
    let signature = &replaced["data"][format!("jws-kubeconfig-{}", stage.pki.token.id())];
    assert_eq!(*signature, stage.pki.token.sign("where it is"));
}

#[tokio::test]
async fn a_member_is_left_alone_unless_the_cluster_does_not_know_it() {
    let guest = Guest::with_traces("kubelet.conf\npki/ca.crt\n");
    for (known, joins) in [(&["zulu", "alpha"][..], 0), (&["zulu"], 1)] {
        let stage = Stage::new().await;
        stage.is_formed();
        stage.has_nodes(known);
        let (result, _) = stage.take("alpha", node(), guest, join).await;
        result.unwrap();
        assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm join")), (joins, joins));
    }
}

/// What etcd says of its members: `zulu`, and `alpha`, which was added and did not start.
const MEMBERS: &str = r#"{"members": [{"ID": 26, "name": "zulu", "peerURLs": ["https://192.168.206.196:2380"]},
    {"ID": 27, "peerURLs": ["https://192.168.206.197:2380"]}]}"#;

/// A control plane whose join was cut off has the kubelet's credentials long before it has an API server.
#[tokio::test]
async fn a_control_plane_is_a_member_when_it_has_all_its_pods() {
    let half = "admin.conf\nkubelet.conf\npki/ca.crt\nmanifests/etcd.yaml\n";
    for (traces, joins) in [(half, 1), (RUNS, 0)] {
        let mut stage = Stage::new().await;
        stage.lab = LAB.replace("197}", "197, role: control-plane}").replace("196}", "196, role: control-plane}");
        stage.is_formed();
        stage.has_nodes(&["zulu", "alpha"]);
        stage.programs.answer("etcd", 0, MEMBERS);
        stage.programs.fail("etcd.1", "context deadline exceeded");
        let (result, _) = stage.take("alpha", node(), Guest::with_traces(traces), join).await;
        result.unwrap();
        assert_eq!((stage.programs.calls("member list"), stage.programs.calls("member remove 1b")), (2 * joins, joins));
        assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm join")), (joins, joins));
    }
}

#[tokio::test]
async fn a_control_plane_that_has_joined_and_lacks_a_static_pod_is_left_alone() {
    let mut stage = Stage::new().await;
    stage.lab = LAB.replace("197}", "197, role: control-plane}").replace("196}", "196, role: control-plane}");
    stage.is_formed();
    stage.has_nodes(&["zulu", "alpha"]);
    let known = NodeState { joined: Some(Timestamp::now()), ..node() };
    let half = "kubelet.conf\nmanifests/etcd.yaml\nmanifests/kube-apiserver.yaml\n";
    let (result, _) = stage.take("alpha", known, Guest::with_traces(half), join).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("or make the node anew: clone node rebuild alpha"), "{text}");
    assert_eq!(stage.programs.calls("ssh "), 0);
}

#[tokio::test]
async fn the_api_server_of_a_slow_control_plane_is_started_when_it_has_joined() {
    for (role, late) in [("control-plane", 1), ("worker", 0)] {
        let mut stage = Stage::new().await;
        let planes = LAB.replace("196}", "196, role: control-plane}");
        (stage.lab, stage.slow) = (planes.replace("197}", &format!("197, role: {role}}}")), true);
        stage.is_formed();
        stage.programs.answer("etcd", 0, MEMBERS);
        stage.take("alpha", node(), Guest::default(), join).await.0.unwrap();
        let phase = "kubeadm join phase control-plane-prepare control-plane";
        assert_eq!(stage.programs.calls(phase), late, "{}", stage.programs.book());
        assert_eq!(stage.programs.calls("--skip-phases=control-plane-prepare/control-plane"), late);
    }
}

#[tokio::test]
async fn a_failed_join_is_tried_once_more_and_a_refused_token_is_made_anew() {
    for (said, tokens) in [("error execution phase kubelet-start: timed out", 1), (TOKEN, 2)] {
        let stage = Stage::new().await;
        stage.is_formed();
        stage.programs.answer("join.1", 1, said);
        let (result, asked) = stage.take("alpha", node(), Guest::default(), join).await;
        result.unwrap();
        assert_eq!((stage.programs.calls("kubeadm join"), stage.programs.calls("kubeadm reset")), (2, 1));
        // Once before the first attempt, for what was there before this run, and once after it.
        assert_eq!(stage.programs.calls("delete node"), 2);
        assert_eq!(stage.programs.calls("apply"), tokens, "{said}");
        assert_eq!(scripts(&asked), BTreeMap::from([("files", 2)]));
        // `kubeadm reset` of 1.17 has removed it.
        let brought = |command: &GuestCommand| String::from_utf8_lossy(&command.stdin).contains("10-kiln.conflist");
        assert_eq!(asked.iter().filter(|command| brought(command)).count(), 2);
    }
}

#[tokio::test]
async fn what_the_api_did_not_take_in_kubeadms_time_is_done_for_it() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.has_nodes(&["zulu", "alpha"]);
    let said = "error execution phase kubelet-start: error uploading crisocket: error patching node \"alpha\" through \
                apiserver: net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
    stage.programs.answer("join", 1, said);
    let (result, _) = stage.take("alpha", node(), Guest::default(), join).await;
    result.unwrap();
    assert_eq!((stage.programs.calls("kubeadm join"), stage.programs.calls("kubeadm reset")), (1, 0));
    let note =
        "annotate node --overwrite -- alpha kubeadm.alpha.kubernetes.io/cri-socket=/run/containerd/containerd.sock";
    assert_eq!(stage.programs.calls(note), 1, "{}", stage.programs.book());
}

#[tokio::test]
async fn a_join_that_fails_again_and_again_fails_in_kubeadms_words() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.programs.answer("join", 1, "[preflight] Running\nerror execution phase kubelet-start: timed out");
    let (result, asked) = stage.take("alpha", node(), Guest::default(), join).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("kubeadm join failed in its phase `kubelet-start`\n    timed out"), "{text}");
    assert!(text.contains("the node is ill"), "{text}");
    assert_eq!(scripts(&asked)["trouble"], 1);
}
