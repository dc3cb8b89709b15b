#!/usr/bin/env bash
# Makes the interpreter in which a client that is not ours runs, and walks the journey that meets it: run.sh COMMAND….
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python=$("$here/../interpreter.sh" "$here" "nats.micro, nkeys")
OUTSIDE_PYTHON="$python" exec "$@"
