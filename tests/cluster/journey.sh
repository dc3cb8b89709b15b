# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # Citizens apply, pay and get documents through the portal's address in Chromium; read by `long`.
edge=$(free_port) foreign=$(free_port)
write_values
check "images of the product and of the counterparts are apart" images one two

prepared() { # where cases will be: nothing of before runs, and volumes and outside parties are there
  stopped
  volumes "$(tr -dc a-z- <<<"${1// /-}")" >/dev/null
  contract >/dev/null
}
raise() { # where cases are, chart, more values: a platform that citizens can walk through
  local where=$1; shift
  check "one command installs the platform; its cases will be $where" installed "$@"
  check "agencies, registries, grants and the service become ready; cases will be $where" published
  check "counterparts of outside parties run in a pod of their own" counterparts
  check "portal, identity and callbacks have one address" gateway
  check "appointed officers set up their accounts, and stewards approve the grants" officers
  granted() { kubectl wait sd --namespace justice --all --for condition=ReferencesResolved --timeout 60s; }
  check "the service says that registries answer what it asks" granted
}
walk() { # where cases are, their claim, chart, more values
  local where=$1 claim=$2; shift 2
  prepared "$where"
  raise "$where" "$@"
  check "citizens apply, pay, are granted or refused in a browser; cases are $where" browsed "${where// /-}"
  check "network policies let every connection through that a pod holds; cases are $where" python3 "$here/ways.py" --outside counterparts
  check "the databases can be looked at" databases "$claim"
  check "afterwards every case has ended, money stands as it should, and no outbox holds anything" judged everything_has_come_to_rest
}
walk "in the shared host" platform/xizmat-eservice "$chart"
source "$here/helm-test.sh"
check "everything of a platform can be removed" gone
check "there is a release before this one" release_before
walk "in the agency's own host" justice/cases "$work/before" --set sharedHost.enabled=false
