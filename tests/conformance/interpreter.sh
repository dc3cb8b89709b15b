#!/usr/bin/env bash
# Prints a Python that has what FOLDER/requirements.txt pins and can import MODULES, made once: interpreter.sh FOLDER MODULES.
set -euo pipefail
key=$(sha256sum "$1/requirements.txt" | cut -c1-16)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/venv-$key"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c "import $2" 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$1/requirements.txt"
fi
echo "$venv/bin/python"
