# shellcheck shell=sh
# Takes out of an image whatever must differ between two machines made from it, and what only the making left behind.
# The operations are those of virt-sysprep(1), whose names stand beside them. Runs in the image as root, at the very end.
set -u

# machine-id: empty, not absent, so that systemd makes one at boot and does not take it for a first boot of the vendor's.
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id

# ssh-hostkeys
rm -f /etc/ssh/ssh_host_*

# cloud-init: the state of earlier boots
rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem /run/cloud-init
rm -f /etc/cloud/cloud-init.disabled

# cloud-init: what it wrote for one machine's name, user and network cards (cloudinit/cmd/clean.py, GEN_NET_CONFIG_FILES).
# A clone's writes its own. The name is that of a layer's boot.
rm -f /etc/ssh/sshd_config.d/50-cloud-init.conf /etc/sudoers.d/90-cloud-init-users
rm -f /etc/systemd/network/10-cloud-init-*.link /etc/systemd/network/10-cloud-init-*.network
rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init*
rm -f /etc/NetworkManager/conf.d/99-cloud-init.conf /etc/NetworkManager/system-connections/cloud-init-*
rm -f /etc/udev/rules.d/85-persistent-net-cloud-init.rules
for card in /etc/sysconfig/network-scripts/ifcfg-*; do
    if grep -qs '^# Created by cloud-init' "$card"; then rm -f "$card"; fi
done
if grep -qsx kiln-bake /etc/hostname; then rm -f /etc/hostname; fi

# identities of daemons that virt-sysprep does not know, and iscsi's
rm -f /etc/docker/key.json /var/lib/docker/engine-id
# Debian's open-iscsi makes a name where it is told to, and does not start where there is no file.
if [ -e /etc/iscsi/initiatorname.iscsi ] && [ -d /var/lib/dpkg ]; then
    echo GenerateName=yes > /etc/iscsi/initiatorname.iscsi
else
    rm -f /etc/iscsi/initiatorname.iscsi
fi
rm -f /var/lib/containerd/io.containerd.grpc.v1.introspection/uuid
rm -f /var/lib/NetworkManager/secret_key /var/lib/systemd/credential.secret

# random-seed
rm -f /var/lib/systemd/random-seed /var/lib/random-seed /var/lib/urandom/random-seed

# dhcp-client-state, dhcp-server-state
rm -rf /var/lib/dhclient/* /var/lib/dhcp/*.leases /var/lib/dhcpcd/* /var/lib/NetworkManager/*.lease /var/lib/systemd/network/*

# udev-persistent-net, net-hwaddr: addresses of network cards that no clone has
rm -f /etc/udev/rules.d/70-persistent-net.rules
[ ! -d /etc/sysconfig/network-scripts ] || sed -i '/^HWADDR=/d' /etc/sysconfig/network-scripts/ifcfg-* 2>/dev/null

# logfiles, bash-history, mail-spool, utmp
[ ! -d /var/log/journal ] || rm -rf /var/log/journal/*
find /var/log -type f -exec truncate --size 0 {} +
rm -f /root/.bash_history /home/*/.bash_history /root/.viminfo
find /var/mail /var/spool/mail -type f -delete 2>/dev/null

# package-manager-cache
rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/* /var/cache/apt/*.bin /var/cache/yum/* /var/cache/dnf/*

# ssh-userdir: the keys come with the seed
rm -rf /root/.ssh /home/*/.ssh

# Two clones of an image that still has one of these would be taken for one machine.
status=0
for path in /etc/ssh/ssh_host_* /var/lib/cloud/instance /var/lib/systemd/random-seed /var/lib/dbus/machine-id; do
    if [ -e "$path" ] || [ -L "$path" ]; then
        echo "sealing: $path cannot be removed" >&2
        status=1
    fi
done
if [ -s /etc/machine-id ]; then
    echo "sealing: /etc/machine-id cannot be emptied" >&2
    status=1
fi
[ "$status" = 0 ] || exit "$status"

# tmp-files: last, because virt-customize has what this script says there, and shows it where it fails. It holds that file
# open, so that removing it gives nothing back: it is emptied.
[ ! -f /tmp/builder.log ] || : > /tmp/builder.log
find /tmp /var/tmp -mindepth 1 -delete 2>/dev/null || true
