#!/usr/bin/env bash
# Has third-party readers judge freshly sealed documents: run.sh FOLDER (with *.pdf and root.pem).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
key=$(sha256sum "$here/requirements.txt" | cut -c1-16)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/venv-$key"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pyhanko, pikepdf' 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
passed=0
for pdf in "$1"/*.pdf; do
  "$venv/bin/python" "$here/check.py" "$pdf" "$1/root.pem" --tamper 12
  passed=$((passed + 1))
done
[ "$passed" -gt 0 ] || { echo "no document to judge in $1" >&2; exit 1; }
echo "$passed passed, 0 failed"
