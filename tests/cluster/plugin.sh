# shellcheck shell=bash disable=SC2154 # The plugin of kubectl with the rights of several people, on a service that runs in pods; read by `platform.sh`.
mkdir -p "$work/bin"
ln -s "$programs/xizmat" "$work/bin/kubectl-xizmat"
PATH=$work/bin:$PATH
name=marriage-certificate-copy
xizmat() { kubectl xizmat --namespace justice "$@"; }
as() { # user, command…: with nobody's rights but theirs
  local user=$1; shift
  cp "$KUBECONFIG" "$work/$user.kubeconfig"
  kubectl --kubeconfig "$work/$user.kubeconfig" config set "users.$(kubectl config view --output jsonpath='{.users[0].name}').act-as" "$user" >/dev/null
  kubectl xizmat --kubeconfig "$work/$user.kubeconfig" --namespace justice "$@"
}

tree() {
  xizmat status >"$work/tree" || return 1
  cat "$work/tree"
  grep -qx 'The service is ready.' "$work/tree" && grep -q '^agency justice  ready' "$work/tree" &&
    grep -q "^├── service $name  ready: Citizens find it in the portal." "$work/tree" && grep -q '── database  ready' "$work/tree" &&
    grep -q '── pod shared-[a-z0-9-]*  ready: on node$' "$work/tree" && grep -q '── grant request marriages  ready' "$work/tree"
}
check "kubectl xizmat status shows the service from its agency down to its pods" tree
for_programs() {
  kubectl xizmat status --all-namespaces --output json | python3 -c '
import json, sys
def below(node): return [node] + [inner for child in node.get("below", []) for inner in below(child)]
nodes = [node for root in json.load(sys.stdin)["items"] for node in below(root)]
assert {node["name"] for node in nodes if node["kind"] == "agency"} == {"civil-status", "justice", "notary"}, nodes
assert [node["state"] for node in nodes if node["kind"] == "service"] == ["ready"], nodes'
}
check "the same tree of all agencies is there for programs" for_programs
answers_why() { xizmat why $name | tee "$work/why"; grep -q "^\`justice/$name\` is Ready: Citizens find it in the portal. Applications follow revision [0-9a-f]*\.$" "$work/why"; }
check "why says of what is ready that it is" answers_why

same() { xizmat diff "$root/examples/justice/marriage-certificate-copy"; }
check "diff finds nothing between the folder and what it became in the cluster" same
cp -r "$root/examples/justice" "$work/justice"
folder=$work/justice/marriage-certificate-copy
sed -i 's/"Copy of a marriage certificate"/"Copy of my marriage certificate"/; s/percent(ref.bhm, .10.)/percent(ref.bhm, '"'11'"')/' "$folder/service.yaml"
different() {
  if xizmat diff "$folder" >"$work/differences"; then echo "no difference"; return 1; fi
  cat "$work/differences"
  grep -q ': 2 differences, law$' "$work/differences" && grep -q '^  spec.title.en (presentation)$' "$work/differences" &&
    grep -q "^    + Copy of my marriage certificate$" "$work/differences" && grep -q '^  spec.fees\[0\].amount (law)$' "$work/differences"
}
check "diff names what changed, by path, and of what kind it is" different
planned() {
  xizmat plan "$folder" >"$work/plan" || return 1
  cat "$work/plan"
  grep -q '^  check       passes' "$work/plan" && grep -q '^  change      law, 2 differences' "$work/plan" && grep -q '^  server      would accept it' "$work/plan"
}
check "plan says what would come of it, and the API server agrees" planned
as_planned() {
  local planned
  planned=$(sed -n 's/^  revision    \([0-9a-f]*\);.*/\1/p' "$work/plan")
  xizmat render "$folder" | apply - --force-conflicts || return 1
  says "$planned" kubectl get sd $name --namespace justice --output jsonpath='{.status.activeRevision}' && ready --namespace justice --all sd && xizmat diff "$folder"
}
check "applied, it becomes the revision that plan told" as_planned
wrong_plan() {
  sed -i 's/^    start: apply/    start: nowhere/' "$folder/service.yaml"
  if xizmat plan "$folder" >"$work/plan"; then echo "passed"; return 1; fi
  grep -q 'check       is refused' "$work/plan" && grep -q 'spec.process.start' "$work/plan"
}
check "plan refuses what the check refuses, with its place" wrong_plan
numbers() { xizmat cases $name | tee "$work/cases"; grep -q "^SERVICE .*OPEN CASES" "$work/cases" && grep -q "^justice/$name  [0-9a-f]\{12\} " "$work/cases"; }
check "cases counts by revision" numbers

said() { xizmat logs $name --tail 5 >"$work/logs"; grep -q '^shared-[a-z0-9-]*: {' "$work/logs"; }
check "logs shows what the pods say, each line with its pod" said
followed() { # as long as somebody reads, and no longer
  timeout 20 kubectl xizmat --namespace justice logs $name --follow --tail 3 | head -n 2 >"$work/logs"
  [ "$(wc -l <"$work/logs")" = 2 ]
}
check "logs that are followed end when nobody reads" followed

stuck() { # the operator stays away, and somebody breaks the host by hand
  xizmat pause $name | grep -q 'is paused' || return 1
  kubectl set image deployment/shared --namespace justice eservice=localhost/nowhere:1 || return 1
  says ErrImageNeverPull xizmat status $name || return 1
  xizmat why $name | tee "$work/why"
  grep -q 'is paused' "$work/why" && grep -q 'localhost/nowhere:1' "$work/why" && grep -q 'Push the image' "$work/why"
}
check "why finds the image that cannot be had behind a paused service, and what to do" stuck
resumed() { xizmat resume $name --timeout 90 | grep -q 'is looked after again' && kubectl wait sd/$name --namespace justice --for condition=WorkloadAvailable --timeout 90s && ready --namespace justice --all sd; }
check "resumed, the operator repairs it" resumed

stranger() {
  if as stranger why $name >"$work/refusal" 2>&1; then echo "was answered"; return 1; fi
  grep -F 'You may not get servicedefinitions.xizmat.dev in the namespace justice.' "$work/refusal" || { cat "$work/refusal"; return 1; }
}
check "a missing right is named with its verb, its resource and its namespace" stranger
kubectl apply --filename - >/dev/null <<Y
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reads-services, namespace: justice}
rules: [{apiGroups: [xizmat.dev], resources: ["*"], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads-services, namespace: justice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads-services}
subjects: [{kind: User, name: reader, apiGroup: rbac.authorization.k8s.io}]
Y
reader() {
  as reader status >"$work/tree" || return 1
  cat "$work/tree"
  grep -q "service $name  ready" "$work/tree" && ! grep -q ' pod ' "$work/tree" &&
    grep -q '^Not shown, because you may not: list deployments.apps in the namespace justice; .*get agencies.xizmat.dev in the cluster\.$' "$work/tree"
}
check "who may read services only sees them, and what was left out" reader
ordered() { # a text that few people see at first, given to all, and another one taken back
  local few="s/^  agency: justice/&\n  rollout: {steps: [5%, 100%]}/"
  xizmat render "$root/examples/justice/marriage-certificate-copy" | sed "$few; s/Copy of a marriage certificate/Copy for all/" | apply - --force-conflicts || return 1
  says 1/2 kubectl get sd $name --namespace justice --output jsonpath='{.status.rollout.step}' || return 1
  xizmat status $name | tee "$work/tree" && grep -q ' rollout [0-9a-f]*  step 1/2, 5 % of the people against ' "$work/tree" || return 1
  xizmat promote $name | tee "$work/order" && grep -q 'everybody begins with revision' "$work/order" || return 1
  xizmat render "$root/examples/justice/marriage-certificate-copy" | sed "$few; s/Copy of a marriage certificate/Copy for nobody/" | apply - --force-conflicts || return 1
  says 1/2 kubectl get sd $name --namespace justice --output jsonpath='{.status.rollout.step}' || return 1
  xizmat rollback $name | tee "$work/order" && grep -q 'is taken back; applications follow' "$work/order" || return 1
  xizmat why $name | tee "$work/why" && grep -q 'RolledBack' "$work/why"
}
check "promote gives a revision to everybody, rollback takes one back, each when the operator says so" ordered
law() { # what is law is refused by the operator in its own words
  xizmat render "$root/examples/justice/marriage-certificate-copy" | sed 's/drafts: 30 days/drafts: 31 days/' | apply - --force-conflicts && ready --namespace justice --all sd || return 1
  refused 'The operator does not carry it out' xizmat rollback $name "$(kubectl get sd $name --namespace justice --output jsonpath='{.status.activeRevision}')"
}
check "an order that the operator refuses ends with its reason" law
unknown() {
  kubectl annotate sd $name --namespace justice xizmat.dev/rollback- xizmat.dev/promote- >/dev/null
  refused 'no revision of this service' xizmat promote $name 000000000000 && refused 'No revision is being brought in' xizmat promote $name &&
    refused 'There is no ServiceDefinition' xizmat why nothing
}
check "a revision or a service that is not there is refused with what there is" unknown
