# shellcheck shell=bash disable=SC2154 # Watches that are too old, and an API server that goes and comes without its history; read by `operator`.
watched() { proxy counts | python3 -c 'import json, sys
watching = json.load(sys.stdin)["watching"]
print(sum(watching.values()) if max(watching.values(), default=0) <= 1 else 0)'; }
all_watched() { [ "$(watched)" -ge 14 ]; }
one_watch() { until_true "a watch a kind" all_watched || { proxy counts; return 1; }; }
check "the operator has one watch for each kind and no second" one_watch
expired() {
  local most; most=$((3 * $(watched)))
  proxy forget >/dev/null; proxy expire >/dev/null
  until_true "every watch again" all_watched || return 1
  # Each begins once more, after a list; what is looked at then lists its neighbours.
  if [ "$(counted '^watch')" -gt $most ] || [ "$(counted '^LIST (agencies|registries|grants|grantrequests|services|networkpolicies)$')" -gt $most ]; then
    proxy counts; return 1
  fi
  kubectl delete networkpolicy "${on[@]}" marriage-certificate-copy &&
    until_true "what was deleted afterwards is back" exists networkpolicy/marriage-certificate-copy
}
check "watches that are too old are begun again once, and see what comes then" expired

etcd() { # path, body: etcd by its JSON gateway
  curl --silent --fail --unix-socket "$(dirname "$KUBECONFIG")/../etcd.sock" "http://etcd/v3/kv/$1" --data "$2"
}
answers() { kubectl get --raw /readyz >/dev/null 2>&1; }
compacted() {
  local revision
  kill -STOP "$third"
  # What happens while nobody looks, and what nobody can be told of afterwards.
  kubectl delete networkpolicy "${on[@]}" marriage-certificate-copy || { kill -CONT "$third"; return 1; }
  revision=$(etcd range '{"key": "AA=="}' | sed -n 's/.*"revision":"\([0-9]*\)".*/\1/p')
  etcd compaction "{\"revision\": \"$revision\", \"physical\": true}" && "$cluster/restart" kube-apiserver && until_true "the API server" answers
  kill -CONT "$third"
  until_true "what was deleted meanwhile is back" exists networkpolicy/marriage-certificate-copy && until_true "everything is ready" is_ready && lives "$third"
}
check "an API server that was restarted, its history compacted, finds an operator that goes on" compacted
away() { # a change while it is away from the operator's view, again and again
  for _ in 1 2 3; do
    "$cluster/restart" kube-apiserver && until_true "the API server" answers || return 1
    kubectl delete service "${on[@]}" marriage-certificate-copy --wait=false || return 1
    until_true "the service" exists service/marriage-certificate-copy || return 1
  done
  lives "$third" && until_true "everything is ready" is_ready && proxy forget >/dev/null && quiet_now
}
check "an API server that is restarted three times leaves everything as it should be, and then it is quiet" away
