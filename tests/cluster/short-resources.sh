# shellcheck shell=bash disable=SC2034,SC2154 # Resource definitions and the examples before a real API server; read by `short`.
apply() { kubectl apply --server-side --validate=strict --filename "$@"; }

definitions_are_structural() {
  apply "$root/charts/xizmat/templates/crds" || return 1
  kubectl wait --for condition=Established --timeout 30s --filename "$root/charts/xizmat/templates/crds" || return 1
  [ "$(kubectl get crd --output jsonpath='{.items[*].status.conditions[?(@.type=="NonStructuralSchema")].type}')" = "" ]
}
check "every resource definition is established and structural" definitions_are_structural
check "explain tells what a step is" says "exactly one kind" kubectl explain sd.spec.process.steps
check "explain tells which words can be written" says "hosted" kubectl explain sd.spec.level

for agency in justice civil-status; do kubectl create namespace $agency >/dev/null; done
service=$work/service.yaml
"$programs/xizmat" render "$root/examples/justice/marriage-certificate-copy" >"$service"
check "the rendered example service is accepted, no field unknown" apply "$service"
check "the agencies, the registry, the grant and its request are accepted, no field unknown" \
  apply "$root/examples/justice" --filename "$root/examples/civil-status"
check "what no operator has looked at is on its way to Argo CD and Flux" seen Progressing InProgress sd,agy,rgy,grt,grq --all-namespaces

# The example with one change; a change that changes nothing would prove nothing.
changed() { sed "$1" "$service" >"$work/changed.yaml" && ! cmp -s "$service" "$work/changed.yaml"; }
refuses() { # sentence, sed expression, words of the refusal
  wrong() { changed "$1" && refused "$2" apply "$work/changed.yaml" --force-conflicts; }
  check "$1" wrong "$2" "$3"
}
refuses "an unknown field is refused with its path" 's/^  agency: justice/&\n  colour: red/' '.spec.colour: field not declared in schema'
refuses "a wrong word is refused with its path" 's/^  agency: justice/&\n  level: sometimes/' 'spec.level: Unsupported value: "sometimes"'
refuses "a name of 53 letters is refused" "s/marriage-certificate-copy/$(printf 'a%.0s' {1..53})/" 'metadata.name: Too long: may not be more than 52 bytes'
refuses "a name with a dot is refused" 's/marriage-certificate-copy/marriage.copy/' 'metadata.name: Invalid value'
refuses "another agency is refused" 's/^  agency: justice/  agency: civil-status/' 'spec.agency: Invalid value'

step() { # a definition with these steps
  cat >"$work/steps.yaml" <<Y
apiVersion: xizmat.dev/v1alpha1
kind: ServiceDefinition
metadata: {name: steps, namespace: justice}
spec:
  title: {en: Steps}
  agency: justice
  data: {schema: {type: object}}
  forms: [{name: f, pages: []}]
  process: {start: a, steps: [$1]}
Y
}
refuses_steps() { # sentence, steps, words
  step "$2"
  check "$1" refused "$3" apply "$work/steps.yaml"
}
one_kind='spec.process.steps[1]: Invalid value'
refuses_steps "a step of two kinds is refused with its place" '{name: a, form: f}, {name: b, form: f, payment: p}' "$one_kind"
refuses_steps "a step of no kind is refused with its place" '{name: a, form: f}, {name: b}' "$one_kind"
refuses_steps "a wait for two things is refused with its place" '{name: a, wait: {for: 3 days, until: now()}}' 'spec.process.steps[0].wait: Invalid value'
refuses_steps "two steps of one name are refused" '{name: a, form: f}, {name: a, form: f}' '.spec.process.steps: duplicate entries for key [name="a"]'
hosted() { step '{name: a, form: f}' && sed -i '/^  process/d' "$work/steps.yaml" && refused 'a hosted service needs' apply "$work/steps.yaml"; }
check "a hosted service without a process is refused with what to write instead" hosted
accepted() { step '{name: a, form: f}, {name: b, wait: {for: 3 days}}, {name: c, end: {outcome: granted}}' && apply "$work/steps.yaml"; }
check "steps of one kind each are accepted" accepted

check "services of an agency are selected by it" says marriage-certificate-copy \
  kubectl get sd --all-namespaces --field-selector spec.agency=justice
check "nothing of another agency is selected" says "No resources found" \
  kubectl get sd --all-namespaces --field-selector spec.agency=civil-status
check "every kind is in the category eservices, an agency belongs to the cluster" says "agency.xizmat.dev/justice" \
  kubectl get eservices --all-namespaces --output name
scaled() {
  local before; before=$(kubectl get sd marriage-certificate-copy -n justice -o jsonpath='{.spec.deployment}')
  kubectl scale sd marriage-certificate-copy -n justice --replicas 3 || return 1
  [ "$(kubectl get sd marriage-certificate-copy -n justice -o jsonpath='{.spec.replicas} {.spec.deployment}')" = "3 $before" ]
}
check "an autoscaler's number does not touch the definition" scaled
status() {
  local generation; generation=$(kubectl get sd marriage-certificate-copy -n justice -o jsonpath='{.metadata.generation}')
  kubectl patch sd marriage-certificate-copy -n justice --subresource status --type merge --patch \
    "status: {observedGeneration: $generation, conditions: [{type: Ready, status: 'True', reason: Live, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}]}" || return 1
  kubectl wait sd/marriage-certificate-copy -n justice --for condition=Ready --timeout 5s || return 1
  [ "$(kubectl get sd marriage-certificate-copy -n justice -o jsonpath='{.metadata.generation}')" = "$generation" ]
}
check "a condition is reported apart from the spec and can be waited for" status

# Namespaces take their time.
kubectl delete sd,rgy,grt,grq --all --all-namespaces >/dev/null
kubectl delete agy --all >/dev/null
kubectl delete namespace justice civil-status >/dev/null &
clearing=$!
