#!/bin/sh
# Runs containerd and a kubelet so that one kill removes them, and all that they have made. Nothing of the machine changes.
#
#   node.sh FOLDER
#
# FOLDER/node.env sets, for sh: name, link (the host's end of the node's only network link), host and node (their
# addresses), service (the address of the API server), pods (the pods' addresses), containers (containerd's bin),
# kubelet. The other files that it needs are in FOLDER, too (node.ts).
#
# Three steps: the network and the cgroups, which this machine sees; mounts, which it does not; the programs.
set -eu
folder=$1
# shellcheck source=/dev/null
. "$folder/node.env"

case ${2:-network} in
  network)
    # A pair of interfaces disappears with the namespace of either; its addresses and routes with it.
    exec unshare --net sh -c '
      set -eu
      . "$1/node.env"
      on_host() { nsenter --net="/proc/$PPID/ns/net" ip "$@"; }
      ip link set lo up
      ip link add eth0 type veth peer name "$link" netns "$PPID"
      on_host address add "$host/30" dev "$link"
      on_host address add "$service/32" dev "$link"
      on_host link set "$link" up
      on_host route add "$pods" via "$node"
      ip address add "$node/30" dev eth0
      ip link set eth0 up
      ip route add default via "$host"
      exec sh "$0" "$1" cgroups' "$0" "$folder"
    ;;
  cgroups)
    # Version 1 has a hierarchy for each controller, next to each other; version 2 has one.
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
      mkdir "/sys/fs/cgroup/$name"
    else
      for hierarchy in /sys/fs/cgroup/*/; do mkdir -p "$hierarchy$name"; done
    fi
    exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh "$0" "$folder" mounts
    ;;
  mounts)
    for path in /run /opt /var/lib /var/log; do mount -t tmpfs tmpfs "$path"; done
    # The kubelet writes these values of the machine's kernel. It finds here what it would write.
    protect() {
      [ ! -e "/proc/sys/$1" ] || { echo "$2" >"$folder/${1##*/}" && mount --bind "$folder/${1##*/}" "/proc/sys/$1"; }
    }
    protect vm/overcommit_memory 1
    protect vm/panic_on_oom 0
    protect kernel/panic 10
    protect kernel/panic_on_oops 1
    protect kernel/keys/root_maxkeys 1000000
    protect kernel/keys/root_maxbytes 25000000
    export PATH="$containers:$PATH"
    containerd --config "$folder/containerd.toml" --log-level warn &
    until [ -S "$folder/containerd.sock" ]; do sleep 0.05; done
    "$kubelet" --config "$folder/kubelet.json" --kubeconfig "$folder/kubeconfig" --root-dir "$folder/kubelet" \
      --cert-dir "$folder/pki" --hostname-override "$name" --node-ip "$node" &
    # Process 1 also reaps what the containers leave behind. It ends with the kubelet, and so does everything else.
    wait $!
    ;;
esac
