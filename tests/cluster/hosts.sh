# shellcheck shell=bash disable=SC2154 # The operator starts, repairs, moves and ends hosts of e-services in pods; read by `short`.
if [ "$mode" != pods ]; then
  skip "the operator starts hosts of e-services" "no pods run here"
  return
fi

# PostgreSQL for the hosts. Its files are made while the platform of before ends.
binaries=$(find /usr/lib/postgresql -path '*/bin/postgres' -printf '%h\n' | sort -V | tail -n 1)
as_postgres=(setpriv --reuid postgres --regid postgres --init-groups)
chmod 755 "$work"; install -d -o postgres -g postgres "$work/sql"
"${as_postgres[@]}" "$binaries/initdb" -D "$work/sql/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$work/hosts-initdb.log" &
making=$!

# The platform again, a process a role, without an e-service of its own, and where pods reach it: the wire to this machine.
end "${running[@]}"; running=()
reached=10.250.0.254 nats_port=4333 sql_port=5544 watched=127.0.0.1:9191
sed "s/^listen: .*/listen: \"$reached:$nats_port\"/" "$data/nats/server.conf" >"$work/nats.conf"
sed -E "s#nats://127.0.0.1:[0-9]+#nats://$reached:$nats_port#" "$data/run/settings.toml" >"$work/hosts.toml"
begin() { # name of the log, command…
  local log=$work/hosts-$1.log; shift
  "$@" >>"$log" 2>&1 &
  running+=($!)
}
begin nats "$("$root/infra/setup/nats.sh")" -c "$work/nats.conf"
for role in exchange identity register; do begin "$role" "$programs/xizmat" serve "$role" --config "$work/hosts.toml" --listen 127.0.0.1:0; done

# Passwords for everybody but PostgreSQL's administrator.
wait "$making"
printf '%s\n' "host all postgres $reached/32 trust" "host all all 10.0.0.0/8 scram-sha-256" >>"$work/sql/data/pg_hba.conf"
begin sql "${as_postgres[@]}" "$binaries/postgres" -D "$work/sql/data" -k "$work/sql" -c listen_addresses=$reached -c port=$sql_port
echo "postgres://postgres@$reached:$sql_port/postgres?sslmode=disable" >"$work/administrator.url"
asked() { psql --no-align --tuples-only --host "$work/sql" --port "$sql_port" --username postgres "${@:2}" --command "$1"; }

kubectl create configmap xizmat-trusted-keys --namespace xizmat --from-file trusted-keys.json="$data/nats/trusted-keys.json" >/dev/null
kubectl create secret generic xizmat-lookup-key --namespace xizmat --from-file lookup.key="$data/keys/lookup.key" >/dev/null
known() { # as where Prometheus' operator runs: whoever begins after it makes a monitor for each host
  local monitors; monitors=$(of_prometheus servicemonitors) && apply "$monitors" || return 1
  kubectl wait --for jsonpath='{.status.conditions[?(@.type=="Established")].status}'=True --timeout 30s --filename "$monitors"
}
check "this Kubernetes knows what a ServiceMonitor is" known
start_operator() { # more settings
  local more=() setting
  for setting in engineer_role=xizmat-xizmat-engineer host_image=localhost/xizmat:short host_image_pull_policy=Never \
    database.administrator_url_file="$work/administrator.url" "$@"; do more+=(--set "operator.$setting"); done
  "$programs/xizmat" operator --config "$work/hosts.toml" --set "operator.kubeconfig_file=$work/operator.kubeconfig" "${more[@]}" \
    --health "$watched" 2>>"$work/operator.log" &
  operator=$!
  running+=("$operator")
}
start_operator

on=(--namespace justice)
sd=sd/marriage-certificate-copy
holds() { # condition, seconds
  kubectl wait "$sd" "${on[@]}" --for "condition=$1" --timeout "${2:-60}s" && return
  kubectl get "$sd" "${on[@]}" --output jsonpath='{range .status.conditions[*]}{.type} {.status} {.reason} {.message}{"\n"}{end}'
  kubectl get pods "${on[@]}"
  kubectl logs "${on[@]}" --selector app.kubernetes.io/name=eservice --tail 5
  tail -n 5 "$work/operator.log"
  return 1
}
of_host() { # host: what there is of it
  kubectl get deployments,services,serviceaccounts,secrets,configmaps,poddisruptionbudgets,horizontalpodautoscalers,networkpolicies,servicemonitors \
    "${on[@]}" --selector "xizmat.dev/host=$1" --output name | sort
}
of_deployment() { kubectl get deployment "${on[@]}" "$1" --output "jsonpath=$2"; }

database_ready() { kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].message}'; }
told_why() {
  apply "$service" --force-conflicts || return 1
  kubectl wait "$sd" "${on[@]}" --for jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].reason}'=DatabaseAway --timeout 60s || return 1
  seen Progressing InProgress "$sd" "${on[@]}" && says 'SQLSTATE 42501' database_ready && says 'SQLSTATE 42501' kubectl get events "${on[@]}" || return 1
  ! { kubectl get "$sd" "${on[@]}" --output yaml; kubectl get events "${on[@]}" --output yaml; cat "$work/operator.log"; } | grep -F not-to-be-told
}
cannot_make() { # the administrator is one who may not make databases
  local known came=0; known=$(cat "$work/administrator.url")
  asked "CREATE ROLE weak LOGIN PASSWORD 'not-to-be-told'" || return 1
  echo "postgres://weak:not-to-be-told@$reached:$sql_port/postgres?sslmode=disable" >"$work/administrator.url"
  told_why || came=1
  echo "$known" >"$work/administrator.url"
  asked "DROP ROLE weak" && [ $came = 0 ]
}
check "a database that cannot be made is told with PostgreSQL's own reason, and without a password" cannot_make
starting() { # the moment passes: what is judged is what there was at it
  apply "$service" --force-conflicts && kubectl wait "$sd" "${on[@]}" --for jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'=Starting \
    --timeout 60s --output json >"$work/seen.json" && as_seen Progressing InProgress
}
check "a definition whose host is starting is on its way to Argo CD and Flux" starting
hosted() {
  apply "$service" --force-conflicts && holds WorkloadAvailable 120 && holds Ready || return 1
  [ "$(kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.replicas} {.status.selector}')" = \
    "2 app.kubernetes.io/name=eservice,xizmat.dev/host=marriage-certificate-copy" ]
}
check "a definition that is applied runs in a host of its own, in two copies" hosted
own_database() {
  [ "$(asked "SELECT count(*) FROM pg_database WHERE datname = 'agency_justice'")" = 1 ] &&
    [ "$(asked "SELECT service FROM role_services" --dbname agency_justice)" = justice/marriage-certificate-copy ] &&
    [ "$(asked "SELECT stage FROM stage" --dbname agency_justice)" = trial ]
}
check "the host serves from its agency's database, under a role of its own" own_database
on_the_bus() {
  local address
  address=$(kubectl get pods "${on[@]}" --selector xizmat.dev/host=marriage-certificate-copy --output jsonpath='{.items[0].status.podIP}')
  says 'xizmat_bus_connected{role="eservice"} 1' curl --silent --max-time 5 "http://$address:9090/metrics"
}
check "the host is on the bus with its own credentials, and tells its metrics" on_the_bus
least_rights() {
  [ "$(kubectl get pods "${on[@]}" --output jsonpath='{.items[*].spec.automountServiceAccountToken} {.items[*].spec.enableServiceLinks}')" = \
    "false false false false" ]
}
check "its pods have no token and no addresses of others" least_rights
scaled_elsewhere() {
  kubectl scale deployment "${on[@]}" marriage-certificate-copy --replicas 3 && kubectl rollout status deployment "${on[@]}" \
    marriage-certificate-copy --timeout 60s || return 1
  # What it makes again shows that it has looked.
  kubectl delete poddisruptionbudget "${on[@]}" marriage-certificate-copy &&
    says poddisruptionbudget.policy/marriage-certificate-copy of_host marriage-certificate-copy || return 1
  [ "$(of_deployment marriage-certificate-copy '{.spec.replicas}')" = 3 ]
}
check "the operator leaves the autoscaler's number alone" scaled_elsewhere
of_definition() { kubectl get "$sd" "${on[@]}" --output "jsonpath=$1"; }
by_scale() { # as an autoscaler of somebody else's does; until the number is taken away
  kubectl scale "$sd" "${on[@]}" --replicas 4 || return 1
  says 4 of_deployment marriage-certificate-copy '{.spec.replicas}' && kubectl rollout status deployment "${on[@]}" marriage-certificate-copy --timeout 60s || return 1
  says "4 4" of_definition '{.spec.replicas} {.status.replicas}' && ! of_host marriage-certificate-copy | grep horizontalpodautoscaler || return 1
  kubectl patch "$sd" "${on[@]}" --type merge --patch '{"spec": {"replicas": null}}' &&
    says horizontalpodautoscaler.autoscaling/marriage-certificate-copy of_host marriage-certificate-copy && holds Ready
}
check "the number that kubectl scale gives a definition is its host's, until it is taken away" by_scale

deleted() {
  local before; before=$(of_deployment marriage-certificate-copy '{.metadata.uid}')
  kubectl delete deployment "${on[@]}" marriage-certificate-copy --wait=false || return 1
  other() { [ -n "$(of_deployment marriage-certificate-copy '{.metadata.uid}')" ] && [ "$(of_deployment marriage-certificate-copy '{.metadata.uid}')" != "$before" ]; }
  for _ in $(seq 300); do if other 2>/dev/null; then break; fi; sleep 0.2; done
  kubectl rollout status deployment "${on[@]}" marriage-certificate-copy --timeout 60s && holds Ready
}
check "a Deployment that somebody deletes comes back" deleted
changed_by_hand() {
  kubectl set image deployment "${on[@]}" marriage-certificate-copy eservice=localhost/else:1 || return 1
  says localhost/xizmat:short kubectl get deployment "${on[@]}" marriage-certificate-copy --output jsonpath='{..image}' || return 1
  kubectl delete networkpolicy,horizontalpodautoscaler,poddisruptionbudget,servicemonitor "${on[@]}" marriage-certificate-copy || return 1
  says networkpolicy.networking.k8s.io/marriage-certificate-copy of_host marriage-certificate-copy &&
    says horizontalpodautoscaler.autoscaling/marriage-certificate-copy of_host marriage-certificate-copy &&
    says poddisruptionbudget.policy/marriage-certificate-copy of_host marriage-certificate-copy &&
    says servicemonitor.monitoring.coreos.com/marriage-certificate-copy of_host marriage-certificate-copy
}
check "an image changed by hand, and what is deleted beside it, comes back" changed_by_hand
counted() {
  local kind
  for kind in Deployment NetworkPolicy HorizontalPodAutoscaler PodDisruptionBudget; do
    says "xizmat_drift_corrections_total{kind=\"$kind\"}" metrics || return 1
  done
  says 'xizmat_operator_leads 1' metrics && says 'xizmat_reconcile_seconds_count{kind="ServiceDefinition",outcome="done"}' metrics &&
    says 'xizmat_reconcile_failures_total{kind="ServiceDefinition",reason="DatabaseAway"}' metrics &&
    says 'xizmat_reconcile_waiting{kind="ServiceDefinition"} 0' metrics
}
check "the operator counts what it put right, what failed, and that it leads" counted

versions() { kubectl get deployments,services,serviceaccounts,secrets,configmaps,poddisruptionbudgets,networkpolicies,sd "${on[@]}" --output jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\n"}{end}'; }
applied() { # by anybody; tokens are what the kubelet asks for its pods
  kubectl get --raw /metrics | grep '^apiserver_request_total' | grep -E 'verb="(APPLY|PATCH|POST|DELETE)"' | grep -v 'subresource="token"' |
    grep -E 'resource="(deployments|services|serviceaccounts|secrets|configmaps|poddisruptionbudgets|horizontalpodautoscalers|networkpolicies|servicedefinitions)"' | sort
}
hosts_quiet() {
  local before requests
  kubectl rollout status deployment "${on[@]}" marriage-certificate-copy --timeout 60s && holds Ready || return 1
  end "$operator"; sleep 2
  before=$(versions) requests=$(applied)
  start_operator; sleep 8
  diff <(echo "$requests") <(applied) && diff <(echo "$before") <(versions)
}
check "an operator that starts again writes nothing to hosts that are as they should be" hosts_quiet

# How few copies took requests at any moment of the move.
watch_copies() {
  local fewest=99 now
  while [ -e "$work/moving" ]; do
    now=$(kubectl get pods "${on[@]}" --selector app.kubernetes.io/name=eservice --output jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -c True)
    [ "$now" -ge "$fewest" ] || { fewest=$now; echo "$fewest" >"$work/fewest"; }
    sleep 0.3
  done
}
moved() {
  changed 's/isolation: dedicated/isolation: shared/;s/isolation: "dedicated"/isolation: shared/' || return 1
  : >"$work/moving"; watch_copies & local watcher=$!
  apply "$work/changed.yaml" --force-conflicts || return 1
  none() { [ "$(of_host marriage-certificate-copy)" = "" ]; }
  for _ in $(seq 300); do if none; then break; fi; sleep 0.3; done
  rm "$work/moving"; wait $watcher
  none || { of_host marriage-certificate-copy; holds Ready 1; return 1; }
  holds Ready || return 1
  [ "$(cat "$work/fewest")" -ge 2 ] || { echo "only $(cat "$work/fewest") copies"; return 1; }
  [ "$(of_deployment shared '{.metadata.annotations.xizmat\.dev/services}')" = marriage-certificate-copy ] &&
    [ "$(asked "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'agency_justice_marriage%'")" = 0 ]
}
check "a service moves to the shared host without a moment without it, and nothing is left behind" moved

key_of() { kubectl get secret "$1" --namespace "$2" --ignore-not-found --output jsonpath='{.data.justice\.key}'; }
database_because() { kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].reason}'; }
restored() {
  local key; key=$(key_of agency-key justice)
  [ -n "$key" ] && [ "$(key_of agency-key-justice xizmat)" = "$key" ] || return 1
  kubectl delete secret "${on[@]}" agency-key && says "$key" key_of agency-key justice || return 1
  kubectl delete secret --namespace xizmat agency-key-justice && says "$key" key_of agency-key-justice xizmat && holds Ready 90
}
check "an agency's key that is deleted in one place is restored from the other" restored
slip() { # an administrator deletes the agency's namespace
  local key; key=$(key_of agency-key justice)
  kubectl delete namespace justice --timeout 120s && says Active kubectl get namespace justice --output jsonpath='{.status.phase}' || return 1
  apply "$work/changed.yaml" && holds Ready 120 && [ "$(key_of agency-key justice)" = "$key" ] &&
    [ "$(asked "SELECT count(*) > 0 FROM service_revisions" --dbname agency_justice)" = t ]
}
check "an agency whose namespace was deleted is there again with its database and its key" slip
kubectl get secret "${on[@]}" agency-key --output json | grep -v '"\(resourceVersion\|uid\|creationTimestamp\)"' >"$work/agency-key.yaml"
lost() {
  # One look at a time: while it is made again of the other, it would not be gone.
  end "$operator"
  kubectl delete secret "${on[@]}" agency-key && kubectl delete secret --namespace xizmat agency-key-justice || return 1
  start_operator
  says AgencyKeyLost database_because && seen Degraded Failed "$sd" "${on[@]}" && [ "$(key_of agency-key justice)$(key_of agency-key-justice xizmat)" = "" ] || return 1
  kubectl apply --filename "$work/agency-key.yaml" && holds Ready 90 && [ "$(key_of agency-key-justice xizmat)" = "$(key_of agency-key justice)" ]
}
check "an agency's key that is lost is not replaced, for another would not open its cases" lost
held() {
  asked "INSERT INTO cases (case_id, version, agency, service, revision, phase, applicant, wrapped_key, state, events, opened, changed)
    SELECT '\\x01', 1, 'justice', 'marriage-certificate-copy', revision, 'running', '\\x02', '\\x03', '\\x04', 1, 1, 1
    FROM service_revisions LIMIT 1" --dbname agency_justice && kubectl delete "$sd" "${on[@]}" --wait=false || return 1
  says CasesOpen ready_because && says '1 case is open' ready_says && seen - Terminating "$sd" "${on[@]}" && [ "$(of_host shared)" != "" ]
}
ready_because() { kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'; }
ready_says() { kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="Ready")].message}'; }
check "a deleted definition stays as it is while a case is open, and says what to do" held
let_end() {
  kubectl annotate "$sd" "${on[@]}" xizmat.dev/end-cases=true && says Closing ready_because || return 1
  asked "UPDATE cases SET phase = 'ended'" --dbname agency_justice && kubectl annotate "$sd" "${on[@]}" example.com/touched=1 &&
    says Keeping ready_because && says '1 ended cases and drafts are kept' ready_says && [ "$(of_host shared)" != "" ]
}
check "by agreement no new case begins, the open one ends, and what is kept by law keeps a host" let_end
ended() {
  asked "UPDATE cases SET erased = 1" --dbname agency_justice && kubectl annotate "$sd" "${on[@]}" --overwrite example.com/touched=2 || return 1
  kubectl wait "$sd" "${on[@]}" --for delete --timeout 60s && seen - NotFound "$sd" "${on[@]}" && [ "$(of_host shared)" = "" ] || return 1
  [ "$(kubectl get secrets "${on[@]}" --selector app.kubernetes.io/managed-by=xizmat-operator,xizmat.dev/agency --output name)" = secret/agency-key ] &&
    [ "$(asked "SELECT count(*) FROM pg_database WHERE datname = 'agency_justice'")" = 1 ]
}
check "when nothing is kept the last definition and its host go, and the agency's database and key stay" ended

# A volume that anybody may bind: the cluster has no storage of its own.
install -d -o 65532 -g 65532 "$work/volume"
kubectl apply --filename - >/dev/null <<Y
apiVersion: v1
kind: PersistentVolume
metadata: {name: hosts}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: ""
  hostPath: {path: $work/volume}
Y
on_sqlite() {
  end "$operator"
  # The file's settings: an agency that comes to its trial with a key keeps it.
  start_operator database.kind=sqlite database.volume_class=
  apply "$service" --force-conflicts && holds WorkloadAvailable 120 && holds Ready || return 1
  [ "$(of_deployment shared '{.spec.strategy.type} {.spec.replicas}')" = "Recreate 1" ] && [ -s "$work/volume/eservice.sqlite" ] &&
    says 'one host, one copy' kubectl get "$sd" "${on[@]}" --output jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].message}'
}
check "in a trial on SQLite the agency has one host of one copy, on a volume" on_sqlite
kept_volume() {
  kubectl delete "$sd" "${on[@]}" --timeout 60s && [ "$(kubectl get pvc "${on[@]}" --output name)" = persistentvolumeclaim/cases ]
}
check "its volume stays when the last definition goes" kept_volume
