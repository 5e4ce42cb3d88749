# shellcheck shell=sh
# Completes a node in the image once kubelet, kubeadm and kubectl are there. $1: the version they must have; $2: the
# folder with the units; $3: packages that no upgrade may change.
set -eu
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
version=$1
stage=$2
held=$3
units=/etc/systemd/system
if command -v apt-get > /dev/null; then family=deb; else family=rpm; fi

# Whatever the package, tarball or folder was called: what counts is what the programs say.
for question in 'kubelet --version' 'kubeadm version --output short' 'kubectl version --client --output yaml'; do
    said=$($question)
    case "$said " in
        *"v$version"[!0-9.-]*) ;;
        *) echo "the recipe says Kubernetes $version, but \`$question\` says: $said" >&2; exit 1 ;;
    esac
done

# What kubelet and kubeadm run (kubeadm's preflight checks, "FileExisting"), as far as it is missing, from the package
# that has it in each family.
packages=
while read -r program deb rpm; do
    command -v "$program" > /dev/null && continue
    case $family in deb) packages="$packages $deb" ;; *) packages="$packages $rpm" ;; esac
done << 'END'
conntrack conntrack conntrack-tools
ebtables ebtables ebtables
ethtool ethtool ethtool
ip iproute2 iproute
iptables iptables iptables
mount mount util-linux
nsenter util-linux util-linux
socat socat socat
tc iproute2 /usr/sbin/tc
END
if [ -n "$packages" ] && [ $family = deb ]; then
    apt-get -q update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install $packages
elif [ -n "$packages" ]; then
    # shellcheck disable=SC2086
    yum -y install $packages
fi
if [ $family = deb ]; then
    for package in $held; do
        status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2> /dev/null || true)
        [ "$status" != installed ] || apt-mark hold "$package"
    done
fi

# Debian's and Fedora's packages of the plugins put them elsewhere.
mkdir -p /opt/cni/bin
for plugin in /usr/lib/cni/* /usr/libexec/cni/*; do
    name=${plugin##*/}
    [ ! -x "$plugin" ] || [ -e "/opt/cni/bin/$name" ] || ln -s "$plugin" "/opt/cni/bin/$name"
done
if [ ! -x /opt/cni/bin/loopback ]; then
    echo "there are no CNI plugins in /opt/cni/bin: the recipe's 'cni' says where they come from" >&2
    exit 1
fi

# Units, where no package has them.
case $family in deb) environment=/etc/default/kubelet ;; *) environment=/etc/sysconfig/kubelet ;; esac
there() { [ -e "/usr/lib/systemd/system/$1" ] || [ -e "/lib/systemd/system/$1" ] || [ -e "$units/$1" ]; }
mkdir -p "$units/kubelet.service.d" /etc/kubernetes/manifests
there kubelet.service || cp "$stage/kubelet.service" "$units/"
there kubelet.service.d/10-kubeadm.conf ||
    sed "s|@ENVIRONMENT@|$environment|" "$stage/10-kubeadm.conf" > "$units/kubelet.service.d/10-kubeadm.conf"
cp "$stage/20-kiln.conf" "$units/kubelet.service.d/"
systemctl enable kubelet.service
rm -rf "$stage"
