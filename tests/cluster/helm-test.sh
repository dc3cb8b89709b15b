# shellcheck shell=bash disable=SC2154 # `helm test` applies as a citizen, and fails where the platform is broken; read by `journey.sh`.
at_once() { # a service without an officer
  apply "$here/at-once.yaml" && ready --namespace justice sd/at-once && return
  kubectl get sd/at-once --namespace justice --output jsonpath='{.status.conditions[0].message}'
  return 1
}
check "a service that decides by itself is published" at_once
walked() { # to its end: nothing is left out, and no pod is left behind
  helm test xizmat "${on[@]}" --timeout 600s >"$work/tested" 2>&1 || { cat "$work/tested"; return 1; }
  cat "$work/tested"
  grep -F 'walked      verifying the document: it is genuine' "$work/tested" && ! grep -F 'not walked' "$work/tested" &&
    ! kubectl get pod xizmat-test "${on[@]}" 2>/dev/null
}
check "helm test signs in, applies, pays, gets a document and verifies it" walked
hosts() { # how many; until so many are there
  kubectl scale deployment/xizmat-eservice "${on[@]}" --replicas "$1" &&
    kubectl rollout status deployment/xizmat-eservice "${on[@]}" --timeout 120s || return 1
  [ "$1" != 0 ] || kubectl wait pods "${on[@]}" --selector app.kubernetes.io/component=eservice --for delete --timeout 120s
}
hostless() {
  hosts 0 || return 1
  refused "the host of justice/at-once" helm test xizmat "${on[@]}" --timeout 600s || return 1
  cat "$said.refusal"
  grep -F '(journey.page)' "$said.refusal" && grep -F 'walked      signing in as botir' "$said.refusal" && hosts 1 && walked
}
check "without the host of e-services helm test says which page fails and where to look, and passes again with it" hostless
