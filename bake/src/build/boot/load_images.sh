# shellcheck shell=sh
# Loads the archives of container images "$@" with the runtime that is there. Each is the whole of a disk: what comes
# behind the end of a tar archive is not read.
set -eu
if command -v docker > /dev/null; then
    load='docker load --quiet --input'
elif command -v ctr > /dev/null; then
    load='ctr --namespace k8s.io images import'
else
    echo "there is neither docker nor containerd (ctr) in the image" >&2
    exit 1
fi
# shellcheck disable=SC2086 # the command is several words
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" $load
