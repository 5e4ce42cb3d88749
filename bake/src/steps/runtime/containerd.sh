# shellcheck shell=sh
# Configures the installed containerd. $1: a folder with a configuration of version 2 and the same of version 3; the rest:
# what has to stand in the configuration that containerd then says it has.
set -eu
stage=$1
shift
mkdir -p /etc/containerd
case "$(containerd config default | sed -n 's/^version = //p')" in
    2) cp "$stage/2.toml" /etc/containerd/config.toml ;;
    *) cp "$stage/3.toml" /etc/containerd/config.toml ;;
esac
effective=$(containerd config dump)
for setting; do
    case "$effective" in
        *"$setting"*) ;;
        *) echo "containerd has not taken up '$setting' from /etc/containerd/config.toml" >&2; exit 1 ;;
    esac
done
rm -rf "$stage"
