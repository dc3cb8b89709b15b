# shellcheck shell=bash disable=SC2154 # What Argo CD, Flux and Kustomize need, before a real API server and a real operator; read by `short`.
gitops=$root/infra/gitops
"$cluster/build" helm

judged() { # health, kind, name, namespace: how Argo CD sees it
  kubectl get "$2" "$3" ${4:+--namespace "$4"} --output json | "$gitops/argocd/judge" | tee "$work/judged"
  grep -q "^$1: ." "$work/judged" || { echo "not $1"; return 1; }
}
everything_healthy() {
  local kind name namespace number=0
  while read -r kind name namespace; do
    judged Healthy "$kind" "$name" "$namespace" || return 1
    number=$((number + 1))
  done < <(kubectl get agy,rgy,grq,grt,sd --all-namespaces --output jsonpath='{range .items[*]}{.kind} {.metadata.name} {.metadata.namespace}{"\n"}{end}')
  [ "$number" -ge 8 ]
}
check "Argo CD sees everything that is live as healthy, with a message" everything_healthy
copy=(sd marriage-certificate-copy justice)
unseen() {
  kubectl get sd marriage-certificate-copy --namespace justice --output json | sed 's/"generation": [0-9]*/"generation": 999/' |
    "$gitops/argocd/judge" | grep -qx 'Progressing: The operator has not looked at it yet.'
}
check "a change that the operator has not seen is on its way to Argo CD, though it was ready before" unseen
degraded() {
  changed 's/^  start: apply/  start: nowhere/;s/^    start: apply/    start: nowhere/' && apply "$work/changed.yaml" --force-conflicts || return 1
  kubectl wait sd/marriage-certificate-copy --namespace justice --for condition=Stalled --timeout 30s || return 1
  judged Degraded "${copy[@]}" && grep -q nowhere "$work/judged" && grep -q 'keeps running' "$work/judged"
}
check "a definition that is refused is degraded, with the problem and what keeps running" degraded
suspended() {
  kubectl annotate sd marriage-certificate-copy --namespace justice xizmat.dev/paused=true || return 1
  kubectl wait sd/marriage-certificate-copy --namespace justice --for condition=Paused --timeout 30s && judged Suspended "${copy[@]}"
}
check "one that a person paused is suspended" suspended
mended() {
  apply "$service" --force-conflicts && kubectl annotate sd marriage-certificate-copy --namespace justice xizmat.dev/paused- || return 1
  ready --namespace justice --all sd && judged Healthy "${copy[@]}"
}
check "mended and resumed it is healthy again" mended

script_installed() { # a key of somebody else stays
  kubectl create namespace argocd && kubectl create configmap argocd-cm --namespace argocd --from-literal=url=https://argocd.example || return 1
  kubectl kustomize "$gitops/argocd" | kubectl apply --server-side --field-manager xizmat --filename - || return 1
  [ "$(kubectl get configmap argocd-cm --namespace argocd --output jsonpath='{.data.url}')" = https://argocd.example ] || return 1
  local kind
  for kind in $(kubectl get crd --output jsonpath='{range .items[?(@.spec.group=="xizmat.dev")]}{.spec.names.kind}{"\n"}{end}'); do
    diff "$gitops/argocd/health.lua" <(kubectl get configmap argocd-cm --namespace argocd --output \
      "go-template={{index .data \"resource.customizations.health.xizmat.dev_$kind\"}}") || return 1
  done
  kubectl delete namespace argocd --wait=false
}
check "the health script of every kind is put into Argo CD's settings, and what else they say stays" script_installed

# An agency's folder as the documentation makes it.
mkdir -p "$work/gitops/base" "$work/gitops/trial"
cp "$gitops"/kustomize/base/* "$root/examples/justice/grant-request.yaml" "$work/gitops/base"
cp "$service" "$work/gitops/base/marriage-certificate-copy.yaml"
cp "$gitops"/kustomize/trial/* "$work/gitops/trial"
kustomized() { # folder: built, taken by the API server, no field unknown
  rm -rf "$work/built" && mkdir "$work/built" && kubectl kustomize "$work/gitops/$1" --output "$work/built" || return 1
  kubectl apply --dry-run=server --server-side --force-conflicts --validate=strict --filename "$work/built"
}
same_as_applied() { kustomized base && "$programs/xizmat" kubectl diff "$work/built" --namespace justice; }
check "Kustomize builds an agency's folder, and what it builds is what was applied" same_as_applied
one_fee() {
  kustomized trial || return 1
  "$programs/xizmat" kubectl diff "$work/built" --namespace justice >"$work/differences" && { echo "no difference"; return 1; }
  cat "$work/differences"
  [ "$(grep -c '^  spec' "$work/differences")" = 1 ] && grep -q '^  spec.fees\[0\].amount (law)' "$work/differences"
}
check "a patch of one fee in another environment changes that fee and nothing else" one_fee

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
