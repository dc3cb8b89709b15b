# shellcheck shell=bash disable=SC2154 # The operator's account with the rights of the chart and no others; read by `short`.
kubectl create namespace xizmat >/dev/null
helm template xizmat "$root/charts/xizmat" --namespace xizmat --set sharedHost.enabled=false \
  --show-only templates/operator.yaml --show-only templates/operator-rbac.yaml >"$work/rights.yaml"
kubectl apply --namespace xizmat --filename "$work/rights.yaml" >/dev/null
kubectl create serviceaccount xizmat-operator --namespace xizmat >/dev/null
cp "$KUBECONFIG" "$work/operator.kubeconfig"
user=$(kubectl config view --output jsonpath='{.users[0].name}')
KUBECONFIG=$work/operator.kubeconfig kubectl config delete-user "$user" >/dev/null
KUBECONFIG=$work/operator.kubeconfig kubectl config set-credentials "$user" \
  --token "$(kubectl create token xizmat-operator --namespace xizmat --duration 2h)" >/dev/null
