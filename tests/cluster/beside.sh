# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # A platform, PostgreSQL and a played kubelet beside a control plane without a node; read by `operator` and `bench`.
data=$work/platform
running=()
begin() { # name of the log, command…
  local log=$work/$1.log; shift
  "$@" >>"$log" 2>&1 &
  running+=($!)
}
until_true() { # what is waited for, command…
  local what=$1; shift
  for _ in $(seq 1200); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
  echo "never came: $what" >&2
  return 1
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Every role in one process, and one host that answers for all services.
start_platform() {
  "$programs/xizmat" up --data "$data" --listen 127.0.0.1:0 --health 127.0.0.1:0 --nats-port 0 \
    --nats-server "$("$root/infra/setup/nats.sh")" --json >"$work/up.json" 2>"$work/up.log" &
  running+=($!)
  until_true "the platform" test -s "$work/up.json"
  portal=$(sed -n 's/.*"portal":"\([^"]*\)".*/\1/p' "$work/up.json")
}

# For the hosts' databases.
start_postgresql() { # more settings
  local binaries
  binaries=$(find /usr/lib/postgresql -path '*/bin/postgres' -printf '%h\n' | sort -V | tail -n 1)
  local as_postgres=(setpriv --reuid postgres --regid postgres --init-groups)
  sql_port=$(free_port)
  chmod 755 "$work"; install -d -o postgres -g postgres "$work/sql"
  "${as_postgres[@]}" "$binaries/initdb" -D "$work/sql/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$work/initdb.log"
  begin sql "${as_postgres[@]}" "$binaries/postgres" -D "$work/sql/data" -k "$work/sql" -c listen_addresses=127.0.0.1 -c port="$sql_port" "$@"
  postgresql=${running[-1]}
  echo "postgres://postgres@127.0.0.1:$sql_port/postgres?sslmode=disable" >"$work/administrator.url"
  until_true PostgreSQL asked 'SELECT 1'
}
asked() { psql --no-align --tuples-only --host "$work/sql" --port "$sql_port" --username postgres "${@:2}" --command "$1"; }
no_agency_databases() {
  local name
  for name in $(asked "SELECT datname FROM pg_database WHERE datname LIKE 'agency\\_%'"); do
    asked "DROP DATABASE \"$name\" WITH (FORCE)" || return 1
  done
}

# Pods that nothing runs: kwok says of each that it is ready.
start_kubelet() {
  "$cluster/build" kwok
  local stages stage played=()
  stages=$(cd "$cluster/modules/kwok" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
  for stage in node/fast/node-initialize node/heartbeat/node-heartbeat pod/fast/pod-{ready,complete,delete}; do
    played+=(--config "$stages/$stage.yaml")
  done
  begin kwok kwok --kubeconfig "$KUBECONFIG" --manage-all-nodes=true "${played[@]}"
  kubectl apply --filename - >/dev/null <<Y
apiVersion: v1
kind: Node
metadata: {name: played, labels: {kubernetes.io/hostname: played}}
status:
  allocatable: {cpu: "10000", memory: 10Ti, pods: "100000"}
  capacity: {cpu: "10000", memory: 10Ti, pods: "100000"}
Y
  until_true "a node that is ready" kubectl wait --for condition=Ready node/played --timeout 1s
}

# What every host gets a copy of.
platform_namespace() {
  kubectl get namespace xizmat >/dev/null 2>&1 || kubectl create namespace xizmat >/dev/null
  kubectl create configmap xizmat-trusted-keys --namespace xizmat --from-file trusted-keys.json="$data/nats/trusted-keys.json" >/dev/null
  kubectl create secret generic xizmat-lookup-key --namespace xizmat --from-file lookup.key="$data/keys/lookup.key" >/dev/null
  kubectl apply --server-side --filename "$root/charts/xizmat/templates/crds" >/dev/null
  # `--for condition` gives up on one that has no conditions yet.
  kubectl wait --for jsonpath='{.status.conditions[?(@.type=="Established")].status}'=True --timeout 30s \
    --filename "$root/charts/xizmat/templates/crds" >/dev/null
}

# Between the operator and the API server.
start_proxy() {
  proxy_port=$(free_port)
  begin proxy python3 "$here/proxy.py" "$KUBECONFIG" "$proxy_port"
  cat >"$work/proxied.kubeconfig" <<Y
apiVersion: v1
kind: Config
clusters: [{name: proxied, cluster: {server: "http://127.0.0.1:$proxy_port"}}]
users: [{name: nobody, user: {}}]
contexts: [{name: proxied, context: {cluster: proxied, user: nobody}}]
current-context: proxied
Y
  until_true "the proxy" proxy counts
}
proxy() { # command, body
  local body=()
  [ $# = 1 ] || body=(--data "$2")
  [ "$1" = counts ] || [ ${#body[@]} -gt 0 ] || body=(--data '{}')
  curl --silent --fail --max-time 10 "${body[@]}" "http://127.0.0.1:$proxy_port/-/$1"
}
counted() { # of which requests, as a pattern: how many there were
  proxy counts | python3 -c 'import json, re, sys
print(sum(number for name, number in json.load(sys.stdin)["counts"].items() if re.search(sys.argv[1], name)))' "$1"
}
# Events are told and forgotten; the lease is renewed by time.
WRITTEN='^(POST|PUT|PATCH|DELETE) (?!leases|events)'

start_operator() { # kubeconfig, name of the log, more settings; it tells of itself where `health` says
  local kubeconfig=$1 log=$work/$2.log more=() setting; shift 2
  for setting in "kubeconfig_file=$kubeconfig" host_image=localhost/xizmat:played engineer_role=xizmat-xizmat-engineer \
    database.administrator_url_file="$work/administrator.url" "$@"; do
    more+=(--set "operator.$setting")
  done
  "$programs/xizmat" operator --config "$data/run/settings.toml" ${health:+--health "$health"} "${more[@]}" 2>>"$log" &
  operator=$!
  running+=("$operator")
}
lives() { kill -0 "$1" 2>/dev/null; }
apply() { kubectl apply --server-side --validate=strict --filename "$@"; }
