#!/usr/bin/env bash
# Starts the counterparts of outside parties, then the platform configured with their contract. Ctrl-C stops both.
set -euo pipefail
bin=$1; shift
root="$(cd "$(dirname "$0")/../.." && pwd)"
data="${XIZMAT_DATA:-$root/data}"
"$bin/xizmat-sandbox" --contract "$data/sandbox" --platform-data "$data" >"${TMPDIR:-/tmp}/xizmat-sandbox.$$.log" 2>&1 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; rm -f "${TMPDIR:-/tmp}/xizmat-sandbox.$$.log"' EXIT
for _ in $(seq 100); do
  [ -s "$data/sandbox/endpoints.toml" ] && break
  kill -0 "$sandbox" 2>/dev/null || { cat "${TMPDIR:-/tmp}/xizmat-sandbox.$$.log" >&2; exit 1; }
  sleep 0.1
done
grep -h '^Counterparts' "${TMPDIR:-/tmp}/xizmat-sandbox.$$.log" || true
# A terminal sends Ctrl-C to the platform too; it stops in its own order before the counterparts go.
"$bin/xizmat" up --data "$data" --definitions "$root/examples" --config "$data/sandbox/endpoints.toml" "$@" &
platform=$!
trap 'kill -TERM "$platform" 2>/dev/null || true' INT TERM
wait "$platform" || status=$?
wait "$platform" 2>/dev/null || true
exit "${status:-0}"
