//! The configurations of the versions without dockershim.

use super::*;

#[test]
fn kubernetes_1_24() {
    let cluster = cluster(LAB, "1.24.0", Runtime::Containerd, true);
    insta::assert_snapshot!(shown_init(&cluster), @r#"
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --skip-token-print
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
    - control-plane/controller-manager
    - control-plane/scheduler
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
    cgroupDriver: systemd
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
    apiVersion: kubeadm.k8s.io/v1beta3
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
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --skip-token-print
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
    timeouts:
      discovery: 30s
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.31.0
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
    nodeLeaseDurationSeconds: 20
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
    timeouts:
      discovery: 30s
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
    $ kubeadm init --config /etc/kubernetes/kiln/kubeadm.yaml --skip-token-print
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
      discovery: 5m0s
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.36.1
    clusterName: lab
    controlPlaneEndpoint: api.lab:6443
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
    nodeLeaseDurationSeconds: 20
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
      discovery: 5m0s
    "#);
}
