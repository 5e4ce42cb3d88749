# shellcheck shell=sh
# Makes RPMs of programs, and installs these. $1: the version of Kubernetes; $2: the folder with the spec and the units;
# $3: the folder with the programs.
set -eu
version=$1
stage=$2
programs=$3
if ! command -v yum > /dev/null; then
    echo "'rpm-build' makes RPMs, and this image has no yum to install them" >&2
    exit 1
fi
added=
if ! rpm -q --quiet rpm-build; then
    yum -y install rpm-build
    added=rpm-build
fi
rpmbuild -bb --quiet --define "_topdir $stage/rpm" --define "k8s_version $version" --define "programs $programs" \
    --define "units $stage" "$stage/kubernetes.spec"
yum -y install "$stage"/rpm/RPMS/*/*.rpm
# The bytes of a deleted file would stay in the disk image.
shred --iterations=0 --zero --remove "$stage"/rpm/RPMS/*/*.rpm
[ -z "$added" ] || yum -y --setopt=clean_requirements_on_remove=1 remove "$added"
