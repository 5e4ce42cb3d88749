# shellcheck shell=sh
# Installs the packages "$@" as virt-customize --install does (customize_run.ml of guestfs-tools).
set -e
if command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -y update
    apt-get -q -y -o Dpkg::Options::=--force-confnew install "$@"
elif command -v dnf > /dev/null; then
    dnf -y install "$@"
elif command -v yum > /dev/null; then
    yum -y install "$@"
else
    zypper -n install -l "$@"
fi
