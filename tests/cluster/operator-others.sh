# shellcheck shell=bash disable=SC2034,SC2153,SC2154,SC2317 # Two operators at once, and others who write the same objects; read by `operator`.
on=(--namespace justice)
leads() { grep -c 'this operator leads' "$work/$1.log" || true; }
led() { [ "$(leads "$1")" -ge "${2:-1}" ]; }

one_leads() {
  cleared || true
  start_operator "$work/proxied.kubeconfig" first; first=$operator
  until_true "the first leads" led first || return 1
  start_operator "$KUBECONFIG" second; second=$operator
  work_on() { sleep 0.2; }
  task_begin && until_true "everything is ready" done_begin || return 1
  [ "$(leads first) $(leads second)" = "1 0" ] && lives "$first" && lives "$second"
}
check "of two operators one leads, and everything becomes ready" one_leads
one_left() {
  kill -KILL "$first"; wait "$first" 2>/dev/null || true
  kubectl delete service "${on[@]}" marriage-certificate-copy || return 1
  until_true "the second leads" led second && until_true "what was deleted is back" exists service/marriage-certificate-copy || return 1
  [ "$(leads second)" = 1 ]
}
check "when the leader is killed the other takes over when the lease is over, and repairs" one_left
handed_over() {
  start_operator "$work/proxied.kubeconfig" third; third=$operator
  end "$second"
  until_true "the third leads" led third || return 1
  [ "$(leads second) $(leads third)" = "1 1" ]
}
check "a leader that stops hands over" handed_over

# A clock that is a day ahead: what is said about time in a lease must give nobody the lead, and keep nobody from it.
fake_time() { FAKETIME=+1d DONT_FAKE_MONOTONIC=1 LD_PRELOAD=$(dpkg -L libfaketime | grep '/libfaketimeMT.so') "$@"; }
looked() { [ "$(counted '^GET leases')" -ge "$1" ]; }
ahead() {
  "$root/infra/setup/packages.sh" libfaketime || return 1
  end "$third"; start_operator "$KUBECONFIG" normal; normal=$operator
  until_true "the normal one leads" led normal || return 1
  proxy forget >/dev/null
  fake_time start_operator "$work/proxied.kubeconfig" ahead; ahead=$operator
  until_true "it has looked often enough" looked 20 || return 1
  [ "$(leads normal) $(leads ahead)" = "1 0" ] && lives "$normal" && lives "$ahead"
}
check "an operator whose clock is a day ahead takes the lead from nobody" ahead
behind() {
  end "$normal"
  until_true "the one that is ahead leads" led ahead || return 1
  start_operator "$work/proxied.kubeconfig" third; third=$operator
  kill -KILL "$ahead"; wait "$ahead" 2>/dev/null || true
  until_true "the other leads" led third 2
}
check "a lease of tomorrow whose holder was killed is over as soon as any other" behind

# Somebody else who insists on another image and another number of copies kept free, a hundred times as fast as they can.
settled_deployment() {
  [ "$(kubectl get deployment "${on[@]}" marriage-certificate-copy --output jsonpath='{..image}')" = localhost/xizmat:played ] && is_ready
}
stormed() {
  local round rounds=60
  until_true "nothing to do" settled_deployment; proxy forget >/dev/null
  for round in $(seq $rounds); do
    kubectl set image deployment "${on[@]}" marriage-certificate-copy "eservice=localhost/else:$round" --field-manager storm >/dev/null || return 1
  done
  until_true "the operator's image is back" settled_deployment || return 1
  local written; written=$(counted '^PATCH deployments')
  [ "$written" -le $((rounds + 1)) ] || { echo "$written writes for $rounds"; return 1; }
  quiet_now
}
quiet_now() { # nothing is written over more than one look
  local before after
  before=$(counted "$WRITTEN"); sleep 12; after=$(counted "$WRITTEN")
  [ "$before" = "$after" ] || { echo "$((after - before)) writes while nothing happened"; proxy counts; return 1; }
}
check "a storm of another's writes is answered with no more writes than it had, and then it is quiet" stormed
labelled() { # a field that nobody disputes stays the other's
  kubectl label deployment "${on[@]}" marriage-certificate-copy example.com/team=blue --field-manager storm && sleep 3 || return 1
  [ "$(kubectl get deployment "${on[@]}" marriage-certificate-copy --output jsonpath='{.metadata.labels.example\.com/team}')" = blue ] && quiet_now
}
check "what another writes beside the operator's fields stays" labelled
disputed_status() { # another controller that writes the definition's status, over and over
  local round rounds=40 written
  proxy forget >/dev/null
  for round in $(seq $rounds); do
    kubectl patch "$sd" "${on[@]}" --subresource status --type merge --patch "{\"status\": {\"url\": \"http://else/$round\"}}" --field-manager storm >/dev/null || return 1
    kubectl annotate "$sd" "${on[@]}" --overwrite "example.com/touched=$round" >/dev/null || return 1
  done
  own_url() { [[ "$(kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.url}')" = "$portal"/* ]]; }
  until_true "the operator's own status" own_url || return 1
  written=$(counted '^PATCH servicedefinitions/status')
  [ "$written" -le $((rounds + 1)) ] || { echo "$written writes for $rounds"; return 1; }
  quiet_now
}
check "a status that another writes over is put right without a race" disputed_status
