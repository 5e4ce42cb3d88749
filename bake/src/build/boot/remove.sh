# shellcheck shell=sh
# Removes the packages "$@" as virt-customize --uninstall does.
set -e
if command -v apt-get > /dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get -q -y remove "$@"
elif command -v dnf > /dev/null; then
    dnf -y remove "$@"
elif command -v yum > /dev/null; then
    yum -y remove "$@"
else
    zypper -n remove "$@"
fi
