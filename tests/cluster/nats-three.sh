# shellcheck shell=bash disable=SC2154,SC2317 # Three NATS servers hold every stream; whichever is lost, with its volume even, nobody misses it; read by `long` after `production.sh`.
servers() { # namespace, more of `streams.py`: what its three servers say of their streams
  local all
  read -ra all <<<"$(kubectl get pods --namespace "$1" --selector app.kubernetes.io/component=nats --output jsonpath='{range .items[*]}{.metadata.name}={.status.podIP} {end}')"
  [ "${#all[@]}" = 3 ] || { echo "${#all[@]} servers are there: ${all[*]}"; return 1; }
  python3 "$here/streams.py" "${@:2}" "${all[@]}"
}
check "in production every stream and every consumer lies on all three NATS servers" eventually "lie on every server" servers production

given_way() { # production, its PostgreSQL and its volumes: this machine carries one platform
  helm uninstall real "${real[@]}" --wait --timeout 120s && kubectl delete namespace production --timeout 180s || return 1
  stopped
  rm -rf "$work/sql"
  gone
}
check "production can be removed" given_way
volumes further >/dev/null
prepared "in the shared host again"
raise "in the shared host again" "$chart" --take-ownership
check "the databases of it can be looked at" databases platform/xizmat-eservice
: >"$work/standing/acknowledged"
judged nothing_is_lost_and_nothing_happens_twice >"$work/load.log" 2>&1 &
load=$!
running+=("$load")
check "citizens apply and officers decide over one NATS server" more_came

whole() { more_came && eventually "lie on every server" servers platform; }
servers_are() { # how many
  helm upgrade xizmat "$chart" "${on[@]}" --values "$work/values.yaml" --set "nats.replicas=$1" --wait --timeout 300s && return
  kubectl get pods "${on[@]}"
  kubectl logs "${on[@]}" --selector app.kubernetes.io/component=nats --prefix --tail 5
  return 1
}
others_run() { kubectl get pod xizmat-nats-1 xizmat-nats-2 "${on[@]}" --output jsonpath='{.items[*].status.phase}'; }
becomes_three() { # the first one is told to go, as docs/operations.md says: it would wait for the others, and they for it
  servers_are 3 & local upgrade=$!
  eventually "Running Running" others_run && kubectl delete pod xizmat-nats-0 "${on[@]}" --wait=false || return 1
  wait "$upgrade" && whole
}
check "one server becomes three, citizens go on, and every stream comes to lie on all of them" becomes_three
leader() { servers platform --leader ESERVICE_EVENTS; }
killed() {
  local pod; pod=$(leader) || { echo "$pod"; return 1; }
  kubectl delete pod "$pod" "${on[@]}" --grace-period=0 --force && whole
}
check "the server that leads the e-services' events is killed, citizens go on, and it comes to hold everything again" killed
check "so does the server that leads them then" killed
claimed() { kubectl get pvc "$1" "${on[@]}" --output jsonpath='{.spec.volumeName}'; }
emptied() { # its volume is gone with it
  local pod before; pod=$(leader) || { echo "$pod"; return 1; }
  before=$(claimed "data-$pod")
  kubectl delete pvc "data-$pod" "${on[@]}" --wait=false && kubectl delete pod "$pod" "${on[@]}" --grace-period=0 --force || return 1
  whole && [ "$(claimed "data-$pod")" != "$before" ]
}
check "a server is lost with its volume, citizens go on, and an empty one fetches everything from the others" emptied
one_by_one() {
  kubectl rollout restart "${on[@]}" statefulset/xizmat-nats && kubectl rollout status "${on[@]}" statefulset/xizmat-nats --timeout 300s && whole
}
check "all three restart, each when the one before holds everything again, and citizens go on" one_by_one
becomes_one() {
  servers_are 1 && kubectl wait pod/xizmat-nats-1 pod/xizmat-nats-2 "${on[@]}" --for delete --timeout 120s && more_came
}
check "three servers become one again, and citizens go on" becomes_one
check "what was acknowledged meanwhile was carried out, each once, and the ledger is balanced" rested
echo "        $(acknowledged) applications were acknowledged meanwhile"
stopped
check "nothing of the three servers is left" gone
