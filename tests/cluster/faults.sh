# shellcheck shell=bash disable=SC2154,SC2317 # The platform of `journey.sh` under load, while pods die, the node is drained and the image changes; read by `long`.
sd=sd/marriage-certificate-copy
pods_of() { kubectl get pods --namespace "$1" --selector "$2" --output jsonpath='{.items[*].metadata.uid}'; }
again() { # namespace, selector: its pods are killed, others take their place
  local before; before=$(pods_of "$1" "$2")
  [ -n "$before" ] || { echo "no pod of $2"; return 1; }
  kubectl delete pods --namespace "$1" --selector "$2" --grace-period=0 --force || return 1
  for _ in $(seq 600); do
    [ -n "$(pods_of "$1" "$2")" ] && [ "$(pods_of "$1" "$2")" != "$before" ] && break
    sleep 0.1
  done
  kubectl wait pods --namespace "$1" --selector "$2" --for condition=Ready --timeout 120s
}
component() { again platform "app.kubernetes.io/component=$1"; }
host() { again justice app.kubernetes.io/name=eservice; }
acknowledged() { wc -l <"$work/standing/acknowledged"; }
more_came() { # citizens are being served: another application was acknowledged since
  local before; before=$(acknowledged)
  for _ in $(seq 1200); do [ "$(acknowledged)" -gt "$before" ] && return; sleep 0.1; done
  echo "nobody is served any more"; tail -n 5 "$work/load.log"
  return 1
}

: >"$work/standing/acknowledged"
judged nothing_is_lost_and_nothing_happens_twice >"$work/load.log" 2>&1 &
load=$!
running+=("$load")
check "citizens apply and officers decide while everything stands" more_came
for role in portal payments docket signing identity exchange register notifications operator nats; do
  killed() { component "$role" && more_came; }
  check "$role is killed, comes back, and citizens go on" killed
done
host_killed() { host && more_came; }
check "the agency's host is killed, comes back, and citizens go on" host_killed

silenced() {
  local address
  address=$(kubectl get pods --namespace justice --selector app.kubernetes.io/name=eservice --output jsonpath='{.items[0].status.podIP}') &&
    "$cluster/silence" "$address" && host_killed
}
check "the agency's host vanishes without a word, another takes its place, and citizens go on" silenced

refused_definition() {
  local before after
  before=$(kubectl get "$sd" --namespace justice --output jsonpath='{.status.revision}')
  sed 's/^    start: apply/    start: nowhere/;s/^  start: apply/  start: nowhere/' "$work/service.yaml" >"$work/refused.yaml"
  if cmp -s "$work/service.yaml" "$work/refused.yaml"; then echo "nothing changed"; return 1; fi
  # A webhook may refuse it at once, else the operator does.
  if apply "$work/refused.yaml" --force-conflicts; then
    kubectl wait "$sd" --namespace justice --for condition=Stalled --timeout 60s || return 1
  fi
  after=$(kubectl get "$sd" --namespace justice --output jsonpath='{.status.revision}')
  [ "$before" = "$after" ] && more_came && apply "$work/service.yaml" --force-conflicts && ready --namespace justice "$sd"
}
check "a refused definition changes nothing for citizens with open cases" refused_definition

drained() {
  local before gone=0 uid
  before="$(pods_of platform app.kubernetes.io/name=xizmat) $(pods_of justice app.kubernetes.io/name=eservice)"
  kubectl cordon node || return 1
  # Every pod of ours is evicted; a budget lets one copy go at a time and never the last one of several.
  kubectl drain node --ignore-daemonsets --delete-emptydir-data --disable-eviction=false --timeout 20s --pod-selector 'app.kubernetes.io/name in (xizmat, eservice)' || true
  for uid in $before; do
    grep -qF "$uid" <<<"$(pods_of platform app.kubernetes.io/name=xizmat) $(pods_of justice app.kubernetes.io/name=eservice)" || gone=$((gone + 1))
  done
  kubectl uncordon node || return 1
  # Copies that a budget holds stay; every role has another one.
  [ "$gone" -ge 8 ] || { echo "only $gone of $(wc -w <<<"$before") pods were evicted"; return 1; }
  kubectl wait pods "${on[@]}" --all --for condition=Ready --timeout 180s && ready --namespace justice "$sd" && more_came
}
check "the node is drained and comes back, and citizens go on" drained
upgraded() {
  ! grep -qw Cases <<<"$(columns)" || return 1
  helm upgrade xizmat "$chart" "${on[@]}" --values "$work/values.yaml" --set sharedHost.enabled=false --set image.tag=two --wait --timeout 240s || return 1
  [ "$(kubectl get pods "${on[@]}" --selector app.kubernetes.io/name=xizmat --output jsonpath='{range .items[*]}{.spec.containers[0].image}{"\n"}{end}' | sort -u | grep xizmat)" = localhost/xizmat:two ] || return 1
  grep -qw Cases <<<"$(columns)" || { echo "the resource definitions are still the old ones"; return 1; }
  hosts_are two
}
hosts_are() { # tag
  local tag=$1
  hosts_too() { [ "$(kubectl get pods --namespace justice --output jsonpath='{.items[*].spec.containers[0].image}')" = "localhost/xizmat:$tag" ]; }
  for _ in $(seq 600); do hosts_too && break; sleep 0.2; done
  hosts_too && ready --namespace justice "$sd" && more_came
}
check "another image takes over while cases are open, in the agency's host too, and newer resource definitions" upgraded
rolled_back() { # to what ran before, on the newer schema, while cases are open
  helm rollback xizmat 1 "${on[@]}" --wait --timeout 240s && hosts_are one && ! grep -qw Cases <<<"$(columns)"
}
check "helm rollback goes back to the release before, and citizens go on" rolled_back
shown() { # until when the certificate counts that the bus shows
  curl --silent --fail --max-time 5 "http://$(kubectl get pod xizmat-nats-0 "${on[@]}" --output jsonpath='{.status.podIP}'):8222/varz" |
    sed -n 's/^  "tls_cert_not_after": "\(.*\)".*/\1/p'
}
renewed() { # as docs/operations.md says
  local before; before=$(shown)
  [ -n "$before" ] || { echo "the bus shows no certificate"; return 1; }
  kubectl patch secret xizmat-keys "${on[@]}" --type json --patch '[{"op": "remove", "path": "/data/nats_tls_tls.crt"}]' || return 1
  helm upgrade xizmat "$work/before" "${on[@]}" --values "$work/values.yaml" --set sharedHost.enabled=false --wait --timeout 240s || return 1
  kubectl rollout restart "${on[@]}" statefulset/xizmat-nats && kubectl rollout status "${on[@]}" statefulset/xizmat-nats --timeout 120s || return 1
  [ "$(shown)" != "$before" ] && more_came
}
check "the bus shows another certificate, and citizens go on" renewed
why() { kubectl get "$sd" --namespace justice --output jsonpath="{.status.conditions[?(@.type==\"Ready\")].reason}"; }
deleted() { # citizens have open cases: it is not even asked to go, and takes new ones
  counted() { kubectl get "$sd" --namespace justice --output jsonpath='{.status.openCases}'; }
  kubectl annotate "$sd" --namespace justice --overwrite example.com/touched="$(date +%s)" || return 1
  for _ in $(seq 600); do [ "$(counted)" -gt 0 ] && break; sleep 0.2; done
  refused 'are open' kubectl delete "$sd" --namespace justice --wait=false && more_came
}
check "a definition with open cases is not deleted by a slip" deleted
rested() {
  touch "$work/standing/stop"
  wait "$load" || { tail -n 40 "$work/load.log"; return 1; }
  tail -n 3 "$work/load.log"
}
check "what was acknowledged was carried out, each once, and the ledger is balanced" rested
echo "        $(acknowledged) applications were acknowledged meanwhile"
closed() { # who agrees to the end lets the open cases end, and nobody new in; what the law keeps stays
  kubectl annotate "$sd" --namespace justice --overwrite xizmat.dev/end-cases=true &&
    kubectl delete "$sd" --namespace justice --wait=false || return 1
  for _ in $(seq 600); do case $(why) in Keeping | "") break ;; esac; sleep 0.2; done
  [ "$(why)" = Keeping ] || { kubectl get "$sd" --namespace justice --output jsonpath='{.status.conditions[0].message}'; return 1; }
  [ "$(kubectl get pods --namespace justice --selector app.kubernetes.io/name=eservice --output name | wc -l)" = 1 ]
}
check "whoever agrees to the end has new applications refused, and what ended stays as long as the law keeps it" closed
kept() { [ -s "$(volume_of justice/cases)/eservice.sqlite" ]; }
check "the cases' records stay" kept
