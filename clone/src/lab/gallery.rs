//! The labs that are built in, so that a name is enough.

/// A built-in lab.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name, which is the name in its file.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

impl Entry {
    /// What it is, in the words of the first line of its file.
    pub fn description(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches("# ")
    }
}

/// All of them.
pub const GALLERY: [Entry; 6] = [
    Entry { name: "debian-k8s", text: include_str!("../../../labs/debian-k8s.yaml") },
    Entry { name: "k8s-1-36", text: include_str!("../../../labs/k8s-1-36.yaml") },
    Entry { name: "mesh", text: include_str!("../../../labs/mesh.yaml") },
    Entry { name: "mesh-1-30", text: include_str!("../../../labs/mesh-1-30.yaml") },
    Entry { name: "one-node", text: include_str!("../../../labs/one-node.yaml") },
    Entry { name: "three-nodes", text: include_str!("../../../labs/three-nodes.yaml") },
];

/// The built-in lab of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    GALLERY.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::check;

    #[test]
    fn every_built_in_lab_is_right_and_has_the_name_it_is_found_by() {
        for entry in GALLERY {
            let lab = check::parse(entry.name, entry.text).unwrap();
            assert_eq!(lab.name.as_str(), entry.name);
        }
    }
}
