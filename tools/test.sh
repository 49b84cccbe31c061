#!/usr/bin/env bash
# Everything that must hold before a change is kept. Goes on after a failure, so that one does not hide another.
# The last line is `N passed, N failed`; what could not run counts as failed.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

mkdir -p target/test
export TALLY=$ROOT/target/test/tally
: >"$TALLY"
SUMMARY=()
BEGUN=$(now_ms)

# total COLUMN: 1 for what passed so far, 2 for what failed.
total() { awk -v c="$1" '{ sum += $c } END { print sum + 0 }' "$TALLY"; }

# stage NAME COMMAND...: the command tallies its own results; one that fails without a word counts as one failure.
stage() {
  local begun passed failed code=0
  begun=$(now_ms) passed=$(total 1) failed=$(total 2)
  printf '\n== %s\n' "$1"
  "${@:2}" || code=$?
  if [ "$code" -ne 0 ] && [ "$(total 2)" -eq "$failed" ]; then
    say "$1 could not be done, which counts as one failure."
    tally 0 1
  fi
  SUMMARY+=("$(printf '%-24s %5d passed %5d failed   %s' "$1" $(($(total 1) - passed)) $(($(total 2) - failed)) "$(since "$begun")")")
  return "$code"
}

build() { tools/build.sh && tally 1 0; }
cannot_run() { say "There is no release build to try it on." && return 1; }

stage "Set-up" tools/setup.sh test || true
use_tools
stage "PostgreSQL" need_postgres || true
stage "Lint" tools/lint.sh || true
stage "Unit and backend tests" tools/unit.sh || true
if stage "Release build" build; then
  stage "Byte budget" tools/budget.sh || true
  stage "Journeys on SQLite" tools/e2e.sh sqlite || true
  stage "Journeys on PostgreSQL" tools/e2e.sh postgres || true
else
  stage "Byte budget, journeys" cannot_run || true
fi

passed=$(total 1) failed=$(total 2)
printf '\n== Summary (%s)\n' "$(since "$BEGUN")"
printf '%s\n' "${SUMMARY[@]}"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
