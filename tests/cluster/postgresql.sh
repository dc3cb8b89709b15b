# shellcheck shell=bash disable=SC2154 # PostgreSQL on this machine's end of the wire to pods: passwords for everybody but its administrator. Needs `work`, `running`.
start_postgresql() { # address, port, more settings
  local binaries as_postgres=(setpriv --reuid postgres --regid postgres --init-groups)
  binaries=$(find /usr/lib/postgresql -path '*/bin/postgres' -printf '%h\n' | sort -V | tail -n 1)
  sql_port=$2
  chmod 755 "$work"; install -d -o postgres -g postgres "$work/sql"
  "${as_postgres[@]}" "$binaries/initdb" -D "$work/sql/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$work/initdb.log"
  printf '%s\n' "host all postgres $1/32 trust" "host all all 10.0.0.0/8 scram-sha-256" >>"$work/sql/data/pg_hba.conf"
  "${as_postgres[@]}" "$binaries/postgres" -D "$work/sql/data" -k "$work/sql" -c listen_addresses="$1" -c port="$2" "${@:3}" >>"$work/sql.log" 2>&1 &
  running+=($!)
  echo "postgres://postgres@$1:$2/postgres?sslmode=disable" >"$work/administrator.url"
  for _ in $(seq 300); do asked 'SELECT 1' >/dev/null 2>&1 && return; sleep 0.1; done
  cat "$work/sql.log"
  return 1
}
asked() { psql --no-align --tuples-only --host "$work/sql" --port "$sql_port" --username postgres "${@:2}" --command "$1"; }
