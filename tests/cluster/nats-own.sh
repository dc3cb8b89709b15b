# shellcheck shell=bash disable=SC2154,SC2317 # A platform on a NATS server of somebody else: it is told who signs accounts, and the platform whom to believe; read by `long` after `nats-three.sh`.
bus_at=10.250.0.254:4334 bus_server=$("$root/infra/setup/nats.sh") bus_folder=$work/bus
handed_over() { # its certificate's authority, and nothing else of it
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  install -d "$bus_folder" &&
    openssl req -x509 "${key[@]}" -days 2 -subj "/CN=Authority of somebody else" -keyout "$bus_folder/ca.key" -out "$bus_folder/ca.crt" &&
    openssl req "${key[@]}" -subj "/CN=bus" -keyout "$bus_folder/tls.key" -out "$bus_folder/tls.csr" &&
    openssl x509 -req -in "$bus_folder/tls.csr" -CA "$bus_folder/ca.crt" -CAkey "$bus_folder/ca.key" -CAcreateserial -days 2 \
      -extfile <(printf 'subjectAltName=IP:%s\nbasicConstraints=critical,CA:FALSE\n' "${bus_at%:*}") -out "$bus_folder/tls.crt" &&
    kubectl create secret generic bus "${on[@]}" --from-file "$bus_folder/ca.crt"
}
bus_of_others() { # it begins when the installation has said who signs accounts
  cat >"$bus_folder/nats.conf" <<N
server_name: own
listen: "$bus_at"
tls { cert_file: "$bus_folder/tls.crt", key_file: "$bus_folder/tls.key", timeout: 5 }
max_control_line: 16384
jetstream: { store_dir: "$bus_folder/jetstream" }
resolver: { type: full, dir: "$bus_folder/resolver", allow_delete: true, interval: "2m" }
include operator.conf
N
  for _ in $(seq 1200); do
    kubectl get secret xizmat-nats "${on[@]}" --output jsonpath='{.data.operator\.conf}' 2>/dev/null | base64 -d >"$bus_folder/operator.conf" || true
    [ ! -s "$bus_folder/operator.conf" ] || exec "$bus_server" -c "$bus_folder/nats.conf"
    sleep 0.2
  done
}
prepared "on a server of somebody else"
check "somebody else's NATS server has a certificate, and the platform is told whom to believe" handed_over
bus_of_others >>"$work/bus.log" 2>&1 &
running+=($!)
bus=tls://$bus_at raise "on a NATS server of somebody else" "$chart" --take-ownership --set sharedHost.enabled=false \
  --set "nats.external=tls://$bus_at" --set nats.tls.secret=bus
none_of_ours() { [ -z "$(kubectl get pods "${on[@]}" --selector app.kubernetes.io/component=nats --output name)" ]; }
check "no NATS server runs in the cluster" none_of_ours
check "a service that decides by itself is published over somebody else's server" at_once
check "helm test signs in, applies, pays, gets a document and verifies it over somebody else's server" walked
check "network policies let every connection through to somebody else's server" python3 "$here/ways.py" --outside counterparts
stopped
check "nothing of it is left without the server either" gone
