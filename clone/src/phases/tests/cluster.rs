//! The phases of a cluster, against programs and a node that only pretend.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use kiln_cloud_init::NodeName;
use kiln_images::home::Home;
use kiln_machines::{Accelerator, GuestCommand, GuestOutput, State as MachineState};
use serde_json::json;

use super::pretence::{Pretence, output, still_running};
use super::programs::Programs;
use crate::cluster::{Assembly, View};
use crate::folder::LabFolder;
use crate::kubernetes::cluster::tests::{LAB, with};
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::pki::Pki;
use crate::pace::Pace;
use crate::phases::control_plane::ControlPlane;
use crate::phases::ready::Ready;
use crate::phases::{self, Failure, Node, Phase, Site};
use crate::ssh::Ssh;
use crate::state::NodeState;
use crate::state::tests::{node, state};

/// Of a phase: long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(12);
pub(super) const INFO: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
const PROXY: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy";

/// What is on the node: what its agent says to each of our scripts.
#[derive(Clone, Copy, Default)]
pub(super) struct Guest {
    /// What [`phases::kubeadm::look`] finds.
    traces: &'static str,
    /// How far its clock is ahead, in seconds.
    ahead: i64,
    /// What it prints of a page that it is asked to fetch.
    page: &'static str,
    /// How often it does not come to an end with that.
    hangs: Option<&'static Cell<usize>>,
}

impl Guest {
    /// One on which an earlier kubeadm has left these files.
    pub(super) fn with_traces(traces: &'static str) -> Self {
        Self { traces, ..Self::default() }
    }

    /// A healthy one that prints this when it is asked to fetch a page.
    pub(super) fn with_page(page: &'static str) -> Self {
        Self { page, ..Self::default() }
    }

    /// The same, which is too slow for the first `times` that it is asked to.
    pub(super) fn hanging(self, times: usize) -> Self {
        Self { hangs: Some(Box::leak(Box::new(Cell::new(times)))), ..self }
    }

    fn fetch(self) -> GuestOutput {
        match self.hangs.filter(|hangs| hangs.get() > 0) {
            Some(hangs) => {
                hangs.set(hangs.get() - 1);
                still_running()
            }
            None => output(0, self.page, ""),
        }
    }

    fn answer(self, command: &GuestCommand) -> GuestOutput {
        let script = &command.arguments[1];
        let clock = || format!("clock {}\n{}", Timestamp::now().as_second() + self.ahead, self.traces);
        match script.as_str() {
            script if script.contains("date +%s") => output(0, &clock(), ""),
            script if script.contains("/dev/tcp") => self.fetch(),
            script if script.contains("journalctl") => output(0, "kubelet E0131 kubelet.go:1] the node is ill\n", ""),
            _ => output(0, "", ""),
        }
    }
}

/// One node of a lab on a stage. `zulu` is the control plane, `alpha` and `mike` are workers.
pub(super) struct Stage {
    _guard: tempfile::TempDir,
    folder: LabFolder,
    pub(super) programs: Programs,
    pub(super) pki: Pki,
    /// How long a phase may take.
    pub(super) limit: Duration,
    /// The lab: the others in it are workers, unless a test has them be something else.
    pub(super) lab: String,
    /// Whether the nodes are emulated.
    pub(super) slow: bool,
    /// Whether the cluster was begun anew by the last phase.
    is_new: Cell<bool>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = camino::Utf8Path::from_path(guard.path()).unwrap();
        let folder = LabFolder::new(&Home::new(root.join("kiln")).unwrap(), &"lab".parse().unwrap());
        std::fs::create_dir_all(folder.logs()).unwrap();
        let pki = Pki::open(&folder).await.unwrap();
        let (programs, lab) = (Programs::new(root), LAB.to_owned());
        Self { programs, folder, pki, limit: LIMIT, lab, slow: false, is_new: Cell::new(false), _guard: guard }
    }

    /// The API answers.
    fn answers(&self) {
        self.programs.serve("/livez/ping", "ok");
        self.programs.serve("/readyz", "ok");
    }

    /// The API answers, and says that `kubeadm init` has ended.
    pub(super) fn is_formed(&self) {
        self.answers();
        let signature = format!("jws-kubeconfig-{}", self.pki.token.id());
        self.programs.serve(INFO, &json!({"data": {signature: "x"}}).to_string());
        self.programs.serve("/api/v1/namespaces/kube-system/configmaps/kubeadm-config", "{}");
        self.programs.serve(PROXY, "{}");
    }

    /// What the API knows: nodes with leases that are renewed now, and a kube-proxy on each.
    pub(super) fn has_nodes(&self, names: &[&str]) {
        let now = Timestamp::now() + jiff::SignedDuration::from_secs(60);
        let info = json!({"kubeletVersion": "v1.20.2", "containerRuntimeVersion": "", "kernelVersion": "",
                          "osImage": "", "bootID": ""});
        let ready = json!([{"type": "Ready", "status": "True"}]);
        let list = |item: &dyn Fn(&str) -> serde_json::Value| {
            json!({"items": names.iter().map(|name| item(name)).collect::<Vec<_>>()}).to_string()
        };
        let node = |name: &str| json!({"metadata": {"name": name}, "status": {"conditions": ready, "nodeInfo": info}});
        let lease = |name: &str| json!({"metadata": {"name": name}, "spec": {"renewTime": now.to_string()}});
        let pod = |name: &str| {
            json!({"metadata": {"name": format!("kube-proxy-{name}"), "namespace": "kube-system"},
                   "spec": {"nodeName": name}, "status": {"phase": "Running", "conditions": ready}})
        };
        self.programs.serve("/api/v1/nodes", &list(&node));
        names.iter().for_each(|name| self.programs.serve(&format!("/api/v1/nodes/{name}"), &node(name).to_string()));
        self.programs.serve("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", &list(&lease));
        self.programs.serve("/api/v1/pods", &list(&pod));
    }

    /// Takes the node `name`, of which `known` is known, through a phase of the cluster; returns how that went, and what
    /// the agent was asked.
    pub(super) async fn take(
        &self,
        name: &'static str,
        known: NodeState,
        guest: Guest,
        phase: impl for<'a> Fn(&'a Assembly<'a>) -> Box<dyn Phase + 'a>,
    ) -> (Result<(), Failure>, Vec<GuestCommand>) {
        let console = self.folder.root().join("console.log");
        std::fs::write(&console, "a line of the console\n").unwrap();
        let hypervisor = Pretence::new(MachineState::Running, console, move |_, command| guest.answer(command));
        let ssh = Ssh::new(&self.folder.ssh_config());
        let (changed, reporter) = (tokio::sync::Notify::new(), kiln_console::Reporter::silent());
        let state = state([(name, known)]);
        let site = Site {
            folder: &self.folder,
            uuid: state.uuid,
            hypervisor: &hypervisor,
            ssh: &ssh,
            reporter: &reporter,
            pace: Pace::new(Accelerator::Kvm, 1, 1),
            limit: Some(self.limit),
            changed: &changed,
        };
        let kubectl = Kubectl::new(&self.folder.kubeconfig());
        let mut cluster = with(&self.lab, "1.20.2");
        cluster.slow = self.slow;
        cluster.settings.skip_phases = vec!["addon/coredns".parse().unwrap()];
        let view = View::new(kubectl, cluster.version);
        let pki = Pki::open(&self.folder).await.unwrap();
        let assembly = Assembly::new(cluster, pki, view, "zulu".parse().unwrap(), &changed);
        let (name, node_state): (&NodeName, _) = state.nodes.first_key_value().unwrap();
        let node = Node::new(site, name, node_state);
        node.progress.agent_answered();
        let result = phases::run(&node, phase(&assembly).as_ref()).await;
        self.is_new.set(assembly.is_new.get());
        (result, hypervisor.asked.take())
    }
}

fn control_plane<'a>(assembly: &'a Assembly<'a>) -> Box<dyn Phase + 'a> {
    Box::new(ControlPlane { assembly })
}

fn ready<'a>(assembly: &'a Assembly<'a>) -> Box<dyn Phase + 'a> {
    Box::new(Ready { assembly, probe: None })
}

/// How often each kind of script was run in the node, by a word of it.
pub(super) fn scripts(asked: &[GuestCommand]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for command in asked {
        for (word, kind) in [("tar -x", "files"), ("date -s", "clock"), ("journalctl", "trouble")] {
            if command.arguments[1].contains(word) {
                *counts.entry(kind).or_default() += 1;
            }
        }
    }
    counts
}

pub(super) const RUNS: &str = "admin.conf\nkubelet.conf\npki/ca.crt\nmanifests/etcd.yaml\nmanifests/kube-apiserver.yaml\n\
                    manifests/kube-controller-manager.yaml\nmanifests/kube-scheduler.yaml\n";

#[tokio::test]
async fn a_cluster_is_begun_with_one_command_for_all_files() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.programs.answer("init", 0, "[certs] Using existing ca certificate authority");
    let (result, asked) = stage.take("zulu", node(), Guest::default(), control_plane).await;
    result.unwrap();
    assert_eq!(scripts(&asked), BTreeMap::from([("files", 1)]));
    assert_eq!((stage.programs.calls("kubeadm init"), stage.programs.calls("kubeadm reset")), (1, 0));
    let log = std::fs::read_to_string(stage.folder.log("control-plane", &"zulu".parse().unwrap())).unwrap();
    assert!(log.contains("Using existing ca"), "{log}");
}

#[tokio::test]
async fn a_cluster_that_was_made_before_is_left_alone() {
    let stage = Stage::new().await;
    stage.is_formed();
    let guest = Guest { traces: RUNS, ..Guest::default() };
    let (result, asked) = stage.take("zulu", node(), guest, control_plane).await;
    result.unwrap();
    assert_eq!((scripts(&asked).len(), stage.programs.calls("ssh ")), (0, 0));
}

/// With a fourth node booting beside it, an emulated API server does not answer everything in its own time.
#[tokio::test]
async fn an_api_server_that_is_busy_is_asked_again() {
    let stage = Stage::new().await;
    stage.is_formed();
    stage.programs.is_busy(PROXY);
    let guest = Guest { traces: RUNS, ..Guest::default() };
    let (result, _) = stage.take("zulu", node(), guest, control_plane).await;
    result.unwrap();
    assert_eq!((stage.programs.calls(PROXY), stage.programs.calls("ssh ")), (2, 0));
}

#[tokio::test]
async fn an_init_that_was_cut_off_goes_on_behind_the_api_server() {
    let stage = Stage::new().await;
    stage.answers();
    let guest = Guest { traces: RUNS, ..Guest::default() };
    let (result, _) = stage.take("zulu", node(), guest, control_plane).await;
    // The API answers, and goes on saying that the cluster is not complete.
    assert!(result.unwrap_err().to_string().contains("the cluster is not complete"));
    assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm init")), (0, 1));
    assert_eq!(stage.programs.calls("preflight,certs,kubeconfig,kubelet-start,control-plane,etcd"), 1);
}

#[tokio::test]
async fn an_init_that_was_cut_off_before_is_undone_and_begun_again() {
    let stage = Stage::new().await;
    stage.is_formed();
    let guest = Guest { traces: "pki/ca.crt\nkubelet.conf\n", ..Guest::default() };
    let (result, _) = stage.take("zulu", node(), guest, control_plane).await;
    result.unwrap();
    assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm init")), (1, 1));
    assert_eq!(stage.programs.calls("preflight,"), 0);
}

#[tokio::test]
async fn an_init_that_fails_behind_the_api_server_is_gone_on_with() {
    let stage = Stage::new().await;
    stage.answers();
    let guest = Guest { traces: RUNS, ..Guest::default() };
    stage.programs.answer("init", 1, "error execution phase bootstrap-token: timed out");
    let (result, _) = stage.take("zulu", node(), guest, control_plane).await;
    assert!(result.unwrap_err().to_string().contains("its phase `bootstrap-token`"));
    assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm init")), (0, 3));
}

#[tokio::test]
async fn an_init_that_an_api_server_is_too_slow_for_is_gone_on_with_as_long_as_there_is_time() {
    let stage = Stage::new().await;
    stage.is_formed();
    let slow = "error execution phase addon/kube-proxy: net/http: request canceled (Client.Timeout exceeded while \
                awaiting headers)";
    (1..=4).for_each(|number| stage.programs.answer(&format!("init.{number}"), 1, slow));
    let traces = "kubelet.conf\nmanifests/kube-apiserver.yaml\n";
    stage.take("zulu", node(), Guest::with_traces(traces), control_plane).await.0.unwrap();
    assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm init")), (0, 5));
    // What it had written into the API before it failed for the first time is left alone.
    assert_eq!(stage.programs.calls("etcd,upload-config,mark-control-plane,bootstrap-token"), 4);
}

#[tokio::test]
async fn a_failed_init_tells_all_that_is_known() {
    let stage = Stage::new().await;
    let said = "[preflight] Running\nerror execution phase preflight: [preflight] Some fatal errors occurred:\n\
                \t[ERROR Mem]: the system RAM (990 MB) is less than the minimum 1700 MB";
    stage.programs.answer("init", 1, said);
    let (result, _) = stage.take("zulu", node(), Guest::default(), control_plane).await;
    let text = result.unwrap_err().to_string();
    for part in [
        "zulu: phase `control-plane` failed: kubeadm init failed in its phase `preflight`",
        "[ERROR Mem]: the system RAM (990 MB) is less than the minimum 1700 MB",
        "give the node more `memory`",
        "the kubelet's last errors:\n    the node is ill",
        "log: ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_control_plane_that_has_a_cluster_is_not_made_anew_because_it_is_silent() {
    let stage = Stage::new().await;
    let known = NodeState { joined: Some(Timestamp::now()), ..node() };
    let guest = Guest { traces: RUNS, ..Guest::default() };
    let (result, _) = stage.take("zulu", known, guest, control_plane).await;
    assert!(result.unwrap_err().to_string().contains("which has answered before, has not done so for 9 s"));
    assert_eq!(stage.programs.calls("ssh "), 0);
}

/// Who breaks a lab to learn from it moves the manifest of the API server away: what etcd has must outlive that.
#[tokio::test]
async fn a_control_plane_that_lacks_a_static_pod_is_not_made_anew() {
    for gone in ["kube-apiserver", "kube-scheduler"] {
        let stage = Stage::new().await;
        stage.is_formed();
        let known = NodeState { joined: Some(Timestamp::now()), ..node() };
        let traces = RUNS.replace(&format!("manifests/{gone}.yaml\n"), "").leak();
        let (result, _) = stage.take("zulu", known, Guest::with_traces(traces), control_plane).await;
        let text = result.unwrap_err().to_string();
        let part = format!("not there any more:\n    /etc/kubernetes/manifests/{gone}.yaml\n  put it back");
        assert!(text.contains(&part), "{text}");
        assert_eq!(stage.programs.calls("ssh "), 0);
    }
}

#[tokio::test]
async fn what_a_cluster_has_lost_is_made_again_and_its_members_stay() {
    for (joined, is_new) in [(Some(Timestamp::now()), false), (None, true)] {
        let stage = Stage::new().await;
        stage.answers();
        let known = NodeState { joined, ..node() };
        let (result, _) = stage.take("zulu", known, Guest::with_traces(RUNS), control_plane).await;
        // The API goes on saying that something is missing.
        assert!(result.unwrap_err().to_string().contains("the cluster is not complete"));
        assert_eq!((stage.programs.calls("kubeadm reset"), stage.programs.calls("kubeadm init")), (0, 1));
        assert_eq!(stage.is_new.get(), is_new);
    }
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_set() {
    for (ahead, sets) in [(0, 0), (3600, 1), (-3600, 1)] {
        let stage = Stage::new().await;
        stage.is_formed();
        let (result, asked) = stage.take("zulu", node(), Guest { ahead, ..Guest::default() }, control_plane).await;
        result.unwrap();
        assert_eq!(scripts(&asked).get("clock").copied().unwrap_or_default(), sets, "{ahead}");
    }
}

#[tokio::test]
async fn a_node_is_ready_when_it_says_so_after_the_phase_began() {
    let stage = Stage::new().await;
    stage.has_nodes(&["zulu", "alpha"]);
    stage.take("alpha", node(), Guest::default(), ready).await.0.unwrap();
    assert_eq!(stage.programs.calls("--raw /api/v1/nodes"), 1);
}
