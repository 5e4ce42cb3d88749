//! Checks of the finished value, and the other forms of problems.

mod lab;

use kiln_document::{path, read};
use lab::{Lab, lab};

#[test]
fn checks_of_the_value_are_reported_in_the_same_form() {
    let lab =
        lab("name: a\nimage: b\nnetwork: 10.0.0.0/24\nnodes:\n- name: x\n  ip: 10.0.1.1\n- {name: x, ip: 10.0.0.2}\n");
    assert_eq!(lab.at(path!["nodes", 1, "ip"]), (7, 17));
    let mut problems = lab.problems();
    problems.add(path!["nodes", 1, "name"], "the name `x` is used twice").hint("node names differ");
    problems.add(path!["nodes", 0, "ip"], "10.0.1.1 is not in the lab's network").hint("the network is 10.0.0.0/24");
    problems.add(path!["nodes", 1, "mac"], "a MAC address is needed on this backend");
    problems.add(path!["nodes"].at(0), "this node is too small");
    problems.add(path!["nodes"], "too many nodes");
    problems.add(path!["steps"], "a lab needs steps");
    insta::assert_snapshot!(problems.finish().unwrap_err(), @"
    error: a lab needs steps
     --> labs/three.yaml:1:1
      |
    1 | name: a
      | ^^^^^^^

    error: too many nodes
     --> labs/three.yaml:4:1
      |
    4 | nodes:
      | ^^^^^

    error: this node is too small
     --> labs/three.yaml:5:3
      |
    5 | - name: x
      |   ^^^^^^^

    error: 10.0.1.1 is not in the lab's network
     --> labs/three.yaml:6:7
      |
    6 |   ip: 10.0.1.1
      |       ^^^^^^^^ the network is 10.0.0.0/24

    error: a MAC address is needed on this backend
     --> labs/three.yaml:7:3
      |
    7 | - {name: x, ip: 10.0.0.2}
      |   ^^^^^^^^^^^^^^^^^^^^^^^

    error: the name `x` is used twice
     --> labs/three.yaml:7:10
      |
    7 | - {name: x, ip: 10.0.0.2}
      |          ^ node names differ

    6 problems in labs/three.yaml
    ");
    lab.problems().finish().unwrap();
}

#[test]
fn colours_and_json() {
    let problems = read::<Lab>("l.yaml", "name: a\nimage: b\nipp: c\n").unwrap_err();
    insta::assert_snapshot!(format!("{:?}", problems.render(true)), @r#""\u{1b}[1;31merror\u{1b}[0m\u{1b}[1m:\u{1b}[0m \u{1b}[1munknown field `ipp`\u{1b}[0m\n \u{1b}[1;34m-->\u{1b}[0m l.yaml:3:1\n  \u{1b}[1;34m|\u{1b}[0m\n\u{1b}[1;34m3\u{1b}[0m \u{1b}[1;34m|\u{1b}[0m ipp: c\n  \u{1b}[1;34m|\u{1b}[0m \u{1b}[1;31m^^^\u{1b}[0m\n  \u{1b}[1;34m=\u{1b}[0m known here: `name`, `image`, `network`, `defaults`, `nodes`, `steps`, `labels`\n\n1 problem in l.yaml""#);
    let json = serde_json::to_string(&problems).unwrap();
    insta::assert_snapshot!(json, @r#"{"file":"l.yaml","problems":[{"line":3,"column":1,"message":"unknown field `ipp`","hint":"known here: `name`, `image`, `network`, `defaults`, `nodes`, `steps`, `labels`"}]}"#);
}
