# shellcheck shell=bash disable=SC2154 # What the operator asked the API server for in all that was checked; read by `short`.
helm template xizmat "$root/charts/xizmat" --namespace platform --set sharedHost.enabled=false \
  --show-only templates/operator.yaml --show-only templates/operator-rbac.yaml >"$work/rights.yaml"
exact() {
  kubectl create --dry-run=client --filename "$work/rights.yaml" --output json >"$work/rights.json" &&
    python3 "$here/rights.py" "$(dirname "$(dirname "$KUBECONFIG")")/audit.log" "$work/rights.json" "$here/rights-unused.txt" \
      system:serviceaccount:xizmat:xizmat-operator system:serviceaccount:platform:xizmat-operator
}
check "the operator was refused nothing, and used every right that it has" exact
