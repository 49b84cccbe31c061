#!/usr/bin/env bash
# Journeys in Chromium against the debug build of the tests, with the browser part of the release, with fresh demo data:
#   tools/e2e.sh sqlite|postgres [arguments of `playwright test`]
# Environment of the journeys: BASE_URL (server), CHROMIUM (browser), DATABASE_KIND.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools
use_memory_folder

kind=${1:-sqlite}
shift || true
results=$ROOT/target/test
report=$results/e2e-$kind.json
mkdir -p "$results"
rm -f "$report"

compgen -G 'end2end/playwright.config.*' >/dev/null || die "There are no journeys: end2end has no playwright.config."
CHROMIUM=$(find_chromium) || die "Chromium is not to be found. Run tools/setup.sh test first."
work=$(mktemp -d "${TMPDIR:-/tmp}/registrar-e2e.XXXXXX")
at_exit rm -rf "$work"

url=
case $kind in
  sqlite) ;;
  postgres)
    need_postgres
    url=$(tools/postgres.sh create "$TEST_POSTGRES_URL" "registrar_e2e_$$")
    at_exit tools/postgres.sh drop "$TEST_POSTGRES_URL" "registrar_e2e_$$"
    ;;
  *) die "Unknown database '$kind': say sqlite or postgres." ;;
esac

port=$(free_port)
start_server target/debug/registrar "$work/data" "$port" "$results/server-$kind.log" "$url"
say "The server answers on port $port, on $kind; its log is target/test/server-$kind.log."

code=0
(
  cd end2end
  export BASE_URL=http://127.0.0.1:$port CHROMIUM DATABASE_KIND=$kind PLAYWRIGHT_JSON_OUTPUT_FILE=$report
  exec node_modules/.bin/playwright test --reporter=list,json --output="$results/journeys-$kind" "$@"
) || code=$?

read -r passed failed flaky skipped < <(node -e '
  const { stats, errors } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  console.log(stats.expected + stats.flaky, stats.unexpected || Math.min(errors.length, 1), stats.flaky, stats.skipped);
' "$report") || die "Playwright left no report."
node -e '
  const walk = ({ suites = [], specs = [] }) => [...specs, ...suites.flatMap(walk)];
  for (const { title, file, tests } of walk(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")))) {
    for (const { projectName, status, results } of tests.filter((test) => ["unexpected", "flaky"].includes(test.status))) {
      const { message = "" } = results[0].error ?? {};
      console.log(`[${projectName}] ${file}: ${title} (${status})\n${message.replace(/\x1b\[[0-9;]*m/g, "").split("\n").slice(0, 8).join("\n")}`);
    }
  }' "$report" | failures
[ "$flaky" -eq 0 ] || say "$flaky journeys passed only when tried again."
[ "$skipped" -eq 0 ] || say "$skipped journeys were skipped."
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  say "Not one journey ran."
  failed=1
fi
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
tally "$passed" "$failed"
[ "$failed" -eq 0 ]
