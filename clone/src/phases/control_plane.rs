//! The phase `control-plane`: `kubeadm init` on the node that the cluster begins with.

use std::time::Duration;

use kiln_console::Task;
use tokio::time::{Instant, timeout};

use super::kubeadm::{self, Traces, Trouble};
use super::{Node, Phase, Problem, Story, Work};
use crate::cluster::Assembly;
use crate::kubernetes::kubeadm::{self as calls, From};

const NAME: &str = "control-plane";
/// How long an API server is waited for that was begun on the node, on a quick host; and one that has served there before,
/// for which the kubelet, etcd and itself have to start.
const API_WAIT: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(90));

/// What there is to do with a control plane that has been lost.
const ANEW: &str = "or, if there is a checkpoint (clone checkpoint list), go back to it: clone reset --to ready\n  \
                    or make the cluster anew, with nothing in it: clone reset --to golden";

/// How often kubeadm is run again, behind the API server, when it has failed there for something else than that server's
/// slowness. For that, it is run again as long as the phase may take.
const RETRIES: usize = 2;

/// A controller manager ends when the API server is not healthy ten seconds after itself (`WaitForAPIServer` in
/// cmd/kube-controller-manager/app/controllermanager.go of Kubernetes), and both take as long to start. On a host on which
/// it took this long until the API server listened, its roles take longer than that: the controller manager would be
/// started again and again, and take the processor away that the API server needs.
const EARLY: Duration = Duration::from_secs(120);

/// See the module.
#[derive(Debug)]
pub struct ControlPlane<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
}

impl Phase for ControlPlane<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        kubeadm::limit(&self.assembly.cluster)
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async move {
            let traces = kubeadm::look(node, NAME).await?;
            kubeadm::set_clock(node, NAME, &traces, task).await?;
            if node.state.joined.is_some() {
                traces.check_plane(ANEW)?;
            }
            if traces.has_api_server() && self.api_answers(node, task).await? {
                if traces.is_complete() && self.assembly.is_formed(|so_far| task.note(so_far)).await? {
                    self.assembly.api.reach();
                    self.assembly.formed.reach();
                    return Ok(Some("it was made before"));
                }
                if calls::goes_on(&self.assembly.cluster) {
                    self.assembly.api.reach();
                }
            }
            self.begin(node, &traces, task).await.map(|()| None)
        })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let assembly = self.assembly;
            let (mut retries, mut written) = (RETRIES, 0);
            let mut result = self.init(node, task, written).await;
            // A slow API server does not answer everything in kubeadm's time.
            while let Err(Problem::Kubeadm(failed)) = &result
                && self.goes_on()
                && (failed.passes() || retries > 0)
            {
                retries -= usize::from(!failed.passes());
                // Each time it comes further, however many of the requests of all of it are not answered.
                written = written.max(calls::written_before(&failed.step));
                tracing::warn!("{}: {failed}; going on with it", node.name);
                result = self.init(node, task, written).await;
            }
            result?;
            if !assembly.is_formed(|so_far| task.note(so_far)).await? {
                return Err(Problem::Wrong("kubeadm init ended well, but the cluster is not complete".to_owned()));
            }
            assembly.formed.reach();
            Ok(())
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, NAME).await.map(|trouble| trouble.to_string()) })
    }
}

impl ControlPlane<'_> {
    /// Runs kubeadm, from where the node is, and what waits for the API beside it. So many of the phases that write into the
    /// API are over.
    async fn init(&self, node: &Node<'_>, task: &Task, written: usize) -> Result<(), Problem> {
        let assembly = self.assembly;
        let member = node.member(assembly)?;
        let from = if self.goes_on() { From::Api { written } } else { From::Scratch };
        let call = calls::init(&assembly.cluster, member, &assembly.pki.token, from)?;
        let files = [assembly.pki.for_init(&assembly.cluster, member)?, call.files.clone()].concat();
        kubeadm::prepare(node, NAME, assembly, files).await?;
        let begun = Instant::now();
        let rest = async {
            assembly.view.until_api_listens().await?;
            let late = async {
                match calls::late(&assembly.cluster) {
                    Some(words) => kubeadm::run(node, NAME, "init", &words, task).await,
                    None => Ok(()),
                }
            };
            let ready = async {
                assembly.view.until_api_answers().await?;
                assembly.api.reach();
                Ok(())
            };
            if begun.elapsed() > EARLY {
                ready.await?;
                return late.await;
            }
            tokio::try_join!(late, ready).map(drop)
        };
        tokio::try_join!(kubeadm::run(node, NAME, "init", &call.command, task), rest).map(drop)
    }

    /// Whether there is an API server behind which kubeadm can go on.
    fn goes_on(&self) -> bool {
        self.assembly.api.is_reached() && calls::goes_on(&self.assembly.cluster)
    }

    /// Whether the API server that is on the node serves. One that was seen before and does not answer now is not made
    /// anew: there is a cluster's state on the node.
    async fn api_answers(&self, node: &Node<'_>, task: &Task) -> Result<bool, Problem> {
        task.note("waiting for the API server that is there");
        let served = node.state.joined.is_some();
        let wait = node.site.pace.scale(if served { API_WAIT.1 } else { API_WAIT.0 });
        // A user who has little patience is told nevertheless what was waited for.
        let limit = wait.min(node.limit(self) / 4 * 3);
        match timeout(limit, self.assembly.view.until_api_answers()).await {
            Ok(answers) => Ok(answers.map(|()| true)?),
            Err(_) if served => Err(Problem::Wrong(format!(
                "its API server, which has answered before, has not done so for {} s\n  \
                 wait on, if it was only slow: clone up\n  {ANEW}",
                limit.as_secs()
            ))),
            Err(_) => Ok(false),
        }
    }

    /// Clears the ground: what an attempt that was interrupted has left is undone, unless it can be gone on with. Of a
    /// cluster that was whole before, what it lacks is made again, and all that it has stays.
    async fn begin(&self, node: &Node<'_>, traces: &Traces, task: &Task) -> Result<(), Problem> {
        let assembly = self.assembly;
        if node.state.joined.is_some() {
            let version = assembly.cluster.version;
            return self.goes_on().then_some(()).ok_or_else(|| {
                Problem::Wrong(format!(
                    "the cluster lacks something that kubeadm {version} makes only with a new one: the ConfigMap \
                     kubeadm-config in kube-system, cluster-info in kube-public, or the DaemonSet kube-proxy\n  \
                     put it back, {ANEW}"
                ))
            });
        }
        assembly.is_new.set(true);
        if traces.any && !self.goes_on() {
            kubeadm::reset(node, NAME, &assembly.cluster, task).await?;
        }
        Ok(())
    }
}
