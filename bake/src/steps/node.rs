//! What every node of a cluster needs of its kernel, whichever runtime and version of Kubernetes it has.

use std::collections::BTreeMap;

use super::{Word, system};
use crate::actions::Action;

/// Modules at every boot: the runtime's layered file systems, and bridged packets in iptables.
const MODULES: &[&str] = &["overlay", "br_netfilter"];

/// Parameters at every boot. dockerd sets the policy of FORWARD to DROP if it has to switch `ip_forward` on by itself
/// (moby, libnetwork/drivers/bridge/setup_ip_forwarding.go): it must be on before dockerd starts for the first time.
const PARAMETERS: &[(&str, &str)] = &[
    ("net.ipv4.ip_forward", "1"),
    ("net.bridge.bridge-nf-call-iptables", "1"),
    ("net.bridge.bridge-nf-call-ip6tables", "1"),
];

/// Sets them. Each is a file of its own, so that a step that sets them again changes nothing.
pub(super) fn prepare_kernel() -> Vec<Action> {
    let modules: Vec<Word> = MODULES.iter().map(|name| Word::from_static(name)).collect();
    let parameters: BTreeMap<_, _> =
        PARAMETERS.iter().map(|(key, value)| (Word::from_static(key), (*value).to_owned())).collect();
    let mut actions = system::load_modules(&modules);
    actions.extend(system::set_parameters(&parameters));
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_set_by_files_that_are_read_at_every_boot() {
        let written: Vec<_> = prepare_kernel()
            .into_iter()
            .filter_map(|action| match action {
                Action::Write { path, content } => Some(format!("{path}: {content}")),
                _ => None,
            })
            .collect();
        assert!(written.contains(&"/etc/modules-load.d/br_netfilter.conf: br_netfilter\n".to_owned()), "{written:?}");
        assert!(written.contains(&"/etc/sysctl.d/90-net.ipv4.ip_forward.conf: net.ipv4.ip_forward = 1\n".to_owned()));
        assert_eq!(written.len(), 5);
    }
}
