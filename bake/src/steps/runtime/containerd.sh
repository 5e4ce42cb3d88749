# shellcheck shell=sh
# Configures the installed containerd. $1: a configuration of version 2; $2: the same of version 3; the rest: what has to
# stand in the configuration that containerd then says it has.
set -eu
mkdir -p /etc/containerd
case "$(containerd config default | sed -n 's/^version = //p')" in
    2) printf '%s' "$1" ;;
    *) printf '%s' "$2" ;;
esac > /etc/containerd/config.toml
shift 2
effective=$(containerd config dump)
for setting; do
    case "$effective" in
        *"$setting"*) ;;
        *) echo "containerd has not taken up '$setting' from /etc/containerd/config.toml" >&2; exit 1 ;;
    esac
done
