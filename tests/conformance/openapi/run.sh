#!/usr/bin/env bash
# Has a third-party validator judge what HTTP edges tell machines: run.sh FOLDER (with *.yaml).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
key=$(sha256sum "$here/requirements.txt" | cut -c1-16)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/venv-$key"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import openapi_spec_validator, yaml' 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
"$venv/bin/python" "$here/check.py" "$1"/*.yaml
