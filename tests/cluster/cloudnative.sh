# shellcheck shell=bash disable=SC2154,SC2317 # The platform and an agency's host on a Cluster of CloudNativePG, whose part is played here with its own names; read by `long`.
source "$here/postgresql.sh"
postgres=xizmat-postgres
asked_for='{"instances": 1, "storage": {"size": "1Gi"}}'
provision() { "$programs/xizmat" provision --namespace platform --folder "$work/$1" --cluster $postgres --cluster-spec "$asked_for" --kubeconfig-file "$KUBECONFIG"; }
volumes cloudnative >/dev/null
contract >/dev/null
check "without CloudNativePG it is said what is missing" refused cloudnativepg.missing provision nowhere
known() {
  local description; description=$("$cluster/cloudnative") || return 1
  apply "$description" || return 1
  # `kubectl wait` gives up on one that has no conditions yet.
  for _ in $(seq 150); do kubectl wait --for condition=Established --timeout 30s --filename "$description" && return; sleep 0.2; done
  return 1
}
check "this Kubernetes knows what a Cluster is" known

# A server with a certificate as CloudNativePG makes it.
certificates=$work/certificates reached=10.250.0.254
password=$(openssl rand -hex 32)
certified() {
  local names="DNS:$postgres-rw,DNS:$postgres-rw.platform,DNS:$postgres-rw.platform.svc,DNS:$postgres-rw.platform.svc.cluster.local"
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  install -d "$certificates" &&
    openssl req -x509 "${key[@]}" -days 2 -subj "/OU=platform/CN=$postgres" -keyout "$certificates/ca.key" -out "$certificates/ca.crt" &&
    openssl req "${key[@]}" -subj "/CN=$postgres-rw" -keyout "$certificates/server.key" -out "$certificates/server.csr" &&
    openssl x509 -req -in "$certificates/server.csr" -CA "$certificates/ca.crt" -CAkey "$certificates/ca.key" -CAcreateserial -days 2 \
      -extfile <(printf 'subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\n' "$names") -out "$certificates/server.crt" &&
    chown postgres "$certificates/server.key"
}
serves() {
  certified && start_postgresql $reached 5546 -c max_connections=200 -c log_connections=on -c ssl=on \
    -c ssl_cert_file="$certificates/server.crt" -c ssl_key_file="$certificates/server.key" || return 1
  asked "ALTER ROLE postgres PASSWORD '$password'"
}
check "a server with the certificate of a Cluster takes connections" serves

# What CloudNativePG makes of a Cluster and says of it.
says_of_itself() { # its status
  kubectl patch "cluster.postgresql.cnpg.io/$postgres" "${on[@]}" --subresource status --type merge --patch "{\"status\": $1}"
}
healthy='{"instances": 1, "readyInstances": 1, "phase": "Cluster in healthy state", "phaseReason": "", "writeService": "xizmat-postgres-rw"}'
made_of_it() {
  kubectl create secret generic $postgres-ca "${on[@]}" --from-file "$certificates/ca.crt" --from-file "$certificates/ca.key" &&
    kubectl create secret generic $postgres-superuser "${on[@]}" --type kubernetes.io/basic-auth --from-literal username=postgres \
      --from-literal user=postgres --from-literal password="$password" --from-literal dbname='*' --from-literal host=$postgres-rw \
      --from-literal port=5432 --from-literal uri="postgresql://postgres:$password@$postgres-rw.platform:5432/%2A" || return 1
  kubectl apply "${on[@]}" --filename - <<Y
apiVersion: v1
kind: Service
metadata: {name: $postgres-rw, labels: {cnpg.io/cluster: $postgres}}
spec: {ports: [{name: postgres, port: 5432, targetPort: $sql_port, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: $postgres-rw-played, labels: {kubernetes.io/service-name: $postgres-rw}}
addressType: IPv4
ports: [{name: postgres, port: $sql_port, protocol: TCP}]
endpoints: [{addresses: [$reached], conditions: {ready: true}}]
Y
}

on_cloudnative=(--set database.kind=postgresql --set sharedHost.enabled=false --set 'agencies={justice,civil-status,notary}'
  --set postgresql.cloudNativePG.enabled=true --set postgresql.cloudNativePG.instances=1
  --set-string postgresql.cloudNativePG.spec.postgresql.parameters.max_connections=200)
installed "$chart" "${on_cloudnative[@]}" >"$work/cloudnative-install.log" 2>&1 &
installing=$!
running+=("$installing")
asks() {
  kubectl wait "cluster.postgresql.cnpg.io/$postgres" "${on[@]}" --for create --timeout 60s || return 1
  [ "$(kubectl get "cluster.postgresql.cnpg.io/$postgres" "${on[@]}" --output \
    jsonpath='{.spec.instances} {.spec.storage.size} {.spec.enableSuperuserAccess} {.spec.postgresql.parameters.max_connections}')" = "1 20Gi true 200" ]
}
check "the installation asks for a Cluster as the values say" asks
hook_says() { kubectl logs "${on[@]}" --selector app.kubernetes.io/component=provision --tail -1; }
hook_waits() {
  says_of_itself '{"instances": 1, "phase": "Setting up primary", "phaseReason": "Creating primary instance"}' &&
    says 'phase: Setting up primary, Creating primary instance' hook_says && [ "$(asked "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'xizmat%'")" = 0 ]
}
check "the installation waits for it, and says how far it is" hook_waits
only_tls() { # whoever came over the network
  grep 'connection authorized' "$work/sql.log" | grep -v application_name=psql >"$work/authorized" && ! grep -v 'SSL enabled' "$work/authorized"
}
stands() {
  made_of_it && says_of_itself "$healthy" || return 1
  wait "$installing" || { cat "$work/cloudnative-install.log"; return 1; }
  [ "$(asked "SELECT count(*) FROM pg_database WHERE datname LIKE 'xizmat\\_%'")" = 8 ] && only_tls
}
check "when it is ready, every service of the platform has its database there, and believes no other server" stands

database_says() { kubectl get "$sd" --namespace justice --output "jsonpath={.status.conditions[?(@.type==\"DatabaseReady\")].$1}"; }
host_waits() {
  says_of_itself '{"readyInstances": 0, "phase": "Failing over"}' || return 1
  apply "$root/examples/justice/agency.yaml" --filename "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  ready --all agy || return 1
  apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" --filename "$work/service.yaml" || return 1
  kubectl wait "$sd" --namespace justice --timeout 60s --for \
    jsonpath='{.status.conditions[?(@.type=="DatabaseReady")].reason}'=WaitingForCluster || { database_says message; return 1; }
  says 'to be ready (phase: Failing over)' database_says message && [ "$(kubectl get deployments --namespace justice --output name)" = "" ]
}
check "an agency's host waits for the Cluster, and its definition says so" host_waits
hosted() {
  says_of_itself "$healthy" && published && kubectl wait "$sd" --namespace justice --for condition=WorkloadAvailable --timeout 120s || return 1
  [ "$(asked "SELECT count(*) FROM pg_database WHERE datname = 'agency_justice'")" = 1 ] && only_tls &&
    says 5432 kubectl get networkpolicy marriage-certificate-copy --namespace justice --output jsonpath='{.spec.egress[*].ports[*].port}'
}
check "when an instance is ready, the host gets its database there and everything becomes ready" hosted
source "$here/moved.sh"
used() { # account: what it did with Clusters
  grep -F '"apiGroup":"postgresql.cnpg.io"' "$(dirname "$(dirname "$KUBECONFIG")")/audit.log" |
    grep -F "\"username\":\"system:serviceaccount:platform:xizmat-$1\"" >"$work/used-$1" || return 1
  if grep -F '"code":403' "$work/used-$1"; then return 1; fi
  grep -oE '"verb":"[a-z]+"' "$work/used-$1" | sort -u | tr '\n' ' '
}
exact() { [ "$(used provision)" = '"verb":"get" "verb":"patch" ' ] && [ "$(used operator)" = '"verb":"get" ' ]; }
check "neither hook nor operator was refused anything of the Cluster, nor did more with it than they may" exact
outlives() {
  helm uninstall xizmat "${on[@]}" --wait --timeout 120s && kubectl get "cluster.postgresql.cnpg.io/$postgres" "${on[@]}" --output name
}
check "the Cluster outlives the release" outlives
# Nobody would see that cases are missing.
lost() {
  kubectl delete "cluster.postgresql.cnpg.io/$postgres" "${on[@]}" && refused provision.databases-lost provision lost &&
    [ "$(kubectl get clusters.postgresql.cnpg.io "${on[@]}" --output name)" = "" ]
}
check "no empty Cluster takes the place of one that held cases" lost

# Another server takes this one's place.
stopped
rm -rf "$work/sql"
