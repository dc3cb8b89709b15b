# shellcheck shell=bash disable=SC2154 # The chart, before anything of it runs: what it refuses, what it makes, what an API server takes of it; read by `short`.
chart=$root/charts/xizmat
# Outside production everything is as it comes; the others show every object that the chart knows.
production=(--set stage=production --set publicUrl=https://my.example --set database.kind=postgresql
  --set postgresql.administratorSecret.name=admin --set 'agencies={justice,civil-status}' --set signing.authoritySecret=authority
  --set nats.replicas=3 --set proxies=1 --set telemetry.otlpEndpoint=http://collector:4318
  --set ingress.enabled=true --set ingress.tlsSecret=tls --set monitoring.dashboard=true)
foreign=(--set gateway.parentRef.name=public --set monitoring.serviceMonitor=true --set monitoring.rules=true
  --set nats.tls.secret=bus --set 'nats.tls.names={bus.example}')
own_servers=(--set 'nats.external=tls://one.example:4222\,tls://two.example:4333' --set nats.replicas=3 --set nats.tls.secret=bus)
linted() { helm lint --strict "$chart" && helm lint --strict "$chart" --values "$root/infra/trial/values.yaml" && helm lint --strict "$chart" "${production[@]}" && helm lint --strict "$chart" "${foreign[@]}"; }
check "helm lint finds nothing in the chart" linted
check "a value that the chart does not know is refused" refused "additional properties 'colour' not allowed" \
  helm template x "$chart" --set colour=red
check "production without an authority is refused with what to do" refused "xizmat ca init" \
  helm template x "$chart" "${production[@]}" --set signing.authoritySecret=
check "production by http is refused" refused "publicUrl" helm template x "$chart" "${production[@]}" --set publicUrl=http://my.example
check "production with a bus in plain is refused" refused "nats.tls.enabled" helm template x "$chart" "${production[@]}" --set nats.tls.enabled=false
check "production with servers in plain is refused" refused "tls://" helm template x "$chart" "${production[@]}" --set nats.external=nats://bus:4222
check "a server in plain beside encrypted ones is refused" refused "nats/external" \
  helm template x "$chart" --set 'nats.external=tls://one.example:4222\,nats://two.example:4222'
ways() { # of every role, to each of them
  [ "$(helm template x "$chart" "${own_servers[@]}" --show-only templates/network.yaml | grep -cE 'port: (4222|4333)')" = 20 ]
}
check "roles may go to each of several servers of somebody else" ways
to_scanner() { # how many policies let somebody go there
  helm template x "$chart" "$@" --show-only templates/network.yaml | grep -c 'port: 3310'
}
scans() { [ "$(to_scanner --set config.eservice.scanner.address=clamav.scan.svc:3310)" = 1 ] && [ "$(to_scanner)" = 0 ]; }
check "the shared host may go to the scanner that it is given, and nobody else may" scans
check "a person who signs in by machine is refused in production" refused "tests.citizen.person" \
  helm template x "$chart" "${production[@]}" --set tests.citizen.person=botir
check "PostgreSQL without an administrator is refused" refused "administratorSecret" \
  helm template x "$chart" "${production[@]}" --set postgresql.administratorSecret.name=
on_cloudnative=(--set database.kind=postgresql --set postgresql.cloudNativePG.enabled=true --set 'agencies={justice}')
check "PostgreSQL in two places is refused" refused "administratorSecret" \
  helm template x "$chart" "${production[@]}" "${on_cloudnative[@]}"
conforms() { # every version that is supported
  local version
  { helm template x "$chart" && echo --- && helm template x "$chart" "${production[@]}" && echo --- &&
    helm template x "$chart" "${own_servers[@]}" && echo --- && helm template x "$chart" "${on_cloudnative[@]}"; } \
    >"$work/objects.yaml" || return 1
  for version in 1.33 1.34 1.35 1.36 1.37; do
    kubeconform -strict -summary -schema-location "$("$cluster/schemas" $version)" "$work/objects.yaml" || return 1
  done
}
check "every object fits the schemas of Kubernetes 1.33 to 1.37" conforms
explained() { # every alert has its page, and counts only what is counted
  local alerts name
  helm template x "$chart" "${foreign[@]}" --show-only templates/monitoring.yaml >"$work/alerts.yaml" || return 1
  alerts=$(sed -n 's/^ *- alert: \(.*\)/\1.md/p' "$work/alerts.yaml" | sort)
  diff <(echo "$alerts") <(cd "$root/docs/runbooks" && printf '%s\n' *.md) || return 1
  grep -ohE '\b(xizmat|process)_[a-z_]+\{' "$work/alerts.yaml" "$chart/dashboards/xizmat.json" | sed -E 's/(_bucket|_count)?\{$//' |
    sort -u >"$work/read"
  while read -r name; do
    grep -qF "\`$name\`" "$root/docs/metrics.md" || { echo "$name is counted nowhere"; return 1; }
  done <"$work/read"
  [ -s "$work/read" ] && python3 "$here/alerts.py" "$work/alerts.yaml" "$chart/dashboards/xizmat.json" "$root/docs/metrics.md"
}
check "every alert has a runbook, and alerts and dashboard read metrics and labels that exist" explained
settings_are_known() { # every file of settings is read by the program that it is for
  local role values number=0
  for values in "" "${production[*]}" "${own_servers[*]}"; do
    read -ra values <<<"$values"
    helm template x "$chart" "${values[@]}" --show-only templates/roles.yaml >"$work/roles.yaml" || return 1
    for role in exchange identity register signing notifications payments eservice docket portal; do
      awk -v want="  name: x-$role" '/^kind: ConfigMap/ {map = 1} /^---/ {map = 0; on = 0} map && $0 == want {on = 1} on && /^    / && body {print substr($0, 5)} on && /settings.toml:/ {body = 1}' \
        "$work/roles.yaml" >"$work/settings.toml"
      grep -q 'credentials_file' "$work/settings.toml" || { echo "no settings for $role"; return 1; }
      "$programs/xizmat" serve "$role" --config "$work/settings.toml" --dump-config >/dev/null || return 1
      number=$((number + 1))
    done
  done
  [ "$number" = 27 ]
}
check "each role knows every setting that the chart writes for it" settings_are_known
# `platform.sh` installs it there.
kubectl create namespace platform >/dev/null
kubectl label namespace platform pod-security.kubernetes.io/enforce=restricted >/dev/null
accepted_by_server() {
  helm template xizmat "$chart" --namespace platform "$@" >"$work/chart.yaml" &&
    kubectl apply --namespace platform --dry-run=server --server-side --force-conflicts --validate=strict --filename "$work/chart.yaml" >"$work/accepted"
}
check "the API server takes every object of a trial, no field unknown" accepted_by_server
check "the API server takes every object of production, no field unknown" accepted_by_server "${production[@]}"
