# shellcheck shell=bash disable=SC2154 # What Argo CD and Flux are handed, before a real API server; read by `short`.
script_installed() { # a key of somebody else stays
  kubectl create namespace argocd && kubectl create configmap argocd-cm --namespace argocd --from-literal=url=https://argocd.example || return 1
  kubectl kustomize "$gitops/argocd" | kubectl apply --server-side --field-manager xizmat --filename - || return 1
  [ "$(kubectl get configmap argocd-cm --namespace argocd --output jsonpath='{.data.url}')" = https://argocd.example ] || return 1
  local kind
  says servicerevisions.xizmat.dev kubectl get crd --output name || return 1
  for kind in $(kubectl get crd --output jsonpath='{range .items[?(@.spec.group=="xizmat.dev")]}{.spec.names.kind}{"\n"}{end}'); do
    diff "$gitops/argocd/health.lua" <(kubectl get configmap argocd-cm --namespace argocd --output \
      "go-template={{index .data \"resource.customizations.health.xizmat.dev_$kind\"}}") || return 1
  done
  kubectl delete namespace argocd --wait=false
}
check "the health script of every kind is put into Argo CD's settings, and what else they say stays" script_installed
# The schemas of Flux' own objects lie in the modules of its controllers.
flux_crd() { (cd /tmp && go mod download -json "github.com/fluxcd/$1@$2") | sed -n "s|^\t\"Dir\": \"\(.*\)\",$|\1/config/crd/bases/$3|p"; }
flux() {
  local crds
  crds=("$(flux_crd kustomize-controller v1.9.6 kustomize.toolkit.fluxcd.io_kustomizations.yaml)"
    "$(flux_crd source-controller v1.9.6 source.toolkit.fluxcd.io_gitrepositories.yaml)")
  kubectl apply --server-side --filename "${crds[0]}" --filename "${crds[1]}" || return 1
  kubectl wait --for condition=Established --timeout 30s --filename "${crds[0]}" --filename "${crds[1]}" || return 1
  kubectl create namespace flux-system || return 1
  kubectl apply --dry-run=server --server-side --validate=strict --filename "$gitops/flux/sync.yaml" || return 1
  kubectl delete namespace flux-system --wait=false && kubectl delete --filename "${crds[0]}" --filename "${crds[1]}" --wait=false
}
check "the API server takes what Flux follows, no field unknown" flux
flux_release() {
  kubectl kustomize "$gitops/flux/platform" >"$work/release.yaml" || return 1
  kubectl annotate --local --filename "$gitops/flux/platform/release.yaml" --output json read=1 |
    python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["spec"]["values"], sys.stdout)' >"$work/release.json" || return 1
  helm lint --strict "$root/charts/xizmat" --values "$work/release.json"
}
check "the release that Flux makes has values that the chart knows" flux_release
