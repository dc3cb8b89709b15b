# shellcheck shell=bash disable=SC2154 # A changed definition is brought in by shares, given to everybody, taken back; read by `short`.
sd=(sd marriage-certificate-copy --namespace justice)
rolls() { # title of the service, more sed expressions: the definition with a rollout, and a changed title; the template of its document holds the same words
  changed "s/en: Copy of a marriage certificate/en: $1/;s/^  agency: justice/&\n  rollout: {steps: [5%, 50%, 100%], minCases: 20, maxWait: 3 days}/${2:+;$2}" &&
    apply "$work/changed.yaml" --force-conflicts
}
of_sd() { kubectl get "${sd[@]}" --output "jsonpath=$1"; }
reason() { of_sd "{.status.conditions[?(@.type==\"$1\")].reason}"; }

# What counts before: the example as it is, whatever the checks before made of it.
as_it_is() { apply "$service" --force-conflicts && ready "${sd[@]}" && says "Copy of a marriage certificate" page; }
check "a definition that was changed goes back to what it was" as_it_is
shared_out() {
  local before; before=$(of_sd '{.status.activeRevision}')
  rolls "Copy for a few" || return 1
  says "5 1/3" of_sd '{.status.rollout.share} {.status.rollout.step}' && says Watched reason RolloutHealthy || return 1
  [ "$(of_sd '{.status.activeRevision}')" = "$before" ] && [ "$(of_sd '{.status.rollout.against}')" = "$before" ] || return 1
  says 'Waits for 20 cases' of_sd '{.status.rollout.message}' && ! page | grep -q "Copy for a few"
}
check "a changed text is offered to a few people at first, and everybody else keeps what they had" shared_out
promoted() {
  local new; new=$(of_sd '{.status.rollout.revision}')
  kubectl annotate "${sd[@]}" --overwrite xizmat.dev/promote="$new" || return 1
  says "100 3/3" of_sd '{.status.rollout.share} {.status.rollout.step}' && says "Copy for a few" page &&
    [ "$(of_sd '{.status.activeRevision}')" = "$new" ]
}
check "by order everybody has it at once" promoted
taken_back() {
  local active new; active=$(of_sd '{.status.activeRevision}')
  rolls "Copy for nobody" && says "5 1/3" of_sd '{.status.rollout.share} {.status.rollout.step}' || return 1
  new=$(of_sd '{.status.rollout.revision}')
  kubectl annotate "${sd[@]}" --overwrite xizmat.dev/rollback="$new" || return 1
  says RolledBack reason Ready && says RolledBack reason Stalled && seen Degraded Failed "${sd[@]}" || return 1
  # The same bytes once more are no new attempt.
  kubectl annotate "${sd[@]}" --overwrite example.com/touched="$(date +%s)" xizmat.dev/rollback- || return 1
  sleep 1; says RolledBack reason Ready && [ "$(of_sd '{.status.activeRevision}')" = "$active" ]
}
check "by order it goes away again, and the same definition does not come back by itself" taken_back
counts_since() { [ "$(of_sd '{.status.activeRevision}')" != "$1" ] && reason Ready; }
law_at_once() {
  local before; before=$(of_sd '{.status.activeRevision}')
  rolls "Copy for everybody" "s/drafts: 30 days/drafts: 31 days/" || return 1
  says Live counts_since "$before" && says "Copy for everybody" page && [ "$(of_sd '{.status.rollout.share}')" = "" ] || return 1
  kubectl annotate "${sd[@]}" --overwrite xizmat.dev/rollback="$(of_sd '{.status.activeRevision}')" || return 1
  says OrderRefused kubectl get events --namespace justice
}
check "what is law counts for everybody at once, and no order takes it back" law_at_once
kept_as_it_was() {
  local name; name=marriage-certificate-copy-$(of_sd '{.status.activeRevision}')
  says law kubectl get srev "$name" --namespace justice --output jsonpath='{.spec.change}' || return 1
  [ "$(kubectl get srev --namespace justice --field-selector spec.service=marriage-certificate-copy --output name | wc -l)" = 3 ] || return 1
  refused "never changes" kubectl patch srev "$name" --namespace justice --type merge --patch '{"spec": {"change": "first"}}' &&
    refused "never changes" kubectl patch srev "$name" --namespace justice --type merge --patch '{"spec": {"definition": {"spec": {"fees": []}}}}'
}
check "each of the last three revisions is kept as it was, and nobody can change one" kept_as_it_was
comes_back() { # what was applied before that, and is not at hand any more
  local name of
  name=$(kubectl get srev --namespace justice --field-selector spec.service=marriage-certificate-copy \
    --output jsonpath='{range .items[?(@.spec.change=="presentation")]}{.metadata.name}{"\n"}{end}' | head -n 1)
  as_admitted() { kubectl get srev "$name" --namespace justice --output jsonpath='{.spec}' | sha256sum; }
  of=$(as_admitted); kubectl delete srev "$name" --namespace justice && says "$of" as_admitted
}
check "one that somebody deletes comes back as it was admitted" comes_back
kubectl annotate "${sd[@]}" xizmat.dev/rollback- xizmat.dev/promote- >/dev/null
