# shellcheck shell=bash disable=SC2016,SC2154,SC2317 # An operator that only looks, one without a bus, and one whose resource definitions are taken away; read by `operator`.
says() { grep -q -- "$2" "$work/$1.log"; } # log, pattern
holder() { kubectl get lease xizmat-operator --namespace xizmat --output jsonpath='{.spec.holderIdentity}'; }

only_looks() { # beside the operator in force, as another release
  local before looking; before=$(holder); proxy forget >/dev/null
  start_operator "$work/proxied.kubeconfig" looking read_only=true host_image=localhost/xizmat:other; looking=$operator
  until_true "it says what it would change" says looking 'change Deployment `marriage-certificate-copy`' || return 1
  end "$looking"
  [ "$(counted "$WRITTEN")" = 0 ] || { proxy counts; return 1; }
  [ "$(leads looking)" = 0 ] && [ "$(holder)" = "$before" ] && lives "$third"
}
check "an operator in read-only mode says what it would change, writes nothing and takes no lease" only_looks

without_bus() {
  end "$third"
  start_operator "$KUBECONFIG" alone bus.url=nats://127.0.0.1:1; alone=$operator
  until_true "it leads" led alone && until_true "it says what it waits for" says alone 'the operator waits' || return 1
  kubectl delete deployment "${on[@]}" marriage-certificate-copy || return 1
  until_true "what was deleted is back" exists deployment/marriage-certificate-copy && lives "$alone"
}
check "without a bus an operator leads, keeps hosts in repair, and says what it waits for" without_bus
told_to_stop() {
  end "$alone"
  [ -z "$(holder)" ] || return 1
  start_operator "$KUBECONFIG" last; last=$operator
  until_true "the next leads" led last && until_true "everything is ready" is_ready
}
check "it stops when it is told to, gives back the lease, and the next one makes everything ready" told_to_stop

refused_and_deleted() { # a bad edit, and what still runs is taken away
  sed -E 's/^( +start:) "?apply"?$/\1 nowhere/' "$work/service.yaml" >"$work/refused.yaml"
  if cmp -s "$work/service.yaml" "$work/refused.yaml"; then echo "nothing changed"; return 1; fi
  apply "$work/refused.yaml" --force-conflicts || return 1
  is_refused() { [ "$(kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="Ready")].reason}')" = Invalid ]; }
  until_true "it is refused" is_refused || return 1
  kubectl delete deployment "${on[@]}" marriage-certificate-copy || return 1
  until_true "what still runs is back" exists deployment/marriage-certificate-copy || return 1
  is_refused && apply "$work/service.yaml" --force-conflicts && until_true "it is ready again" is_ready
}
check "the host of what still runs is repaired while its definition is refused" refused_and_deleted

no_definitions() {
  kubectl delete crd grantrequests.xizmat.dev || return 1
  until_true "it says that it waits" says last 'the cluster does not know this kind' || return 1
  kubectl apply --server-side --filename "$root/charts/xizmat/templates/crds" >/dev/null &&
    until_true "it says that it waits no more" says last 'the operator waits for it no more' && lives "$last"
}
check "a kind that the cluster does not know is waited for, and is watched once it does" no_definitions

reason_of() { kubectl get "$1" "${on[@]}" --output "jsonpath={.status.conditions[?(@.type==\"$2\")].reason}"; }
says_away() { # definitions: what each says of its database
  local one
  for one; do [ "$(reason_of "$one" DatabaseReady)" = DatabaseAway ] || return 1; done
}
waits_for_database() {
  start_operator "$KUBECONFIG" silent; last=$operator
  sed 's/marriage-certificate-copy/silent-copy/g' "$work/service.yaml" >"$work/silent-copy.yaml" && apply "$work/silent-copy.yaml" || return 1
  until_true "both say that the database is away" says_away "$sd" sd/silent-copy || return 1
  kubectl get sd/silent-copy "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].message}' | grep -F store.unreachable || return 1
  kubectl delete service "${on[@]}" marriage-certificate-copy && until_true "what was deleted is back" exists service/marriage-certificate-copy || return 1
  ! exists deployment/silent-copy && lives "$last"
}
without_database() { # it takes connections, and says nothing
  local came=0
  end "$last"
  kill -STOP "$postgresql"; waits_for_database || came=1; kill -CONT "$postgresql"
  [ $came = 0 ] && until_true "everything is ready" is_ready && exists deployment/silent-copy &&
    kubectl delete sd/silent-copy "${on[@]}" --timeout 120s
}
check "a database that does not answer is waited for and told; hosts are kept in repair, and it goes on when it answers" without_database
