//! The identity of a clone: what makes a node another machine than the golden image its disk stands on, and how it
//! is told so.
//!
//! - [`Identity`] derives a node's product UUID, instance-id and MAC addresses from the lab's UUID and its name;
//! - [`KeyPair`] is an SSH key: the node's host key, or the one the lab's user logs in with;
//! - [`Template`] is the user-data that nodes have in common, [`Seed`] what one node is given, and [`Seed::medium`]
//!   the CD-ROM image with it.
//!
//! One seed is for every cloud-init from CentOS 7.5's 0.7.9 on, so that nobody has to say which one an image has.
//! Nothing here runs a program, opens a file or uses the network.
//!
//! ```
//! use std::collections::BTreeSet;
//! use kiln_cloud_init::{Addressing, Extra, Identity, KeyPair, Login, Nic, Node, NodeName, Seed, Template, etc_hosts};
//!
//! let lab = uuid::Uuid::new_v4();
//! let name: NodeName = "node1".parse()?;
//! let identity = Identity::derive(lab, &name, 0, &["eth0", "eth1"], &mut BTreeSet::new());
//!
//! let user_key = KeyPair::generate("lab")?;
//! let login = Login {
//!     name: "debian".to_owned(),
//!     authorized_keys: vec![user_key.public_line().to_owned()],
//!     password_hash: None,
//! };
//! let hosts = etc_hosts([(&name, "192.168.206.196".parse()?)]);
//! let template = Template::new(&hosts, &login, &Extra::default())?;
//!
//! let host_key = KeyPair::generate("node1")?;
//! let service = Addressing::Static("192.168.206.196/24".parse()?);
//! let nics = [
//!     Nic { name: "eth0".to_owned(), mac: identity.macs[0], addressing: Addressing::Dhcp },
//!     Nic { name: "eth1".to_owned(), mac: identity.macs[1], addressing: service },
//! ];
//! let node = Node { name: &name, instance_id: identity.instance_id, host_key: &host_key, nics: &nics };
//! let medium = Seed::new(&template, &node)?.medium()?;
//! assert_eq!(medium.len() % 2048, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod hosts;
mod identity;
mod iso;
mod keys;
mod mac;
mod meta_data;
mod network_config;
mod node_name;
mod seed;
mod user_data;
mod yaml;

pub use error::Error;
pub use hosts::etc_hosts;
pub use identity::Identity;
pub use iso::Error as MediumError;
pub use keys::{KeyError, KeyPair, known_host};
pub use mac::{InvalidMacAddr, MacAddr};
pub use network_config::{Addressing, Nic, is_nic_name};
pub use node_name::{InvalidNodeName, NodeName};
pub use seed::{Node, Seed};
pub use user_data::{Extra, File, Login, Template, is_user_name};
