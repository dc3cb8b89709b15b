# shellcheck shell=bash disable=SC2034 # Names, addresses and folders that the scripts beside it share.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Programs are cached by what is locked, so that every checkout of one state shares them.
cached() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/cluster-$(cat "$@" | sha256sum | cut -c1-16)/bin"; }
own_bin=$(cached "$here"/modules/*/go.{mod,sum})
# Another version of Kubernetes than the cluster's own has programs of its own, and shares what is not Kubernetes.
other=$here/versions/${CLUSTER_VERSION:-}
if [ -z "${CLUSTER_VERSION:-}" ] || grep -q "^	k8s.io/kubernetes v$CLUSTER_VERSION\." "$here/modules/kubernetes/go.mod"; then
  kubernetes=$here/modules/kubernetes bin=$own_bin
elif [ -e "$other/go.mod" ]; then
  kubernetes=$other bin=$(cached "$other"/go.{mod,sum})
else
  echo "No Kubernetes $CLUSTER_VERSION is pinned: infra/cluster/pin-kubernetes VERSION --beside" >&2; exit 1
fi
state="${CLUSTER_STATE:-${TMPDIR:-/tmp}/xizmat-cluster-$(id -u)}"
kubeconfig="$state/kubeconfig/admin"
PATH="$bin:$PATH:/usr/sbin:/sbin"

# The node's own network: reachable from this machine, from nowhere else.
bridge=xizmat0
host_address=10.250.0.254
node_address=10.250.0.1
pod_network=10.244.0.0/16
service_network=10.96.0.0/16
dns_address=10.96.0.10

# What the kubelet sets for the whole machine.
tuned=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

# The first process of the cluster; everything else ends with it. Its start time tells it from a later one of that number.
started_at() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }
leader() {
  local pid start
  read -r pid start 2>/dev/null <"$state/leader" || return 1
  [ "$(started_at "$pid")" = "$start" ] && [ "$(cut -d' ' -f3 "/proc/$pid/stat")" != Z ] && echo "$pid"
}
answers() { KUBECONFIG=$kubeconfig kubectl get --raw /readyz --request-timeout=2s >/dev/null 2>&1; }
# `pods`, or `control-plane` where none can run.
mode() { cat "$state/mode"; }
# Layers cannot be laid over a file system that is itself made of layers.
snapshots() { if [ "$(stat -f -c %T "$state")" = overlayfs ]; then echo native; else echo overlayfs; fi; }
