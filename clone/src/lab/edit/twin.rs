//! The lab file of a lab that is made from another one: its name and its ports on the host are others.

use std::collections::BTreeMap;

use super::{EditError, items, read, rest_is_same};
use crate::lab::{Lab, LabName};

/// The lab with another name, and with other ports of this host that lead into its nodes: those that `ports` has, by what
/// they were.
///
/// # Errors
/// [`EditError::NoTwin`] where the file is written in a way that is not understood here.
pub fn twin(lab: &Lab, file_name: &str, name: &LabName, ports: &BTreeMap<u16, u16>) -> Result<Lab, EditError> {
    let no_twin = || EditError::NoTwin { lab: lab.name.clone() };
    let text = with_ports(&lab.text, ports).and_then(|text| with_name(&text, name)).ok_or_else(no_twin)?;
    let changed = read(file_name, &text)?;
    let mut meant = Lab { name: name.clone(), ..lab.clone() };
    for forward in meant.nodes.iter_mut().flat_map(|node| &mut node.forwards) {
        forward.host_port = ports.get(&forward.host_port).copied().unwrap_or(forward.host_port);
    }
    if changed.nodes == meant.nodes && rest_is_same(&meant, &changed) { Ok(changed) } else { Err(no_twin()) }
}

/// The text with another value of `name`, which stands at the beginning of a line.
fn with_name(text: &str, name: &LabName) -> Option<String> {
    let key = "name:";
    let begin = if text.starts_with(key) { 0 } else { text.find(&format!("\n{key}"))? + 1 } + key.len();
    let blanks = text[begin..].len() - text[begin..].trim_start_matches(' ').len();
    let value = begin + blanks;
    let end = value + text[value..].find(char::is_whitespace).unwrap_or(text.len() - value);
    Some([&text[..begin], " ", name.as_str(), &text[end..]].concat())
}

/// The text with other values of `host` in the list of nodes. All are found before any is changed: one can become what
/// another was.
fn with_ports(text: &str, ports: &BTreeMap<u16, u16>) -> Option<String> {
    if ports.is_empty() {
        return Some(text.to_owned());
    }
    let key = "host:";
    let (mut changed, mut copied) = (String::new(), 0);
    for place in items(text)?.places {
        for (at, _) in text[place.clone()].match_indices(key) {
            let after = &text[place.start + at + key.len()..place.end];
            let digits = after.trim_start_matches(' ');
            let begin = place.start + at + key.len() + (after.len() - digits.len());
            let end = begin + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            if let Some(port) = text[begin..end].parse().ok().and_then(|port: u16| ports.get(&port)) {
                changed.push_str(&text[copied..begin]);
                changed.push_str(&port.to_string());
                copied = end;
            }
        }
    }
    changed.push_str(&text[copied..]);
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;

    const HEAD: &str = "# The lab `lab`.\nname: lab # as ever\nimage: debian-12\nnetwork: 192.168.206.0/24\n";

    fn twin_of(nodes: &str, ports: &[(u16, u16)]) -> Result<Lab, EditError> {
        let lab = check::parse("lab.yaml", &format!("{HEAD}{nodes}")).unwrap();
        twin(&lab, "lab.yaml", &"lab-2".parse().unwrap(), &ports.iter().copied().collect())
    }

    #[test]
    fn name_and_ports_are_others_and_the_rest_stays() {
        let nodes = [
            "nodes: [{name: node1, ip: 192.168.206.196, forwards: [{host: 8080, guest: 80}, {host: 8081, guest: 8080}]}]\n",
            "nodes:\n- name: node1\n  ip: 192.168.206.196\n  forwards:\n  - host: 8080 # web\n    guest: 80\n  - {host: 8081, guest: 8080}\n",
        ];
        for nodes in nodes {
            // The two change places: neither may be changed twice.
            let twin = twin_of(nodes, &[(8080, 8081), (8081, 8080)]).unwrap();
            assert!(twin.text.starts_with("# The lab `lab`.\nname: lab-2 # as ever\n"), "{}", twin.text);
            let ports: Vec<_> =
                twin.nodes[0].forwards.iter().map(|forward| (forward.host_port, forward.guest_port)).collect();
            assert_eq!(ports, [(8081, 80), (8080, 8080)], "{}", twin.text);
        }
        let quoted = "nodes: [{name: node1, ip: 192.168.206.196}]\n";
        assert_eq!(
            twin_of(quoted, &[]).unwrap().text,
            format!("{HEAD}{quoted}").replace("name: lab #", "name: lab-2 #")
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let nodes = "nodes: [{name: node1, ip: 192.168.206.196, forwards: [{'host': 8080, guest: 80}]}]\n";
        let error = twin_of(nodes, &[(8080, 9090)]).unwrap_err();
        assert!(matches!(error, EditError::NoTwin { .. }) && error.to_string().contains("lab lab"), "{error}");
    }
}
