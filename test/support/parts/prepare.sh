#!/usr/bin/env bash
# Provides the real parts that the tests run against: kube-apiserver, etcd, kubectl, Prometheus 2 and
# 3, named, moto, aws, cfn-lint, and Lambda's runtime client. Quick when all are there.
#
#   test/support/parts/prepare.sh          provide what is missing; ends with 1 if something could not be had
#   test/support/parts/prepare.sh --list   say what is found where
#
# Everything goes into one folder outside the checkout, keyed by version, so that a machine builds it
# once: $FEDERATION_SYNC_PARTS, or route53-federation-sync/parts under $XDG_CACHE_HOME or ~/.cache.
# No part is installed into the system and none needs root: Debian's packages are only unpacked, so
# that no service starts and no user is created. KUBEBUILDER_ASSETS, when set, wins.
#
# No `set -e`: one part that cannot be had must not keep the others away.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
here=$PWD
# Where Go's own installer puts it, which a shell started by a machine often does not know.
PATH=$PATH:/usr/local/go/bin
cache=${FEDERATION_SYNC_PARTS:-${XDG_CACHE_HOME:-$HOME/.cache}/route53-federation-sync/parts}

# The versions stand in the files that pin them; test/support/parts/found.ts reads the same ones.
kubernetes=$(sed -n 's/^require k8s.io\/kubernetes v//p' kube-apiserver/go.mod)
# Prometheus 3.16.0 is v0.316.0 to Go.
prometheus=$(sed -n 's/^require github.com\/prometheus\/prometheus v0\.3\([0-9]*\)\.\([0-9]*\)$/\1 \2/p' prometheus/go.mod)
prometheus=3.$((10#${prometheus% *})).${prometheus#* }
moto=$(sed -n 's/^moto.*==//p' requirements.txt)
ric=$(sed -n 's/.*"aws-lambda-ric": "\([0-9.]*\)".*/\1/p' lambda-runtime/package.json)

kubernetes_bin=$cache/kubernetes-$kubernetes/bin
prometheus_bin=$cache/prometheus-$prometheus/bin
debian_bin=$cache/debian/bin
python_bin=$cache/python-moto-$moto/bin
ric_bin=$cache/aws-lambda-ric-$ric/node_modules/.bin

# where NAME: the path of a part's program, or nothing. The order is that of test/support/parts/found.ts.
where() {
  case $1 in
    etcd) first "${KUBEBUILDER_ASSETS:-}/etcd" "$debian_bin/etcd" "$(on_path etcd)" ;;
    kube-apiserver | kubectl)
      first "${KUBEBUILDER_ASSETS:-}/$1" "$kubernetes_bin/$1" "$(on_path "$1")" ;;
    prometheus-2 | promtool-2)
      first "$debian_bin/${1%-2}" "$(of_major 2 "${1%-2}")" ;;
    prometheus-3 | promtool-3)
      first "$prometheus_bin/${1%-3}" "$(of_major 3 "${1%-3}")" ;;
    named) first "$debian_bin/named" "$(on_path named)" ;;
    moto_server | aws | cfn-lint) first "$python_bin/$1" "$(on_path "$1")" ;;
    aws-lambda-ric) first "$ric_bin/$1" ;;
    openssl) first "$(on_path openssl)" ;;
  esac
}

all='openssl etcd kube-apiserver kubectl prometheus-2 promtool-2 prometheus-3 promtool-3 named
  moto_server aws cfn-lint aws-lambda-ric'

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
  for name in $all; do printf '%-15s %s\n' "$name" "$(where "$name" | grep . || echo missing)"; done
}

# attempt TITLE FUNCTION: runs it with its output in a log, and says how long it took or what it said
# last. Its work goes to a folder of its own first, so that a broken attempt leaves nothing behind.
attempt() {
  local title=$1 log began=$SECONDS
  log=$cache/logs/${1//[^A-Za-z0-9]/-}.log
  echo "$title: preparing"
  if ("$2") >"$log" 2>&1; then
    echo "$title: ready after $((SECONDS - began)) s"
  else
    # In one piece: another part may be printing at the same time.
    printf '%s: failed after %d s; the end of %s:\n%s\n' "$title" $((SECONDS - began)) "$log" \
      "$(tail -n 8 "$log" | sed 's/^/    /')"
  fi
}

# go_build FOLDER TARGET TAGS LDFLAGS PACKAGE...: Go's module proxy and checksum database are all it
# needs; the folder's go.mod and go.sum pin every module.
go_build() {
  local folder=$1 target=$2 tags=$3 flags=$4
  shift 4
  rm -rf "$target.new" && mkdir -p "$target.new" || return
  (cd "$here/$folder" && GOFLAGS=-buildvcs=false CGO_ENABLED=0 nice -n 10 \
    go build -trimpath -tags "$tags" -ldflags "-s -w $flags" -o "$target.new/" "$@") || return
  mkdir -p "$(dirname "$target")" && rm -rf "$target" && mv "$target.new" "$target"
}

build_kubernetes() {
  local version=k8s.io/component-base/version minor=${kubernetes#*.}
  go_build kube-apiserver "$kubernetes_bin" '' \
    "-X $version.gitVersion=v$kubernetes -X $version.gitMajor=${kubernetes%%.*} -X $version.gitMinor=${minor%.*}" \
    k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl
}

build_prometheus() {
  # Discovery in clouds takes most of the build and the tests use none of it; what the usual chart's
  # configuration names stays in, because an unknown mechanism would be an error.
  go_build prometheus "$prometheus_bin" netgo,remove_all_sd,enable_kubernetes_sd,enable_dns_sd \
    "-X github.com/prometheus/common/version.Version=$prometheus" \
    github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool
}

unpack_debian() {
  local new=$cache/debian.new packages program
  rm -rf "$new" && mkdir -p "$new/packages" "$new/root" "$new/bin" || return
  needed() {
    apt-get install --simulate --reinstall --no-install-recommends etcd-server bind9 prometheus |
      awk '/^Inst/ && $2 !~ /^(libjs|fonts)-/ { print $2 }'
  }
  packages=$(needed)
  if [ -z "$packages" ]; then
    apt-get update || sudo -n apt-get update || return
    packages=$(needed)
  fi
  # shellcheck disable=SC2086 # the list is meant to be split
  (cd "$new/packages" && apt-get download $packages) || return
  for package in "$new"/packages/*.deb; do dpkg-deb --extract "$package" "$new/root" || return; done
  rm -rf "$new/packages"
  for program in usr/bin/etcd usr/bin/prometheus usr/bin/promtool usr/sbin/named; do
    # A wrapper, since named looks for its libraries where Debian would have installed them.
    cat >"$new/bin/${program##*/}" <<WRAPPER || return
#!/bin/sh
root=\$(dirname "\$0")/../root
LD_LIBRARY_PATH=\$(echo "\$root"/usr/lib/*-linux-gnu) exec "\$root/$program" "\$@"
WRAPPER
    chmod +x "$new/bin/${program##*/}"
  done
  "$new/bin/named" -V && "$new/bin/etcd" --version && "$new/bin/prometheus" --version || return
  rm -rf "$cache/debian" && mv "$new" "$cache/debian"
}

install_python() {
  local target=${python_bin%/bin}
  # Built in place: the programs of a virtual environment know their folder by its name.
  rm -rf "$target" && python3 -m venv "$target" &&
    "$target/bin/python" -m pip install --quiet -r "$here/requirements.txt" && return
  rm -rf "$target"
  return 1
}

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
# Two checkouts of one machine must not build the same thing at once.
exec 9>"$cache/.lock"
if command -v flock >/dev/null; then flock 9; fi

# The long builds share one job and run beside the short downloads: two at once gain nothing.
{
  if missing kube-apiserver kubectl; then attempt "kube-apiserver and kubectl $kubernetes" build_kubernetes; fi
  if missing prometheus-3 promtool-3; then attempt "Prometheus $prometheus" build_prometheus; fi
} &
if missing etcd named prometheus-2 promtool-2; then
  attempt 'etcd, named and Prometheus 2 of Debian' unpack_debian
fi
# Those on PATH may be of any version, and find other faults: they stand in only where these cannot be had.
if [ ! -x "$python_bin/cfn-lint" ]; then attempt "moto $moto, aws and cfn-lint" install_python; fi
if missing aws-lambda-ric; then attempt "Lambda's runtime client $ric" install_lambda_runtime; fi
wait

absent=$(list | awk '$2 == "missing" { printf "%s%s", comma, $1; comma = ", " }')
if [ -n "$absent" ]; then
  echo "Could not be provided: $absent" >&2
  exit 1
fi
