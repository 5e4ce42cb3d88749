//! The phase `identity`: the nodes are who they should be, no two of them share anything that makes a machine a
//! machine, and they reach each other.
//!
//! Kubernetes asks for exactly this: host name, MAC address and product UUID have to be unique on every node; and two
//! clones with one machine-id get one DHCP lease, and with one random seed the same keys.

mod compare;
mod facts;
mod links;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use kiln_cloud_init::{KeyPair, NodeName};
use kiln_console::Task;

use super::{Node, Phase, Problem, Work};
use crate::guest::{self, Script};
use crate::machine::product_uuid;
pub use compare::{Expected, Shared, find_shared};
pub use facts::Facts;
pub use links::check_links;

/// See the module. Keeps what was found, so that the nodes can be compared with each other.
#[derive(Debug)]
pub struct Identity<'a> {
    /// The host keys that were handed to the nodes.
    pub host_keys: &'a BTreeMap<NodeName, KeyPair>,
    /// The length of the network's prefix, in bits.
    pub prefix: u8,
    /// What was found.
    pub found: RefCell<BTreeMap<NodeName, Facts>>,
}

impl Phase for Identity<'_> {
    fn name(&self) -> &'static str {
        "identity"
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // What was right at the last boot need not be right now.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, _: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let step = "asking for the identity";
            let script =
                Script { step, phase: self.name(), text: facts::SCRIPT, arguments: Vec::new(), stdin: Vec::new() };
            let answer = guest::run(node, &script).await?;
            let facts = Facts::parse(&String::from_utf8_lossy(&answer));
            let differences = self.expected(node)?.differences(&facts);
            self.found.borrow_mut().insert(node.name.clone(), facts);
            if differences.is_empty() {
                return Ok(());
            }
            let differences = differences.join("\n  ");
            Err(Problem::Wrong(format!(
                "the node is not who it should be\n  {differences}\n  \
                 did its golden image leave out cloud-init, or was it not sealed?"
            )))
        })
    }
}

impl Identity<'_> {
    fn expected<'a>(&'a self, node: &'a Node<'_>) -> Result<Expected<'a>, Problem> {
        let host_key =
            self.host_keys.get(node.name).ok_or_else(|| Problem::Wrong("it was never given a host key".to_owned()))?;
        Ok(Expected {
            hostname: node.name.as_str(),
            product_uuid: product_uuid(node.site.uuid, node.name),
            host_key: host_key.public_line(),
            macs: [node.state.nat.mac, node.state.service.mac],
            service: (&node.state.service.name, node.state.ip, self.prefix),
        })
    }
}
