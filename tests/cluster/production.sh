# shellcheck shell=bash disable=SC2154,SC2317 # The chart as it is meant to be run: production, PostgreSQL, copies of what can have them, three NATS servers, hosts of e-services that the operator makes; read by `long`.
source "$here/postgresql.sh"
real=(--namespace production)
of_role() { kubectl get pods "${real[@]}" --selector "app.kubernetes.io/component=$1" "${@:2}"; }

authority() { # made where nothing is connected, and handed over
  openssl rand -hex 16 >"$work/passphrase" &&
    "$programs/xizmat" ca init --folder "$work/ca" --name "A State" --root-key "$work/root.sealed" --passphrase-file "$work/passphrase" || return 1
  kubectl create namespace production && kubectl label namespace production pod-security.kubernetes.io/enforce=restricted || return 1
  kubectl create secret generic authority "${real[@]}" --from-file "$work/ca/root.pem" --from-file "$work/ca/issuing.pem" \
    --from-file "$work/ca/sealing.key" --from-file "$work/ca/keys/issuing.key"
}
administrator() { # pods reach it as everybody does: by a password
  start_postgresql 10.250.0.254 5545 -c max_connections=300 || return 1
  asked "CREATE ROLE chart SUPERUSER LOGIN PASSWORD 'chart'" &&
    kubectl create secret generic postgresql "${real[@]}" --from-literal url='postgres://chart:chart@10.250.0.254:5545/postgres?sslmode=disable'
}
in_production() {
  volumes production >/dev/null
  helm install real "$chart" "${real[@]}" --take-ownership --set stage=production --set publicUrl=https://my.example \
    --set database.kind=postgresql --set postgresql.administratorSecret.name=postgresql --set postgresql.port=5545 \
    --set sharedHost.enabled=false --set signing.authoritySecret=authority --set 'agencies={justice,civil-status,notary}' --set nats.replicas=3 \
    --set image.repository=localhost/xizmat --set image.tag=one --set image.pullPolicy=Never \
    --set nats.image.repository=localhost/nats --set nats.image.tag=long --set nats.image.pullPolicy=Never \
    --set-string volumes.storageClass= --set-string nats.volume.storageClass= --wait --timeout 240s && return
  kubectl get pods,jobs "${real[@]}"
  kubectl logs "${real[@]}" --selector app.kubernetes.io/name=xizmat --prefix --tail 3
  return 1
}
check "an authority is made apart, and its secret handed over" authority
check "PostgreSQL has an administrator for the chart" administrator
check "production starts: PostgreSQL, two copies of what people reach, three NATS servers" in_production
copies() { [ "$(of_role portal --output name | wc -l) $(of_role identity --output name | wc -l) $(of_role eservice --output name | wc -l) $(of_role nats --output name | wc -l)" = "2 2 0 3" ]; }
check "portal and identity have two copies, and there is no host of all e-services" copies
know_each_other() { # each of three servers is connected to both others, and all of them show certificates
  local address
  for address in $(of_role nats --output jsonpath='{.items[*].status.podIP}'); do
    curl --silent --fail --max-time 5 "http://$address:8222/varz" >"$work/server.json" && curl --silent --fail --max-time 5 "http://$address:8222/routez" >"$work/routes.json" || return 1
    python3 - "$work/server.json" "$work/routes.json" <<'P' || return 1
import json, sys
server, routes = (json.load(open(file)) for file in sys.argv[1:])
others = {route["remote_name"] for route in routes["routes"]}
between = server["cluster"]
if not (server.get("tls_required") and between.get("tls_required") and between.get("tls_verify")) or len(others) != 2:
    sys.exit(f"{server['server_name']} found {others}; between them: {between}")
P
  done
  echo "all three"
}
check "three NATS servers know each other by their certificates, and speak to nobody in plain" says "all three" know_each_other
published_for_real() {
  published || return 1
  local address; address=$(address_of production real-portal 8080)
  says "marriage certificate" curl --silent --max-time 5 "http://$address/services/justice/marriage-certificate-copy?lang=en"
}
check "agencies, registries, grants and the service become ready in production" published_for_real
host_of_its_own() { # in the agency's namespace, on its agency's database, and for production
  local address all
  kubectl rollout status deployment/marriage-certificate-copy --namespace justice --timeout 120s || return 1
  read -ra all <<<"$(kubectl get pods --namespace justice --selector xizmat.dev/host=marriage-certificate-copy --output jsonpath='{.items[*].status.podIP}')"
  [ "${#all[@]} $(asked 'SELECT stage FROM stage' --dbname agency_justice)" = "2 production" ] || { echo "${all[*]}"; return 1; }
  for address in "${all[@]}"; do
    says 'xizmat_bus_connected{role="eservice"} 1' curl --silent --max-time 5 "http://$address:9090/metrics" || return 1
  done
}
check "the service runs in two copies of a host of its own, which the operator made" host_of_its_own
apart() { # whoever serves may not change the schema, and sees no other service's database
  [ "$(asked "SELECT count(*) FROM pg_database WHERE datname LIKE 'real\\_%'")" -ge 8 ] &&
    [ "$(asked "SELECT count(*) FROM pg_roles WHERE (rolname LIKE 'real\\_%' OR rolname LIKE 'agency\\_%') AND (rolsuper OR rolcreatedb OR rolcreaterole)")" = 0 ]
}
check "each service has a database of its own, and nobody but hook and operator may make one" apart
one_node_less() { # of three NATS servers
  kubectl delete pod real-nats-1 "${real[@]}" --grace-period=0 --force || return 1
  sed 's/en: Copy of a marriage certificate/en: Copy of the marriage certificate/' "$work/service.yaml" >"$work/changed.yaml"
  if cmp -s "$work/service.yaml" "$work/changed.yaml"; then echo "nothing changed"; return 1; fi
  apply "$work/changed.yaml" --force-conflicts || return 1
  eventually "Copy of the marriage certificate" curl --silent --max-time 5 "http://$(address_of production real-portal 8080)/services/justice/marriage-certificate-copy?lang=en" || return 1
  ready --namespace justice "$sd" && kubectl wait pod/real-nats-1 "${real[@]}" --for create --timeout 60s &&
    kubectl wait pod/real-nats-1 "${real[@]}" --for condition=Ready --timeout 120s
}
check "one NATS server of three is killed, and a change goes on to citizens" one_node_less
again_with_copies() { # a copy that is killed is not missed: each page is asked for while it goes
  local address page failed=0; address=$(address_of production real-portal 8080)
  kubectl delete "$(of_role portal --output name | head -n 1)" "${real[@]}" --wait=false || return 1
  for _ in $(seq 50); do
    page=$(curl --silent --max-time 5 "http://$address/services/justice/marriage-certificate-copy?lang=en") && grep -q 'marriage certificate' <<<"$page" || failed=$((failed + 1))
    sleep 0.1
  done
  [ "$failed" = 0 ] || { echo "$failed of 50 pages failed"; return 1; }
}
check "a copy of the portal that stops is missed by nobody" again_with_copies
check "network policies let every connection through that a pod of production holds" python3 "$here/ways.py"
