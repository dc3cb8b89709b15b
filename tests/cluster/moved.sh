# shellcheck shell=bash disable=SC2154,SC2317 # Under citizens' load, copies of a host on PostgreSQL are killed and drained, and its service moves to the agency's shared host and back; read by `cloudnative.sh`.
check "counterparts of outside parties run in a pod of their own, beside PostgreSQL" counterparts
check "portal, identity and callbacks have one address, beside PostgreSQL" gateway
check "appointed officers set up their accounts, and stewards approve the grants, on PostgreSQL" officers
check "the service says that registries answer what it asks, on PostgreSQL" granted
check "the platform's databases can be looked at, on PostgreSQL" on_server
: >"$work/standing/acknowledged"
judged nothing_is_lost_and_nothing_happens_twice >"$work/load.log" 2>&1 &
load=$!
running+=("$load")
check "citizens apply and officers decide over a host of two copies" more_came

of_hosts=(pods --namespace justice --selector app.kubernetes.io/name=eservice)
copies() { kubectl get "${of_hosts[@]}" --output name; }
taking() { kubectl get "${of_hosts[@]}" --output jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}'; }
two_copies() { # both take requests, and none is on its way out: a Deployment says so of its copies before it has missed one
  for _ in $(seq 600); do [ "$(taking)" = "True True " ] && return; sleep 0.2; done
  kubectl get "${of_hosts[@]}"
  return 1
}
one_killed() {
  two_copies && kubectl delete "$(copies | head -n 1)" --namespace justice --grace-period=0 --force && more_came && two_copies
}
check "one of its two copies is killed, citizens go on, and there are two again" one_killed
both_killed() { host_killed && two_copies; }
check "both are killed at once, come back, and citizens go on" both_killed
one_drained() { # the budget keeps the other until there are two again
  local before; before=$(copies)
  drained && two_copies && [ "$(copies)" != "$before" ]
}
check "the node of both is drained and comes back, and citizens go on" one_drained

sed -E 's/isolation: "?dedicated"?/isolation: shared/' "$work/service.yaml" >"$work/shared.yaml"
left_of() { kubectl get deployments,secrets,configmaps,serviceaccounts,networkpolicies --namespace justice --selector "xizmat.dev/host=$1" --output name; }
moves() { # file, from, to: where it serves from then on, and nothing is left where it was
  local before; before=$(asked 'SELECT count(*) FROM cases' --dbname agency_justice)
  ! cmp -s "$work/service.yaml" "$work/shared.yaml" && apply "$1" --force-conflicts || return 1
  for _ in $(seq 600); do [ -n "$(left_of "$2")" ] || break; sleep 0.3; done
  [ -z "$(left_of "$2")" ] || { left_of "$2"; kubectl get "$sd" --namespace justice --output jsonpath='{.status.conditions}'; return 1; }
  kubectl rollout status "deployment/$3" --namespace justice --timeout 120s && ready --namespace justice "$sd" && more_came &&
    [ "$(asked 'SELECT count(*) FROM cases' --dbname agency_justice)" -gt "$before" ]
}
check "the service moves to the agency's shared host while cases are open, and citizens go on" \
  moves "$work/shared.yaml" marriage-certificate-copy shared
check "it moves back to a host of its own, and citizens go on" moves "$work/service.yaml" shared marriage-certificate-copy
check "what was acknowledged while copies died and the service moved was carried out, each once, and the ledger is balanced" rested
echo "        $(acknowledged) applications were acknowledged meanwhile"
