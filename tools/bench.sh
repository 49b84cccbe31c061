#!/usr/bin/env bash
# Byte budget, then requests per second and latency of one core of the release build.
#   tools/bench.sh [PATH...]     defaults to the public pages; SECONDS_EACH (4) is the time per row
# Then the time from a key press in a draft to the device's disk, if a browser is installed, autosaves beside a bare writer, the
# assignment of experts with many assignments on file beside few, and pages beside a bare handler and with many matters on file beside few.
# The server runs on CPU 0 with one worker, wrk on CPU 1: results are per core, and the load generator does not disturb them.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

[ $# -gt 0 ] || set -- /healthz / /login /verify
have wrk || die "wrk is not to be found. Run tools/setup.sh bench first."

broken=0
tools/budget.sh || broken=1

work=$(mktemp -d target/bench.XXXXXX) # on the disk of the project: a folder in memory would flatter the database
at_exit rm -rf "$work"
server=(env TOKIO_WORKER_THREADS=1) load=()
if have taskset && [ "$(nproc)" -ge 2 ]; then
  server=(taskset -c 0 "${server[@]}")
  load=(taskset -c 1)
else
  say "Fewer than two CPUs (or no taskset): server and load share one, so the numbers are low."
fi
url=
if [ -n "${TEST_POSTGRES_URL:-}" ]; then
  url=$(tools/postgres.sh create "$TEST_POSTGRES_URL" "registrar_bench_$$")
  at_exit tools/postgres.sh drop "$TEST_POSTGRES_URL" "registrar_bench_$$"
fi
port=$(free_port)
start_server target/release/registrar "$PWD/$work" "$port" "$work/server.log" "$url" "${server[@]}"

printf '\n%-28s %6s %12s %10s %10s\n' path users requests/s p50 p99
for path; do
  for users in 1 8 32 128; do
    out=$("${load[@]}" wrk -t1 -c"$users" -d"${SECONDS_EACH:-4}s" --latency "http://127.0.0.1:$port$path")
    awk -v path="$path" -v users="$users" '
      $1 == "50%" { p50 = $2 } $1 == "99%" { p99 = $2 } $1 == "Requests/sec:" { rate = $2 }
      END { printf "%-28s %6d %12s %10s %10s\n", path, users, rate, p50, p99 }' <<<"$out"
    # Error pages are fast as well, so check the status.
    if grep -E 'Non-2xx|Socket errors' <<<"$out"; then broken=1; fi
  done
done
printf '\n'
if CHROMIUM=$(find_chromium) && [ -d end2end/node_modules ]; then
  (cd end2end && BENCH_DIR="$ROOT/$work" CHROMIUM=$CHROMIUM node keystroke.bench.mjs "http://127.0.0.1:$port") || broken=1
else
  say "No browser is installed: tools/setup.sh bench brings one."
fi
# Nothing runs beside it.
stop_server "$!"
if [ -n "$url" ]; then
  BENCH_POSTGRES_URL=$(tools/postgres.sh create "$TEST_POSTGRES_URL" "registrar_bench_writes_$$")
  at_exit tools/postgres.sh drop "$TEST_POSTGRES_URL" "registrar_bench_writes_$$"
  export BENCH_POSTGRES_URL
fi
BENCH_DIR="$ROOT/$work" cargo bench --quiet -p backend --features testing --bench writes || broken=1
for bench in assignment pages; do
  if [ -n "$url" ]; then
    for name in few many; do
      database=registrar_bench_${name}_${bench}_$$
      declare "$name=$(tools/postgres.sh create "$TEST_POSTGRES_URL" "$database")"
      at_exit tools/postgres.sh drop "$TEST_POSTGRES_URL" "$database"
    done
    # shellcheck disable=SC2154 # Both are declared above.
    export BENCH_POSTGRES_URL=$few BENCH_POSTGRES_URL_2=$many
  fi
  package=backend features=(--features testing)
  [ "$bench" = assignment ] || package=server features=(--features app/ssr)
  BENCH_DIR="$ROOT/$work" cargo bench --quiet -p "$package" "${features[@]}" --bench "$bench" || broken=1
done
[ "$broken" -eq 0 ] || die "The byte budget does not hold, or some answers were errors: see above."
