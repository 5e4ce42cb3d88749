# shellcheck shell=sh
# For each pair of an image's name and the digest of its configuration in "$@", prints the name and the digest of the image
# of that name that is there; nothing for a name that is not.
set -u

# The digest of docker's is that of the configuration.
in_docker() {
    found=$(docker image inspect --format '{{.Id}}' "$1") && echo "$1 $found"
}

# containerd knows an image by its manifest, or by an index of manifests. Names are whole there.
in_containerd() {
    case $1 in
        */*)
            case ${1%%/*} in
                localhost | *.* | *:*) whole=$1 ;;
                *) whole=docker.io/$1 ;;
            esac
            ;;
        *) whole=docker.io/library/$1 ;;
    esac
    target=$(ctr --namespace k8s.io images ls "name==$whole" | awk 'NR == 2 { print $3 }')
    [ -n "$target" ] || return 0
    if digests_in "$target" | grep -qx "$2"; then
        echo "$1 $2"
        return
    fi
    for manifest in $(digests_in "$target"); do
        if digests_in "$manifest" | grep -qx "$2"; then
            echo "$1 $2"
            return
        fi
    done
    echo "$1 $target"
}

digests_in() {
    ctr --namespace k8s.io content get "$1" 2> /dev/null | tr -d '\0' | grep -o 'sha256:[0-9a-f]\{64\}'
}

while [ $# -gt 0 ]; do
    if command -v docker > /dev/null; then in_docker "$1"; else in_containerd "$1" "$2"; fi
    shift 2
done
exit 0
