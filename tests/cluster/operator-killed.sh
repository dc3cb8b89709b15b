# shellcheck shell=bash disable=SC2154,SC2317 # An operator that is killed after each of its writes makes what an undisturbed one makes; read by `operator`.

# Three tasks: what is applied, and when it is done.
task_begin() {
  apply "$root/examples/justice/agency.yaml" --filename "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  until kubectl get namespace justice civil-status notary >/dev/null 2>&1; do work_on || return 1; done
  apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" --filename "$work/service.yaml"
}
done_begin() { is_ready && exists deployment/marriage-certificate-copy && ! exists deployment/shared; }
task_move() { apply "$work/shared.yaml" --force-conflicts; }
done_move() { is_ready && exists deployment/shared && ! exists deployment/marriage-certificate-copy && ! exists secret/marriage-certificate-copy-bus; }
task_delete() { kubectl delete "$sd" --namespace justice --wait=false; }
done_delete() { ! exists "$sd" && ! exists deployment/shared && ! exists secret/shared-bus; }

exists() { [ -n "$(kubectl get "$1" --namespace justice --ignore-not-found --output name)" ]; }
is_ready() {
  local states
  states=$(kubectl get agy,rgy,grt,grq,sd --all-namespaces --output jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{.metadata.generation}-{.status.observedGeneration}{"\n"}{end}') || return 1
  ! grep -vqE '^True([0-9]+)-\1$' <<<"$states"
}
objects() { # everything the operator made, and what it says about it
  kubectl get agy,rgy,grt,grq,sd,srev,namespaces,rolebindings,deployments,services,serviceaccounts,secrets,configmaps,poddisruptionbudgets,horizontalpodautoscalers,networkpolicies,servicemonitors,resourcequotas,limitranges \
    --all-namespaces --output json | python3 -c 'import json, sys
found = json.load(sys.stdin)
ours = lambda one: one["metadata"].get("namespace") in (None, "justice", "civil-status", "notary") and one["metadata"]["name"] not in ("default", "kube-root-ca.crt")
found["items"] = [one for one in found["items"] if ours(one)]
json.dump(found, sys.stdout)' | "$here/alike.py"
}

# One life of an operator: it ends with its first write, or nothing is left for it to write.
one_life() {
  # The dead leader's lease would only be waited for; `operator-others.sh` does.
  kubectl delete lease xizmat-operator --namespace xizmat --ignore-not-found >/dev/null
  start_operator "$work/proxied.kubeconfig" killed
  proxy forget >/dev/null; proxy kill "{\"pid\": $operator, \"after\": 1}" >/dev/null
  local quiet=0
  while lives "$operator"; do
    # Longer than an operator that waits for something looks again.
    if [ "$quiet" -ge 70 ] && "$1"; then end "$operator"; return 1; fi
    quiet=$((quiet + 1)); sleep 0.1
    [ "$quiet" -lt 1200 ] || { echo "it neither writes nor is done"; "$1"; return 2; }
  done
  wait "$operator" 2>/dev/null || true
  return 0
}
never_done() { false; }
by_killed() { # name of the task
  work_on() { one_life never_done && kills=$((kills + 1)); }
  "task_$1" || return 1
  while true; do
    local lived=0
    one_life "done_$1" || lived=$?
    case $lived in 0) kills=$((kills + 1)) ;; 1) return 0 ;; *) return 1 ;; esac
    [ "$kills" -lt 400 ] || { echo "$kills lives and no end"; return 1; }
  done
}
by_undisturbed() {
  work_on() { sleep 0.2; }
  "task_$1" || return 1
  until_true "$1" "done_$1"
  # What follows from what was written last.
  local before=-1
  until [ "$(counted "$WRITTEN")" = "$before" ]; do before=$(counted "$WRITTEN"); sleep 7; done
}
cleared() {
  kubectl delete sd,rgy,grt,grq --all --all-namespaces --timeout 60s && kubectl delete agy --all --timeout 60s &&
    kubectl delete namespace justice civil-status notary --ignore-not-found --timeout 120s && no_agency_databases &&
    # The second run makes its keys again.
    kubectl delete secrets --namespace xizmat --selector app.kubernetes.io/managed-by=xizmat-operator
}

# The register forgets nothing: what follows finds in it what was there before, each time the same.
before_both() {
  start_operator "$work/proxied.kubeconfig" before
  work_on() { sleep 0.2; }
  for task in begin move delete; do "task_$task" && until_true "$task" "done_$task" || return 1; done
  cleared && end "$operator"
}
check "a service began, moved and ended once" before_both
undisturbed() {
  start_operator "$work/proxied.kubeconfig" undisturbed
  for task in begin move delete; do by_undisturbed $task && objects >"$work/undisturbed-$task.json" || return 1; done
  # An agency goes when the operator has ended it.
  lives "$operator" && cleared && end "$operator"
}
check "an undisturbed operator begins, moves and ends a service" undisturbed
kills=0
disturbed() {
  for task in begin move delete; do by_killed $task && objects >"$work/killed-$task.json" || return 1; done
  [ "$kills" -ge 20 ] || { echo "killed $kills times only"; return 1; }
}
check "an operator that is killed after each write ends, too" disturbed
echo "        $kills operators were killed with a write that they never heard of"
same() { diff "$work/undisturbed-$1.json" "$work/killed-$1.json"; }
check "what both made for a new service is the same" same begin
check "what both left after the move is the same" same move
check "what both left after the end is the same" same delete
