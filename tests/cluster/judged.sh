# shellcheck shell=bash disable=SC2154 # How Argo CD and Flux see live resources: its script, and kstatus; read by `short`.
gitops=$root/infra/gitops
only() { # how each line of a file begins, and there is one
  if [ ! -s "$2" ] || grep -v "^$1" "$2"; then echo "not only $1"; return 1; fi
}
as_seen() { # what Argo CD says (`-`: it is not asked), what kstatus says, each of every object that was read last
  "$gitops/flux/judge" <"$work/seen.json" | tee "$work/flux" && only "$2" "$work/flux" || return 1
  [ "$1" != - ] || return 0
  "$gitops/argocd/judge" <"$work/seen.json" | tee "$work/argocd" && only "$1: ." "$work/argocd"
}
seen() { # the same, what to get…
  kubectl get "${@:3}" --ignore-not-found --output json >"$work/seen.json" && as_seen "$1" "$2"
}
