#!/usr/bin/env bash
# Makes the interpreter in which a client that is not ours runs, and walks the journey that meets it: run.sh COMMAND….
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
key=$(sha256sum "$here/requirements.txt" | cut -c1-16)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/venv-$key"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import nats.micro, nkeys' 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
OUTSIDE_PYTHON="$venv/bin/python" exec "$@"
