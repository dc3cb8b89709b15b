#!/usr/bin/env bash
# Walks the journeys in a real Chromium on a platform of their own, the one that takes weeks on a rehearsal and the pages that the
# documentation shows on a third, and looks at every page that the services' tests wrote.
# Usage: run.sh BIN_DIR PAGES
set -euo pipefail
pages=$(cd "$2" && pwd)
here="$(cd "$(dirname "$0")" && pwd)"
shots="$(cd "$here/../.." && pwd)/target/screenshots"
XIZMAT_SCREENSHOTS="$shots" "$here/beside.sh" "$1" node "$here/journeys.mjs"
XIZMAT_REHEARSAL=1 XIZMAT_SCREENSHOTS="$shots/permit" "$here/beside.sh" "$1" node "$here/permit.mjs"
XIZMAT_WATCH=1 XIZMAT_SCREENSHOTS="$shots/docs" "$here/beside.sh" "$1" node "$here/screens.mjs" "$shots/docs/pictures"
XIZMAT_SCREENSHOTS="$shots/pages" node "$here/pages.mjs" "$pages"
