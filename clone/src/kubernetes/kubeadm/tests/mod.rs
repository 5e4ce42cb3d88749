mod from_1_24;
mod to_1_20;

use kiln_images::manifest::CgroupDriver;

use super::*;
use crate::kubernetes::cluster::Runtime;
use crate::kubernetes::version::Version;
use crate::lab::check;

const LAB: &str = "\
name: lab
image: image
network: 192.168.206.0/24
defaults: {cpus: 2}
kubernetes: {ignore-preflight: [NumCPU, Mem], skip-phases: [addon/coredns]}
nodes:
- {name: node1, ip: 192.168.206.196}
- {name: node2, ip: 192.168.206.197}
";

/// The cluster of a lab file.
fn cluster(text: &str, version: &str, runtime: Runtime, slow: bool) -> Cluster {
    let lab = check::parse("lab.yaml", text).unwrap();
    let member = |(index, node): (usize, &crate::lab::Node)| Member {
        name: node.name.clone(),
        ip: node.ip,
        role: node.role.unwrap(),
        pod_cidr: format!("10.244.{index}.0/24").parse().unwrap(),
        service_card: "eth1".to_owned(),
    };
    let members = lab.nodes.iter().enumerate().map(member).collect();
    Cluster {
        lab: lab.name,
        version: version.parse().unwrap(),
        runtime,
        cgroup_driver: None,
        settings: lab.kubernetes.unwrap(),
        members,
        slow,
    }
}

fn token() -> Token {
    "abcdef.0123456789abcdef".parse().unwrap()
}

/// A call as text: the command, and the configuration.
fn shown(call: &Call) -> String {
    let configuration = String::from_utf8(call.files[0].content.clone()).unwrap();
    format!("$ {}\n{configuration}", call.command.join(" "))
}

fn shown_init(cluster: &Cluster) -> String {
    shown(&init(cluster, &cluster.members[0], &token(), From::Scratch).unwrap())
}

fn shown_join(cluster: &Cluster, index: usize) -> String {
    shown(&join(cluster, &cluster.members[index], &token(), "sha256:hash").unwrap())
}

/// See [`crate::kubernetes::Version::etcd_asks_for_storage`].
#[test]
fn etcd_asks_for_no_disk_space_where_it_would_be_refused() {
    let patches = |version, slow| {
        let cluster = cluster(LAB, version, Runtime::Docker, slow);
        let files = init(&cluster, &cluster.members[0], &token(), From::Scratch).unwrap().files;
        files.into_iter().filter(|file| file.path.parent().unwrap() == PATCHES).collect::<Vec<_>>()
    };
    let [etcd] = &patches("1.20.2", false)[..] else { panic!("there is not one patch") };
    assert!(etcd.path.ends_with("etcd.yaml"), "{etcd:?}");
    insta::assert_snapshot!(String::from_utf8(etcd.content.clone()).unwrap(), @r"
    spec:
      containers:
      - name: etcd
        resources:
          requests:
            ephemeral-storage: null
    ");
    let storage = |version, slow| {
        let mut patches = patches(version, slow).into_iter();
        patches.any(|file| String::from_utf8(file.content).unwrap().contains("ephemeral-storage: null"))
    };
    assert!(storage("1.20.2", true) && storage("1.21.0", false));
    assert!(!storage("1.19.0", true) && !storage("1.22.0", true));
}

#[test]
fn a_control_plane_of_a_slow_host_joins_etcd_before_its_api_server_starts() {
    let lab = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
    for (version, runtime, slow, patches) in [
        ("1.20.2", Runtime::Docker, true, " --experimental-patches=/etc/kubernetes/kiln/patches"),
        ("1.32.0", Runtime::Containerd, true, ""),
        ("1.32.0", Runtime::Containerd, false, ""),
    ] {
        let joins = |lab: &str| {
            let cluster = cluster(lab, version, runtime, slow);
            let call = join(&cluster, &cluster.members[1], &token(), "sha256:hash").unwrap();
            let skips = call.command.contains(&"--skip-phases=control-plane-prepare/control-plane".to_owned());
            (skips, late_to_join(&cluster, &cluster.members[1]).map(|command| command.join(" ")))
        };
        let script = "sh -c kubeadm join phase control-plane-prepare control-plane \"$@\" sh";
        let expected = format!("{script} --config /etc/kubernetes/kiln/kubeadm.yaml{patches}");
        assert_eq!(joins(&lab), (slow, slow.then_some(expected)), "{version}");
        assert_eq!(joins(LAB), (false, None), "{version}: a worker");
    }
}

/// From 1.33 on kubeadm waits for each static pod that it knows of, and a kubelet that joins for the API server beside it.
#[test]
fn static_pods_are_started_together_where_kubeadm_waits_for_all_of_them() {
    let lab = LAB.replace("196}", "196, role: control-plane}").replace("197}", "197, role: control-plane}");
    for (version, is_late) in
        [("1.12.6", false), ("1.13.0", true), ("1.32.9", true), ("1.33.0", false), ("1.36.0", false)]
    {
        let runtime = if is_late { Runtime::Docker } else { Runtime::Containerd };
        let joins_planes = version.parse::<Version>().unwrap().joins_control_planes();
        let cluster = cluster(if joins_planes { &lab } else { LAB }, version, runtime, true);
        let init = init(&cluster, &cluster.members[0], &token(), From::Scratch).unwrap();
        let leaves_out = init.command.join(" ").contains("scheduler")
            || init
                .files
                .iter()
                .any(|file| String::from_utf8_lossy(&file.content).contains("- control-plane/scheduler"));
        assert_eq!((leaves_out, late(&cluster).is_some()), (is_late, is_late), "{version}");
        assert_eq!(late_to_join(&cluster, &cluster.members[1]).is_some(), is_late && joins_planes, "{version}");
    }
}

#[test]
fn the_kubelets_have_the_cgroup_driver_of_the_image() {
    for (version, runtime, driver, written) in [
        ("1.20.2", Runtime::Docker, Some(CgroupDriver::Cgroupfs), None),
        ("1.23.0", Runtime::Docker, Some(CgroupDriver::Cgroupfs), Some("cgroupDriver: cgroupfs")),
        ("1.36.0", Runtime::Containerd, Some(CgroupDriver::Cgroupfs), Some("cgroupDriver: cgroupfs")),
        ("1.36.0", Runtime::Containerd, None, Some("cgroupDriver: systemd")),
    ] {
        let cluster = Cluster { cgroup_driver: driver, ..cluster(LAB, version, runtime, false) };
        let text = kubelet::configuration(&cluster).unwrap();
        let line = text.lines().find(|line| line.starts_with("cgroupDriver"));
        assert_eq!(line, written, "{version} {driver:?}");
    }
}

#[test]
fn patches_of_slow_hosts_go_to_control_planes_of_versions_that_take_them() {
    let names = |files: &[NodeFile]| {
        files.iter().skip(1).map(|file| file.path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (version, runtime, slow, count) in [
        ("1.18.0", Runtime::Docker, true, 1),
        ("1.19.0", Runtime::Docker, true, 5),
        ("1.36.0", Runtime::Containerd, true, 5),
        ("1.36.0", Runtime::Containerd, false, 0),
    ] {
        let cluster = cluster(LAB, version, runtime, slow);
        let init = init(&cluster, &cluster.members[0], &token(), From::Scratch).unwrap();
        assert_eq!(names(&init.files).len(), count, "{version} {slow}");
        let join = join(&cluster, &cluster.members[1], &token(), "sha256:hash").unwrap();
        assert_eq!(join.files.len(), 1 + usize::from(slow), "{version}: a worker has a kubelet and no static pods");
    }
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, true);
    let files = init(&cluster, &cluster.members[0], &token(), From::Scratch).unwrap().files;
    insta::assert_snapshot!(String::from_utf8(files[3].content.clone()).unwrap(), @r#"
    spec:
      containers:
      - name: kube-apiserver
        env:
        - name: GOGC
          value: "400"
        livenessProbe:
          timeoutSeconds: 60
          failureThreshold: 20
          periodSeconds: 30
        startupProbe:
          timeoutSeconds: 60
        readinessProbe:
          timeoutSeconds: 60
          failureThreshold: 20
          periodSeconds: 5
    "#);
}

#[test]
fn the_configuration_holds_a_token_and_is_for_root_only() {
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, false);
    let call = init(&cluster, &cluster.members[0], &token(), From::Scratch).unwrap();
    assert_eq!((call.files[0].path.as_str(), call.files[0].mode), (CONFIGURATION, 0o600));
    assert!(!format!("{call:?}").contains("0123456789abcdef"));
}

#[test]
fn a_lab_without_workers_lets_pods_run_on_its_control_plane() {
    let text = LAB.replace("- {name: node2, ip: 192.168.206.197}\n", "");
    let cluster = cluster(&text, "1.20.2", Runtime::Docker, false);
    assert!(shown_init(&cluster).contains("taints: []"));
}

#[test]
fn what_an_earlier_call_has_written_into_the_api_is_left_out() {
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, false);
    let skipped = |failed_in: &str| {
        let from = From::Api { written: written_before(failed_in) };
        let call = init(&cluster, &cluster.members[0], &token(), from).unwrap();
        let option = call.command.iter().find_map(|word| word.strip_prefix("--skip-phases=")).unwrap().to_owned();
        option.split_once("etcd").unwrap().1.to_owned()
    };
    for failed_in in ["wait-control-plane", "upload-config/kubelet", "something-new"] {
        assert_eq!(skipped(failed_in), "", "{failed_in}");
    }
    assert_eq!(skipped("mark-control-plane"), ",upload-config");
    assert_eq!(skipped("bootstrap-token"), ",upload-config,mark-control-plane");
    for failed_in in ["kubelet-finalize/experimental-cert-rotation", "addon/kube-proxy"] {
        assert_eq!(skipped(failed_in), ",upload-config,mark-control-plane,bootstrap-token", "{failed_in}");
    }
}
