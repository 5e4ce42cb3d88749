#!/bin/sh
# Compiles Kubernetes 1.20.2 from Debian's source package. Leaves kubeadm, kubelet and kubectl in /out/bin, and hands the
# rest to pack.sh, which makes container images of it in /out/images. Runs as root of a tree of Debian 12 packages.
set -eu
umask 022

version=1.20.2
pause_version=3.2
source=/src/kubernetes
go_path=/src/go
tree=$go_path/src/k8s.io/kubernetes

SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Timestamp)
# With cgo off everything is static, as upstream has it for all but the kubelet, which runs on any image like this.
export SOURCE_DATE_EPOCH GOPATH="$go_path" GO111MODULE=off CGO_ENABLED=0 HOME=/src PATH="/usr/lib/go-1.19/bin:$PATH"

case $(dpkg-parsechangelog -l "$source/debian/changelog" -S Version) in
*really"$version"-* | "$version"-*) ;;
*) echo "Debian's source package is not Kubernetes $version any more" >&2 && exit 1 ;;
esac

# Like upstream's own build of that time, this one is in GOPATH mode: its go.mod is too old for modules with Go 1.19.
mkdir -p "$go_path/src/k8s.io"
mv "$source" "$tree"
cd "$tree"

# The vendored version panics when it is compiled by Go 1.18 or later: json-iterator walks maps with it.
rm -r vendor/github.com/modern-go/reflect2
cp -rL /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/reflect2

# The one generated file that is not in the tree: the API server's OpenAPI definitions, as Makefile.generated_files does it.
echo 'generating the OpenAPI definitions'
go build -o /src/openapi-gen ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rlE --include='*.go' '^// *\+k8s:openapi-gen=' cmd pkg plugin staging/src/k8s.io vendor/k8s.io |
	grep -vE '/(code-generator|sample-apiserver)/' | xargs -n1 dirname | sort -u |
	sed 's,^staging/src,vendor,; s,^,k8s.io/kubernetes/,' | paste -sd,)
/src/openapi-gen -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
	-h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r /src/violations
diff /src/violations api/api-rules/violation_exceptions.list

# The stamp of kube::version::ldflags in hack/lib/version.sh.
stamp='-s -w -buildid='
for package in client-go/pkg/version component-base/version; do
	for variable in gitVersion=v$version gitMajor=1 gitMinor=20 gitTreeState=archive \
		buildDate="$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"; do
		stamp="$stamp -X k8s.io/kubernetes/vendor/k8s.io/$package.$variable"
	done
done

# One run for all: they share most of their packages. The clouds' volume and node drivers are left out.
mkdir /src/bin
go build -v -trimpath -tags selinux,notest,providerless -ldflags "$stamp" -o /src/bin/ ./cmd/kubeadm ./cmd/kubelet \
	./cmd/kubectl ./cmd/kube-apiserver ./cmd/kube-controller-manager ./cmd/kube-scheduler ./cmd/kube-proxy
gcc -Os -Wall -Werror -static -s -DVERSION="v$pause_version" -o /src/bin/pause build/pause/linux/pause.c

install -D -t /out/bin /src/bin/kubeadm /src/bin/kubelet /src/bin/kubectl
sh /recipe/pack.sh "v$version" "$pause_version"
