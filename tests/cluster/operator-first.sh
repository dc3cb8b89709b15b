# shellcheck shell=bash disable=SC2154 # An operator that starts before any resource definition is there, and goes on when they are; read by `operator`.
health=127.0.0.1:$(free_port)
unknown() { # of how many kinds it says so; nothing where it does not answer
  curl --silent --fail --max-time 5 "http://$health/readyz" >"$work/readyz" || return 0
  grep -c '^waits for [A-Za-z]*: the cluster does not know this kind' "$work/readyz" || true
}
unknown_are() { [ "$(unknown)" = "$1" ]; }
before_all() {
  kubectl create namespace xizmat && [ "$(kubectl get crd --output name | grep -c '\.xizmat\.dev$')" = 0 ] || return 1
  start_operator "$KUBECONFIG" early; early=$operator
  until_true "it waits for all five kinds" unknown_are 5 && grep -q 'this operator leads' "$work/early.log" && lives "$early" && return
  curl --silent --max-time 5 "http://$health/readyz"; tail -n 5 "$work/early.log"
  return 1
}
check "an operator that starts before every resource definition is ready, leads, and says what it waits for" before_all
platform_namespace
goes_on() { # nobody starts it again
  until_true "it waits for no kind" unknown_are 0 && apply "$root/examples/notary/agency.yaml" || return 1
  kubectl wait agy/notary --for condition=Ready --timeout 60s && lives "$early" || return 1
  kubectl delete agy/notary --timeout 60s && kubectl delete namespace notary --timeout 120s && end "$early"
}
check "when the chart brings them it goes on by itself" goes_on
unset health
