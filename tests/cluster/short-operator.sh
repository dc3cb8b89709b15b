# shellcheck shell=bash disable=SC2154 # Definitions applied to a real API server become live on a real platform; read by `short`.
more=() watched=127.0.0.1:9644
start_operator() {
  "$programs/xizmat" operator --config "$data/run/settings.toml" --set "operator.kubeconfig_file=$work/operator.kubeconfig" \
    --set operator.engineer_role=xizmat-xizmat-engineer --health $watched "${more[@]}" 2>>"$work/operator.log" &
  operator=$!
  running+=("$operator")
}
started() { [ -s "$work/up.json" ]; }
for _ in $(seq 300); do if started; then break; fi; sleep 0.1; done
wait "$clearing"
portal=$(sed -n 's/.*"portal":"\([^"]*\)".*/\1/p' "$work/up.json")
start_operator

ready() { kubectl wait "$@" --for condition=Ready --timeout 60s; }
page() { curl --silent "$portal/services/justice/marriage-certificate-copy?lang=en"; }

# A service before its agency: the order of apply does not matter.
waits() {
  kubectl create namespace justice && apply "$service" || return 1
  says NoAgency kubectl get sd --namespace justice --output jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].reason}' &&
    seen Progressing InProgress sd --namespace justice
}
check "a service without an agency waits and says so" waits
taken() {
  apply "$root/examples/justice/agency.yaml" || return 1
  says NamespaceTaken kubectl get agy justice --output jsonpath='{.status.conditions[?(@.type=="Ready")].reason}' &&
    seen Degraded Failed agy justice
}
check "an agency does not take a namespace that nobody handed over" taken
live() {
  # Nothing else tells the operator: it sees the label.
  kubectl label namespace justice xizmat.dev/adopt=true && ready agy/justice || return 1
  apply "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  ready --all agy || return 1
  apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" || return 1
  ready --namespace civil-status --all rgy,grt && ready --namespace justice --all sd,grq
}
check "agencies, registry, grants and the service become ready" live
everything_healthy() { ready --all --all-namespaces sd,rgy,grt,grq && seen Healthy Current sd,agy,rgy,grt,grq,srev --all-namespaces && [ "$(wc -l <"$work/flux")" -ge 8 ]; }
check "Argo CD and Flux see all of it as live, also grants that wait for officers, and what asks under them" everything_healthy
check "citizens find the service in the portal" says "marriage certificate" page
restricted_agency() { [ "$(kubectl get namespace justice --output jsonpath='{.metadata.labels.pod-security\.kubernetes\.io/enforce}')" = restricted ]; }
check "the agency's namespace takes only pods with the least rights" restricted_agency

copy=(sd marriage-certificate-copy --namespace justice)
revision() { kubectl get sd marriage-certificate-copy --namespace justice --output jsonpath='{.status.revision}'; }
before=$(revision)
broken() {
  changed 's/^  start: apply/  start: nowhere/;s/^    start: apply/    start: nowhere/' && apply "$work/changed.yaml" --force-conflicts || return 1
  kubectl wait sd/marriage-certificate-copy --namespace justice --for condition=Stalled --timeout 30s || return 1
  [ "$(revision)" = "$before" ] && seen Degraded Failed "${copy[@]}" && grep 'nowhere.*keeps running' "$work/argocd" &&
    says 'nowhere' kubectl get events --namespace justice
}
check "a definition that is refused does not replace the one that runs, and says what is wrong" broken
check "the old revision still serves" says "marriage certificate" page
# Admission has no time for templates: the register has them compiled by the confined worker.
valid() { kubectl get "${copy[@]}" --output jsonpath="{.status.conditions[?(@.type==\"DefinitionValid\")].$1}"; }
broken_template() {
  changed 's/words\.at(inputs\.language/nowhere.at(inputs.language/' && apply "$work/changed.yaml" --force-conflicts || return 1
  kubectl wait "${copy[@]}" --for jsonpath='{.status.conditions[?(@.type=="DefinitionValid")].reason}'=NotAdmitted --timeout 60s || return 1
  [ "$(valid status)" = False ] && valid message | tee "$work/told" | grep -F 'spec.documents[0].template: line ' && grep -F nowhere "$work/told" &&
    [ "$(revision)" = "$before" ] && seen Degraded Failed "${copy[@]}" && says "marriage certificate" page
}
check "a template that cannot be set is refused by the register with its place, and replaces nothing" broken_template
better() {
  changed 's/Copy of a marriage certificate/Copy of the marriage certificate/' && apply "$work/changed.yaml" --force-conflicts || return 1
  ready --namespace justice --all sd && [ "$(revision)" != "$before" ] && says "Copy of the marriage certificate" page
}
check "a changed definition is a new revision that citizens see" better
ungranted() { says NoGrant kubectl get sd marriage-certificate-copy --namespace justice --output jsonpath='{.status.conditions[?(@.type=="ReferencesResolved")].reason}'; }
check "a service whose questions no officer has granted says so" ungranted
paused() {
  local held; held=$(revision)
  kubectl annotate sd marriage-certificate-copy --namespace justice xizmat.dev/paused=true || return 1
  kubectl wait sd/marriage-certificate-copy --namespace justice --for condition=Paused --timeout 30s && seen Suspended Current "${copy[@]}" || return 1
  changed 's/Copy of a marriage certificate/Copy of our marriage certificate/' && apply "$work/changed.yaml" --force-conflicts || return 1
  sleep 2; [ "$(revision)" = "$held" ] || { echo "it was looked at"; return 1; }
  # Flux knows no pause: it waits for the change.
  seen Suspended InProgress "${copy[@]}" || return 1
  kubectl annotate sd marriage-certificate-copy --namespace justice xizmat.dev/paused- &&
    says "Copy of our marriage certificate" page && ready --namespace justice --all sd &&
    [ "$(kubectl get sd marriage-certificate-copy --namespace justice --output jsonpath='{.status.conditions[?(@.type=="Paused")].status}')" = "" ] &&
    seen Healthy Current "${copy[@]}"
}
check "a paused definition says so, waits with its change, and goes on" paused

writes() { kubectl get --raw /metrics | awk '/^apiserver_request_total/ && /xizmat.dev/ && /verb="(APPLY|PATCH|POST|PUT)"/ {sum += $NF} END {print sum + 0}'; }
metrics() { curl --silent --max-time 5 "http://$watched/metrics"; }
looks() { # of an operator that leads: as many as there are resources
  metrics | awk -v all="$1" '/^xizmat_operator_leads 1/ {leads = 1} /^xizmat_reconcile_seconds_count/ {looks += $NF} END {if (leads && looks >= all) print "all"}'
}
quiet() {
  local before after
  end "$operator"; start_operator
  says all looks "$(kubectl get sd,agy,rgy,grt,grq --all-namespaces --output name | wc -l)" || return 1
  before=$(writes); sleep 8; after=$(writes)
  [ "$before" = "$after" ] || { echo "$((after - before)) writes"; return 1; }
}
check "an operator that starts again writes nothing when nothing changed" quiet
