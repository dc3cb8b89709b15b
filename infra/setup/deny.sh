#!/usr/bin/env bash
# Prints the path of cargo-deny: the one on the PATH, else the pinned one, built once.
set -euo pipefail
version=0.20.2
if found=$(command -v cargo-deny); then echo "$found"; exit 0; fi
root="${XDG_CACHE_HOME:-$HOME/.cache}/xizmat/cargo-deny-$version"
if [ ! -x "$root/bin/cargo-deny" ]; then
  echo "Building cargo-deny $version (once) …" >&2
  # A folder of its own: its features must not rebuild what the project shares.
  CARGO_TARGET_DIR="$root/target" cargo install --quiet --locked --root "$root" --version "$version" cargo-deny
  rm -rf "$root/target"
fi
echo "$root/bin/cargo-deny"
