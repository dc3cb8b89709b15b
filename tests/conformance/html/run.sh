#!/usr/bin/env bash
# Every page that the services' tests wrote before the W3C's validator (HTML Living Standard). Usage: run.sh PAGES
set -euo pipefail
pages=$(cd "$1" && pwd)
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
command -v java >/dev/null || "$root/infra/setup/packages.sh" default-jre-headless
"$root/tests/browser/install.sh" "$here"
java -jar "$here/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --skip-non-html "$pages"
echo "$(find "$pages" -name '*.html' | wc -l) pages are valid HTML"
