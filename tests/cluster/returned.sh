# shellcheck shell=bash disable=SC2154,SC2317 # A new look that people do not get past reaches half of them, and goes back by itself; read by `long`.
copy=(sd marriage-certificate-copy --namespace justice)
told() { kubectl get "${copy[@]}" --output "jsonpath=$1"; }
condition() { told "{.status.conditions[?(@.type==\"$1\")].$2}"; }
srev() { kubectl get srev "marriage-certificate-copy-${worse:0:12}" --namespace justice --output "jsonpath=$1"; }
eventually() { # words, command… — for what begins with another operator
  for _ in $(seq 600); do "${@:2}" 2>&1 | grep -F -- "$1" && return; sleep 0.2; done
  echo "never said: $1"; "${@:2}"; return 1
}
worse=""

# A list of answers becomes an empty line: nobody sees any more which words are taken. The law is the same.
offered_to_half() { # which attempt
  local last=$worse
  sed "s/input: radios/input: text/;s/en: Copy of a marriage certificate/& ($1)/;s/^  agency: justice/&\n  rollout: {steps: [50%, 100%], minCases: 20, maxWait: 3 days}/" \
    "$work/service.yaml" >"$work/worse.yaml"
  apply "$work/worse.yaml" --force-conflicts || return 1
  for _ in $(seq 600); do
    worse=$(told '{.status.revision}')
    [ "$worse" != "$last" ] && [ "$(told '{.status.rollout.revision} {.status.rollout.share} {.status.rollout.step}')" = "${worse:0:12} 50 1/2" ] && return
    sleep 0.2
  done
  kubectl get "${copy[@]}" --output jsonpath='{.status}'; return 1
}
given_up() {
  local attempt
  before=$(told '{.status.activeRevision}')
  for attempt in $(seq 10); do
    offered_to_half "$attempt" || return 1
    echo "$worse" >"$work/standing/worse"
    judged returned::people_give_up_and_the_old_look_comes_back || { condition RolloutHealthy message; return 1; }
    # A few people and a lot: now and then all of them are drawn, or none.
    [ "$(cat "$work/standing/met")" = both ] && return
  done
  echo "the lot never drew some of the people only"; return 1
}
check "half of the people do not get past a page; it goes back by itself, what was sent ends, and everybody has the old one" given_up
says_why() {
  says Returned condition Ready reason && says Returned condition RolloutHealthy reason && says Returned condition Stalled reason || return 1
  condition Ready message | grep -E 'applications that were not submitted: [0-9]+ of [0-9]+, before [0-9]+ of [0-9]+' || { condition Ready message; return 1; }
  [ "$(told '{.status.activeRevision}')" = "$before" ] || { echo "another revision than $before counts"; return 1; }
  says "Revision ${worse:0:12} goes back to $before" kubectl get events --namespace justice --field-selector reason=RolloutReturned
}
check "its status and an event say which revision went back, to which one, and by what numbers" says_why
counted() { curl --silent --fail "http://$(address_of platform xizmat-operator 8081)/metrics" | grep '^xizmat_rollouts_total'; }
check "the return is counted" says 'xizmat_rollouts_total{outcome="returned"} 1' counted
another_operator() { # it remembers nothing, counts anew, and leaves what was decided
  kubectl rollout restart "${on[@]}" deployment/xizmat-operator &&
    kubectl rollout status "${on[@]}" deployment/xizmat-operator --timeout 120s || return 1
  eventually "presentation 0 0 2" srev '{.spec.change} {.status.share} {.status.openCases} {.status.kept}' || return 1
  if [ "$(srev '{.spec.revision}')" != "$worse" ] || [ "$(srev '{.status.drafts}')" = 0 ]; then srev '{.status}'; return 1; fi
  [ "$(condition Ready reason) $(told '{.status.activeRevision}')" = "Returned $before" ] &&
    [ "$(told "{.status.revisions[?(@.revision==\"${worse:0:12}\")].share}")" = 0 ]
}
check "its ServiceRevision says that nobody begins with it and what is left on it, and another operator leaves it so" another_operator
comes_back() { # what is applied now holds neither of the two
  local of
  apply "$work/service.yaml" --force-conflicts && ready --namespace justice sd/marriage-certificate-copy || return 1
  [ "$(told '{.status.activeRevision}')" = "$before" ] || return 1
  as_admitted() { srev '{.metadata.ownerReferences}{.spec}' | sha256sum; }
  of=$(as_admitted)
  kubectl delete srev "marriage-certificate-copy-${worse:0:12}" --namespace justice || return 1
  says "$of" as_admitted
}
check "the author goes back, too; what is left on the bad revision keeps its ServiceRevision, also when somebody deletes it" comes_back
