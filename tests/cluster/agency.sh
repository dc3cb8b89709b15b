# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # What an agency gets: engineers who cannot get out, credentials, a seal, grants that tell what is enforced; read by `short`.
of=(--namespace justice)
condition() { kubectl get "${@:2}" --output "jsonpath={.status.conditions[?(@.type==\"$1\")].reason}"; }
tool=system:serviceaccount:flux-system:justice
sed "s/^spec:/&\n  engineers: [{user: dilnoza}, {group: justice-engineers}, {user: '$tool'}]/" "$root/examples/justice/agency.yaml" >"$work/agency.yaml"
bound() {
  apply "$work/agency.yaml" && kubectl wait agy/justice --for condition=EngineersBound --timeout 20s
}
check "an agency's engineers are bound to their role in its namespace" bound
clusters_own() {
  sed 's/user: dilnoza/group: "system:authenticated"/' "$work/agency.yaml" >"$work/everybody.yaml"
  refused 'belong to the cluster itself' apply "$work/everybody.yaml" &&
    refused 'belong to the cluster itself' apply <(sed 's/flux-system:justice/kube-system:default/' "$work/agency.yaml") &&
    refused 'an engineer has exactly one of' apply <(sed 's/user: dilnoza/user: a, group: b/' "$work/agency.yaml")
}
check "the cluster's own users and groups are nobody's engineers" clusters_own

as=(--as dilnoza)
writes_own() {
  local kind
  kubectl annotate sd marriage-certificate-copy "${of[@]}" "${as[@]}" example.com/engineer=was-here &&
    kubectl scale sd marriage-certificate-copy "${of[@]}" "${as[@]}" --replicas 2 || return 1
  for kind in registries grants grantrequests; do kubectl auth can-i create "$kind" "${of[@]}" "${as[@]}" || return 1; done
  kubectl get grq marriages "${of[@]}" --output json >"$work/own.json" || return 1
  kubectl create "${of[@]}" "${as[@]}" --filename - <<<"$(sed 's/"name": "marriages"/"name": "engineered"/;/"resourceVersion"\|"uid"/d' "$work/own.json")" &&
    kubectl get grq engineered "${of[@]}" "${as[@]}" --output jsonpath='{.status}' && kubectl delete grq engineered "${of[@]}" "${as[@]}" &&
    kubectl get events "${of[@]}" "${as[@]}" && kubectl get sd,rgy,grt,grq "${of[@]}" "${as[@]}" --watch=false &&
    kubectl auth can-i watch servicerevisions.xizmat.dev "${of[@]}" --as anybody --as-group justice-engineers &&
    kubectl annotate sd marriage-certificate-copy "${of[@]}" --as "$tool" example.com/engineer-
}
check "an engineer writes what is the agency's and reads its status and events, by name, by group or as a tool" writes_own

# Each is tried for real, as the engineer; what is refused must be refused by the API server's authorization.
tries() {
  cat <<'T'
get pods
get pods --all-namespaces
get secrets
get secret bus-credentials
get configmaps
get deployments.apps
get serviceaccounts
get rolebindings
get resourcequotas
get namespaces
get agencies
get sd --all-namespaces
get sd --namespace civil-status
get events --namespace civil-status
get secrets --namespace xizmat
create configmap escaped --from-literal=a=b
create secret generic escaped --from-literal=a=b
create serviceaccount escaped
create token default
create role escaped --verb=get --resource=pods
create rolebinding escaped --clusterrole=cluster-admin --user=dilnoza
create clusterrolebinding escaped --clusterrole=cluster-admin --user=dilnoza
create namespace escaped
create deployment escaped --image=escaped
run escaped --image=escaped --restart=Never
delete rolebinding xizmat-engineer
delete quota agency
delete namespace justice
label namespace justice xizmat.dev/agency=civil-status --overwrite
patch agency justice --type merge --patch {"spec":{"engineers":[]}}
patch rolebinding xizmat-engineer --type merge --patch {"subjects":[]}
patch secret bus-credentials --type merge --patch {"data":{}}
patch sd marriage-certificate-copy --subresource status --type merge --patch {"status":{"url":"http://escaped"}}
patch grq marriages --subresource status --type merge --patch {"status":{"approval":{"given":9}}}
patch sd marriage-certificate-copy --namespace civil-status --type merge --patch {"spec":{}}
delete srev copy-1
delete grt --all --namespace civil-status
delete agency justice
T
}
stays_in() { # number of the try, arguments
  if kubectl "${as[@]}" "${@:2}" </dev/null >"$work/escape-$1" 2>&1 || ! grep -q 'forbidden' "$work/escape-$1"; then
    echo "not refused: ${*:2}"; cat "$work/escape-$1"; return 1
  fi
}
escapes() {
  local arguments pid wrong=0 count=0 some=()
  while read -ra arguments; do
    count=$((count + 1))
    [[ " ${arguments[*]} " == *" --namespace "* || " ${arguments[*]} " == *" --all-namespaces "* ]] || arguments+=("${of[@]}")
    stays_in $count "${arguments[@]}" & some+=($!)
    # A few at once: most of the time is kubectl's.
    [ ${#some[@]} = 6 ] || continue
    for pid in "${some[@]}"; do wait "$pid" || wrong=1; done
    some=()
  done < <(tries)
  for pid in "${some[@]}"; do wait "$pid" || wrong=1; done
  for path in pods/x/exec pods/x/log pods/x/portforward; do
    refused forbidden kubectl "${as[@]}" get --raw "/api/v1/namespaces/justice/$path" || wrong=1
  done
  sed 's/namespace: justice/namespace: civil-status/' "$root/examples/justice/grant-request.yaml" >"$work/foreign.yaml"
  refused forbidden kubectl "${as[@]}" apply --server-side --filename "$work/foreign.yaml" || wrong=1
  # What can be read is read before it is patched: one that is there.
  revision=$(kubectl get srev --namespace justice --output name | head -n 1)
  refused forbidden kubectl "${as[@]}" patch "$revision" --namespace justice --type merge --patch '{"spec": {"change": "first"}}' || wrong=1
  refused forbidden kubectl "${as[@]}" patch "$revision" --namespace justice --subresource status --type merge --patch '{"status": {"kept": 0}}' || wrong=1
  echo '{"apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceRevision", "metadata": {"name": "escaped"}, "spec": {}}' >"$work/revision.json"
  refused forbidden kubectl "${as[@]}" create --raw /apis/xizmat.dev/v1alpha1/namespaces/justice/servicerevisions --filename "$work/revision.json" || wrong=1
  [ "$count" -ge 35 ] && [ $wrong = 0 ]
}
check "an engineer is refused everything else: pods, exec, Secrets, bindings, status, another agency" escapes
no_more_than_said() { # every right in the namespace, but those of everybody who is signed in
  kubectl auth can-i --list --no-headers "${of[@]}" "${as[@]}" >"$work/list" || return 1
  sed -nE '/^selfsubject/d; s/^([^ ]+) +\[\] +\[\] +\[(.*)\] *$/\1 \2/p' "$work/list" | LC_ALL=C sort >"$work/rights"
  diff "$work/rights" - <<'R'
events get list watch
events.events.k8s.io get list watch
grantrequests.xizmat.dev get list watch create update patch delete
grantrequests.xizmat.dev/status get
grants.xizmat.dev get list watch create update patch delete
grants.xizmat.dev/status get
registries.xizmat.dev get list watch create update patch delete
registries.xizmat.dev/status get
servicedefinitions.xizmat.dev get list watch create update patch delete
servicedefinitions.xizmat.dev/scale get update patch
servicedefinitions.xizmat.dev/status get
servicerevisions.xizmat.dev get list watch
servicerevisions.xizmat.dev/status get
R
}
check "the list of an engineer's rights holds these and no others" no_more_than_said
# A `no` is a failure of the command.
may_read() { kubectl auth can-i get sd "${of[@]}" "${as[@]}" || true; }
unbound() {
  apply "$root/examples/justice/agency.yaml" || return 1
  says no may_read && kubectl get rolebinding xizmat-engineer "${of[@]}"
}
check "who is named no longer has no right left" unbound
made=(quota/agency limitrange/agency rolebinding/xizmat-engineer secret/bus-credentials)
undone() { # each by its watch, and not by the look of the next minute
  kubectl delete "${of[@]}" "${made[@]}" && kubectl label namespace justice --overwrite pod-security.kubernetes.io/enforce=privileged || return 1
  there() { kubectl get "${of[@]}" "${made[@]}" --output name | wc -l; }
  enforced() { kubectl get namespace justice --output 'jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}'; }
  says 4 there && says restricted enforced
}
check "what is taken away or changed by hand in an agency's namespace is as it was at once" undone

# The agency's own system is a client that is not ours.
python=$("$root/tests/conformance/interpreter.sh" "$root/tests/conformance/bus" "nats.micro, nkeys")
bus_url=$(sed -n 's/.*"nats":"\([^"]*\)".*/\1/p' "$work/up.json")
entry() { kubectl get secret bus-credentials --namespace "$1" --output "jsonpath={.data.${2//./\\.}}" | base64 -d; }
connects() {
  entry civil-status bus.creds >"$work/agent.creds" && [ -s "$work/agent.creds" ] && entry justice bus.creds >"$work/other.creds" || return 1
  "$python" "$root/tests/conformance/bus/walls.py" "$bus_url" "$work/agent.creds" "$work/other.creds"
}
check "an agency's system connects with the Secret's credentials and hears its own agency alone" connects
own_key() {
  "$python" -c 'import nkeys, os, sys; key = nkeys.from_seed(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)); print(key.seed.decode(), key.public_key.decode())' >"$work/own.key"
  local seed public; read -r seed public <"$work/own.key"
  sed "s/^spec:/&\n  publicKey: {nats: $public}/" "$root/examples/civil-status/agency.yaml" >"$work/own-key.yaml"
  apply "$work/own-key.yaml" || return 1
  token_alone() { kubectl describe secret bus-credentials --namespace civil-status | grep -c ' bytes$' | grep -qx 1; }
  for _ in $(seq 100); do if token_alone; then break; fi; sleep 0.1; done
  token_alone || { echo "a seed is kept"; return 1; }
  printf -- '-----BEGIN NATS USER JWT-----\n%s\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n' \
    "$(entry civil-status user.jwt)" "$seed" >"$work/own.creds"
  "$python" "$root/tests/conformance/bus/walls.py" "$bus_url" "$work/own.creds" "$work/other.creds" &&
    refused Authorization "$python" "$root/tests/conformance/bus/walls.py" "$bus_url" "$work/agent.creds" "$work/other.creds"
}
check "an agency that brings its own key gets the token alone, and the key before is refused" own_key
silent() { ! grep -E 'SU[A-Z2-7]{56}|eyJ0eXAi' "$work/operator.log" "$work/up.log"; }
check "no credentials are in a log" silent
check "an agency has its seal before a case needs it" kubectl wait agy/justice --for condition=SealReady --timeout 20s

grant=(grt/justice-marriages --namespace civil-status)
approval() { kubectl get "${grant[@]}" --output "jsonpath={.status.approval.$1}"; }
waits_for_officers() {
  says Waiting condition Approved "${grant[@]}" && says Waiting condition Approved grq/marriages "${of[@]}" &&
    kubectl get "${grant[@]}" --output jsonpath='{.status.conditions[?(@.type=="Approved")].message}' | grep -E "one officer of .civil-status. in the role .grant-approver."
}
check "a grant says which officers it waits for" waits_for_officers
decided() {
  sed -n 's/.*"login":"data-steward"[^}]*"password":"\([^"]*\)".*/\1/p' "$work/up.json" >"$work/password"
  chmod 600 "$work/password"
  "$programs/xizmat" demo-code data-steward --data "$data" |
    "$programs/xizmat" grants approve justice-marriages --hash "$(approval hash)" --agency civil-status --as data-steward \
      --password-file "$work/password" --data "$data" &&
    kubectl wait "${grant[@]}" --for condition=Approved --timeout 20s && kubectl wait grq/marriages "${of[@]}" --for condition=Approved --timeout 20s &&
    [ "$(approval inForce) $(approval validUntil)" = "$(approval hash) 2030-12-31T19:00:00Z" ] &&
    seen Healthy Current grt,grq --all-namespaces && grep -q 'is in force up to and including 2030-12-31' "$work/argocd"
}
check "an officer's decision brings it into force, and both sides' resources say until when" decided
changes_wait() {
  local before; before=$(approval inForce)
  kubectl patch "${grant[@]}" --type merge --patch '{"spec": {"until": "2031-12-31"}}' && says Waiting condition Approved "${grant[@]}" || return 1
  [ "$(approval inForce)" = "$before" ] && [ "$(approval hash)" != "$before" ] || return 1
  kubectl patch "${grant[@]}" --type merge --patch '{"spec": {"until": "2030-12-31"}}' && says InForce condition Approved "${grant[@]}"
}
check "a changed grant waits while the approved one stays in force" changes_wait

asks() { # what the service's definition says of the registries that it asks
  kubectl annotate sd marriage-certificate-copy "${of[@]}" --overwrite example.com/touched="$1" && says "$2" condition ReferencesResolved sd/marriage-certificate-copy "${of[@]}"
}
registry_gone() { # the notary's grant is not approved
  asks before NoGrant && kubectl delete rgy civil-status --namespace civil-status --timeout 20s && asks after NoRegistry &&
    seen Healthy Current sd "${of[@]}" || return 1
  apply "$root/examples/civil-status/registry.yaml" && ready rgy/civil-status --namespace civil-status && asks again NoGrant
}
check "nobody is asked under a registry that is deleted, until it is applied again" registry_gone
left() { kubectl get "$1" "$2" --namespace notary --ignore-not-found --output name; }
dissolved() {
  entry notary bus.creds >"$work/notary.creds" && [ -s "$work/notary.creds" ] && kubectl delete agy notary --wait=false || return 1
  says StillOwns condition Ready agy/notary && seen - Terminating agy notary && [ "$(left rolebinding xizmat-engineer)" != "" ] || return 1
  kubectl delete sd,rgy,grt,grq --all --namespace notary --timeout 30s && kubectl wait agy/notary --for delete --timeout 30s || return 1
  [ "$(left rolebinding xizmat-engineer)$(left secret bus-credentials)" = "" ] && kubectl get namespace notary &&
    refused Authorization "$python" "$root/tests/conformance/bus/walls.py" "$bus_url" "$work/notary.creds" "$work/other.creds"
}
check "an agency that is deleted stays while it owns anything; then its engineers and systems are out, and its namespace stays" dissolved
founded() {
  apply "$root/examples/notary/agency.yaml" && ready agy/notary && entry notary bus.creds >"$work/notary.creds" || return 1
  "$python" "$root/tests/conformance/bus/walls.py" "$bus_url" "$work/notary.creds" "$work/other.creds"
}
check "applied again it has other credentials, and is on the bus" founded
ends_by_itself() { # the last day is led to its last seconds
  local version shift
  kubectl delete sd --all --all-namespaces || return 1
  version=$(kubectl get "${grant[@]}" --output jsonpath='{.metadata.generation}')
  shift=$(($(date --date 2030-12-31T19:00:00Z +%s) - $(date +%s) - 8))
  echo $shift >"$data/run/clock-shift"
  end "$operator"; more=(--rehearsal "$data/run/clock-shift"); start_operator
  kubectl wait "${grant[@]}" --for 'jsonpath={.status.conditions[?(@.type=="Approved")].reason}=Expired' --timeout 30s &&
    # The change that was taken back still waits, and would answer the request.
    kubectl wait grq/marriages "${of[@]}" --for 'jsonpath={.status.conditions[?(@.type=="Approved")].reason}=Waiting' --timeout 10s &&
    [ "$(kubectl get "${grant[@]}" --output jsonpath='{.metadata.generation}')" = "$version" ]
}
check "a grant ends with its last day, and says so without an edit" ends_by_itself
echo 0 >"$data/run/clock-shift"
