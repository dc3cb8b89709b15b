#!/usr/bin/env bash
# Starts the counterparts and a platform on free ports in a folder of their own, walks the journeys in a real Chromium,
# looks at every page that the portal's tests wrote, and stops everything, also after a failure. Usage: run.sh BIN_DIR PAGES
set -euo pipefail
bin=$(cd "$1" && pwd)
pages=$(cd "$2" && pwd)
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
folder=$(mktemp -d)
sandbox='' platform=''
stop() {
  status=$?
  trap - EXIT
  for pid in $platform $sandbox; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in $platform $sandbox; do wait "$pid" 2>/dev/null || true; done
  if [ "$status" -ne 0 ]; then
    mkdir -p "$root/target/screenshots"
    cp "$folder"/*.log "$root/target/screenshots/" 2>/dev/null || true
    echo "The logs are in target/screenshots/." >&2
  fi
  rm -rf "$folder"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

# Waits for the first line a program prints about itself: it is ready then.
ready() {
  for _ in $(seq 600); do
    [ -s "$1" ] && return 0
    kill -0 "$2" 2>/dev/null || { cat "$3" >&2; return 1; }
    sleep 0.1
  done
  echo "Not ready within a minute:" >&2
  cat "$3" >&2
  return 1
}

command -v chromium >/dev/null || { echo "Install chromium: apt-get install chromium" >&2; exit 1; }
if [ ! -d "$here/node_modules/axe-core" ] || [ ! -d "$here/node_modules/playwright-core" ]; then
  (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund >/dev/null)
fi
XIZMAT_NATS_SERVER=${XIZMAT_NATS_SERVER:-$("$root/infra/setup/nats.sh")}
export XIZMAT_NATS_SERVER

"$bin/xizmat-sandbox" --listen 127.0.0.1:0 --smtp 127.0.0.1:0 --bounces 127.0.0.1:18026 --json \
  --contract "$folder/contract" --platform-data "$folder/data" >"$folder/sandbox.json" 2>"$folder/sandbox.log" &
sandbox=$!
ready "$folder/sandbox.json" "$sandbox" "$folder/sandbox.log"
"$bin/xizmat" up --json --listen 127.0.0.1:0 --health 127.0.0.1:0 --nats-port 0 --data "$folder/data" \
  --definitions "$root/examples" --config "$folder/contract/endpoints.toml" >"$folder/ready.json" 2>"$folder/platform.log" &
platform=$!
ready "$folder/ready.json" "$platform" "$folder/platform.log"

XIZMAT_READY="$folder/ready.json" XIZMAT_SCREENSHOTS="$root/target/screenshots" node "$here/journeys.mjs"
XIZMAT_SCREENSHOTS="$root/target/screenshots/pages" node "$here/pages.mjs" "$pages"
