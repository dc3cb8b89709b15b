#!/usr/bin/env bash
# Installs what the tests need beside the toolchains, or prints the exact list. Debian names.
set -euo pipefail
packages=(chromium fonts-dejavu-core poppler-utils qpdf postgresql openssl python3-venv shellcheck zbar-tools)
exec "$(dirname "$0")/packages.sh" "${packages[@]}"
