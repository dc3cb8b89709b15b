# shellcheck shell=bash disable=SC2154 # Objects of the chart whose kinds others define (Gateway API, Prometheus, cert-manager) before an API server that knows them; read by `operator`.
foreign_kinds() {
  local files=() file more=()
  mapfile -t files < <(
    definition_of sigs.k8s.io/gateway-api@v1.6.3 config/crd/standard gateway.networking.k8s.io_httproutes
    definition_of github.com/cert-manager/cert-manager@v1.21.2 deploy/crds cert-manager.io_certificates cert-manager.io_issuers
    of_prometheus servicemonitors prometheusrules
  )
  [ ${#files[@]} = 5 ] || return 1
  for file in "${files[@]}"; do more+=(--filename "$file"); done
  kubectl apply --server-side "${more[@]}" && kubectl wait --for jsonpath='{.status.conditions[?(@.type=="Established")].status}'=True --timeout 30s "${more[@]}"
}
check "resource definitions of others, from their modules, are there" foreign_kinds
taken_by_server() { # values
  helm template xizmat "$root/charts/xizmat" --namespace xizmat "$@" >"$work/chart.yaml" &&
    kubectl apply --namespace xizmat --dry-run=server --server-side --force-conflicts --validate=strict --filename "$work/chart.yaml" >"$work/taken" || return 1
  cat "$work/taken"
}
with_foreign() {
  taken_by_server --set gateway.parentRef.name=public --set monitoring.serviceMonitor=true --set monitoring.rules=true \
    --set webhook.certManager.enabled=true || return 1
  local kind
  for kind in httproute servicemonitor prometheusrule certificate issuer; do grep -q "^$kind\." "$work/taken" || { echo "no $kind"; return 1; }; done
}
check "the API server takes what the chart makes of their kinds, no field unknown" with_foreign
named_issuer() {
  taken_by_server --set webhook.certManager.enabled=true --set webhook.certManager.issuerRef.name=state --set webhook.certManager.issuerRef.kind=ClusterIssuer &&
    ! grep -q '^issuer\.' "$work/taken"
}
check "with an issuer of the cluster's own, the chart makes none" named_issuer
