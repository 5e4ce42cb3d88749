//! containerd, for Kubernetes 1.24 and later.

use camino::Utf8Path;
use kiln_images::manifest::CgroupDriver;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::shell::run_script;
use super::super::{Package, RegistryImage, node};
use super::install;
use crate::actions::Action;

/// `containerd`: with its Kubernetes interface (CRI) on, the right sandbox image, and CNI plugins from /opt/cni/bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Containerd {
    /// The packages it comes in, such as `containerd` of Debian or `containerd.io` of Docker. None where the base has it.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// The image of the container that holds a pod's namespaces: the one that `kubeadm config images list` names, or
    /// the kubelet removes it from a full disk.
    pub sandbox_image: RegistryImage,
    /// Who makes the containers' control groups.
    #[serde(default)]
    pub cgroup_driver: CgroupDriver,
}

/// Writes the configuration of the version that the installed containerd writes itself, and asks it what it makes of
/// that: a misspelt key would be ignored without a word. containerd 1 has version 2, containerd 2 has version 3 or
/// above and takes 3.
const CONFIGURE: (&str, &str) = ("containerd.sh", include_str!("containerd.sh"));

/// Where the script and the configurations lie until it has run.
const STAGE: &str = "/var/tmp/kiln-containerd";

impl Containerd {
    pub(in super::super) fn actions(&self) -> Vec<Action> {
        let mut actions = node::prepare_kernel();
        actions.extend(install(&self.packages));
        actions.extend(self.configure());
        actions.push(Action::RunCommand("systemctl enable containerd.service".to_owned()));
        actions
    }

    fn configure(&self) -> Vec<Action> {
        let write = |name: &str, content| Action::Write { path: Utf8Path::new(STAGE).join(name), content };
        let configurations = [write("2.toml", self.version_2()), write("3.toml", self.version_3())];
        let script = run_script(STAGE, CONFIGURE, [STAGE, &self.systemd_cgroup(), self.sandbox_image.as_str()]);
        std::iter::once(Action::Mkdir(STAGE.into())).chain(configurations).chain(script).collect()
    }

    fn systemd_cgroup(&self) -> String {
        format!("SystemdCgroup = {}", self.cgroup_driver == CgroupDriver::Systemd)
    }

    /// containerd 1.6, docs/cri/config.md. What is not said keeps its default, and the file of the package is replaced:
    /// Docker's switches the CRI off, Debian's looks for plugins in /usr/lib/cni.
    fn version_2(&self) -> String {
        let (sandbox, systemd) = (&self.sandbox_image, self.systemd_cgroup());
        format!(
            "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = \"{sandbox}\"\n\n\
             [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n\
             runtime_type = \"io.containerd.runc.v2\"\n\n\
             [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n{systemd}\n"
        )
    }

    /// containerd 2.0, docs/cri/config.md: the plugin has become two.
    fn version_3(&self) -> String {
        let (sandbox, systemd) = (&self.sandbox_image, self.systemd_cgroup());
        format!(
            "version = 3\n\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\nsandbox = '{sandbox}'\n\n\
             [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n\
             runtime_type = 'io.containerd.runc.v2'\n\n\
             [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n{systemd}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    /// Runs what the step runs, with a containerd that writes its default configuration in a version, and that knows
    /// what it is told; or nothing.
    fn configure(step: &Containerd, default_version: u32, dump: &str) -> (Option<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        let containerd = folder.path().join("containerd");
        let script =
            format!("#!/bin/sh\ncase $2 in default) echo 'version = {default_version}';; dump) {dump};; esac\n");
        std::fs::write(&containerd, script.replace("/etc/", &format!("{root}/etc/"))).unwrap();
        std::fs::set_permissions(&containerd, std::fs::Permissions::from_mode(0o755)).unwrap();
        let here = |text: &str| text.replace("/etc/", &format!("{root}/etc/")).replace(STAGE, &format!("{root}/stage"));
        let path = format!("{root}:{}", std::env::var("PATH").unwrap());
        std::fs::create_dir(folder.path().join("stage")).unwrap();
        let mut ran = None;
        for action in step.configure() {
            match action {
                Action::Write { path, content } => std::fs::write(here(path.as_str()), here(&content)).unwrap(),
                Action::RunCommand(command) => {
                    ran = Some(Command::new("sh").args(["-c", &here(&command)]).env("PATH", &path).output().unwrap());
                }
                _ => {}
            }
        }
        let ran = ran.unwrap();
        let written = std::fs::read_to_string(format!("{root}/etc/containerd/config.toml")).unwrap();
        (ran.status.success().then_some(written), String::from_utf8(ran.stderr).unwrap())
    }

    fn step() -> Containerd {
        let sandbox_image = "registry.k8s.io/pause:3.10.2".parse().unwrap();
        Containerd { packages: Vec::new(), sandbox_image, cgroup_driver: CgroupDriver::Systemd }
    }

    #[test]
    fn each_containerd_gets_the_version_it_knows() {
        let dump = "cat /etc/containerd/config.toml";
        assert_eq!(configure(&step(), 2, dump).0.unwrap(), step().version_2());
        assert_eq!(configure(&step(), 3, dump).0.unwrap(), step().version_3());
        assert_eq!(configure(&step(), 4, dump).0.unwrap(), step().version_3());
    }

    #[test]
    fn what_containerd_does_not_take_up_is_told() {
        let (written, said) = configure(&step(), 3, "echo 'SystemdCgroup = true'");
        assert!(written.is_none() && said.contains("registry.k8s.io/pause:3.10.2"), "{said}");
    }
}
