# shellcheck shell=sh
# Installs the package files "$@", with what they need from the image's repositories.
set -eu
if command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    apt-get -qy --no-install-recommends install "$@"
else
    yum -y install "$@"
fi
