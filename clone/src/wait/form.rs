//! Making one cluster of the nodes: who waits for whom.
//!
//! The node that the cluster begins with runs `kubeadm init` as soon as it is prepared and itself, whatever the others
//! do. Workers join, all at once, when the API answers; further control planes when the first is complete, one after the
//! other. What is said of pods that try the network is in [`crate::phases::ready`].

use kiln_cloud_init::NodeName;
use kiln_images::digest::Digest;

use super::book::Book;
use crate::cluster::Assembly;
use crate::crash::{self, Point};
use crate::error::Error;
use crate::kubernetes::Member;
use crate::lab::Role;
use crate::lab::kubernetes::PodNetwork;
use crate::phases::control_plane::ControlPlane;
use crate::phases::join::Join;
use crate::phases::network::{Manifest, NodeRoutes};
use crate::phases::ready::{Probe, Ready};
use crate::phases::{self, Failure, Node};

/// A cluster that is made of nodes.
#[derive(Debug)]
pub struct Formation<'a> {
    assembly: &'a Assembly<'a>,
    ready: Ready<'a>,
    book: &'a Book<'a>,
}

impl<'a> Formation<'a> {
    /// The cluster that is made of these nodes.
    pub fn new(assembly: &'a Assembly<'a>, nodes: &'a [Node<'a>], book: &'a Book<'a>) -> Self {
        let names: Vec<&NodeName> = nodes.iter().map(|node| node.name).collect();
        let probe = assembly.probe_image.as_deref().map(|image| Probe::new(assembly, names, image));
        Self { assembly, ready: Ready { assembly, probe }, book }
    }

    /// Makes the node a member, and waits until it works as one.
    ///
    /// # Errors
    /// [`Error::Phase`] of the first phase that fails.
    pub async fn take_in(&self, node: &Node<'_>) -> Result<(), Error> {
        let assembly = self.assembly;
        node.progress.is_itself.wait().await;
        if assembly.cluster.settings.network == PodNetwork::Routes {
            self.give_routes(node).await?;
        }
        node.progress.is_prepared.wait().await;
        match assembly.member(node.name) {
            None => return Ok(()),
            Some(member) if member.name == assembly.leader => self.lead(node).await?,
            Some(member) => self.follow(node, member).await?,
        }
        self.book.has_joined(node.name)?;
        phases::run(node, &self.ready).await?;
        self.book.is_ready(node.name);
        Ok(())
    }

    async fn give_routes(&self, node: &Node<'_>) -> Result<(), Failure> {
        let routes = NodeRoutes { assembly: self.assembly };
        phases::run(node, &routes).await?;
        if let Ok((_, digest)) = routes.wanted(node) {
            self.book.has_network(node.name, digest);
        }
        Ok(())
    }

    /// Begins the cluster; what the host gives it comes as soon as it can be given.
    async fn lead(&self, node: &Node<'_>) -> Result<(), Failure> {
        let assembly = self.assembly;
        let network = async {
            let Some(text) = &assembly.manifest else { return Ok(()) };
            assembly.api.wait().await;
            phases::run(node, &Manifest { assembly, text }).await?;
            self.book.has_network(node.name, Digest::of_bytes(text.as_bytes()));
            Ok(())
        };
        let control_plane = ControlPlane { assembly };
        tokio::try_join!(phases::run(node, &control_plane), network)?;
        crash::at(Point::Formed);
        self.forget_departed().await;
        Ok(())
    }

    /// Tells the cluster of the nodes that were removed while it did not answer. What it does not take now is told again the
    /// next time.
    async fn forget_departed(&self) {
        let Assembly { view, .. } = self.assembly;
        for name in self.book.departed() {
            // One that has come back is introduced by its join.
            let told = match self.assembly.member(&name) {
                Some(_) => Ok(()),
                None => view.kubectl().delete_node(name.as_str()).await,
            };
            match told {
                Ok(()) => self.book.is_forgotten(&name),
                Err(error) => tracing::warn!("the cluster was not told yet that {name} has gone: {error}"),
            }
        }
    }

    async fn follow(&self, node: &Node<'_>, member: &Member) -> Result<(), Failure> {
        // Outside of the phase: what a control plane waits for the others is none of its time.
        let _turn = match member.role {
            Role::Worker => {
                self.assembly.api.wait().await;
                None
            }
            Role::ControlPlane => {
                self.assembly.formed.wait().await;
                Some(self.assembly.turn.lock().await)
            }
        };
        phases::run(node, &Join { assembly: self.assembly }).await?;
        crash::at(Point::Joined);
        Ok(())
    }
}
