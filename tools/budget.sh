#!/usr/bin/env bash
# Weighs what a first visit downloads, and fails when it is more than the budget (see budget.mjs).
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_folders

[ -f target/release/hash.txt ] || die "There is no release build yet. Run tools/build.sh first."
code=0
node tools/budget.mjs || code=$?
case $code in
  0) over=0 ;;
  11 | 12) over=$((code - 10)) ;;
  *) die "The sizes could not be taken." ;;
esac
tally $((2 - over)) "$over"
[ "$over" -eq 0 ]
