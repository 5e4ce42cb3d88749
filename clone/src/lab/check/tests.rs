use super::*;
use crate::lab::kubernetes::{PodNetwork, Role};

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
fn a_node_can_have_an_image_of_its_own() {
    let lab = parse("lab.yaml", &GOOD.replace("196}", "196, image: desktop}")).unwrap();
    assert_eq!(lab.nodes.iter().map(|node| node.image.as_str()).collect::<Vec<_>>(), ["desktop", "debian-12"]);
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
        ("206.197", "206.1977", "is no IPv4 address: write four numbers"),
        ("206.0/24", "206.1/24", "is an address in a network, not a network"),
        ("206.0/24", "206.0", "`192.168.206.0` is no IPv4 network: write its address and length"),
        ("192.168.206.0/24", "192.168.206.196/31", "a network of /31 cannot hold a lab"),
        ("192.168.206.0/24", "10.0.0.0/16", "overlaps 10.0.2.0/24"),
        ("192.168.206.0/24", "127.0.0.0/24", "no host can have an address in `127.0.0.0/24`"),
        ("192.168.206.0/24", "224.0.0.0/8", "no host can have an address in"),
        ("192.168.206.0/24", "255.255.255.0/24", "no host can have an address in"),
        ("192.168.206.0/24", "0.0.0.0/8", "no host can have an address in"),
        ("192.168.206.0/24", "169.254.0.0/16", "no host can have an address in"),
        ("debian-12", "Debian 12", "is not a name"),
        ("debian-12", "sha256:xyz", "is not a digest"),
        ("cpus: 2", "image: Debian 12", "is not a name"),
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

const CLUSTER: &str = "\
name: lab
image: debian-12
network: 192.168.206.0/24
kubernetes: {}
nodes:
- {name: node1, ip: 192.168.206.196, cpus: 2}
- {name: node2, ip: 192.168.206.197}
";

#[test]
fn a_cluster_has_defaults_and_its_first_node_is_the_control_plane() {
    let lab = parse("labs/lab.yaml", CLUSTER).unwrap();
    let kubernetes = lab.kubernetes.unwrap();
    assert_eq!(
        (kubernetes.pods.to_string(), kubernetes.services.to_string()),
        ("10.244.0.0/16".into(), "10.96.0.0/12".into())
    );
    assert_eq!(kubernetes.network, PodNetwork::Routes);
    let roles = lab.nodes.iter().map(|node| node.role.unwrap());
    assert_eq!(roles.collect::<Vec<_>>(), [Role::ControlPlane, Role::Worker]);
    assert_eq!(lab.base.unwrap(), "labs");

    let named = CLUSTER.replace("197}", "197, role: control-plane, cpus: 2}");
    let roles: Vec<_> = parse("lab.yaml", &named).unwrap().nodes.iter().map(|node| node.role.unwrap()).collect();
    assert_eq!(roles, [Role::Worker, Role::ControlPlane]);
    assert!(parse("lab.yaml", GOOD).unwrap().nodes.iter().all(|node| node.role.is_none()));
}

#[test]
fn every_kind_of_mistake_in_a_cluster_has_a_message() {
    for (from, to, message) in [
        ("{}", "{pod: 10.244.0.0/16}", "unknown field `pod`"),
        ("{}", "{pods: 10.244.0.1/16}", "is an address in a network"),
        ("{}", "{pods: 10.244.0.0/25}", "a network of /25 cannot hold the pods"),
        ("{}", "{pods: 10.244.0.0/24}", "has pods for 1 nodes, not for 2"),
        ("{}", "{pods: 192.168.0.0/16}", "overlap 192.168.206.0/24, the lab's network"),
        ("{}", "{pods: 10.0.0.0/16}", "overlap 10.0.2.0/24, which the nodes reach the internet through"),
        ("{}", "{services: 10.0.0.0/12}", "overlap 10.0.2.0/24"),
        ("{}", "{services: 10.244.0.0/20}", "overlap 10.244.0.0/16, the addresses of pods"),
        ("{}", "{services: 10.96.0.0/30}", "a network of /30 cannot hold the services"),
        ("{}", "{services: 11.0.0.0/8}", "a network of /8 cannot hold the services"),
        ("{}", "{network: bridge}", "bridge"),
        ("{}", "{network: {flannel: {manifest: f.yml}}}", "sha256"),
        ("{}", "{network: {flannel: {manifest: f.yml, sha256: 12}}}", "digest"),
        ("{}", "{network: {manifest: ''}}", "the name of a file is needed"),
        ("{}", "{ignore-preflight: [all]}", "name the checks"),
        ("{}", "{ignore-preflight: ['Num CPU']}", "is no check of kubeadm's"),
        ("{}", "{skip-phases: [addon coredns]}", "is no phase of kubeadm's"),
        ("{}", "{endpoint: 'api:6443'}", "neither an IPv4 address nor a host name"),
        ("197}", "197, role: master}", "master"),
        ("197}", "197, role: worker}", "no node has the role `control-plane`"),
        (", cpus: 2", "", "kubeadm wants 2 processors for the control plane node1"),
    ] {
        let text = CLUSTER.replacen(from, to, 1);
        let said = parse("lab.yaml", &text).unwrap_err().to_string();
        assert!(said.contains(message), "{to}: {said}");
    }
    let ignored = CLUSTER.replace(", cpus: 2", "").replace("{}", "{ignore-preflight: [numcpu]}");
    assert!(parse("lab.yaml", &ignored).is_ok());
}

#[test]
fn mistakes_in_a_cluster_are_shown_in_their_places() {
    let text = CLUSTER.replace("192.168.206.0/24", "10.244.0.0/16").replace("{}", "{services: 10.244.0.1/20}");
    let text = text.replace("192.168.206.", "10.244.9.").replace(", cpus: 2", "");
    insta::assert_snapshot!(parse("lab.yaml", &text).unwrap_err(), @"
    error: the pods `10.244.0.0/16` overlap 10.244.0.0/16, the lab's network
     --> lab.yaml:4:13
      |
    4 | kubernetes: {services: 10.244.0.1/20}
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^ say `pods:` with another network

    error: `10.244.0.1/20` is an address in a network, not a network
     --> lab.yaml:4:24
      |
    4 | kubernetes: {services: 10.244.0.1/20}
      |                        ^^^^^^^^^^^^^ the network is 10.244.0.0/20

    error: the services `10.244.0.1/20` overlap 10.244.0.0/16, the lab's network
     --> lab.yaml:4:24
      |
    4 | kubernetes: {services: 10.244.0.1/20}
      |                        ^^^^^^^^^^^^^ say `services:` with another network

    error: the services `10.244.0.1/20` overlap 10.244.0.0/16, the addresses of pods
     --> lab.yaml:4:24
      |
    4 | kubernetes: {services: 10.244.0.1/20}
      |                        ^^^^^^^^^^^^^ say `services:` with another network

    error: kubeadm wants 2 processors for the control plane node1
     --> lab.yaml:6:3
      |
    6 | - {name: node1, ip: 10.244.9.196}
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ give it `cpus: 2`, or say `ignore-preflight: [NumCPU]`

    5 problems in lab.yaml
    ");
    let stray = GOOD.replace("196}", "196, role: worker}");
    insta::assert_snapshot!(parse("lab.yaml", &stray).unwrap_err(), @"
    error: a node has a role in a cluster, and the lab has none
     --> lab.yaml:5:44
      |
    5 | - {name: node1, ip: 192.168.206.196, role: worker}
      |                                            ^^^^^^ add a section `kubernetes: {}`

    1 problem in lab.yaml
    ");
}
