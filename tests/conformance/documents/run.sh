#!/usr/bin/env bash
# Has third-party readers judge freshly sealed documents: run.sh FOLDER (with *.pdf and root.pem).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python=$("$here/../interpreter.sh" "$here" "pyhanko, pikepdf")
passed=0
for pdf in "$1"/*.pdf; do
  "$python" "$here/check.py" "$pdf" "$1/root.pem" --tamper 12
  passed=$((passed + 1))
done
[ "$passed" -gt 0 ] || { echo "no document to judge in $1" >&2; exit 1; }
echo "$passed passed, 0 failed"
