# shellcheck shell=bash disable=SC2154 # The whole platform from the chart, in pods; read by `short`.
chart=$root/charts/xizmat
if [ "$mode" != pods ]; then
  skip "the platform runs in pods" "no pods run here"
  return
fi

# Nothing of the checks before is left: neither the platform beside the cluster nor what was applied for it.
kubectl delete sd,rgy,grt,grq --all --all-namespaces --timeout 60s >/dev/null
kubectl delete agy --all --timeout 60s >/dev/null
end "${running[@]}"; running=()
kubectl delete namespace justice civil-status notary --ignore-not-found >/dev/null &
clearing=$!
for folder in "$root"/examples/*/*/; do "$programs/xizmat" render "$folder" || exit 1; done >"$work/services.yaml" &
writing=$!

# Volumes that anybody may bind: the cluster has no storage of its own.
for number in $(seq 14); do
  install -d -o 65532 -g 65532 "$work/volumes/$number"
  cat <<Y
apiVersion: v1
kind: PersistentVolume
metadata: {name: short-$number}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: ""
  hostPath: {path: $work/volumes/$number}
---
Y
done | kubectl apply --filename - >/dev/null

on=(--namespace platform)
values=(--set image.repository=localhost/xizmat --set image.tag=short --set image.pullPolicy=Never
  --set nats.image.repository=localhost/nats --set nats.image.tag=short --set nats.image.pullPolicy=Never
  --set-string volumes.storageClass= --set-string nats.volume.storageClass=)
helm_up() { # verb, more values; says what is not ready
  helm "$1" xizmat "$chart" "${on[@]}" "${values[@]}" "${@:2}" --wait --timeout 120s && return
  kubectl get pods,jobs "${on[@]}"
  for role in provision exchange identity signing; do
    kubectl logs "${on[@]}" --selector app.kubernetes.io/component=$role --tail 5
  done
  return 1
}
check "one command installs the platform, every pod with the least rights" helm_up install --take-ownership
tested() { # words that it says… — the pod of the test is gone afterwards, however it ended
  local words
  helm test xizmat "${on[@]}" --timeout 180s >"$work/tested" 2>&1 || { cat "$work/tested"; return 1; }
  for words; do grep -qF -- "$words" "$work/tested" || { echo "never said: $words"; cat "$work/tested"; return 1; }; done
  ! kubectl get pod xizmat-test "${on[@]}" 2>/dev/null
}
check "helm test walks the pages of an empty platform and says what it cannot walk" tested \
  "walked      the front page in five languages" "not walked  a service's start, signing in and applying: no service is published"

applied() {
  wait "$clearing" || return 1
  apply "$root/examples/justice/agency.yaml" --filename "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  ready --all agy || return 1
  apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" --filename "$service" || return 1
  ready --namespace civil-status --all rgy,grt && ready --namespace justice --all sd,grq && return
  kubectl get eservices --all-namespaces --output jsonpath='{range .items[*]}{.kind} {.metadata.name}: {.status.conditions[0].message}{"\n"}{end}'
  kubectl logs "${on[@]}" deployment/xizmat-operator --tail 5
  return 1
}
check "the operator has the rights it needs: everything applied becomes ready" applied
page() {
  curl --silent --max-time 5 "http://$(kubectl get service xizmat-portal "${on[@]}" --output jsonpath='{.spec.clusterIP}'):8080/services/justice/marriage-certificate-copy?lang=en"
}
check "citizens find the service through the portal's Service" says "marriage certificate" page
check "helm test walks from the service to signing in, and says that nobody can sign in" tested \
  "walked      the start of justice/marriage-certificate-copy" "not walked  OneID and applying: identity offers no OneID"
apply_all() { # files and folders, by one command
  local file all=()
  for file; do all+=(--filename "$file"); done
  kubectl apply --server-side --validate=strict "${all[@]}"
}
every_example() { # all there are in the repository
  wait "$writing" && apply_all "$root"/examples/*/agency.yaml && ready --all agy || return 1
  apply_all "$root"/examples/*/ "$work/services.yaml" && ready --all --all-namespaces rgy,grt,grq,sd && return
  kubectl get eservices --all-namespaces --output jsonpath='{range .items[*]}{.kind} {.metadata.name}: {.status.conditions[0].message}{"\n"}{end}'
  return 1
}
check "every example of the repository becomes ready beside it" every_example
may_not() { refused no kubectl auth can-i "$@" --as system:serviceaccount:platform:xizmat-operator; }
no_more() { may_not get secrets --all-namespaces && may_not delete namespaces && may_not create pods --all-namespaces && may_not update sd --all-namespaces; }
check "the operator has no other rights" no_more
own_files() { # role, file: the name of a file in a role's Secret
  kubectl get secret "xizmat-$1" "${on[@]}" --output jsonpath='{.data}' | tr ',' '\n' | grep -oE '"[a-z_.-]+":' | tr -d '":' | sort | tr '\n' ' '
}
apart() { [ "$(own_files docket)" = "bus.creds bus.key reasons.key " ] && [ "$(own_files portal)" = "bus.creds bus.key portal-client-secret portal-session.key " ]; }
check "a role's Secret holds that role's files and no other" apart
source "$here/encrypted.sh"

again() { # role: its pod is killed, another takes its place
  local selector=app.kubernetes.io/component=$1 before
  pods() { kubectl get pods "${on[@]}" --selector "$selector" --output jsonpath='{.items[*].metadata.uid}'; }
  replaced() { local now; now=$(pods); [ -n "$now" ] && [ "$now" != "$before" ]; }
  before=$(pods)
  kubectl delete pods "${on[@]}" --selector "$selector" --grace-period=0 --force || return 1
  for _ in $(seq 100); do if replaced; then break; fi; sleep 0.1; done
  kubectl wait pods "${on[@]}" --selector "$selector" --for condition=Ready --timeout 60s && replaced && says "marriage certificate" page
}
check "a killed register comes back and knows every service" again register
check "a killed NATS server comes back and everybody finds it" again nats

# Everything that is kept, without credentials, which are signed anew.
kept() { kubectl get secret xizmat-keys "${on[@]}" --output jsonpath='{.data}' | tr ',' '\n' | grep -v '\.creds"' | sort | sha256sum; }
before=$(kept)
failing_test() { # the release names a service that nobody published
  refused "/services/justice/none answers 404" helm test xizmat "${on[@]}" --timeout 90s || return 1
  grep -F "docs/errors/" "$said.refusal" && grep -F "(journey.page)" "$said.refusal" && ! kubectl get pod xizmat-test "${on[@]}" 2>/dev/null
}
upgraded() {
  helm_up upgrade --set config.eservice.actions_at_once=7 --set tests.application.service=justice/none || return 1
  kubectl get configmap xizmat-eservice "${on[@]}" --output jsonpath='{.data.settings\.toml}' | grep -qF 'actions_at_once = 7' || return 1
  [ "$(kept)" = "$before" ] && says "marriage certificate" page
}
check "an upgrade changes a setting, replaces no key and loses nothing" upgraded
check "network policies let every connection through that a pod holds, with a host of all" python3 "$here/ways.py"
check "helm test fails with page, code and where to look, and leaves no pod behind" failing_test
on_the_bus() { # as each pod says itself
  local address all count=0
  read -ra all <<<"$(kubectl get pods --all-namespaces --selector app.kubernetes.io/name=eservice --output jsonpath='{.items[*].status.podIP}')"
  for address in "${all[@]}"; do
    if [ "$(curl --silent --max-time 5 "http://$address:9090/metrics" | grep -cF 'xizmat_bus_connected{role="eservice"} 1')" = 1 ]; then count=$((count + 1)); fi
  done
  echo "$count of ${#all[@]} hosts"
}
alone() { # the hosts of agencies, of which each has one
  local agencies
  helm_up upgrade --set sharedHost.enabled=false || return 1
  kubectl wait sd --all --all-namespaces --for condition=WorkloadAvailable --timeout 180s || { kubectl get pods --all-namespaces; return 1; }
  agencies=$(kubectl get sd --all-namespaces --output jsonpath='{range .items[*]}{.metadata.namespace}{"\n"}{end}' | sort -u | wc -l)
  says "$agencies of $agencies hosts" on_the_bus &&
    [ "$(kubectl get deployments "${on[@]}" --selector app.kubernetes.io/component=eservice --output name)" = "" ] && [ "$(kept)" = "$before" ]
}
check "without a host of all, the operator runs every agency's services in a host of its own" alone
check "network policies let every connection through that a pod holds, hosts in agencies' namespaces too" python3 "$here/ways.py"
source "$here/plugin-host.sh"
uninstalled() {
  helm uninstall xizmat "${on[@]}" --wait --timeout 60s || return 1
  kubectl wait pods "${on[@]}" --all --for delete --timeout 60s || return 1
  [ "$(kept)" = "$before" ] &&
    [ "$(kubectl get pvc "${on[@]}" --output name | wc -l)" = 10 ] &&
    kubectl get sd marriage-certificate-copy --namespace justice
}
check "uninstalling keeps keys, volumes and what agencies applied" uninstalled
reinstalled() { helm_up install --take-ownership && [ "$(kept)" = "$before" ] && says "marriage certificate" page; }
check "installed again, it goes on where it stood" reinstalled
