# shellcheck shell=bash disable=SC2154,SC2317 # Definitions in two versions at once: a webhook knows one that no release serves; read by `operator`.
# What is served changes here, and kubectl would remember it for hours.
export KUBECACHEDIR=$work/discovered
old=v1alpha1 new=v1alpha99 copy=marriage-certificate-copy crd=crd/servicedefinitions.xizmat.dev
chart_definition=$root/charts/xizmat/templates/crds/servicedefinitions.yaml
asked_at=127.0.0.1:$(free_port)

next_version() { python3 "$here/next_version.py" "$@"; }
as_next() { # file, name, perhaps a note: what an author of the next version writes
  kubectl create --dry-run=client --filename "$1" --output json | next_version manifest "${@:2}"
}
in_version() { # version, name (all of them): every field, as the API server gives it
  local path=/apis/xizmat.dev/$1/namespaces/justice/servicedefinitions
  if [ $# = 1 ]; then path+="?limit=500"; else path+=/$2; fi
  kubectl get --raw "$path"
}
field() { # version, name, path
  kubectl get "servicedefinitions.$1.xizmat.dev" "$2" "${on[@]}" --show-managed-fields --output jsonpath="$3"
}
names() { kubectl get "servicedefinitions.$1.xizmat.dev" "${on[@]}" --output jsonpath='{.items[*].metadata.name}'; }
same_in_both() { # name (all of them)
  in_version $old "$@" >"$work/old.json" && in_version $new "$@" >"$work/new.json" &&
    next_version whole <"$work/old.json" >"$work/old.txt" && next_version whole <"$work/new.json" >"$work/new.txt" &&
    diff "$work/old.txt" "$work/new.txt"
}
# The operator may write between the two answers.
agrees() { until_true "both versions say the same" same_in_both "$@" || { same_in_both "$@"; return 1; }; }
remembers() { in_version $old "$2" | next_version "$1" >"$work/$1-$2.txt"; } # authored or content, name
is_as_before() { in_version $old "$2" | next_version "$1" >"$work/now.txt" && diff "$work/$1-$2.txt" "$work/now.txt"; }
what_hosts_have() {
  kubectl get deployments,secrets "${on[@]}" --output jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\n"}{end}'
}
hosts_are_as_before() { what_hosts_have | diff "$work/hosts.txt" -; }

start_converter() {
  begin converter "$programs/examples/next-version" kubeconfig_file="$KUBECONFIG" webhook.listen="$asked_at" 'webhook.names=["127.0.0.1"]' \
    webhook.configuration=xizmat-xizmat-operator webhook.settle_s=6 'webhook.conversion_of=["servicedefinitions.xizmat.dev"]'
  converter=${running[-1]}
}
serve_both() { # version in which definitions are kept from now on
  kubectl create --dry-run=client --filename "$chart_definition" --output json |
    next_version definition "https://$asked_at/convert" "$1" >"$work/definition.json" &&
    kubectl apply --server-side --force-conflicts --filename "$work/definition.json"
}
not_in_product() { ! grep --quiet --text $new "$programs/xizmat" && grep --quiet --text $new "$programs/examples/next-version"; }
check "the product does not know the version that is tried here" not_in_product
both_served() {
  helm template xizmat "$root/charts/xizmat" --namespace xizmat --show-only templates/webhook.yaml |
    sed "s#clientConfig: {service: {name: [^,]*, namespace: [^,]*, path: \([^}]*\)}}#clientConfig: {url: https://$asked_at\1}#" >"$work/webhook.yaml"
  kubectl apply --namespace xizmat --filename "$work/webhook.yaml" && until_true "everything is ready" is_ready &&
    remembers authored $copy && remembers content $copy || return 1
  start_converter
  serve_both $old && until_true "the next version can be read" in_version $new $copy && agrees $copy && is_as_before authored $copy
}
check "what is kept as v1alpha1 is read in the next version, status and owners of fields with it" both_served
unchanged() {
  replaced() { in_version "$new" "$copy" | kubectl replace --filename -; }
  until_true "it is written" replaced && is_as_before authored $copy
}
check "written back unchanged in the next version, it is what it was" unchanged
applied_in_turn() {
  as_next "$work/service.yaml" $copy >"$work/next.json" && apply "$work/next.json" --force-conflicts && is_as_before content $copy || return 1
  applied_as() { field "$old" "$copy" '{.metadata.managedFields[?(@.manager=="kubectl")].apiVersion}'; }
  [ "$(applied_as)" = xizmat.dev/$new ] || { applied_as; return 1; }
  apply "$work/service.yaml" --force-conflicts && [ "$(applied_as)" = xizmat.dev/$old ] && is_as_before authored $copy
}
check "applied in the next version and in v1alpha1 again, it is what it was, and whose its fields are" applied_in_turn

made_in_next() {
  as_next "$work/service.yaml" second-copy 'Ask at window 4.' >"$work/second.json" && apply "$work/second.json" || return 1
  second_works() { is_ready && exists deployment/second-copy; }
  until_true "the operator runs it" second_works && agrees second-copy || return 1
  [ "$(field $old second-copy '{.spec.agency}: {.metadata.annotations.v1alpha99\.xizmat\.dev/note}')" = "justice: Ask at window 4." ] &&
    [ "$(field $new second-copy '{.spec.owner}: {.spec.note}')" = "justice: Ask at window 4." ]
}
check "applied in the next version, a new definition works for an operator that knows v1alpha1 alone, and keeps what that has no word for" made_in_next
judged() {
  as_next "$work/refused.yaml" second-copy >"$work/wrong.json" || return 1
  told() { ! apply "$work/wrong.json" --force-conflicts --dry-run=server 2>"$work/refusal.txt" && grep -qF '(process.unknown-step)' "$work/refusal.txt"; }
  until_true "it is refused" told || { cat "$work/refusal.txt"; return 1; }
}
check "what is applied in the next version is judged before it is kept" judged
listed() {
  sed 's/marriage-certificate-copy/third-copy/' "$work/service.yaml" >"$work/third.yaml" && apply "$work/third.yaml" || return 1
  third_works() { is_ready && exists deployment/third-copy; }
  until_true "the operator runs the third" third_works && agrees || return 1
  [ "$(names $new)" = "$copy second-copy third-copy" ] &&
    kubectl wait "servicedefinitions.$new.xizmat.dev" --all "${on[@]}" --for condition=Ready --timeout 60s
}
check "several are listed and watched in both versions, whichever they were written in" listed

long=$(printf 'a%.0s' {1..101})
impossible() {
  as_next "$work/service.yaml" second-copy "$long" >"$work/long.json" && as_next "$work/service.yaml" fourth-copy "$long" >"$work/fourth.json" &&
    remembers authored second-copy || return 1
  refused '(conversion.impossible)' apply "$work/long.json" --force-conflicts && refused '(conversion.impossible)' apply "$work/fourth.json" &&
    is_as_before authored second-copy && [ "$(names $old)" = "$copy second-copy third-copy" ]
}
check "what v1alpha1 cannot say is refused with the reason, and changes nothing" impossible
unreadable() {
  remembers content third-copy || return 1
  kubectl annotate "servicedefinitions.$old.xizmat.dev" third-copy "${on[@]}" "$new.xizmat.dev/note=$long" || return 1
  list_is_refused() { ! in_version "$new" 2>"$work/refusal.txt" && grep -qF '(conversion.impossible)' "$work/refusal.txt"; }
  refused '(conversion.impossible)' in_version $new third-copy && until_true "the list says why" list_is_refused || return 1
  in_version $new $copy >/dev/null && [ "$(names $old)" = "$copy second-copy third-copy" ] || return 1
  kubectl annotate "servicedefinitions.$old.xizmat.dev" third-copy "${on[@]}" "$new.xizmat.dev/note-" && is_as_before content third-copy && agrees
}
check "one that the next version cannot say hides the list there, is whole in v1alpha1, and is mended there" unreadable

definitions_in_etcd() { # in which versions they are kept
  local folder=/registry/xizmat.dev/servicedefinitions
  etcd range "{\"key\": \"$(printf %s $folder/ | base64 --wrap 0)\", \"range_end\": \"$(printf %s ${folder}0 | base64 --wrap 0)\"}" | next_version kept
}
migrate() { # version in which all of them are kept from now on
  serve_both "$1" || return 1
  rewritten() { kubectl get "servicedefinitions.$1.xizmat.dev" --all-namespaces --output json | kubectl replace --filename -; [ "$(definitions_in_etcd)" = "$1" ]; }
  until_true "everything is kept as $1" rewritten "$1" || { definitions_in_etcd; return 1; }
  kubectl patch $crd --subresource status --type merge --patch "{\"status\": {\"storedVersions\": [\"$1\"]}}"
}
kept_in_next() {
  what_hosts_have >"$work/hosts.txt"
  [ "$(definitions_in_etcd)" = $old ] && migrate $new && is_as_before authored $copy && agrees && hosts_are_as_before
}
check "kept in the next version, everything is what it was in v1alpha1" kept_in_next
check "what v1alpha1 cannot say is refused there, too" impossible
goes_on() {
  end "$last"; proxy forget >/dev/null
  start_operator "$work/proxied.kubeconfig" converted; last=$operator
  looked_at_each() { [ "$(counted '^GET servicedefinitions$')" -ge 3 ]; }
  # What the databases' server has promised since they were looked at last, each says anew, once.
  only_says() { [ "$(counted "$WRITTEN")" -le 3 ] && [ "$(counted "$WRITTEN")" = "$(counted '^PATCH servicedefinitions/status$')" ]; }
  until_true "it leads" led converted && until_true "it looked at each" looked_at_each && until_true "everything is ready" is_ready &&
    until_true "it is quiet" quiet_now && only_says && hosts_are_as_before || return 1
  local before; before=$(field $old third-copy '{.status.revision}')
  sed 's/Copy of a marriage certificate/Copy of the marriage certificate/' "$work/third.yaml" >"$work/changed.yaml"
  if cmp -s "$work/third.yaml" "$work/changed.yaml"; then echo "nothing changed"; return 1; fi
  apply "$work/changed.yaml" || return 1
  is_another() { [ "$(field "$old" third-copy '{.status.revision}')" != "$before" ] && is_ready; }
  until_true "it is another revision" is_another && agrees third-copy && [ "$(definitions_in_etcd)" = $new ]
}
check "an operator that starts then finds everything, changes nothing, and takes up what an author of v1alpha1 changes" goes_on

# Asks again and again; an answer that is missing is a failure.
asks() { # command…
  local answer
  while [ -e "$work/asking" ]; do
    if ! answer=$("$@" 2>&1); then echo "$*: $answer" >>"$work/failures"; fi
    echo >>"$work/asked"
  done
}
touches() { kubectl annotate "servicedefinitions.$old.xizmat.dev" second-copy "${on[@]}" --overwrite "example.com/touched=$EPOCHREALTIME"; }
webhook_secret() { kubectl get secret xizmat-webhook --namespace xizmat --output jsonpath="{.data.$1}" | base64 --decode; }
believed() { kubectl get $crd --output jsonpath='{.spec.conversion.webhook.clientConfig.caBundle}' | base64 --decode; }
conversions() { kubectl get --raw /metrics | awk '/^apiserver_crd_conversion_webhook_duration_seconds_count/ && /succeeded="true"/ {sum += $NF} END {print sum + 0}'; }
rotated() {
  local askers=() count many shown; shown=$(webhook_secret 'tls\.crt') many=$(conversions)
  rm -f "$work/failures"; : >"$work/asked"; : >"$work/asking"
  asks in_version $old $copy & askers+=($!)
  asks in_version $old & askers+=($!)
  asks touches & askers+=($!)
  # Another serves once its authority stands first among those that are believed.
  another() {
    local now; now=$(webhook_secret 'tls\.crt')
    [ -n "$now" ] && [ "$now" != "$shown" ] && [[ $(believed) == "$(webhook_secret 'ca\.crt')"* ]]
  }
  asked_more() { [ "$(wc -l <"$work/asked")" -gt "$count" ]; }
  if kubectl annotate secret xizmat-webhook --namespace xizmat xizmat.dev/rotate=true && until_true "another certificate" another; then
    count=$(($(wc -l <"$work/asked") + 30)); until_true "thirty requests under it" asked_more || echo "few requests" >>"$work/failures"
  else
    echo "no other certificate" >>"$work/failures"
  fi
  rm "$work/asking"; wait "${askers[@]}"
  echo "$(wc -l <"$work/asked") requests, $(($(conversions) - many)) conversions"; cat "$work/failures" 2>/dev/null
  [ ! -e "$work/failures" ] && [ "$(conversions)" -gt $((many + 10)) ]
}
check "the certificate changes while everything is converted, without a request that fails" rotated

nobody_answers() {
  what_hosts_have >"$work/hosts.txt"
  end "$converter"
  refused 'conversion webhook for' in_version $old $copy && in_version $new $copy >/dev/null || return 1
  kubectl delete networkpolicy "${on[@]}" $copy || return 1
  end "$last"; start_operator "$KUBECONFIG" unanswered; last=$operator
  until_true "the operator says why it cannot go on" says unanswered 'conversion webhook for' && ! exists networkpolicy/$copy || return 1
  start_converter
  until_true "it can be read again" in_version $old $copy && until_true "what was deleted meanwhile is back" exists networkpolicy/$copy &&
    until_true "everything is ready" is_ready && hosts_are_as_before && is_as_before authored $copy && agrees && lives "$last"
}
check "while nobody converts, what is asked for as it is kept is answered; the operator takes nothing away, and goes on afterwards" nobody_answers

# Whose which field is, is written in the version in which it was applied; the API server cannot merge what it cannot convert.
forget_owners() { # version
  kubectl get "servicedefinitions.$old.xizmat.dev" --all-namespaces --show-managed-fields --output json | python3 -c 'import json, sys
found = json.load(sys.stdin)
for one in found["items"]:
    kept = [entry for entry in one["metadata"]["managedFields"] if entry["apiVersion"] != sys.argv[1]]
    one["metadata"]["managedFields"] = kept or [{}]
json.dump(found, sys.stdout)' "xizmat.dev/$1" | kubectl replace --filename -
}
went_back() {
  migrate $old && until_true "no field is of the next version" forget_owners $new && is_as_before authored $copy && agrees && hosts_are_as_before || return 1
  # Whom to believe is the operator's own word, and would be left alone.
  refused spec.conversion kubectl apply --server-side --force-conflicts --filename "$chart_definition" && kubectl replace --filename "$chart_definition" || return 1
  gone() { ! in_version "$new"; }
  until_true "the next version is no more" gone && end "$converter"
  rm -rf "$KUBECACHEDIR"
  [ "$(kubectl get $crd --output jsonpath='{.spec.versions[*].name} {.spec.conversion} {.status.storedVersions[*]}')" = "$old {\"strategy\":\"None\"} $old" ] &&
    until_true "everything is ready" is_ready && is_as_before authored $copy && hosts_are_as_before && lives "$last"
}
check "kept in v1alpha1 again, the next version is taken away in one step, and everything is what it was" went_back
cleared_up() {
  kubectl delete --namespace xizmat --filename "$work/webhook.yaml" --timeout 60s &&
    kubectl delete "servicedefinitions.$old.xizmat.dev" second-copy third-copy "${on[@]}" --timeout 120s || return 1
  only_one_left() { ! exists deployment/second-copy && ! exists deployment/third-copy && ! exists secret/second-copy-bus && ! exists secret/third-copy-bus; }
  until_true "their hosts are gone" only_one_left && [ "$(names $old)" = $copy ] && is_as_before authored $copy
}
check "nothing of it is left" cleared_up
