# shellcheck shell=bash disable=SC2154 # A real API server asks the operator before it keeps a resource; read by `short`.
if [ "$mode" = pods ]; then asked_at=10.250.0.254; else asked_at=127.0.0.1; fi
webhook=https://$asked_at:9643 configuration=xizmat-xizmat-operator
# The chart's own objects, except that the API server finds the operator on this machine.
helm template xizmat "$root/charts/xizmat" --namespace xizmat --show-only templates/webhook.yaml |
  sed "s#clientConfig: {service: {name: [^,]*, namespace: [^,]*, path: \([^}]*\)}}#clientConfig: {url: $webhook\1}#" >"$work/webhook.yaml"
kubectl apply --namespace xizmat --filename "$work/webhook.yaml" >/dev/null

# With the rights that the chart gives where resource definitions ask for a conversion, too.
helm template xizmat "$root/charts/xizmat" --namespace xizmat --show-only templates/operator.yaml \
  --set 'config.operator.webhook.conversion_of={grants.xizmat.dev}' >"$work/conversion.yaml"
kubectl apply --namespace xizmat --filename "$work/conversion.yaml" >/dev/null

end "$operator"
for setting in listen=$asked_at:9643 "names=[\"$asked_at\"]" configuration=$configuration settle_s=2 'conversion_of=["grants.xizmat.dev"]'; do
  more+=(--set "operator.webhook.$setting")
done
definition=sd/marriage-certificate-copy
authority() { kubectl get validatingwebhookconfiguration "$configuration" --output jsonpath='{.webhooks[0].clientConfig.caBundle}' | base64 --decode; }
tried() { apply "$1" --force-conflicts --dry-run=server; }
changed 's/start: apply$/start: nowhere/;s/form: application$/form: aplication/' && mv "$work/changed.yaml" "$work/wrong.yaml"

serves() {
  local begun=${EPOCHREALTIME/./}
  start_operator
  for _ in $(seq 200); do if ! tried "$work/wrong.yaml" >/dev/null 2>&1; then break; fi; sleep 0.05; done
  echo "after $(((${EPOCHREALTIME/./} - begun) / 1000)) ms"
  refused 'spec.process.start: ' tried "$work/wrong.yaml" && [ $((${EPOCHREALTIME/./} - begun)) -lt 5000000 ]
}
check "the webhook serves within seconds, under a certificate that it made itself" serves
causes() {
  tried "$work/wrong.yaml" 2>"$work/refusal.txt" && return 1
  cat "$work/refusal.txt"
  grep -qF '(process.unknown-step)' "$work/refusal.txt" && grep -qF "did you mean \`application\`?" "$work/refusal.txt" &&
    grep -qF 'ServiceDefinition "marriage-certificate-copy" is invalid' "$work/refusal.txt"
}
check "kubectl apply says every problem at once, with its field and what to write instead" causes
advised() {
  changed '/^  lifeEvents:/,/^  audience:/{/^  audience:/!d}' && tried "$work/changed.yaml" 2>&1 | grep -F "Warning: spec: there is no \`lifeEvents\`"
}
check "advice is a warning that stops nothing" advised
template_later() { changed 's/words\.at(inputs\.language/nowhere.at(inputs.language/' && tried "$work/changed.yaml"; }
check "templates are not compiled while somebody waits for a verdict" template_later
second=(sd/second-copy --namespace justice)
open_cases() { kubectl patch "${second[@]}" --subresource status --type merge --patch "status: {openCases: $1}"; }
slipped() {
  # Paused, so that nobody counts its cases anew.
  changed 's/marriage-certificate-copy/second-copy/;s/^  name: second-copy/&\n  annotations: {xizmat.dev\/paused: "true"}/' &&
    apply "$work/changed.yaml" --force-conflicts && kubectl wait "${second[@]}" --for condition=Paused --timeout 30s &&
    open_cases 3 && refused '3 cases are open' kubectl delete "${second[@]}" || return 1
  kubectl annotate "${second[@]}" xizmat.dev/end-cases=true && kubectl delete "${second[@]}" --dry-run=server &&
    kubectl annotate "${second[@]}" xizmat.dev/end-cases-
}
check "a service with open cases is not deleted by a slip" slipped
by_others() { kubectl annotate "${second[@]}" --overwrite example.com/touched="$(date +%s)" && kubectl scale "${second[@]}" --replicas 2; }
check "annotations and the number of copies are not judged" by_others

# Asks again and again; whoever is not refused was let through by a webhook that failed.
asks() {
  while [ -e "$work/asking" ]; do
    if tried "$work/wrong.yaml" >/dev/null 2>&1; then echo "let through" >>"$work/failures"; fi
    echo >>"$work/asked"
  done
}
shown() { kubectl get secret xizmat-webhook --namespace xizmat --output jsonpath='{.data.tls\.crt}'; }
rotated() {
  local before askers=(); before=$(shown)
  rm -f "$work/failures"; : >"$work/asking"
  for _ in 1 2 3; do asks & askers+=($!); done
  kubectl annotate secret xizmat-webhook --namespace xizmat xizmat.dev/rotate=true
  for _ in $(seq 150); do if [ "$(shown)" != "$before" ]; then break; fi; sleep 0.1; done
  # Some more under the new one.
  local count; count=$(wc -l <"$work/asked")
  for _ in $(seq 100); do if [ "$(wc -l <"$work/asked")" -gt $((count + 20)) ]; then break; fi; sleep 0.1; done
  rm "$work/asking"; wait "${askers[@]}"
  echo "$(wc -l <"$work/asked") requests"
  [ "$(shown)" != "$before" ] && [ ! -e "$work/failures" ] &&
    curl --silent --cacert <(authority) --output /dev/null "$webhook/judge" && [ "$(authority | grep -c BEGIN)" -ge 2 ]
}
check "the certificate changes under load without a request that fails" rotated

conversion_to() { # version
  curl --silent --cacert <(authority) "$webhook/convert" --data @- <<J
{"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "request": {"uid": "7", "desiredAPIVersion": "$1",
 "objects": [{"apiVersion": "xizmat.dev/v1alpha1", "kind": "Grant", "metadata": {"name": "a"}, "spec": {}}]}}
J
}
converts() {
  says '"status":"Success"' conversion_to xizmat.dev/v1alpha1 && says 'conversion.unknown' conversion_to xizmat.dev/v9 || return 1
  kubectl patch crd grants.xizmat.dev --type merge --patch \
    "spec: {conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: $webhook/convert}}}}" || return 1
  says BEGIN believed_by_definition && kubectl get grants --all-namespaces
}
believed_by_definition() { kubectl get crd grants.xizmat.dev --output jsonpath='{.spec.conversion.webhook.clientConfig.caBundle}' | base64 --decode; }
check "the conversion webhook answers, and a resource definition that names it is told whom to believe" converts
kubectl patch crd grants.xizmat.dev --type merge --patch 'spec: {conversion: {strategy: None, webhook: null}}' >/dev/null

counted() { says 'xizmat_admission_seconds_count{kind="ServiceDefinition",operation="UPDATE",outcome="refused"}' metrics; }
check "what is asked is counted" counted
away() {
  end "$operator"
  apply "$work/wrong.yaml" --force-conflicts && refused 'failed calling webhook "deletion.xizmat.dev"' kubectl delete "${second[@]}" &&
    open_cases 0 && kubectl delete "${second[@]}" --timeout 10s
}
check "while nobody answers, what is applied is let through, and only a service with open cases stays" away
judged_later() {
  start_operator
  kubectl wait "$definition" --namespace justice --for condition=Stalled --timeout 30s && [ "$(revision)" != "" ]
}
check "what was let through is judged by the controller, and replaces nothing" judged_later

# What comes after is judged by the controller alone.
end "$operator"
more=()
kubectl delete --namespace xizmat --filename "$work/webhook.yaml" >/dev/null
kubectl apply --namespace xizmat --filename "$work/rights.yaml" >/dev/null
apply "$service" --force-conflicts >/dev/null
start_operator
