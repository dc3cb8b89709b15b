# shellcheck shell=bash disable=SC2034,SC2154 # A whole platform in pods with counterparts of outside parties beside it, ready for citizens; read by `long`.
chart=$root/charts/xizmat
on=(--namespace platform)
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
apply() { kubectl apply --server-side --validate=strict --filename "$@"; }
ready() { kubectl wait "$@" --for condition=Ready --timeout 120s; }

images() { # tags of the product; counterparts in an image of their own; NATS
  local tag
  for tag; do
    "$programs/xtask" image --out "$work/image" --name "localhost/xizmat:$tag" && "$cluster/load" "$work/image/xizmat.oci.tar" || return 1
  done
  "$programs/xtask" image --sandbox --out "$work/image" --name localhost/xizmat-sandbox:long && "$cluster/load" "$work/image/xizmat-sandbox.oci.tar" || return 1
  "$cluster/pack" "$work/nats.tar" localhost/nats:long /nats-server <<<"/nats-server $("$root/infra/setup/nats.sh")" && "$cluster/load" "$work/nats.tar"
}
volumes() { # that anybody may bind: the cluster has no storage of its own
  local number
  for number in $(seq 12); do
    install -d -o 65532 -g 65532 "$work/volumes/$1-$number"
    printf '{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "%s"}, "spec": {"capacity": {"storage": "8Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "", "hostPath": {"path": "%s"}}}\n' \
      "$1-$number" "$work/volumes/$1-$number"
  done | kubectl apply --filename -
}
volume_of() { # namespace/claim → folder
  kubectl get pv --output jsonpath='{range .items[*]}{.spec.claimRef.namespace}/{.spec.claimRef.name} {.spec.hostPath.path}{"\n"}{end}' | sed -n "s|^$1 ||p"
}

# What contracts with outside parties bring: addresses in the values, secrets in a Secret.
write_values() {
  local inside=http://sandbox.counterparts.svc:8090 outside=http://localhost:$foreign secrets=/run/secrets/counterparts
  cat >"$work/values.yaml" <<Y
publicUrl: http://localhost:$edge
proxies: 1
image: {repository: localhost/xizmat, tag: one, pullPolicy: Never}
nats: {image: {repository: localhost/nats, tag: long, pullPolicy: Never}, volume: {storageClass: ""}}
volumes: {storageClass: ""}
networkPolicy: {outside: {ports: [8090, 8025]}, agenciesFrom: [{ipBlock: {cidr: 10.244.0.0/16}}]}
roles:
  identity: {secrets: [counterparts]}
  payments: {secrets: [counterparts]}
  notifications: {secrets: [counterparts]}
config:
  identity:
    oneid:
      stage: trial
      authorize_url: $outside/oneid/sso/oauth/Authorization.do
      token_url: $inside/oneid/sso/oauth/Authorization.do
      client_id: xizmat-trial
      client_secret_file: $secrets/oneid-client-secret
  payments:
    payme:
      stage: trial
      title: Payme
      merchant_id: xizmat-trial
      checkout_url: $outside/payme/checkout
      api_url: $inside/payme/api
      key_file: $secrets/payme-key
      api_key_file: $secrets/payme-api-key
  notifications:
    quiet: {from_hour: 0, until_hour: 0}
    sms: {stage: trial, url: $inside/eskiz/api, login: trial@xizmat.example, password_file: $secrets/sms-password, from: "4546", per_hour: 10000, per_day: 10000}
    email: {stage: trial, host: sandbox.counterparts.svc, port: 8025, plain: true, from: "Xizmat <no-reply@xizmat.example>"}
  portal:
    checkout_origins: ["$outside"]
tests:
  citizen:
    person: botir
    inside: {"$outside": "$inside"}
  application:
    service: justice/at-once
    answers: {about: marriage, day: "2012-06-16"}
Y
}
contract() { # the same secrets for both sides
  local name
  mkdir -p "$work/contract"
  for name in oneid-client-secret sms-password payme-key payme-api-key; do openssl rand -hex 32 >"$work/contract/$name"; done
  for name in platform counterparts; do
    kubectl create namespace $name && kubectl create secret generic counterparts --namespace $name --from-file "$work/contract" || return 1
  done
}
# The release before this one, whose resource definitions know less. Helm would never upgrade those of a folder `crds`.
columns() { kubectl get crd servicedefinitions.xizmat.dev --output jsonpath='{.spec.versions[0].additionalPrinterColumns[*].name}'; }
release_before() {
  cp -r "$chart" "$work/before" && sed -i 's/^version: .*/version: 0.0.1/' "$work/before/Chart.yaml" || return 1
  sed -i '/^    - name: Cases$/,/priority/d' "$work/before/templates/crds/servicedefinitions.yaml"
  ! cmp -s "$chart/templates/crds/servicedefinitions.yaml" "$work/before/templates/crds/servicedefinitions.yaml"
}
installed() { # chart, more values
  local from=$1; shift
  helm install xizmat "$from" "${on[@]}" --values "$work/values.yaml" "$@" --wait --timeout 240s && return
  kubectl get pods,jobs "${on[@]}"
  kubectl logs "${on[@]}" --selector app.kubernetes.io/name=xizmat --prefix --tail 3
  return 1
}
published() {
  "$programs/xizmat" render "$root/examples/justice/marriage-certificate-copy" >"$work/service.yaml"
  apply "$root/examples/justice/agency.yaml" --filename "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  ready --all agy || return 1
  apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" --filename "$work/service.yaml" || return 1
  ready --all --all-namespaces rgy,grt,grq,sd && return
  kubectl get eservices --all-namespaces --output jsonpath='{range .items[*]}{.kind} {.metadata.name}: {.status.conditions[0].message}{"\n"}{end}'
  return 1
}
# Agencies' systems, OneID, the payment provider, the SMS gateway and the mail server, in a pod that holds nothing of the product.
counterparts() {
  local agency
  # Handed over to agencies' systems: with what they connect, and whom they believe.
  handed() { kubectl get secret bus-credentials --namespace "$1" --output "jsonpath={.data.${2//./\\.}}" | base64 -d; }
  mkdir -p "$work/agents"
  for agency in civil-status notary; do
    handed "$agency" bus.creds >"$work/agents/$agency.creds" && [ -s "$work/agents/$agency.creds" ] || return 1
  done
  handed civil-status ca.crt >"$work/ca.crt" && [ -s "$work/ca.crt" ] || return 1
  kubectl create secret generic agents --namespace counterparts --from-file "$work/agents" || return 1
  printf '{"identity": "http://localhost:%s/identity", "callback": "http://xizmat-payments.platform.svc:8080/callback", "nats": "%s", "agents": "/agents", "ca": "/platform/run/ca.crt"}' \
    "$edge" "${bus:-tls://xizmat-nats.platform.svc:4222}" >"$work/addresses.json"
  kubectl create configmap platform --namespace counterparts --from-file "$work/addresses.json" --from-file "$work/ca.crt" || return 1
  apply "$here/counterparts.yaml" && kubectl rollout status --namespace counterparts deployment/sandbox --timeout 60s
}
address_of() { echo "$(kubectl get service "$2" --namespace "$1" --output jsonpath='{.spec.clusterIP}'):$3"; }
way_in() { # the gateway, to Services as they are now
  node "$here/gateway.mjs" "$edge" "$(address_of platform xizmat-portal 8080)" "$(address_of platform xizmat-identity 8080)" \
    "$(address_of platform xizmat-payments 8080)" "$foreign" "$(address_of counterparts sandbox 8090)" >>"$work/gateway.log" 2>&1 &
  running+=($!)
}
gateway() {
  way_in
  for _ in $(seq 300); do
    curl --silent --fail --output /dev/null --max-time 5 "http://localhost:$foreign/payme/control" &&
      curl --silent --fail --output /dev/null --max-time 5 "http://localhost:$edge/" && return
    sleep 0.2
  done
  kubectl logs --namespace counterparts deployment/sandbox
  return 1
}
appoint() { # login, name, PINFL, agency, office, role: as whoever runs the platform does
  local told
  told=$(kubectl exec "${on[@]}" --stdin deployment/xizmat-operator -- /xizmat officers appoint --config /etc/xizmat/settings.toml \
    --login "$1" --name "$2" --agency "$4" --office "$5" --role "$6" <<<"$3") || return 1
  echo "$1 $6 $4 $(sed -n 's|.*\(http://[^ ]*/invitation/[^ ]*\).*|\1|p' <<<"$told")"
}
officers() {
  { appoint registrar-tashkent "Malika Yusupova" 41203850170214 justice tashkent-yunusabad registrar &&
    appoint registrar-nukus "Gulnara Saparova" 42307870350128 justice nukus registrar &&
    appoint data-steward "Jasur Toshev" 31409840170443 civil-status "" grant-approver &&
    appoint notary-steward "Nodira Xolmatova" 42211880170017 notary "" grant-approver; } >"$work/invitations" || return 1
  node "$here/officers.mjs" "http://localhost:$edge" <"$work/invitations" >"$work/ready.json"
}
standing() { # what the checks of the journeys read, as yet without databases
  rm -rf "$work/standing"; mkdir -p "$work/standing/data/db"
  cp "$work/ready.json" "$work/standing/ready.json"
  printf '{"url": "http://localhost:%s", "config": ""}\n' "$foreign" >"$work/standing/counterparts.json"
}
# The databases of this platform beside each other.
databases() { # claim of the cases: where the host of e-services keeps them
  local role
  standing
  for role in docket exchange identity notifications payments portal register signing; do
    ln -s "$(volume_of "platform/xizmat-$role")/$role.sqlite" "$work/standing/data/db/$role.sqlite" || return 1
  done
  ln -s "$(volume_of "$1")/eservice.sqlite" "$work/standing/data/db/eservice.sqlite"
  [ "$(find -L "$work/standing/data/db" -size +0 -name '*.sqlite' | wc -l)" = 9 ]
}
judged() { # test: one of those that look at a platform which stands elsewhere
  XIZMAT_STANDING=$work/standing "$journeys" --ignored --exact --nocapture "faults::standing::$1"
}
browsed() {
  XIZMAT_WALKS=justice XIZMAT_READY=$work/ready.json XIZMAT_SCREENSHOTS=$root/target/screenshots/$1 node "$root/tests/browser/journeys.mjs"
}
stopped() { # what was started beside the cluster
  end "${running[@]}"; running=()
}
taken_away() { # more namespaces… — everything of the platform, its keys and cases: nobody is left who would keep a definition for what the law keeps
  local found namespace kind name
  helm uninstall xizmat "${on[@]}" --ignore-not-found --wait --timeout 120s || return 1
  for found in $(kubectl get sd,rgy,grt,grq,agy --all-namespaces --output jsonpath='{range .items[*]}{.metadata.namespace}/{.kind}/{.metadata.name}{"\n"}{end}'); do
    IFS=/ read -r namespace kind name <<<"$found"
    kubectl patch "$kind.xizmat.dev/$name" ${namespace:+--namespace "$namespace"} --type merge --patch '{"metadata": {"finalizers": null}}' || return 1
  done
  kubectl delete sd,rgy,grt,grq --all --all-namespaces --timeout 60s && kubectl delete agy --all --timeout 60s || return 1
  kubectl delete namespace platform justice civil-status notary "$@" --ignore-not-found --timeout 180s && kubectl delete pv --all --timeout 60s
}
gone() { taken_away counterparts; }
