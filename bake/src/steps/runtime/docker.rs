//! Docker, for Kubernetes up to 1.23: later versions cannot talk to it.

use camino::Utf8Path;
use kiln_images::manifest::CgroupDriver;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::{Package, node};
use super::install;
use crate::actions::Action;

/// `docker`: the Docker Engine, with `overlay2`, logs that are rotated, and the kernel's settings in place before it
/// starts for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Docker {
    /// The packages it comes in, such as `docker.io` of Debian, or `docker-ce-18.09.3-3.el7` and its parts. None where
    /// the base has it.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Who makes the containers' control groups.
    #[serde(default)]
    pub cgroup_driver: CgroupDriver,
}

impl Docker {
    /// The configuration goes first: where a package starts the daemon, it starts with it.
    pub(in super::super) fn actions(&self) -> Vec<Action> {
        let mut actions = node::prepare_kernel();
        actions.extend(Action::write_file(Utf8Path::new("/etc/docker/daemon.json"), self.daemon_json(), "0644"));
        actions.extend(install(&self.packages));
        actions.push(Action::RunCommand("systemctl enable docker.service".to_owned()));
        actions
    }

    /// dockerd(8), "daemon configuration file"; the values are those of "Container runtimes" in Kubernetes 1.20's
    /// documentation.
    fn daemon_json(&self) -> String {
        let settings = json!({
            "exec-opts": [format!("native.cgroupdriver={}", self.cgroup_driver.as_str())],
            "log-driver": "json-file",
            "log-opts": {"max-size": "100m"},
            "storage-driver": "overlay2",
        });
        format!("{settings:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_configured_before_it_is_there_and_enabled_last() {
        let docker = Docker { packages: vec!["docker.io".parse().unwrap()], cgroup_driver: CgroupDriver::Cgroupfs };
        let actions = docker.actions();
        let place = |wanted: &dyn Fn(&Action) -> bool| actions.iter().position(wanted).unwrap();
        let written = place(&|action| {
            matches!(action, Action::Write { path, content }
                if path == "/etc/docker/daemon.json" && content.contains(r#""native.cgroupdriver=cgroupfs""#))
        });
        let installed = place(&|action| matches!(action, Action::Install(_)));
        let forwards = place(
            &|action| matches!(action, Action::Write { path, .. } if path == "/etc/sysctl.d/90-net.ipv4.ip_forward.conf"),
        );
        assert!(forwards < installed && written < installed && installed == actions.len() - 2, "{actions:?}");
    }

    #[test]
    fn what_the_base_brought_is_not_installed_again() {
        let docker = Docker { packages: Vec::new(), cgroup_driver: CgroupDriver::default() };
        assert!(!docker.actions().iter().any(|action| matches!(action, Action::Install(_))));
        assert!(docker.daemon_json().contains("native.cgroupdriver=systemd"));
    }
}
