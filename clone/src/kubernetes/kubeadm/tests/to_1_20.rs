//! The configurations of the versions with dockershim.

use super::*;

#[test]
fn kubernetes_1_12() {
    let cluster = cluster(&LAB.replace(", skip-phases: [addon/coredns]", ""), "1.12.6", Runtime::Docker, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --ignore-preflight-errors=NumCPU,Mem --skip-token-print
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
    discoveryTimeout: 5m0s
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
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --experimental-patches=/etc/kubernetes/kiln/patches --skip-token-print --skip-phases=addon/coredns,control-plane/controller-manager,control-plane/scheduler
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
    dns:
      imageRepository: localhost:1/skipped
    apiServer:
      certSANs:
      - "127.0.0.1"
      - localhost
      - "192.168.206.196"
      - node1
      extraArgs:
        enable-priority-and-fairness: "false"
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
    nodeLeaseDurationSeconds: 20
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
      timeout: 5m0s
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
fn the_lab_of_the_seed_document_ignores_one_check() {
    let lab = crate::lab::gallery::find("mesh").unwrap();
    let cluster = cluster(lab.text, "1.12.6", Runtime::Docker, true);
    for shown in [shown_init(&cluster), shown_join(&cluster, 1)] {
        let command = shown.lines().next().unwrap();
        let ignored: Vec<_> = command.split_whitespace().filter(|word| word.contains("ignore")).collect();
        assert_eq!(ignored, ["--ignore-preflight-errors=SystemVerification"], "{command}");
    }
    assert!(shown_init(&cluster).contains("\nkubernetesVersion: v1.12.6\n"), "a version that nobody asked for");
}
