#!/usr/bin/env bash
# Everything that must hold before a change is merged. Goes on after a failure, so that one does not hide another.
# The last line is `N passed, N failed`; what could not run counts as failed. A stage prints its time.
#
# The native crates are compiled once, without optimisation, for lints, tests and journeys. The browser part is the one of the
# release, as its bytes are measured; it is built meanwhile, with what the compiler leaves of the machine.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

mkdir -p target/test
export TALLY=$ROOT/target/test/tally
: >"$TALLY"
rm -f "$TALLY.failures"
SUMMARY=()
BEGUN=$(now_ms)
BROWSER_LOG=target/test/browser.log

# total COLUMN: 1 for what passed so far, 2 for what failed.
total() { awk -v c="$1" '{ sum += $c } END { print sum + 0 }' "$TALLY"; }

# stage NAME COMMAND...: the command tallies its own results; one that fails without a tally counts as one failure.
stage() {
  local begun passed failed code=0
  begun=$(now_ms) passed=$(total 1) failed=$(total 2)
  printf '\n== %s\n' "$1"
  "${@:2}" || code=$?
  if [ "$code" -ne 0 ] && [ "$(total 2)" -eq "$failed" ]; then
    say "$1 could not be done, which counts as one failure."
    tally 0 1
  fi
  SUMMARY+=("$(printf '%-28s %5d passed %5d failed   %s' "$1" $(($(total 1) - passed)) $(($(total 2) - failed)) "$(since "$begun")")")
  say "== $1: $(since "$begun")"
  return "$code"
}

build_browser_part() { TALLY='' nice -n 10 tools/build.sh browser >"$BROWSER_LOG" 2>&1; }

browser_part_is_built() {
  wait "$BROWSER_PART" && tally 1 0 && return
  tail -n 40 "$BROWSER_LOG"
  return 1
}

cannot_run() { say "There is nothing to try it on." && return 1; }

stage "Set-up" tools/setup.sh test || true
use_tools
use_memory_folder
build_browser_part &
BROWSER_PART=$!
at_exit stop_server "$BROWSER_PART"
stage "Sources" tools/lint.sh sources || true
stage "Build, clippy, documents" tools/lint.sh compiled || true
stage "Without one kind" tools/without-kind.sh || true
stage "PostgreSQL" need_postgres || true
stage "Tests" tools/unit.sh || true
if stage "Browser part (waiting)" browser_part_is_built && [ -x target/debug/registrar ]; then
  stage "Byte budget" tools/budget.sh target/debug/registrar || true
  stage "Journeys on SQLite" tools/e2e.sh sqlite || true
  stage "Journeys on PostgreSQL" tools/e2e.sh postgres --grep @both --project desktop --project phone-without-scripts || true
else
  stage "Byte budget, journeys" cannot_run || true
fi

passed=$(total 1) failed=$(total 2)
printf '\n== Summary (%s)\n' "$(since "$BEGUN")"
printf '%s\n' "${SUMMARY[@]}"
[ ! -s "$TALLY.failures" ] || { printf '\n== What failed, or passed only when tried again\n' && cat "$TALLY.failures"; }
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
