# shellcheck shell=bash disable=SC2154,SC2317 # Copied while citizens go on, lost with everything, restored into an empty cluster as docs/operations.md says; read by `long`.
source "$here/postgresql.sh"
copies=$work/copies restored=(--set recovery=of-today)
on_postgresql=(--set database.kind=postgresql --set postgresql.port=5547 --set postgresql.administratorSecret.name=postgresql
  --set sharedHost.enabled=false --set 'agencies={justice,civil-status,notary}')
mkdir -p "$copies"
server() { # an empty one, and who may make databases there
  rm -rf "$work/sql"
  start_postgresql 10.250.0.254 5547 -c max_connections=300 && asked "CREATE ROLE chart SUPERUSER LOGIN PASSWORD 'chart'" &&
    kubectl create secret generic postgresql "${on[@]}" --from-literal url='postgres://chart:chart@10.250.0.254:5547/postgres?sslmode=disable'
}
url_of() { sed "s|/postgres?|/$1?|" "$work/administrator.url"; } # database
prepared "on postgresql"
check "PostgreSQL is there for the platform" server
raise "on PostgreSQL, in the agency's own host" "$chart" "${on_postgresql[@]}"
on_server() { # where the checks of the journeys read
  local role
  standing
  for role in docket exchange identity notifications payments portal register signing; do
    url_of "xizmat_$role" >"$work/standing/data/db/$role.url" || return 1
  done
  url_of agency_justice >"$work/standing/data/db/eservice.url"
}
check "its databases can be looked at" on_server

# Each copy is of another moment; the e-services' is the oldest that cases are in.
copied() { # databases…
  local database
  for database; do
    date +%s >"$copies/$database.taken" && pg_dump --format=custom --file "$copies/$database.dump" "$(url_of "$database")" || return 1
  done
}
secret() { # namespace, name: as it can be made again
  kubectl get secret "$2" --namespace "$1" --output yaml | grep -vE '^  (creationTimestamp|resourceVersion|uid):'
  echo ---
}
secrets() {
  local name
  secret platform xizmat-keys >"$copies/platform.yaml"
  for name in $(kubectl get secrets "${on[@]}" --output name | sed -n 's|^secret/\(agency-key-\)|\1|p'); do
    secret platform "$name" >>"$copies/platform.yaml"
  done
  for name in $(kubectl get namespaces --selector xizmat.dev/agency --output jsonpath='{.items[*].metadata.name}'); do
    secret "$name" bus-credentials
  done >"$copies/agencies.yaml"
  [ "$(grep -c '^kind: Secret$' "$copies/platform.yaml") $(grep -c '^kind: Secret$' "$copies/agencies.yaml")" = "2 3" ]
}
snapshots() { # of volumes
  local role
  for role in exchange signing; do cp -a "$(volume_of "platform/xizmat-$role")" "$copies/$role" || return 1; done
}
before_cases() { secrets && snapshots && copied xizmat_register xizmat_exchange; }
check "keys, volumes, register and exchange are copied" before_cases
check "citizens have a document, wait for an officer, have to pay, are in the middle of a draft" \
  judged restored::people_apply_before_anything_of_theirs_is_copied
check "the agency's cases are copied" copied agency_justice
check "they go on: the draft is sent, fees are paid, a case is decided" judged restored::people_go_on_after_their_cases_were_copied
check "documents and messages are copied" copied xizmat_signing xizmat_notifications
check "somebody applies and pays" judged restored::somebody_applies_whom_the_e_services_will_not_know
check "payments, docket, identity and portal are copied" copied xizmat_payments xizmat_docket xizmat_identity xizmat_portal
check "somebody applies and pays after the last copy" judged restored::somebody_applies_whom_nobody_will_know
everything_lost() { # but not what is outside: agencies' systems, OneID, the provider
  lost_at=$(date +%s) acknowledged=$(asked 'SELECT count(*) FROM cases' --dbname agency_justice)
  taken_away && stopped && rm -rf "$work/sql" || return 1
  kubectl get crd --output name | grep '\.xizmat\.dev$' | xargs kubectl delete --timeout 60s && [ ! -e "$work/sql" ]
}
check "namespaces, volumes, resource definitions and the database server are lost" everything_lost

# The steps of docs/operations.md.
begun_at=$SECONDS
keys_first() {
  kubectl create namespace platform && kubectl create --filename "$copies/platform.yaml" &&
    kubectl create secret generic counterparts "${on[@]}" --from-file "$work/contract" && server
}
check "an empty cluster and an empty server; keys are put back first" keys_first
put_back() {
  local dump database
  for dump in "$copies"/*.dump; do
    database=$(basename "$dump" .dump)
    psql --quiet --set ON_ERROR_STOP=1 "$(url_of postgres)" <<Q || return 1
CREATE ROLE ${database}_owner;
GRANT ${database}_owner TO CURRENT_USER;
CREATE DATABASE $database OWNER ${database}_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
Q
    pg_restore --dbname "$(url_of "$database")" --role "${database}_owner" --no-owner --no-privileges --single-transaction "$dump" || return 1
  done
}
check "each database is put back with its owner, before anything starts" put_back
exactly_what_was_copied() { [ "$acknowledged $(asked 'SELECT count(*) FROM cases' --dbname agency_justice)" = "6 4" ]; }
check "the cases are there that were acknowledged before their copy, and no others" exactly_what_was_copied
put_back_volumes() {
  local role
  volumes again || return 1
  for role in exchange signing; do
    cp -a "$copies/$role" "$work/volumes/$role" && kubectl apply --filename - <<Y || return 1
apiVersion: v1
kind: PersistentVolume
metadata: {name: restored-$role}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: ""
  claimRef: {namespace: platform, name: xizmat-$role}
  hostPath: {path: $work/volumes/$role}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: xizmat-$role, namespace: platform}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  volumeName: restored-$role
  resources: {requests: {storage: 1Gi}}
Y
  done
}
check "volumes are put back under the claims' names" put_back_volumes
in_recovery() { installed "$chart" --take-ownership "${on_postgresql[@]}" "${restored[@]}"; }
check "the platform is installed with a name for the recovery" in_recovery
took_data=$((SECONDS - begun_at))
from_version_control() { # agencies first: their namespaces are there at once, and everything else waits
  local agency
  apply "$root/examples/justice/agency.yaml" --filename "$root/examples/civil-status/agency.yaml" --filename "$root/examples/notary/agency.yaml" || return 1
  for agency in justice civil-status notary; do kubectl wait "namespace/$agency" --for create --timeout 60s || return 1; done
  kubectl create --filename "$copies/agencies.yaml" &&
    apply "$root/examples/justice/grant-request.yaml" --filename "$root/examples/civil-status" --filename "$root/examples/notary" --filename "$work/service.yaml"
}
check "agencies, registries, grants and definitions are applied again" from_version_control
key_of() { kubectl get secret "$1" --namespace "$2" --output jsonpath='{.data}'; }
hosted_again() { # although the register admits nothing yet
  kubectl wait "$sd" --namespace justice --for condition=WorkloadAvailable --timeout 240s || { kubectl get "$sd" --namespace justice --output jsonpath='{.status}'; return 1; }
  [ "$(why)" = PlatformRecovering ] && [ "$(key_of agency-key justice)" = "$(key_of agency-key-justice platform)" ]
}
check "the agency's host stands over the restored cases, with the restored key" hosted_again
turned_away() { # address, words
  [ "$(curl --silent --max-time 5 --header 'Accept-Language: en' --output "$work/page" --write-out '%{http_code}' "http://localhost:$edge/$1")" = 503 ] &&
    grep -F "$2" "$work/page"
}
nobody_is_served() {
  way_in
  says "The services are being restored" turned_away "services/justice/marriage-certificate-copy?lang=en" "The services are being restored" &&
    turned_away identity/authorize platform.recovering && turned_away callback/payme platform.recovering
}
check "nobody is served, and everybody is told" nobody_is_served
recovery() { kubectl exec "${on[@]}" deployment/xizmat-operator -- /xizmat recovery "$@" --config /etc/xizmat/settings.toml; }
listed() { recovery check --json >"$work/standing/checked" && judged restored::exactly_what_somebody_remembers_is_listed; }
check "every disagreement is listed, and nothing else" listed
for_people() { # who decides, and about what
  recovery check >"$work/list" && cat "$work/list" &&
    grep -F --after-context 2 "recovery.case-lost  $(cat "$work/standing/given") " "$work/list" | grep -F 'the agency: the application has to be made again'
}
check "what people have to decide is listed by number, with who decides it" for_people
sessions() { asked 'SELECT count(*) FROM sessions' --dbname xizmat_portal; }
settled() {
  [ "$(sessions)" -gt 0 ] || return 1
  recovery end of-today >"$work/ended" || { cat "$work/ended"; return 1; }
  grep -F 'The recovery of-today has ended' "$work/ended" && [ "$(sessions)" = 0 ]
}
check "the recovery is ended, and with it all sessions" settled
serves_again() { # without the name: every role starts again, and so does every host
  helm upgrade xizmat "$chart" "${on[@]}" --values "$work/values.yaml" "${on_postgresql[@]}" --wait --timeout 240s || return 1
  named() { kubectl get configmap marriage-certificate-copy-settings --namespace justice --output jsonpath='{.data}' | grep -F 'of-today'; }
  for _ in $(seq 600); do named || break; sleep 0.2; done
  ! named && kubectl rollout status deployment/marriage-certificate-copy --namespace justice --timeout 240s &&
    says "marriage certificate" curl --silent --fail --max-time 5 "http://localhost:$edge/services/justice/marriage-certificate-copy?lang=en"
}
check "everybody is served again" serves_again
took=$((SECONDS - begun_at))
as_before() { ready --all agy && ready --all --all-namespaces rgy,grt,grq,sd && granted; }
check "everything applied is ready; officers' approvals count as before" as_before
check "every case that was copied goes on to its end; nobody pays twice; no two documents of a case count" \
  judged restored::every_case_that_was_copied_goes_on_to_its_end
statement() { # as a treasurer compares it: what was paid after payments' copy is at the provider, and nowhere else
  curl --silent --fail --max-time 5 "http://localhost:$foreign/payme/control" |
    python3 -c 'import json, sys; print(*(one["id"] for one in json.load(sys.stdin)["receipts"] if one["state"] == 4), sep="\n")' | LC_ALL=C sort >"$work/taken"
  asked "SELECT transaction_id FROM attempt WHERE state = 'paid'" --dbname xizmat_payments | LC_ALL=C sort >"$work/booked"
  LC_ALL=C comm -3 "$work/taken" "$work/booked" | cat --show-tabs
  [ "$(wc -l <"$work/booked") $(LC_ALL=C comm -23 "$work/taken" "$work/booked" | wc -l) $(LC_ALL=C comm -13 "$work/taken" "$work/booked" | wc -l)" = "5 1 0" ]
}
check "the provider's statement shows the one payment that no copy had" statement
once() { [ "$(asked 'SELECT count(*) - count(DISTINCT number) FROM documents' --dbname xizmat_signing)" = 0 ]; }
check "no number stands on two documents" once
age() { echo "$((lost_at - $(cat "$copies/$1.taken"))) s"; }
echo "        RPO: 2 of $acknowledged applications; copies were $(age agency_justice) old of the cases, $(age xizmat_signing) of documents, $(age xizmat_payments) of payments"
echo "        RTO: $took s from an empty cluster to the first page, $took_data s of it until everything was put back and installed"
check "everything of the restored platform can be removed" gone
stopped
rm -rf "$work/sql"
