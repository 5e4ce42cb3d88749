#!/bin/sh
# Packs programs as container images, in the format of `docker save`: pack.sh KUBERNETES-VERSION PAUSE-VERSION
# The programs are those in /src/bin and of the Debian packages that are installed; the images are left in /out/images.
set -eu
umask 022

images=/out/images
libraries=/usr/lib/x86_64-linux-gnu
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

# The root of the image that is being made.
root=/src/root

# Puts programs into the root, at their own places, with the libraries that they are linked to.
add() {
	for file; do
		install -D "$file" "$root$file"
		{ ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
			install -D "$library" "$root$library"
		done
	done
}

# Makes a tar file of a folder that is the same whenever and wherever it is made: archive FILE FOLDER
archive() {
	tar --create --file="$1" --directory="$2" --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
		--owner=0 --group=0 --numeric-owner --format=gnu .
}

# Packs the root, and begins a new one: pack NAME:TAG WHAT-IT-IS-FROM CONFIG
# CONFIG is the inside of a JSON map, as in the OCI image specification (config.md, "config").
pack() {
	work=/src/image
	mkdir -p "$work" "$images"
	archive "$work/layer.tar" "$root"
	layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
	cat >"$work/config" <<-END
		{"architecture":"amd64","os":"linux","created":"$created",
		"config":{"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Labels":{"kiln.from":"$2"},$3},
		"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},
		"history":[{"created":"$created","created_by":"Kiln, from $2"}]}
	END
	config=$(sha256sum "$work/config" | cut -d' ' -f1).json
	mv "$work/config" "$work/$config"
	printf '[{"Config":"%s","RepoTags":["%s"],"Layers":["layer.tar"]}]\n' "$config" "$1" >"$work/manifest.json"
	name=${1##*/}
	archive "$images/${name%:*}.tar" "$work"
	rm -r "$work" "$root"
	echo "packed $1"
}

package() { dpkg-query --show --showformat='Debian ${Package} ${Version}' "$1"; }
kubernetes="Debian source kubernetes $(dpkg-parsechangelog -S Version)"

for name in kube-apiserver kube-controller-manager kube-scheduler; do
	install -D -t "$root/usr/local/bin" "/src/bin/$name"
	pack "k8s.gcr.io/$name:$1" "$kubernetes" "\"Cmd\":[\"$name\"]"
done

# kube-proxy must write its rules the way its host does. Debian 12 and its docker use iptables-nft; who needs the other
# way finds iptables-legacy beside it.
install -D -t "$root/usr/local/bin" /src/bin/kube-proxy
add /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi /usr/sbin/conntrack /usr/sbin/ipset /usr/bin/kmod
add "$libraries"/xtables/*.so
for family in iptables ip6tables; do
	for command in '' -save -restore; do
		ln -s xtables-nft-multi "$root/usr/sbin/$family$command"
		ln -s xtables-nft-multi "$root/usr/sbin/$family-nft$command"
		ln -s xtables-legacy-multi "$root/usr/sbin/$family-legacy$command"
	done
done
ln -s ../bin/kmod "$root/usr/sbin/modprobe"
pack "k8s.gcr.io/kube-proxy:$1" "$kubernetes, $(package iptables)" '"Cmd":["kube-proxy"]'

# The name is the one that kubeadm looks for; the label says which version it really is.
add /usr/bin/etcd /usr/bin/etcdctl
pack k8s.gcr.io/etcd:3.4.13-0 "$(package etcd-server)" '"Cmd":["etcd"]'

install -D -t "$root" /src/bin/pause
pack "k8s.gcr.io/pause:$2" "$kubernetes" '"User":"65535:65535","Entrypoint":["/pause"]'

# For probes between pods: a shell, a web server and its clients.
install -D /usr/bin/busybox "$root/bin/busybox"
busybox --list | grep -vx busybox | while read -r applet; do ln -s busybox "$root/bin/$applet"; done
mkdir -m 1777 "$root/tmp"
mkdir "$root/etc" "$root/www"
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
pack kiln.local/probe:1 "$(package busybox-static)" '"Cmd":["sh"]'
