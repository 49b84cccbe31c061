#!/usr/bin/env bash
# Checks of the sources. All of them run, also after one has failed:
#   tools/lint.sh            all checks
#   tools/lint.sh sources    the ones that compile nothing: module cycles, names, dependencies, format
#   tools/lint.sh compiled   the others: clippy on both sides, links of the documentation
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

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

case ${1:-all} in all | sources | compiled) ;; *) die "Say: tools/lint.sh [sources | compiled]" ;; esac
if [ "${1:-all}" != compiled ]; then
  check "Module cycles" node tools/cycles.mjs
  check "Names" node tools/names.mjs
  check "Dependencies" node tools/dependencies.mjs
  # Needs the network: the database of advisories is in no package registry.
  if [ -n "${ADVISORIES:-}" ]; then check "Advisories" cargo audit; fi
  check "Format" cargo fmt --all --check
  # `make lint` installs it; `make test` does not spend the minutes.
  if have leptosfmt; then check "Format of views" leptosfmt --check --quiet app/src; fi
fi
if [ "${1:-all}" != sources ]; then
  check "Clippy, server side" cargo_test --no-run
  check "Documentation" doc_links
  check "Clippy, browser side" cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings
fi

tally "$passed" "$failed"
[ "$failed" -eq 0 ]
