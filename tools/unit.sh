#!/usr/bin/env bash
# Unit, property and backend tests, the latter on SQLite and on PostgreSQL. Arguments go to `cargo test`.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools
need_postgres
export REQUIRE_POSTGRES=1

log=target/test/unit.log
mkdir -p target/test
code=0
cargo test -p domain -p backend -p app -p server --features app/ssr --no-fail-fast "$@" 2>&1 | tee "$log" || code=$?

# One line per test program: test result: ok. 12 passed; 0 failed; 1 ignored; …
read -r passed failed ignored < <(awk '/^test result:/ { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }' "$log")
if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
  say "The tests did not compile, or a test program died."
  failed=1
elif [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  say "Not one test ran."
  failed=1
fi
[ "$ignored" -eq 0 ] || say "$ignored tests are marked to be ignored."
tally "$passed" "$failed"
[ "$failed" -eq 0 ]
