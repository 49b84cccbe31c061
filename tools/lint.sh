#!/usr/bin/env bash
# Format, clippy on both sides, and the links of the documentation. All of them run, also after one has failed.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

NATIVE=(-p domain -p backend -p app -p server --features app/ssr)
passed=0 failed=0

check() { # NAME COMMAND...
  local begun
  begun=$(now_ms)
  if "${@:2}"; then
    passed=$((passed + 1))
    say "$1: clean ($(since "$begun"))."
  else
    failed=$((failed + 1))
    say "$1: FAILED ($(since "$begun"))."
  fi
}

check "Format" cargo fmt --all --check
check "Clippy, server side" cargo clippy "${NATIVE[@]}" --all-targets -- -D warnings
check "Clippy, browser side" cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings
check "Documentation" cargo doc "${NATIVE[@]}" --no-deps --quiet

tally "$passed" "$failed"
[ "$failed" -eq 0 ]
