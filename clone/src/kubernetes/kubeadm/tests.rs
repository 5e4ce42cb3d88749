use super::*;
use crate::kubernetes::cluster::Runtime;
use crate::lab::check;
use kiln_images::manifest::OsFamily;

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
        family: OsFamily::Debian,
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
    shown(&init(cluster, &cluster.members[0], &token()).unwrap())
}

fn shown_join(cluster: &Cluster, index: usize) -> String {
    shown(&join(cluster, &cluster.members[index], &token(), "sha256:hash").unwrap())
}

#[test]
fn kubernetes_1_12() {
    let cluster = cluster(&LAB.replace(", skip-phases: [addon/coredns]", ""), "1.12.6", Runtime::Docker, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --ignore-preflight-errors=NumCPU,Mem
    apiVersion: kubeadm.k8s.io/v1alpha3
    kind: InitConfiguration
    bootstrapTokens:
    - token: abcdef.0123456789abcdef
      ttl: 24h0m0s
    apiEndpoint:
      advertiseAddress: "192.168.206.196"
      bindPort: 6443
    nodeRegistration:
      name: node1
      criSocket: /var/run/dockershim.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.196"
    ---
    apiVersion: kubeadm.k8s.io/v1alpha3
    kind: ClusterConfiguration
    kubernetesVersion: v1.12.6
    clusterName: lab
    networking:
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    apiServerCertSANs:
    - "127.0.0.1"
    - localhost
    - "192.168.206.196"
    - node1
    controllerManagerExtraArgs:
      allocate-node-cidrs: "false"
      leader-elect: "false"
      node-monitor-grace-period: 2m0s
    schedulerExtraArgs:
      leader-elect: "false"
    etcd:
      local:
        extraArgs:
          election-timeout: "10000"
          heartbeat-interval: "1000"
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    imageGCHighThresholdPercent: 100
    evictionHard:
      imagefs.available: 0%
      memory.available: 100Mi
      nodefs.available: 0%
      nodefs.inodesFree: 0%
    runtimeRequestTimeout: 15m0s
    volumeStatsAggPeriod: 5m0s
    "#);
    insta::assert_snapshot!(shown_join(&cluster, 1), @r#"
    $ kubeadm join --config /etc/kubernetes/kiln/kubeadm.yaml --ignore-preflight-errors=NumCPU,Mem
    apiVersion: kubeadm.k8s.io/v1alpha3
    kind: JoinConfiguration
    token: abcdef.0123456789abcdef
    discoveryTokenAPIServers:
    - 192.168.206.196:6443
    discoveryTokenCACertHashes:
    - sha256:hash
    discoveryTimeout: 20m0s
    nodeRegistration:
      name: node2
      criSocket: /var/run/dockershim.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.197"
    "#);
}

#[test]
fn kubernetes_1_20() {
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --experimental-patches=/etc/kubernetes/kiln/patches --skip-phases=addon/coredns
    apiVersion: kubeadm.k8s.io/v1beta2
    kind: InitConfiguration
    bootstrapTokens:
    - token: abcdef.0123456789abcdef
      ttl: 24h0m0s
    localAPIEndpoint:
      advertiseAddress: "192.168.206.196"
      bindPort: 6443
    nodeRegistration:
      name: node1
      criSocket: /var/run/dockershim.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.196"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    ---
    apiVersion: kubeadm.k8s.io/v1beta2
    kind: ClusterConfiguration
    kubernetesVersion: v1.20.2
    clusterName: lab
    networking:
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    apiServer:
      certSANs:
      - "127.0.0.1"
      - localhost
      - "192.168.206.196"
      - node1
      timeoutForControlPlane: 20m0s
    controllerManager:
      extraArgs:
        allocate-node-cidrs: "false"
        leader-elect: "false"
        node-monitor-grace-period: 2m0s
    scheduler:
      extraArgs:
        leader-elect: "false"
    etcd:
      local:
        extraArgs:
          election-timeout: "10000"
          heartbeat-interval: "1000"
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    imageGCHighThresholdPercent: 100
    evictionHard:
      imagefs.available: 0%
      memory.available: 100Mi
      nodefs.available: 0%
      nodefs.inodesFree: 0%
    runtimeRequestTimeout: 15m0s
    volumeStatsAggPeriod: 5m0s
    "#);
    insta::assert_snapshot!(shown_join(&cluster, 1), @r#"
    $ kubeadm join --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta2
    kind: JoinConfiguration
    discovery:
      bootstrapToken:
        token: abcdef.0123456789abcdef
        apiServerEndpoint: 192.168.206.196:6443
        caCertHashes:
        - sha256:hash
      timeout: 20m0s
    nodeRegistration:
      name: node2
      criSocket: /var/run/dockershim.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.197"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    "#);
}

#[test]
fn kubernetes_1_24() {
    let cluster = cluster(LAB, "1.24.0", Runtime::Containerd, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta3
    kind: InitConfiguration
    bootstrapTokens:
    - token: abcdef.0123456789abcdef
      ttl: 24h0m0s
    localAPIEndpoint:
      advertiseAddress: "192.168.206.196"
      bindPort: 6443
    nodeRegistration:
      name: node1
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.196"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    skipPhases:
    - addon/coredns
    patches:
      directory: /etc/kubernetes/kiln/patches
    ---
    apiVersion: kubeadm.k8s.io/v1beta3
    kind: ClusterConfiguration
    kubernetesVersion: v1.24.0
    clusterName: lab
    networking:
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    apiServer:
      certSANs:
      - "127.0.0.1"
      - localhost
      - "192.168.206.196"
      - node1
      timeoutForControlPlane: 20m0s
    controllerManager:
      extraArgs:
        allocate-node-cidrs: "false"
        leader-elect: "false"
        node-monitor-grace-period: 2m0s
    scheduler:
      extraArgs:
        leader-elect: "false"
    etcd:
      local:
        extraArgs:
          election-timeout: "10000"
          heartbeat-interval: "1000"
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    cgroupDriver: systemd
    imageGCHighThresholdPercent: 100
    evictionHard:
      imagefs.available: 0%
      memory.available: 100Mi
      nodefs.available: 0%
      nodefs.inodesFree: 0%
    runtimeRequestTimeout: 15m0s
    volumeStatsAggPeriod: 5m0s
    "#);
    insta::assert_snapshot!(shown_join(&cluster, 1), @r#"
    $ kubeadm join --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta3
    kind: JoinConfiguration
    discovery:
      bootstrapToken:
        token: abcdef.0123456789abcdef
        apiServerEndpoint: 192.168.206.196:6443
        caCertHashes:
        - sha256:hash
      timeout: 20m0s
    nodeRegistration:
      name: node2
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
        housekeeping-interval: 30s
        node-ip: "192.168.206.197"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    "#);
}

#[test]
fn kubernetes_1_31_on_a_quick_host() {
    let cluster = cluster(LAB, "1.31.0", Runtime::Containerd, false);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    bootstrapTokens:
    - token: abcdef.0123456789abcdef
      ttl: 24h0m0s
    localAPIEndpoint:
      advertiseAddress: "192.168.206.196"
      bindPort: 6443
    nodeRegistration:
      name: node1
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
      - name: node-ip
        value: "192.168.206.196"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    skipPhases:
    - addon/coredns
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.31.0
    clusterName: lab
    networking:
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    apiServer:
      certSANs:
      - "127.0.0.1"
      - localhost
      - "192.168.206.196"
      - node1
    controllerManager:
      extraArgs:
      - name: allocate-node-cidrs
        value: "false"
      - name: leader-elect
        value: "false"
    scheduler:
      extraArgs:
      - name: leader-elect
        value: "false"
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    cgroupDriver: systemd
    imageGCHighThresholdPercent: 100
    evictionHard:
      imagefs.available: 0%
      memory.available: 100Mi
      nodefs.available: 0%
      nodefs.inodesFree: 0%
    "#);
    insta::assert_snapshot!(shown_join(&cluster, 1), @r#"
    $ kubeadm join --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: JoinConfiguration
    discovery:
      bootstrapToken:
        token: abcdef.0123456789abcdef
        apiServerEndpoint: 192.168.206.196:6443
        caCertHashes:
        - sha256:hash
    nodeRegistration:
      name: node2
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
      - name: node-ip
        value: "192.168.206.197"
      ignorePreflightErrors:
      - NumCPU
      - Mem
    "#);
}

#[test]
fn kubernetes_1_36_with_several_control_planes() {
    let text = LAB
        .replace("196}", "196, role: control-plane}")
        .replace("197}", "197, role: control-plane}")
        .replace("{ignore", "{endpoint: api.lab, network: {flannel: {manifest: f, sha256: HASH}}, ignore")
        .replace("HASH", &"0".repeat(64));
    let cluster = cluster(&text, "1.36.1", Runtime::Containerd, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    bootstrapTokens:
    - token: abcdef.0123456789abcdef
      ttl: 24h0m0s
    localAPIEndpoint:
      advertiseAddress: "192.168.206.196"
      bindPort: 6443
    nodeRegistration:
      name: node1
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
      - name: housekeeping-interval
        value: 30s
      - name: node-ip
        value: "192.168.206.196"
      ignorePreflightErrors:
      - NumCPU
      - Mem
      taints: []
    skipPhases:
    - addon/coredns
    patches:
      directory: /etc/kubernetes/kiln/patches
    timeouts:
      controlPlaneComponentHealthCheck: 20m0s
      kubeletHealthCheck: 20m0s
      kubernetesAPICall: 20m0s
      etcdAPICall: 20m0s
      tlsBootstrap: 20m0s
      discovery: 20m0s
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.36.1
    clusterName: lab
    controlPlaneEndpoint: api.lab:6443
    networking:
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    apiServer:
      certSANs:
      - "127.0.0.1"
      - localhost
      - "192.168.206.196"
      - node1
      - "192.168.206.197"
      - node2
      - api.lab
    controllerManager:
      extraArgs:
      - name: leader-elect-lease-duration
        value: 150s
      - name: leader-elect-renew-deadline
        value: 100s
      - name: leader-elect-retry-period
        value: 20s
      - name: node-monitor-grace-period
        value: 2m0s
    scheduler:
      extraArgs:
      - name: leader-elect-lease-duration
        value: 150s
      - name: leader-elect-renew-deadline
        value: 100s
      - name: leader-elect-retry-period
        value: 20s
    etcd:
      local:
        extraArgs:
        - name: election-timeout
          value: "10000"
        - name: heartbeat-interval
          value: "1000"
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    cgroupDriver: systemd
    imageGCHighThresholdPercent: 100
    evictionHard:
      imagefs.available: 0%
      memory.available: 100Mi
      nodefs.available: 0%
      nodefs.inodesFree: 0%
    runtimeRequestTimeout: 15m0s
    volumeStatsAggPeriod: 5m0s
    "#);
    insta::assert_snapshot!(shown_join(&cluster, 1), @r#"
    $ kubeadm join --config /etc/kubernetes/kiln/kubeadm.yaml
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: JoinConfiguration
    discovery:
      bootstrapToken:
        token: abcdef.0123456789abcdef
        apiServerEndpoint: api.lab:6443
        caCertHashes:
        - sha256:hash
    nodeRegistration:
      name: node2
      criSocket: unix:///run/containerd/containerd.sock
      kubeletExtraArgs:
      - name: housekeeping-interval
        value: 30s
      - name: node-ip
        value: "192.168.206.197"
      ignorePreflightErrors:
      - NumCPU
      - Mem
      taints: []
    controlPlane:
      localAPIEndpoint:
        advertiseAddress: "192.168.206.197"
        bindPort: 6443
    patches:
      directory: /etc/kubernetes/kiln/patches
    timeouts:
      controlPlaneComponentHealthCheck: 20m0s
      kubeletHealthCheck: 20m0s
      kubernetesAPICall: 20m0s
      etcdAPICall: 20m0s
      tlsBootstrap: 20m0s
      discovery: 20m0s
    "#);
}

#[test]
fn patches_of_slow_hosts_go_to_control_planes_of_versions_that_take_them() {
    let names = |files: &[NodeFile]| {
        files.iter().skip(1).map(|file| file.path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (version, runtime, slow, count) in [
        ("1.18.0", Runtime::Docker, true, 0),
        ("1.19.0", Runtime::Docker, true, 4),
        ("1.36.0", Runtime::Containerd, true, 4),
        ("1.36.0", Runtime::Containerd, false, 0),
    ] {
        let cluster = cluster(LAB, version, runtime, slow);
        let init = init(&cluster, &cluster.members[0], &token()).unwrap();
        assert_eq!(names(&init.files).len(), count, "{version} {slow}");
        let join = join(&cluster, &cluster.members[1], &token(), "sha256:hash").unwrap();
        assert_eq!(join.files.len(), 1, "{version}: a worker has no static pods");
    }
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, true);
    let files = init(&cluster, &cluster.members[0], &token()).unwrap().files;
    insta::assert_snapshot!(String::from_utf8(files[2].content.clone()).unwrap(), @"
    spec:
      containers:
      - name: kube-apiserver
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
    ");
}

#[test]
fn the_configuration_holds_a_token_and_is_for_root_only() {
    let cluster = cluster(LAB, "1.20.2", Runtime::Docker, false);
    let call = init(&cluster, &cluster.members[0], &token()).unwrap();
    assert_eq!((call.files[0].path.as_str(), call.files[0].mode), (CONFIGURATION, 0o600));
    assert!(!format!("{call:?}").contains("0123456789abcdef"));
}

#[test]
fn a_lab_without_workers_lets_pods_run_on_its_control_plane() {
    let text = LAB.replace("- {name: node2, ip: 192.168.206.197}\n", "");
    let cluster = cluster(&text, "1.20.2", Runtime::Docker, false);
    assert!(shown_init(&cluster).contains("taints: []"));
}
