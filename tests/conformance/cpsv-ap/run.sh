#!/usr/bin/env bash
# Has the shapes of CPSV-AP 3.2 judge services as the portal tells them to machines: run.sh FOLDER (with *.jsonld).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python=$("$here/../interpreter.sh" "$here" "pyshacl, rdflib")
"$python" "$here/check.py" "$here/../fixtures/cpsv-ap/cpsv-ap-SHACL.ttl" "$1"/*.jsonld
