//! The phase `network`: pods on different nodes can reach each other.
//!
//! With `routes` every node is given its part before it joins, so that it is ready the moment it is registered; one that
//! was there before another came is told of that one. With a manifest, the host applies it as soon as the API answers.

use std::time::Duration;

use jiff::Timestamp;
use kiln_console::Task;
use kiln_images::digest::Digest;

use super::{Node, Phase, Problem, Work};
use crate::cluster::Assembly;
use crate::cluster::question::insist;
use crate::guest::{self, Script, archive};
use crate::kubernetes::cni::routes::{Routes, routes};
use crate::kubernetes::kubectl::passing::is_passing;

const NAME: &str = "network";
/// Unpacks the files, and runs the line that makes them count.
const SCRIPT: &str = "tar -x -p -f - -C / && eval \"$1\"";

/// The part of one node in the network `routes`.
#[derive(Debug)]
pub struct NodeRoutes<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
}

/// The manifest of a network that runs in the cluster.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// The cluster that is made.
    pub assembly: &'a Assembly<'a>,
    /// What is applied.
    pub text: &'a str,
}

impl NodeRoutes<'_> {
    /// What the node is to have, and the digest of it all, by which one that has something older is found.
    ///
    /// # Errors
    /// [`Problem::Wrong`] where it has no place in the cluster.
    pub fn wanted(&self, node: &Node<'_>) -> Result<(Routes, Digest), Problem> {
        let routes = routes(&self.assembly.cluster, node.member(self.assembly)?)
            .map_err(|error| Problem::Wrong(format!("its routes cannot be written down: {error}")))?;
        let text: Vec<u8> = routes.files.iter().flat_map(|file| file.content.clone()).collect();
        let digest = Digest::of_bytes(&text);
        Ok((routes, digest))
    }
}

impl Phase for NodeRoutes<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn is_done<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        Box::pin(async move {
            let (_, digest) = self.wanted(node)?;
            Ok((node.state.network == Some(digest)).then_some("it has its routes"))
        })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let (routes, _) = self.wanted(node)?;
            let now = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
            let stdin = archive::pack(&routes.files, now).map_err(|error| Problem::Wrong(error.to_string()))?;
            let step = "giving the node its routes";
            let script = Script { step, phase: NAME, text: SCRIPT, arguments: vec![routes.activate], stdin };
            guest::run(node, &script).await.map(drop)
        })
    }
}

impl Phase for Manifest<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // What is there already is not applied again by `kubectl apply` itself.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, _: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let kubectl = self.assembly.view.kubectl();
            // What is wrong with the manifest does not get better.
            let apply = async || match kubectl.apply("applying the manifest of the pod network", self.text).await {
                Err(error) if !is_passing(&error) => Ok(Err(error)),
                applied => applied.map(Ok),
            };
            Ok(insist(apply, |so_far| task.note(so_far)).await??)
        })
    }
}
