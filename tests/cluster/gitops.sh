# shellcheck shell=bash disable=SC2154 # What Argo CD and Flux see of a change, and what Kustomize builds, before a real operator; read by `short`.
apply "$service" --force-conflicts >/dev/null && ready --namespace justice --all sd >/dev/null
unseen() {
  kubectl get "${copy[@]}" --output json | sed 's/"generation": [0-9]*/"generation": 999/' >"$work/seen.json" &&
    as_seen Progressing InProgress && grep -x 'Progressing: The operator has not looked at it yet.' "$work/argocd"
}
check "a change that the operator has not seen is on its way to Argo CD and Flux, though it was ready before" unseen

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
