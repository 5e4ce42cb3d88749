//! What people are told about fields and their values.

mod lab;

use lab::{lab, problems};

#[test]
fn everything_at_once() {
    let text = "\
name: Three
imgae: debian-12
defaults: {cpus: 300, memory-mib: 1GiB, nested: yes}
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.1960, cpu: 2}
- {ip: 192.168.206.198}
steps:
- instal: [curl]
- install: curl
- write: {path: /etc/motd}
";
    insta::assert_snapshot!(problems(text), @"
    error: `Three` is no name: use a-z and 0-9
     --> labs/three.yaml:1:7
      |
    1 | name: Three
      |       ^^^^^

    error: unknown field `imgae`
     --> labs/three.yaml:2:1
      |
    2 | imgae: debian-12
      | ^^^^^ did you mean `image`?

    error: expected a whole number from 0 to 255, found `300`
     --> labs/three.yaml:3:18
      |
    3 | defaults: {cpus: 300, memory-mib: 1GiB, nested: yes}
      |                  ^^^

    error: expected a whole number from 0 to 4294967295, found `1GiB`
     --> labs/three.yaml:3:35
      |
    3 | defaults: {cpus: 300, memory-mib: 1GiB, nested: yes}
      |                                   ^^^^

    error: expected `true` or `false`, found `yes`
     --> labs/three.yaml:3:49
      |
    3 | defaults: {cpus: 300, memory-mib: 1GiB, nested: yes}
      |                                                 ^^^

    error: invalid IPv4 address syntax
     --> labs/three.yaml:6:21
      |
    6 | - {name: node2, ip: 192.168.206.1960, cpu: 2}
      |                     ^^^^^^^^^^^^^^^^

    error: unknown field `cpu`
     --> labs/three.yaml:6:39
      |
    6 | - {name: node2, ip: 192.168.206.1960, cpu: 2}
      |                                       ^^^ did you mean `cpus`?

    error: missing field `name`
     --> labs/three.yaml:7:3
      |
    7 | - {ip: 192.168.206.198}
      |   ^^^^^^^^^^^^^^^^^^^^^

    error: unknown name `instal`
     --> labs/three.yaml:9:3
      |
    9 | - instal: [curl]
      |   ^^^^^^ did you mean `install`?

    error: expected a list, found `curl`
      --> labs/three.yaml:10:12
       |
    10 | - install: curl
       |            ^^^^ write `[curl]`

    error: missing field `content`
      --> labs/three.yaml:11:10
       |
    11 | - write: {path: /etc/motd}
       |          ^^^^^^^^^^^^^^^^^

    11 problems in labs/three.yaml
    ");
}

#[test]
fn missing_fields_are_named_together() {
    insta::assert_snapshot!(problems("nodes:\n- cpus: 1\n  mac: x\n"), @"
    error: missing fields `name`, `image`
     --> labs/three.yaml:1:1
      |
    1 | nodes:
      | ^^^^^^

    error: missing fields `name`, `ip`
     --> labs/three.yaml:2:3
      |
    2 | - cpus: 1
      |   ^^^^^^^

    2 problems in labs/three.yaml
    ");
    insta::assert_snapshot!(problems(""), @"
    error: expected a map, found nothing
     --> labs/three.yaml:1:1
      |
    1 |
      | ^
      = with the fields `name`, `image`, `network`, `defaults`, `nodes`, `steps`, `labels`; `{}` is a map with none of them

    1 problem in labs/three.yaml
    ");
}

#[test]
fn types_and_their_words() {
    let text = "\
name: [a]
image:
network: {a: b}
defaults: \"none\"
nodes: {name: a}
steps: ~
labels: {a: 1.20, B: x, c: null}
";
    insta::assert_snapshot!(problems(text), @r#"
    error: expected text, found a list
     --> labs/three.yaml:1:7
      |
    1 | name: [a]
      |       ^^^

    error: expected text, found nothing
     --> labs/three.yaml:2:6
      |
    2 | image:
      |      ^

    error: expected text, found a map
     --> labs/three.yaml:3:10
      |
    3 | network: {a: b}
      |          ^^^^^^

    error: expected a map, found `none`
     --> labs/three.yaml:4:11
      |
    4 | defaults: "none"
      |           ^^^^^^ with the fields `cpus`, `memory-mib`, `nested`

    error: expected a list, found a map
     --> labs/three.yaml:5:8
      |
    5 | nodes: {name: a}
      |        ^^^^^^^^^

    error: expected a list, found nothing
     --> labs/three.yaml:6:8
      |
    6 | steps: ~
      |        ^ leave the key out, or write `[]`

    error: `B` is no name: use a-z and 0-9
     --> labs/three.yaml:7:19
      |
    7 | labels: {a: 1.20, B: x, c: null}
      |                   ^

    error: expected text, found nothing
     --> labs/three.yaml:7:28
      |
    7 | labels: {a: 1.20, B: x, c: null}
      |                            ^^^^ if this is a text, write `"null"`

    8 problems in labs/three.yaml
    "#);
}

#[test]
fn scalars_keep_their_text() {
    let lab =
        lab("name: 1\nimage: 1.20\nnetwork: ~\nlabels: {a: true, b: 0x10, c: 'null', d: \"\"}\nsteps: [reboot: ]\n");
    assert_eq!((lab.value.name.0.as_str(), lab.value.image.as_str()), ("1", "1.20"));
    assert_eq!(lab.value.network, None);
    assert_eq!(lab.value.labels.values().collect::<Vec<_>>(), ["true", "0x10", "null", ""]);
}

/// Even where nothing may be written: what belongs there may have been forgotten, or commented out.
#[test]
fn a_value_that_may_be_left_out_is_not_left_empty() {
    insta::assert_snapshot!(problems("name: a\nimage: b\nnetwork:\n# 10.0.0.0/8\ndefaults: {memory-mib: ~}\n"), @"
    error: expected text, found nothing
     --> labs/three.yaml:3:8
      |
    3 | network:
      |        ^

    1 problem in labs/three.yaml
    ");
}
