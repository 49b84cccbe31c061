#!/usr/bin/env bash
# Builds the release (server, browser part, style, and the compressed copies of what is served), unless nothing changed.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

STAMP=target/release/registrar.sources

# One number for everything that goes into the build. Contents, not dates: a fresh checkout has no dates worth trusting.
sources() {
  {
    rustc --version
    cargo-leptos --version
    find Cargo.toml Cargo.lock domain backend app frontend server migrations style -name node_modules -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

# `make dev` writes to the same site folder: are the files of the release still there?
site_is_whole() {
  local kind hash
  [ -x target/release/registrar ] && [ -f target/release/hash.txt ] || return 1
  while IFS=': ' read -r kind hash; do
    case $kind in js | wasm | css) [ -f "target/site/pkg/registrar.$hash.$kind.br" ] || return 1 ;; esac
  done <target/release/hash.txt
}

wanted=$(sources)
if [ -f "$STAMP" ] && [ "$(<"$STAMP")" = "$wanted" ] && site_is_whole; then
  say "The release build is up to date."
  exit 0
fi

begun=$(now_ms)
say "Building the release; the first time takes ten minutes or more, later ones only what changed."
rm -f "$STAMP"
cargo leptos build --release --split --precompress
printf '%s\n' "$wanted" >"$STAMP"
say "The release has been built ($(since "$begun"))."
