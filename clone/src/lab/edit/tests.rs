use super::*;

const HEAD: &str = "# A lab.\nname: lab\nimage: debian-12\nnetwork: 192.168.206.0/24\n";
const ENTRY: &str = "{name: node9, ip: 192.168.206.209}";

/// The same two nodes, written in all the ways that are known.
const LISTS: [&str; 6] = [
    "nodes:\n- {name: node1, ip: 192.168.206.196}\n- {name: node2, ip: 192.168.206.197}\n",
    "nodes: # two\n  - name: node1\n    ip: 192.168.206.196\n\n  # the other\n  - name: \"node2\"\n    ip: 192.168.206.197\n",
    "nodes: [{name: node1, ip: 192.168.206.196}, {name: node2, ip: 192.168.206.197}]\n",
    "nodes: [\n  {name: node1, ip: 192.168.206.196},\n  {name: node2, ip: 192.168.206.197}\n]\n",
    "nodes:\n- {name: node1, ip: 192.168.206.196}\n-\n  name: node2\n  ip: 192.168.206.197\n\n# the end\ndefaults: {cpus: 1}\n",
    "nodes:\n- {name: node1, ip: 192.168.206.196}\n- {name: node2, ip: 192.168.206.197}",
];

fn lab(list: &str) -> Lab {
    check::parse("lab.yaml", &format!("{HEAD}{list}")).unwrap()
}

fn names(lab: &Lab) -> Vec<&str> {
    lab.nodes.iter().map(|node| node.name.as_str()).collect()
}

#[test]
fn a_node_is_added_and_removed_in_every_style() {
    for list in LISTS {
        let lab = lab(list);
        let more = add(&lab, "lab.yaml", ENTRY).unwrap();
        assert_eq!(names(&more), ["node1", "node2", "node9"], "{}", more.text);
        let less = remove(&more, "lab.yaml", &"node9".parse().unwrap()).unwrap();
        assert_eq!(less.text.trim_end(), lab.text.trim_end(), "{list}");
        for (gone, left) in [("node1", "node2"), ("node2", "node1")] {
            let less = remove(&lab, "lab.yaml", &gone.parse().unwrap()).unwrap();
            assert_eq!(names(&less), [left], "{}", less.text);
        }
    }
}

#[test]
fn comments_stay_where_they_are() {
    let more = add(&lab(LISTS[4]), "lab.yaml", ENTRY).unwrap();
    assert!(
        more.text.contains("ip: 192.168.206.197\n- {name: node9, ip: 192.168.206.209}\n\n# the end\n"),
        "{}",
        more.text
    );
}

#[test]
fn a_change_that_makes_the_file_wrong_is_refused() {
    let error = add(&lab(LISTS[0]), "lab.yaml", "{name: node9, ip: 10.0.0.1}").unwrap_err();
    assert!(matches!(error, EditError::Wrong(_)), "{error}");
    let only = lab("nodes: [{name: node1, ip: 192.168.206.196}]\n");
    assert!(matches!(remove(&only, "lab.yaml", &"node1".parse().unwrap()), Err(EditError::Wrong(_))));
}

#[test]
fn what_is_not_understood_is_left_to_its_author() {
    for list in [
        "nodes: [{name: 'node1', ip: 192.168.206.196}]\n",
        "nodes: &all\n- {name: node1, ip: 192.168.206.196}\n",
        "\"nodes\": [{name: node1, ip: 192.168.206.196}]\n",
    ] {
        let Ok(lab) = check::parse("lab.yaml", &format!("{HEAD}{list}")) else { continue };
        assert!(matches!(add(&lab, "lab.yaml", ENTRY), Err(EditError::Unclear { .. })), "{list}");
    }
    // A node without a name that is found is not removed.
    let unknown = remove(&lab(LISTS[0]), "lab.yaml", &"node3".parse().unwrap());
    assert!(matches!(unknown, Err(EditError::Unclear { hint: " --remove" })));
}

#[test]
fn a_node_that_changes_what_others_are_is_not_added() {
    let list = "nodes: [{name: node1, ip: 192.168.206.196, cpus: 2}]\nkubernetes: {}\n";
    let entry = "{name: node9, ip: 192.168.206.209, cpus: 2, role: control-plane}";
    assert!(matches!(add(&lab(list), "lab.yaml", entry), Err(EditError::Unclear { .. })));
}

#[test]
fn nothing_else_is_changed_with_a_node() {
    let changed = add(&lab(LISTS[0]), "lab.yaml", &format!("{ENTRY}\ncheckpoint: off"));
    assert!(matches!(changed, Err(EditError::Unclear { .. })));
}
