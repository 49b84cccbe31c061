#!/usr/bin/env bash
# Builds what changed:
#   tools/build.sh            the release: browser part (scripts, WebAssembly, style, their compressed copies) and server
#   tools/build.sh browser    the browser part alone
#   tools/build.sh journeys   the browser part, and the server as the tests build it
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

# sources PATH...: one hash over the contents of the files and over the tools. Not over dates: those of a fresh checkout mean nothing.
sources() {
  {
    rustc --version
    cargo-leptos --version
    find Cargo.toml Cargo.lock "$@" -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

# build NAME STAMP HASH COMMAND...: runs the command unless the stamp holds the hash.
build() {
  local name=$1 stamp=$2 wanted=$3 begun
  if [ -f "$stamp" ] && [ "$(<"$stamp")" = "$wanted" ]; then
    say "$name is up to date."
    return
  fi
  begun=$(now_ms)
  say "Building $name; the first time takes minutes, later ones only what changed."
  rm -f "$stamp"
  "${@:4}"
  printf '%s\n' "$wanted" >"$stamp"
  say "$name has been built ($(since "$begun"))."
}

# `make dev` writes to the same site folder: are the files of the release still there?
site_is_whole() {
  local kind hash
  [ -f target/release/hash.txt ] || return 1
  while IFS=': ' read -r kind hash; do
    case $kind in js | wasm | css) [ -f "target/site/pkg/registrar.$hash.$kind.br" ] || return 1 ;; esac
  done <target/release/hash.txt
}

browser_part() {
  local stamp=target/release/browser.sources
  mkdir -p target/release
  site_is_whole || rm -f "$stamp"
  build "The browser part" "$stamp" "$(sources domain/src domain/Cargo.toml app frontend style)" \
    cargo leptos build --release --split --precompress --frontend-only
}

server() {
  local stamp=target/release/server.sources
  [ -x target/release/registrar ] || rm -f "$stamp"
  build "The server" "$stamp" "$(sources domain backend app server migrations)" cargo build --release -p server --bin registrar
}

case ${1:-release} in
  release) browser_part && server ;;
  browser) browser_part ;;
  journeys) browser_part && cargo_test --no-run --quiet ;;
  *) die "Say: tools/build.sh [browser | journeys]" ;;
esac
