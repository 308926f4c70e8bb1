#!/usr/bin/env bash
# Provides the real parts that the tests run against: kube-apiserver, etcd, kubectl, a node (kubelet,
# controllers, containerd, runc), Prometheus 2 and 3, the Prometheus Operator, Helm 3 and 4, named, moto, aws, cfn-lint, zizmor,
# and Lambda's runtime client. Fast if none is missing.
#
#   test/support/parts/prepare.sh          provide missing parts; exits with 1 if any could not be provided
#   test/support/parts/prepare.sh --list   print the path of each part
#
# All parts are stored in one folder outside the checkout, keyed by version, so each machine builds them
# only once: $FEDERATION_SYNC_PARTS, or route53-federation-sync/parts under $XDG_CACHE_HOME or ~/.cache.
# Nothing is installed system-wide and nothing needs root: Debian packages are only unpacked, so no
# service is started and no user is created. KUBEBUILDER_ASSETS, if set, takes precedence.
#
# No `set -e`: if one part cannot be provided, the others still should be.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
here=$PWD
# The default location of Go's installer, which is often not on PATH in non-interactive shells.
PATH=$PATH:/usr/local/go/bin
cache=${FEDERATION_SYNC_PARTS:-${XDG_CACHE_HOME:-$HOME/.cache}/route53-federation-sync/parts}

# The versions are read from the files that pin them, as in test/support/parts/found.ts.
kubernetes=$(sed -n 's/^require k8s.io\/kubernetes v//p' kube-apiserver/go.mod)
# Prometheus 3.16.0 has the Go module version v0.316.0.
prometheus=$(sed -n 's/^require github.com\/prometheus\/prometheus v0\.3\([0-9]*\)\.\([0-9]*\)$/\1 \2/p' prometheus/go.mod)
prometheus=3.$((10#${prometheus% *})).${prometheus#* }
operator=$(sed -n 's/^require github.com\/prometheus-operator\/prometheus-operator v//p' prometheus-operator/go.mod)
helm_3=$(sed -n 's/^require helm.sh\/helm\/v3 v//p' helm/go.mod)
helm_4=$(sed -n 's/^require helm.sh\/helm\/v4 v//p' helm/go.mod)
moto=$(sed -n 's/^moto==\([0-9.]*\).*/\1/p' requirements.txt)
zizmor=$(sed -n 's/^zizmor==\([0-9.]*\).*/\1/p' zizmor/requirements.txt)
ric=$(sed -n 's/.*"aws-lambda-ric": "\([0-9.]*\)".*/\1/p' lambda-runtime/package.json)

kubernetes_bin=$cache/kubernetes-$kubernetes/bin
kubernetes_node_bin=$cache/kubernetes-node-$kubernetes/bin
containers_bin=$cache/debian-containers/bin
prometheus_bin=$cache/prometheus-$prometheus/bin
operator_bin=$cache/prometheus-operator-$operator/bin
helm_3_bin=$cache/helm-$helm_3/bin
helm_4_bin=$cache/helm-$helm_4/bin
debian_bin=$cache/debian/bin
python_bin=$cache/python-moto-$moto/bin
zizmor_bin=$cache/python-zizmor-$zizmor/bin
ric_bin=$cache/aws-lambda-ric-$ric/node_modules/.bin

# where NAME: prints the path of a part's program, or nothing. Same search order as test/support/parts/found.ts.
where() {
  case $1 in
    etcd) first "${KUBEBUILDER_ASSETS:-}/etcd" "$debian_bin/etcd" "$(on_path etcd)" ;;
    kube-apiserver | kubectl)
      first "${KUBEBUILDER_ASSETS:-}/$1" "$kubernetes_bin/$1" "$(on_path "$1")" ;;
    kubelet | kube-controller-manager | kube-scheduler | pause) first "$kubernetes_node_bin/$1" ;;
    containerd | runc) first "$containers_bin/$1" ;;
    prometheus-2 | promtool-2)
      first "$debian_bin/${1%-2}" "$(of_major 2 "${1%-2}")" ;;
    prometheus-3 | promtool-3)
      first "$prometheus_bin/${1%-3}" "$(of_major 3 "${1%-3}")" ;;
    prometheus-operator) first "$operator_bin/operator" ;;
    helm-3) first "$helm_3_bin/helm" ;;
    helm-4) first "$helm_4_bin/helm" ;;
    named) first "$debian_bin/named" "$(on_path named)" ;;
    moto_server | aws | cfn-lint) first "$python_bin/$1" "$(on_path "$1")" ;;
    zizmor) first "$zizmor_bin/$1" "$(on_path "$1")" ;;
    aws-lambda-ric) first "$ric_bin/$1" ;;
    openssl) first "$(on_path openssl)" ;;
  esac
}

all='openssl etcd kube-apiserver kubectl kubelet kube-controller-manager kube-scheduler pause containerd runc
  prometheus-2 promtool-2 prometheus-3 promtool-3 prometheus-operator helm-3 helm-4 named moto_server aws cfn-lint zizmor aws-lambda-ric'

first() {
  local candidate
  for candidate; do
    if [ -f "$candidate" ] && [ -x "$candidate" ]; then echo "$candidate" && return; fi
  done
}

on_path() { PATH=$PATH:/usr/sbin:/sbin command -v "$1"; }

of_major() {
  local program
  program=$(on_path "$2") || return
  "$program" --version 2>&1 | grep -q "^$2, version $1\." && echo "$program"
}

missing() {
  local name
  for name; do [ -n "$(where "$name")" ] || return 0; done
  return 1
}

list() {
  local name
  for name in $all; do printf '%-23s %s\n' "$name" "$(where "$name" | grep . || echo missing)"; done
}

# attempt TITLE FUNCTION: runs the function with its output in a log file, then prints the duration, or
# the end of the log if it failed. Each function works in a temporary folder, so a failed attempt leaves
# no partial result.
attempt() {
  local title=$1 log began=$SECONDS
  log=$cache/logs/${1//[^A-Za-z0-9]/-}.log
  echo "$title: preparing"
  if ("$2") >"$log" 2>&1; then
    echo "$title: ready ($((SECONDS - began)) s)"
  else
    # A single printf, because another part may be printing at the same time.
    printf '%s: failed after %d s. End of %s:\n%s\n' "$title" $((SECONDS - began)) "$log" \
      "$(tail -n 8 "$log" | sed 's/^/    /')"
  fi
}

# go_build FOLDER TARGET TAGS LDFLAGS PACKAGE...: needs only Go's module proxy and checksum database;
# go.mod and go.sum in the folder pin every module.
go_build() {
  local folder=$1 target=$2 tags=$3 flags=$4
  shift 4
  rm -rf "$target.new" && mkdir -p "$target.new" || return
  (cd "$here/$folder" && GOFLAGS=-buildvcs=false CGO_ENABLED=0 nice -n 10 \
    go build -trimpath -tags "$tags" -ldflags "-s -w $flags" -o "$target.new/" "$@") || return
  mkdir -p "$(dirname "$target")" && rm -rf "$target" && mv "$target.new" "$target"
}

# build_kubernetes TARGET NAME...: programs of the module k8s.io/kubernetes.
build_kubernetes() {
  local target=$1 version=k8s.io/component-base/version minor=${kubernetes#*.}
  shift
  go_build kube-apiserver "$target" '' \
    "-X $version.gitVersion=v$kubernetes -X $version.gitMajor=${kubernetes%%.*} -X $version.gitMinor=${minor%.*}" \
    "${@/#/k8s.io/kubernetes/cmd/}"
}

build_apiserver() { build_kubernetes "$kubernetes_bin" kube-apiserver kubectl; }

build_node() {
  local new=$kubernetes_node_bin.new-node
  build_kubernetes "$new" kubelet kube-controller-manager kube-scheduler &&
    go_build pause "$new/built" '' '' . && mv "$new/built/pause" "$new/" && rmdir "$new/built" &&
    rm -rf "$kubernetes_node_bin" && mv "$new" "$kubernetes_node_bin"
}

build_prometheus() {
  # Cloud service discovery takes most of the build time and the tests do not use it. The mechanisms in the
  # chart's default configuration are included, because Prometheus rejects unknown ones.
  go_build prometheus "$prometheus_bin" netgo,remove_all_sd,enable_kubernetes_sd,enable_dns_sd \
    "-X github.com/prometheus/common/version.Version=$prometheus" \
    github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool
}

# With its CRDs next to it, which are in the module.
build_operator() {
  local module=github.com/prometheus-operator/prometheus-operator new=$operator_bin.new-crds folder
  go_build prometheus-operator "$new/built" '' '' "$module/cmd/operator" &&
    folder=$(cd "$here/prometheus-operator" && go list -m -f '{{.Dir}}' "$module") &&
    mkdir -p "$new/crds" && cp "$folder"/example/prometheus-operator-crd/*.yaml "$new/crds/" && chmod u+w "$new"/crds/* &&
    mv "$new/built/operator" "$new/" && rmdir "$new/built" && rm -rf "$operator_bin" && mv "$new" "$operator_bin"
}

# build_helm TARGET VERSION: one go.mod has both majors, so that the second finds most packages compiled.
build_helm() {
  local module=helm.sh/helm/v${2%%.*}
  go_build helm "$1" '' "-X $module/internal/version.version=v$2" "$module/cmd/helm"
}

build_helm_3() { build_helm "$helm_3_bin" "$helm_3"; }

build_helm_4() { build_helm "$helm_4_bin" "$helm_4"; }

# unpack TARGET PACKAGE...: downloads Debian packages into TARGET.new and unpacks them there.
unpack() {
  local new=$1.new
  shift
  rm -rf "$new" && mkdir -p "$new/packages" "$new/root" "$new/bin" || return
  (cd "$new/packages" && apt-get download "$@") || return
  for package in "$new"/packages/*.deb; do dpkg-deb --extract "$package" "$new/root" || return; done
  rm -rf "$new/packages"
}

# wrap FOLDER PROGRAM...: wrappers in FOLDER/bin, because programs expect their libraries where Debian would
# install them.
wrap() {
  local folder=$1 program
  shift
  for program; do
    cat >"$folder/bin/${program##*/}" <<WRAPPER || return
#!/bin/sh
root=\$(dirname "\$0")/../root
LD_LIBRARY_PATH=\$(echo "\$root"/usr/lib/*-linux-gnu) exec "\$root/$program" "\$@"
WRAPPER
    chmod +x "$folder/bin/${program##*/}"
  done
}

unpack_debian() {
  local new=$cache/debian.new packages
  needed() {
    apt-get install --simulate --reinstall --no-install-recommends etcd-server bind9 prometheus |
      awk '/^Inst/ && $2 !~ /^(libjs|fonts)-/ { print $2 }'
  }
  packages=$(needed)
  if [ -z "$packages" ]; then
    apt-get update || sudo -n apt-get update || return
    packages=$(needed)
  fi
  # shellcheck disable=SC2086 # word splitting is intended
  unpack "$cache/debian" $packages || return
  wrap "$new" usr/bin/etcd usr/bin/prometheus usr/bin/promtool usr/sbin/named || return
  "$new/bin/named" -V && "$new/bin/etcd" --version && "$new/bin/prometheus" --version || return
  rm -rf "$cache/debian" && mv "$new" "$cache/debian"
}

# What these need in addition (libc6, libseccomp2) is on every Debian; iptables is for CNI plugins that are not used.
unpack_containers() {
  local new=$cache/debian-containers.new
  local packages='containerd runc containernetworking-plugins'
  # shellcheck disable=SC2086 # word splitting is intended
  unpack "$cache/debian-containers" $packages ||
    { { apt-get update || sudo -n apt-get update; } && unpack "$cache/debian-containers" $packages; } || return
  # containerd finds its shim, and the kubelet nothing, on PATH: links, so that bin has all that is needed.
  ln -s ../root/usr/bin/containerd ../root/usr/bin/containerd-shim-runc-v2 ../root/usr/bin/ctr ../root/usr/sbin/runc \
    "$new/bin/" && ln -s ../root/usr/lib/cni "$new/bin/cni" || return
  "$new/bin/containerd" --version && "$new/bin/runc" --version && [ -x "$new/bin/cni/bridge" ] || return
  rm -rf "$cache/debian-containers" && mv "$new" "$cache/debian-containers"
}

# install_python TARGET FILE: a virtual environment with the packages of that requirements file.
install_python() {
  # Created in place, because a virtual environment contains its absolute path.
  rm -rf "$1" && python3 -m venv "$1" &&
    "$1/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r "$here/$2" && return
  rm -rf "$1"
  return 1
}

install_moto() { install_python "${python_bin%/bin}" requirements.txt; }

install_zizmor() { install_python "${zizmor_bin%/bin}" zizmor/requirements.txt; }

install_lambda_runtime() {
  local target=${ric_bin%/node_modules/.bin}
  rm -rf "$target.new" && mkdir -p "$target.new" &&
    cp "$here"/lambda-runtime/package*.json "$target.new" || return
  (cd "$target.new" && npm ci --no-audit --no-fund) || return
  rm -rf "$target" && mv "$target.new" "$target"
}

if [ "${1:-}" = --list ]; then
  list
  exit
fi

mkdir -p "$cache/logs" || exit 1
# Two checkouts on one machine must not build the same part at the same time.
exec 9>"$cache/.lock"
if command -v flock >/dev/null; then flock 9; fi

# The long builds run one after the other, in parallel with the short downloads; two builds at once save no time.
{
  if missing kube-apiserver kubectl; then attempt "kube-apiserver and kubectl $kubernetes" build_apiserver; fi
  # After the API server, with which they share most packages.
  if missing kubelet kube-controller-manager kube-scheduler pause; then
    attempt "kubelet, kube-controller-manager and kube-scheduler $kubernetes" build_node
  fi
  if missing prometheus-3 promtool-3; then attempt "Prometheus $prometheus" build_prometheus; fi
  if missing prometheus-operator; then attempt "Prometheus Operator $operator" build_operator; fi
  if missing helm-3; then attempt "Helm $helm_3" build_helm_3; fi
  if missing helm-4; then attempt "Helm $helm_4" build_helm_4; fi
} &
if missing etcd named prometheus-2 promtool-2; then
  attempt 'etcd, named and Prometheus 2 from Debian' unpack_debian
fi
if missing containerd runc; then attempt 'containerd, runc and CNI plugins from Debian' unpack_containers; fi
# Those on PATH can be any version and may report different errors, so they are used only as a fallback.
if [ ! -x "$python_bin/cfn-lint" ]; then attempt "moto $moto, aws and cfn-lint" install_moto; fi
if missing zizmor; then attempt "zizmor $zizmor" install_zizmor; fi
if missing aws-lambda-ric; then attempt "Lambda's runtime client $ric" install_lambda_runtime; fi
wait

absent=$(list | awk '$2 == "missing" { printf "%s%s", comma, $1; comma = ", " }')
if [ -n "$absent" ]; then
  echo "error: could not provide $absent. See the logs in $cache/logs." >&2
  exit 1
fi
