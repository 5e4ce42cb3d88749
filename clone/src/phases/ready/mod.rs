//! The phase `ready`: the node does its work in the cluster, and pods on it reach those on all others.
//!
//! A node says that it is ready by the lease that its kubelet renews: what the API remembers of it from before this
//! phase began is not asked. Then pods of ours try the network ([`probe`]). After a restore the parts are phases of
//! their own: [`Leases`] and then [`Pods`], and at the same time [`Network`].

mod probe;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kiln_console::Task;

use super::kubeadm::Trouble;
use super::{Node, Phase, Story, Work};
use crate::cluster::{Assembly, Snapshot};
use crate::kubernetes::kubectl::objects::Lease;
pub use probe::Probe;

const NAME: &str = "ready";
const LEASES: &str = "leases";
const PODS: &str = "pods";
const PROBE: &str = "probe";
/// Images may have to come from far away.
const LIMIT: Duration = Duration::from_secs(180);
/// How much older than the phase a sign of life may be, because the node's clock is that much behind.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);
/// Two signs of life are further apart.
const MOMENT: SignedDuration = SignedDuration::from_nanos(1);

/// See the module.
#[derive(Debug)]
pub struct Ready<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
    /// What tries the network between the pods, where the cluster has an image for that.
    pub probe: Option<Probe<'a>>,
}

impl Phase for Ready<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // Only a sign of life from now on tells.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let assembly = self.assembly;
            if let Some(probe) = &self.probe {
                probe.begin(so_far(task)).await?;
            }
            let since = Since::now();
            until_it_works(assembly, node, task, |heartbeat| since.of(heartbeat)).await;
            match &self.probe {
                Some(probe) => probe.try_network(node, so_far(task)).await,
                None if *node.name == assembly.leader => {
                    tracing::warn!(
                        "the network between the pods was not tried: the image `{}` has no container image to try it with\n\
                         name one in the lab file: `kubernetes: {{probe-image: …}}`",
                        node.state.image.name
                    );
                    Ok(())
                }
                None => Ok(()),
            }
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, NAME).await.map(|trouble| trouble.to_string()) })
    }
}

/// The phase `leases`, the first part of `ready`: the node gives a sign of life.
#[derive(Debug)]
pub struct Leases<'a> {
    /// The cluster.
    pub assembly: &'a Assembly<'a>,
    /// The signs of life of its nodes that can be from before it was saved.
    pub heartbeats: &'a BTreeMap<String, Timestamp>,
}

impl Phase for Leases<'_> {
    fn name(&self) -> &'static str {
        LEASES
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let since = Since::restored(self.heartbeats.get(node.name.as_str()));
            if self.assembly.cluster.version.has_node_leases() {
                since.until_renewed(self.assembly, node, task).await;
            } else {
                let alive =
                    |snapshot: &Snapshot| snapshot.node_ready(node.name, since.of(snapshot.heartbeat(node.name)));
                self.assembly.view.until(alive, so_far(task)).await;
            }
            Ok(())
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, LEASES).await.map(|trouble| trouble.to_string()) })
    }
}

/// The phase `pods`, the second part of `ready`: the node is ready and the system's pods on it are well, as the API says
/// after it gave a sign of life.
#[derive(Debug)]
pub struct Pods<'a> {
    /// The cluster.
    pub assembly: &'a Assembly<'a>,
}

impl Phase for Pods<'_> {
    fn name(&self) -> &'static str {
        PODS
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            until_it_works(self.assembly, node, task, |_| Timestamp::MIN).await;
            Ok(())
        })
    }

    fn explain<'a>(&'a self, node: &'a Node<'_>) -> Story<'a> {
        Box::pin(async { Trouble::of(node, PODS).await.map(|trouble| trouble.to_string()) })
    }
}

/// The phase `probe`, the third part of `ready`: pods on the node reach those on all others.
#[derive(Debug)]
pub struct Network<'a> {
    /// What tries it.
    pub probe: &'a Probe<'a>,
}

impl Phase for Network<'_> {
    fn name(&self) -> &'static str {
        PROBE
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            self.probe.begin(so_far(task)).await?;
            self.probe.try_network(node, so_far(task)).await
        })
    }
}

/// Since when a sign of life of a node is one of now. It carries the time of the node, which can be another than ours: after
/// a restore it goes on from when the node was saved, until it is set. One that was not there at the first look is of now,
/// whatever its time.
struct Since {
    begin: Timestamp,
    first: Cell<Option<Option<Timestamp>>>,
}

impl Since {
    fn now() -> Self {
        Self { begin: Timestamp::now() - CLOCK_TOLERANCE, first: Cell::new(None) }
    }

    /// The node has given this sign of life before it was saved.
    fn restored(saved: Option<&Timestamp>) -> Self {
        let now = Self::now();
        Self { begin: saved.map_or(now.begin, |saved| now.begin.min(*saved + MOMENT)), ..now }
    }

    /// The latest sign of life, `heartbeat`, is one of now if it is not older than this.
    fn of(&self, heartbeat: Option<Timestamp>) -> Timestamp {
        let first = self.first.get().unwrap_or(heartbeat);
        self.first.set(Some(first));
        first.map_or(Timestamp::MIN, |first| self.begin.min(first + MOMENT))
    }

    fn is_now(&self, heartbeat: Option<Timestamp>) -> bool {
        let since = self.of(heartbeat);
        heartbeat.is_some_and(|heartbeat| heartbeat >= since)
    }

    /// Waits until the node has renewed its lease.
    async fn until_renewed(&self, assembly: &Assembly<'_>, node: &Node<'_>, task: &Task) {
        let renewed = |leases: &Vec<Lease>| {
            let lease = leases.iter().find(|lease| lease.metadata.name == node.name.as_str());
            let renewed = lease.and_then(|lease| lease.spec.renew_time);
            if self.is_now(renewed) { Ok(()) } else { Err("its kubelet has not renewed its lease yet".to_owned()) }
        };
        assembly.view.until_leases(renewed, so_far(task)).await;
    }
}

/// Waits until the node, whose latest sign of life is not older than `since` says of it, does its work in the cluster; on
/// the node that the cluster began with, until the cluster does.
async fn until_it_works(
    assembly: &Assembly<'_>,
    node: &Node<'_>,
    task: &Task,
    since: impl Fn(Option<Timestamp>) -> Timestamp,
) {
    let needed = assembly.system_pods(node.name);
    let works = |snapshot: &Snapshot| {
        snapshot.node_ready(node.name, since(snapshot.heartbeat(node.name)))?;
        snapshot.system_pods_well(node.name, &needed)?;
        if *node.name == assembly.leader { snapshot.cluster_well(assembly.has_dns()) } else { Ok(()) }
    };
    assembly.view.until(works, so_far(task)).await;
}

/// Says what is waited for, whenever that changes.
fn so_far(task: &Task) -> impl Fn(String) {
    |reason| {
        if task.last_note().as_ref() != Some(&reason) {
            task.note(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_life_counts_when_it_is_new() {
        let (now, second) = (Timestamp::now(), SignedDuration::from_secs(1));
        let hour = second * 3600;
        let since = Since::now();
        assert!(!since.is_now(Some(now - second * 5)), "it was there before");
        assert!(since.is_now(Some(now - second * 4)), "it has changed");
        assert!(Since::now().is_now(Some(now)));
        let late = Since::now();
        assert!(!late.is_now(None));
        assert!(late.is_now(Some(now - hour)), "there was none before");
        let saved = now - hour;
        assert!(!Since::restored(Some(&saved)).is_now(Some(saved)), "it was saved");
        assert!(Since::restored(Some(&saved)).is_now(Some(saved + second)), "its clock was not set yet");
        assert!(!Since::restored(None).is_now(Some(saved + second)), "it can be from before");
    }
}
