#!/usr/bin/env bash
# Starts the counterparts and a platform on free ports in a folder of their own, and stops both when the command is over, however
# it ends. Usage: beside.sh BIN_DIR COMMAND…; the command finds in XIZMAT_READY what the platform told when it was ready, and in
# XIZMAT_DATA_FOLDER where its data lie. With XIZMAT_REHEARSAL=1 its civil time can be put forward; with XIZMAT_WATCH=1 it takes
# over what is changed in a copy of the examples, which XIZMAT_DEFINITIONS names to the command, as XIZMAT_PROGRAM does the platform's.
set -euo pipefail
bin=$(cd "$1" && pwd)
shift
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
"$here/install.sh" "$here"
XIZMAT_NATS_SERVER=${XIZMAT_NATS_SERVER:-$("$root/infra/setup/nats.sh")}
export XIZMAT_NATS_SERVER

bounces=$(node -e 'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port); this.close(); })')
"$bin/xizmat-sandbox" --listen 127.0.0.1:0 --smtp 127.0.0.1:0 --bounces "127.0.0.1:$bounces" --json \
  --contract "$folder/contract" --platform-data "$folder/data" >"$folder/sandbox.json" 2>"$folder/sandbox.log" &
sandbox=$!
ready "$folder/sandbox.json" "$sandbox" "$folder/sandbox.log"
cp -r "$root/examples" "$folder/definitions"
manner=()
[ -z "${XIZMAT_REHEARSAL:-}" ] || manner+=(--rehearsal)
[ -z "${XIZMAT_WATCH:-}" ] || manner+=(--watch)
# What the command is told is no configuration of the platform's, which refuses what it does not know.
env --unset=XIZMAT_SCREENSHOTS --unset=XIZMAT_LIGHTHOUSE --unset=XIZMAT_REHEARSAL --unset=XIZMAT_WATCH \
  "$bin/xizmat" up "${manner[@]}" --json --listen 127.0.0.1:0 --health 127.0.0.1:0 --nats-port 0 --data "$folder/data" \
  --definitions "$folder/definitions" --config "$folder/contract/endpoints.toml" >"$folder/ready.json" 2>"$folder/platform.log" &
platform=$!
ready "$folder/ready.json" "$platform" "$folder/platform.log"

export XIZMAT_READY="$folder/ready.json" XIZMAT_DATA_FOLDER="$folder/data" XIZMAT_DEFINITIONS="$folder/definitions" XIZMAT_PROGRAM="$bin/xizmat"
"$@"
