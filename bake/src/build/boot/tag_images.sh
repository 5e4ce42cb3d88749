# shellcheck shell=sh
# For each pair of names in "$@", gives the image that has the first one the second, too, whatever had that before.
set -eu
while [ $# -gt 0 ]; do
    if command -v docker > /dev/null; then
        docker tag "$1" "$2"
    else
        ctr --namespace k8s.io images tag --force "$1" "$2" > /dev/null
    fi
    shift 2
done
