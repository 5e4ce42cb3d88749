//! Labs of the tests, and what `clone` says of them.

use serde_json::Value;

use crate::TestHome;
use crate::program::clone;

impl TestHome {
    /// Writes the file of a lab `name` of small machines `node1`, `node2`, … on `image`, and returns its path as an
    /// argument.
    pub fn lab(&self, name: &str, image: &str, nodes: u8) -> String {
        let node = |number| format!("- {{name: node{number}, ip: 192.168.206.{number}}}\n");
        let nodes: String = (1..=nodes).map(node).collect();
        let text = format!("name: {name}\nimage: {image}\nnetwork: 192.168.206.0/24\ndefaults: {{memory: 128MiB}}\n");
        self.file(&format!("{name}.yaml"), &format!("{text}nodes:\n{nodes}"))
    }

    /// What `clone status` says of the nodes of a lab.
    #[track_caller]
    pub fn status(&self, lab: &str) -> Vec<Value> {
        match clone(self, ["status", lab, "-o", "json"]).json() {
            Value::Array(rows) => rows,
            other => panic!("no list: {other}"),
        }
    }

    /// The states of the nodes of a lab, as `clone status` says.
    #[track_caller]
    pub fn states(&self, lab: &str) -> Vec<String> {
        self.status(lab).iter().map(|row| row["state"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Asserts that nothing of any lab is left: no process, and no file. Folders for half-made things that a killed
    /// program has left belong to no lab; `bake` removes them when it is sure that nobody works in them.
    #[track_caller]
    pub fn assert_no_labs(&self) {
        let processes = crate::processes(self);
        assert!(processes.is_empty(), "they run on: {processes:?}");
        for folder in ["labs", "scratch"].map(|name| self.root().join(name)) {
            if let Ok(entries) = std::fs::read_dir(&folder) {
                let mut left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
                // The work folder of a program that was killed: the next bake or prune removes it when it is a minute
                // old and nobody holds its lock.
                left.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("work-")));
                assert!(left.is_empty(), "left behind: {left:?}");
            }
        }
    }
}
