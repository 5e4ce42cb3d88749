# shellcheck shell=sh
# Writes what the manifest says about the image to the scratch disk: sections that begin with a line "== name". The
# scratch disk is the one that begins with the mark; in which order the appliance names its disks is its own affair.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mark='kiln report disk'
scratch=
for disk in /dev/sd? /dev/vd?; do
    if [ -e "$disk" ] && [ "$(head -c ${#mark} "$disk" | tr '\0' '?')" = "$mark" ]; then scratch=$disk; fi
done
[ -n "$scratch" ]
# A file may have no line break at its end: every section begins on a line of its own.
section() { printf '\n== %s\n' "$1"; }
{
    section os-release
    cat /etc/os-release
    section packages
    if [ -x /usr/bin/dpkg-query ]; then
        dpkg-query --show --showformat '${Package} ${Version} ${db:Status-Abbrev}\n' | sed -n 's/ [hi]i *$//p'
    else
        rpm --query --all --queryformat '%{NAME} %{EVR}.%{ARCH}\n'
    fi | LC_ALL=C sort
    # What the programs of a node say of themselves, where there are any.
    section kubernetes
    if command -v kubelet > /dev/null; then kubelet --version || true; fi
    section docker
    if command -v dockerd > /dev/null; then
        docker --version || true
        if [ -e /etc/docker/daemon.json ]; then cat /etc/docker/daemon.json; fi
    fi
    section containerd
    if command -v containerd > /dev/null; then
        containerd --version || true
        containerd config dump | grep SystemdCgroup || true
    fi
    section end
} | dd of="$scratch" conv=notrunc,fsync status=none
