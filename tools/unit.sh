#!/usr/bin/env bash
# Unit, property and integration tests, those with a database on SQLite and on PostgreSQL:
#   tools/unit.sh [arguments of the test programs]
# A test program that passed as a whole, and is the same with all files it may read, is not run again; RERUN=1 runs it.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools
use_memory_folder
need_postgres
export REQUIRE_POSTGRES=1 INSTA_UPDATE=no
# Most tests wait for the disk.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) * 2))}

log=target/test/unit.log results=target/test/programs
mkdir -p "$results"
: >"$log"
passed=0 failed=0

# programs: the test programs and their folders, a line each. If clippy finds something, they are compiled without it, so that a
# lint does not hide a test.
programs() {
  {
    cargo_test --no-run --message-format=json || cargo test "${SERVER_SIDE[@]}" --lib --bins --tests --no-run --message-format=json
  } 2>"$log" | node -e '
    const programs = new Map();
    for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line.startsWith("{"))) {
      const { reason, executable, profile, target, manifest_path } = JSON.parse(line);
      if (reason === "compiler-artifact" && executable && profile.test) programs.set(`${manifest_path} ${target.name}`, executable);
    }
    for (const [key, executable] of programs) console.log(`${executable} ${require("path").dirname(key.split(" ")[0])}`);'
}

# What a test program may read besides itself: files of its crate, settings, migrations, documents.
files_read() { find "$1" Cargo.toml Cargo.lock Leptos.toml migrations docs -type f -not -name '*.snap.new' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; }

run_program() { # PROGRAM FOLDER [ARGUMENTS...]
  local program=$1 folder=$2 begun name key=none count code=0
  shift 2
  name=$(basename "$program")
  if [ $# -eq 0 ]; then
    key=$({ sha256sum <"$program" && files_read "$folder" && if [ "$name" != "${name#it-}" ]; then sha256sum <target/debug/registrar; fi; } | sha256sum | cut -d' ' -f1)
    if [ -z "${RERUN:-}" ] && read -r recorded count < <(cat "$results/${name%-*}" 2>/dev/null) && [ "$recorded" = "$key" ]; then
      say "$name: $count tests passed before, and nothing changed since."
      passed=$((passed + count))
      return
    fi
  fi
  begun=$(now_ms)
  # Cargo runs tests in the folder of their crate too.
  (cd "$folder" && "$program" "$@") 2>&1 | tee "$results/output" || code=$?
  cat "$results/output" >>"$log"
  # test result: ok. 12 passed; 0 failed; 1 ignored; …
  read -r good bad < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$results/output")
  say "$name: $good passed, $bad failed ($(since "$begun"))."
  passed=$((passed + good)) failed=$((failed + bad))
  [ "$bad" -eq 0 ] || awk '/panicked at /{ lines = 4 } lines-- > 0 && NF' "$results/output" | failures
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
    say "$name died."
    failed=$((failed + 1))
  elif [ "$code" -eq 0 ] && [ "$key" != none ]; then
    printf '%s %s\n' "$key" "$good" >"$results/${name%-*}"
  fi
}

list=$(programs) || { cat "$log" >&2; failed=1 list=; say "The tests did not compile."; }
while read -r program folder; do
  [ -z "$program" ] || run_program "$program" "$folder" "$@" </dev/null
done <<<"$list"
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  say "Not one test ran."
  failed=1
fi
tally "$passed" "$failed"
[ "$failed" -eq 0 ]
