#!/usr/bin/env bash
# Measures the bytes of a first visit in a browser; fails if they exceed the budget (see budget.mjs).
#   tools/budget.sh [PROGRAM]     the server that sends the browser part of the release; that of the release by default
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_folders

CHROMIUM=$(find_chromium) && [ -d end2end/node_modules ] || die "Chromium or Playwright is missing. Run tools/setup.sh bench first."
work=$(mktemp -d target/budget.XXXXXX)
at_exit rm -rf "$work"
port=$(free_port)
start_server "${1:-target/release/registrar}" "$PWD/$work" "$port" "$work/server.log"
code=0
CHROMIUM=$CHROMIUM node tools/budget.mjs "http://127.0.0.1:$port" || code=$?
case $code in
  0) over=0 ;;
  11 | 12 | 13) over=$((code - 10)) ;;
  *) die "The sizes could not be measured." ;;
esac
tally $((3 - over)) "$over"
[ "$over" -eq 0 ]
