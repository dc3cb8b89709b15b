# shellcheck shell=bash disable=SC2154 # The plugin of kubectl, with the rights of several people, before a real operator; read by `short`.
mkdir -p "$work/bin"
ln -s "$programs/xizmat" "$work/bin/kubectl-xizmat"
PATH=$work/bin:$PATH
name=marriage-certificate-copy
example=$root/examples/justice/$name
xizmat() { kubectl xizmat --namespace justice "$@"; }
as() { # user, command…: with nobody's rights but theirs
  local user=$1; shift
  cp "$KUBECONFIG" "$work/$user.kubeconfig"
  kubectl --kubeconfig "$work/$user.kubeconfig" config set "users.$(kubectl config view --output jsonpath='{.users[0].name}').act-as" "$user" >/dev/null
  kubectl xizmat --kubeconfig "$work/$user.kubeconfig" --namespace justice "$@"
}
shown() { cat "$work/shown"; grep -q -- "$1" "$work/shown" || { echo "without: $1"; return 1; }; }
apply "$service" --force-conflicts >/dev/null && ready --namespace justice --all sd >/dev/null

tree() {
  xizmat status >"$work/shown" && shown '^The service is ready\.$' && shown '^agency justice  ready' &&
    shown "^├── service $name  ready: Citizens find it in the portal\." && shown '── grant request marriages  ready'
}
check "kubectl xizmat status shows the service below its agency, and what else the agency has" tree
for_programs() {
  kubectl xizmat status --all-namespaces --output json | python3 -c '
import json, sys
def below(node): return [node] + [inner for child in node.get("below", []) for inner in below(child)]
nodes = [node for root in json.load(sys.stdin)["items"] for node in below(root)]
assert {node["name"] for node in nodes if node["kind"] == "agency"} == {"civil-status", "justice", "notary"}, nodes
assert [node["state"] for node in nodes if node["kind"] == "service"] == ["ready"], nodes'
}
check "the same tree of all agencies is there for programs" for_programs
answers_why() { xizmat why $name >"$work/shown" && shown "^\`justice/$name\` is Ready: Citizens find it in the portal\. .*Applications follow revision [0-9a-f]*\."; }
check "why says of what is ready that it is" answers_why

same() { xizmat diff "$example"; }
check "diff finds nothing between the folder and what it became in the cluster" same
cp -r "$root/examples/justice" "$work/justice"
folder=$work/justice/$name
sed -i 's/"Copy of a marriage certificate"/"Copy of my marriage certificate"/; s/percent(ref.bhm, .10.)/percent(ref.bhm, '"'11'"')/' "$folder/service.yaml"
different() {
  if xizmat diff "$folder" >"$work/shown"; then echo "no difference"; return 1; fi
  shown ': 2 differences, law$' && shown '^  spec.title.en (presentation)$' && shown '^    + Copy of my marriage certificate$' && shown '^  spec.fees\[0\].amount (law)$'
}
check "diff names what changed, by path, and of what kind it is" different
planned() { xizmat plan "$folder" >"$work/shown" && shown '^  check       passes' && shown '^  change      law, 2 differences' && shown '^  server      would accept it'; }
check "plan says what would come of it, and the API server agrees" planned
as_planned() {
  local revision
  revision=$(sed -n 's/^  revision    \([0-9a-f]*\);.*/\1/p' "$work/shown")
  xizmat render "$folder" | apply - --force-conflicts || return 1
  says "$revision" kubectl get sd $name --namespace justice --output jsonpath='{.status.activeRevision}' && ready --namespace justice --all sd && xizmat diff "$folder"
}
check "applied, it becomes the revision that plan told" as_planned
wrong_plan() {
  sed -i 's/^    start: apply/    start: nowhere/' "$folder/service.yaml"
  if xizmat plan "$folder" >"$work/shown"; then echo "passed"; return 1; fi
  shown 'check       is refused' && shown 'spec.process.start'
}
check "plan refuses what the check refuses, with its place" wrong_plan
numbers() { xizmat cases $name >"$work/shown" && shown '^SERVICE .*OPEN CASES' && shown "^justice/$name  [0-9a-f]\{12\}  100 %"; }
check "cases counts by revision" numbers

for_few() { # title: offered to a few people at first; in the folder, for the document's template holds the same words
  rm -rf "$work/few" && cp -r "$root/examples/justice" "$work/few" &&
    sed -i "s/^  agency: justice/&\n  rollout: {steps: [5%, 100%]}/; s/\"Copy of a marriage certificate\"/\"$1\"/; s/percent(ref.bhm, .10.)/percent(ref.bhm, '11')/" "$work/few/$name/service.yaml" &&
    xizmat render "$work/few/$name" | apply - --force-conflicts && says 1/2 kubectl get sd $name --namespace justice --output jsonpath='{.status.rollout.step}'
}
ordered() {
  for_few "Copy for all" && xizmat status $name >"$work/shown" && shown ' rollout [0-9a-f]*  step 1/2, 5 % of the people against ' || return 1
  xizmat promote $name >"$work/shown" && shown 'everybody begins with revision' || return 1
  for_few "Copy for nobody" && xizmat rollback $name >"$work/shown" && shown 'is taken back; applications follow' || return 1
  xizmat why $name >"$work/shown" && shown RolledBack
}
check "promote gives a revision to everybody, rollback takes one back, each when the operator says so" ordered
law() {
  xizmat render "$example" | sed 's/drafts: 30 days/drafts: 29 days/' | apply - --force-conflicts && ready --namespace justice --all sd || return 1
  refused 'The operator does not carry it out' kubectl xizmat -n justice rollback $name "$(kubectl get sd $name --namespace justice --output jsonpath='{.status.activeRevision}')"
}
check "an order that the operator refuses ends with its reason" law
kubectl annotate sd $name --namespace justice xizmat.dev/rollback- xizmat.dev/promote- >/dev/null
unknown() {
  refused 'no revision of this service' kubectl xizmat -n justice promote $name 000000000000 && refused 'No revision is being brought in' kubectl xizmat -n justice promote $name &&
    refused 'There is no ServiceDefinition' kubectl xizmat -n justice why nothing
}
check "a revision or a service that is not there is refused with what there is" unknown
held() { xizmat pause $name >"$work/shown" && shown 'is paused' && xizmat why $name >"$work/shown" && shown 'resume' && xizmat resume $name >"$work/shown" && shown 'is looked after again'; }
check "pause and resume end when the operator has seen them" held

stranger() {
  if as stranger why $name >"$work/shown" 2>&1; then echo "was answered"; return 1; fi
  shown 'You may not get servicedefinitions.xizmat.dev in the namespace justice\.'
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
  as reader status >"$work/shown" && shown "service $name  ready" &&
    shown '^Not shown, because you may not: list deployments.apps in the namespace justice; .*get agencies.xizmat.dev in the cluster\.$' || return 1
  if as reader pause $name >"$work/shown" 2>&1; then echo "was paused"; return 1; fi
  shown 'You may not patch servicedefinitions.xizmat.dev in the namespace justice\.'
}
check "who may only read services sees them, what was left out, and which right a command wants" reader
kubectl delete rolebinding,role reads-services --namespace justice >/dev/null
