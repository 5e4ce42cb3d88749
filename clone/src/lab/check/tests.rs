use super::*;

const GOOD: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.197, cpus: 2, memory: 2GiB, disk: 20GiB}
";

/// What is said of the file when `from` is replaced by `to`.
fn problems(from: &str, to: &str) -> String {
    let text = GOOD.replacen(from, to, 1);
    assert_ne!(text, GOOD, "{from}");
    parse("lab.yaml", &text).unwrap_err().to_string()
}

#[test]
fn a_good_file_is_filled_in_with_the_defaults() {
    let lab = parse("lab.yaml", &GOOD.replace("nodes:", "defaults: {cpus: 4, disk: 10GiB}\nnodes:")).unwrap();
    let sizes = lab.nodes.iter().map(|node| (node.cpus, node.memory_mib, node.disk.unwrap().to_string()));
    assert_eq!(sizes.collect::<Vec<_>>(), [(4, 1024, "10GiB".to_owned()), (2, 2048, "20GiB".to_owned())]);
    assert_eq!(lab.text.lines().count(), 7);
}

#[test]
fn every_kind_of_mistake_has_a_message() {
    for (from, to, message) in [
        ("image:", "imgae:", "unknown field `imgae`"),
        ("lab\n", "../lab\n", "`../lab` cannot be a lab's name"),
        ("lab\n", "\"la'b\"\n", "`la'b` cannot be a lab's name"),
        ("node2", "../node2", "`../node2` cannot be a node's name"),
        ("node2", "'no\"de2'", "cannot be a node's name"),
        ("node2", "a-name-of-twenty-five-abcd", "is too long"),
        ("node2", "node1", "two nodes are named `node1`"),
        ("206.197", "206.196", "two nodes have the address `192.168.206.196`"),
        ("206.197", "207.197", "192.168.207.197 is not in the lab's network 192.168.206.0/24"),
        ("206.197", "206.0", "192.168.206.0 is the address of the network itself"),
        ("206.197", "206.255", "192.168.206.255 is the broadcast address"),
        ("206.197", "206.1977", "invalid"),
        ("206.0/24", "206.1/24", "is an address in a network, not a network"),
        ("206.0/24", "206.0", "invalid"),
        ("192.168.206.0/24", "192.168.206.196/31", "a network of /31 cannot hold a lab"),
        ("192.168.206.0/24", "10.0.0.0/16", "overlaps 10.0.2.0/24"),
        ("debian-12", "Debian 12", "is not a name"),
        ("debian-12", "sha256:xyz", "is not a digest"),
        ("cpus: 2", "cpus: 0", "a node has 1 to 256 virtual CPUs"),
        ("2GiB", "2G", "write 2GiB"),
        ("2GiB", "64MiB", "64MiB of memory is too little"),
        ("20GiB", "0GiB", "it is zero"),
        ("nodes:", "cloud-init: {config: {users: []}}\nnodes:", "`users` is set by Kiln itself"),
        ("nodes:", "cloud-init: {files: [{path: etc/motd, content: x}]}\nnodes:", "`etc/motd` is no place for a file"),
        ("nodes:", "cloud-init: {files: [{path: /a, content: x, mode: '999'}]}\nnodes:", "is no file mode"),
        ("cpus: 2", "forwards: [{host: 80, guest: 80}]", "port 80 needs root"),
        ("cpus: 2", "forwards: [{host: 8080, guest: 0}]", "there is no port 0"),
        ("cpus: 2", "forwards: [{host: 8080, guest: 1}, {host: 8080, guest: 2}]", "forwarded twice"),
    ] {
        let text = problems(from, to);
        assert!(text.contains(message), "{to}: {text}");
    }
    let none = parse("lab.yaml", "name: lab\nimage: debian-12\nnetwork: 192.168.206.0/24\nnodes: []\n").unwrap_err();
    assert!(none.to_string().contains("at least one node"), "{none}");
}

#[test]
fn all_problems_are_said_at_once_and_in_their_places() {
    let text = GOOD.replace("206.0/24", "206.9/24").replace("node2", "node1").replace("206.197", "207.1");
    insta::assert_snapshot!(parse("lab.yaml", &text).unwrap_err(), @r"
    error: `192.168.206.9/24` is an address in a network, not a network
     --> lab.yaml:3:10
      |
    3 | network: 192.168.206.9/24
      |          ^^^^^^^^^^^^^^^^ the network is 192.168.206.0/24

    error: two nodes are named `node1`
     --> lab.yaml:6:10
      |
    6 | - {name: node1, ip: 192.168.207.1, cpus: 2, memory: 2GiB, disk: 20GiB}
      |          ^^^^^ the other is node 1 of the list

    error: 192.168.207.1 is not in the lab's network 192.168.206.0/24
     --> lab.yaml:6:21
      |
    6 | - {name: node1, ip: 192.168.207.1, cpus: 2, memory: 2GiB, disk: 20GiB}
      |                     ^^^^^^^^^^^^^

    3 problems in lab.yaml
    ");
}

#[test]
fn mistakes_of_writing_are_said_at_once_too() {
    let text = GOOD.replace("image:", "imgae:").replace("2GiB", "2G").replace("node1", "Node1");
    insta::assert_snapshot!(parse("lab.yaml", &text).unwrap_err(), @r"
    error: unknown field `imgae`
     --> lab.yaml:2:1
      |
    2 | imgae: debian-12
      | ^^^^^ did you mean `image`?

    error: `Node1` cannot be a node's name: take 1 to 63 characters of a-z, 0-9 and `-`, with no `-` at either end
     --> lab.yaml:5:10
      |
    5 | - {name: Node1, ip: 192.168.206.196}
      |          ^^^^^

    error: `2G` is not a size: the units are GiB, MiB and KiB; write 2GiB
     --> lab.yaml:6:55
      |
    6 | - {name: node2, ip: 192.168.206.197, cpus: 2, memory: 2G, disk: 20GiB}
      |                                                       ^^

    3 problems in lab.yaml
    ");
}
