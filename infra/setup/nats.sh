#!/usr/bin/env bash
# Prints the path of a NATS server that is new enough: the one on the PATH, else the pinned one, built once from its Go module.
set -euo pipefail
least=2.14
newer() { [ "$(printf '%s\n%s\n' "$least" "$1" | sort -V | head -1)" = "$least" ]; }
if found=$(command -v nats-server); then
  version=$("$found" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)
  if newer "$version"; then echo "$found"; exit 0; fi
fi
cd "$(dirname "$0")/../nats"
key=$(cat go.mod go.sum | sha256sum | cut -c1-16)
target="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/nats-$key/nats-server"
if [ ! -x "$target" ]; then
  echo "Building the pinned NATS server (once) …" >&2
  mkdir -p "$(dirname "$target")"
  CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$target.new" github.com/nats-io/nats-server/v2
  mv "$target.new" "$target"
fi
echo "$target"
