#!/usr/bin/env bash
# Has a third-party validator judge what HTTP edges tell machines: run.sh FOLDER (with *.yaml).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python=$("$here/../interpreter.sh" "$here" "openapi_spec_validator, yaml")
"$python" "$here/check.py" "$1"/*.yaml
