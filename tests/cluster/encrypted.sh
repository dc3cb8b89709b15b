# shellcheck shell=bash disable=SC2154,SC2317 # The bus of `platform.sh` speaks to nobody in plain; read by `platform.sh`.
monitored() { # what a NATS server says of itself
  local address
  address=$(kubectl get pods "${on[@]}" --selector app.kubernetes.io/component=nats --output jsonpath='{.items[0].status.podIP}')
  curl --silent --fail --max-time 5 "http://$address:8222/$1"
}
everybody() { # each role is there, and no connection is in plain
  monitored connz >"$work/connections.json" || return 1
  python3 - "$work/connections.json" portal payments docket signing identity exchange register notifications operator eservice <<'P'
import json, sys
with open(sys.argv[1]) as file:
    found = json.load(file)["connections"]
plain = [one["name"] for one in found if one.get("tls_version") not in ("1.2", "1.3")]
away = {f"xizmat {role}" for role in sys.argv[2:]} - {one["name"] for one in found}
if plain or away:
    sys.exit(f"in plain: {plain}; not there: {away}")
print("all encrypted")
P
}
check "every role is on the bus, and every connection is encrypted" says "all encrypted" everybody
in_plain() { # a client that goes on without TLS is not even told that it is not admitted
  python3 - "$(kubectl get service xizmat-nats "${on[@]}" --output jsonpath='{.spec.clusterIP}')" <<'P'
import socket, sys
with socket.create_connection((sys.argv[1], 4222), 5) as bus:
    greeting = bus.recv(4096)
    try:
        bus.sendall(b'CONNECT {"verbose":true}\r\nPING\r\n')
        answer = bus.recv(4096)
    except ConnectionError:
        answer = b""
if b'"tls_required":true' not in greeting or answer:
    sys.exit(f"{greeting!r}, then {answer!r}")
P
}
check "whoever speaks to the bus in plain is refused" in_plain
authority() { kubectl get configmap xizmat-trusted-keys "${on[@]}" --output 'jsonpath={.data.ca\.crt}'; }
shown() { # the certificate under the Service's name, as the authority that everybody was told of signed it
  local address
  address=$(kubectl get service xizmat-nats "${on[@]}" --output jsonpath='{.spec.clusterIP}')
  authority >"$work/bus-ca.crt" && python3 - "$address" "$work/bus-ca.crt" xizmat-nats.platform.svc <<'P'
import socket, ssl, sys
address, authority, name = sys.argv[1:]
with socket.create_connection((address, 4222), 5) as bus:
    bus.recv(4096)
    with ssl.create_default_context(cafile=authority).wrap_socket(bus, server_hostname=name) as encrypted:
        print(encrypted.version(), encrypted.getpeercert()["notAfter"])
P
}
check "servers are who they say to whoever knows the platform's authority" says TLSv1.3 shown
told_in_time() { # by the exchange, which asks the servers: more than 700 of 730 days
  local address
  address=$(kubectl get pods "${on[@]}" --selector app.kubernetes.io/component=exchange --output jsonpath='{.items[0].status.podIP}')
  curl --silent --max-time 5 "http://$address:8081/metrics" | awk '$1 == "xizmat_bus_certificate_seconds" && $2 > 60480000 {print "long enough"}'
}
check "it is measured how long the bus's certificate still counts" says "long enough" told_in_time
handed_over() { [ -n "$(authority)" ] && [ "$(kubectl get secret bus-credentials --namespace justice --output 'jsonpath={.data.ca\.crt}' | base64 -d)" = "$(authority)" ]; }
check "an agency's credentials say whom its system believes" handed_over
