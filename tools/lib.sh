# shellcheck shell=bash
# Shared by the scripts of this folder. It is sourced, never run, and leaves the caller in the top folder.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
mkdir -p target

say() { printf '%s\n' "$*"; }
die() { printf 'Error: %s\n' "$*" >&2; exit 1; }
have() { type -P "$1" >/dev/null; }

now_ms() { local micros=${EPOCHREALTIME/[.,]/}; printf '%s' "${micros%???}"; }

# since MS: the time gone since now_ms said MS, for people.
since() {
  local ms=$(($(now_ms) - $1))
  if [ "$ms" -ge 120000 ]; then
    printf '%d min %d s' $((ms / 60000)) $((ms % 60000 / 1000))
  else
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
  fi
}

# The folders of the tools that tools/setup.sh installs.
use_folders() {
  # The scripts look for what they built in target/, so a folder set elsewhere would be missed.
  unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR
  export PATH="$ROOT/target/node/node_modules/.bin:$ROOT/style/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
}

# Those, and the compiler it chose.
use_tools() {
  use_folders
  # shellcheck source=/dev/null
  [ ! -f target/toolchain.env ] || source target/toolchain.env
}

# at_exit COMMAND...: runs when the script ends, however it ends; the last one asked for runs first.
EXIT_STEPS=()
at_exit() {
  local step
  printf -v step '%q ' "$@"
  EXIT_STEPS=("$step" "${EXIT_STEPS[@]}")
}
run_exit_steps() {
  local code=$? step
  for step in "${EXIT_STEPS[@]}"; do eval "$step" || true; done
  exit "$code"
}
trap run_exit_steps EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# tally PASSED FAILED: what `make test` adds up. Without a test run around it, nothing happens.
tally() { [ -z "${TALLY:-}" ] || printf '%s %s\n' "$1" "$2" >>"$TALLY"; }

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    if [ -n "$name" ] && type -P "$name"; then return 0; fi
  done
  return 1
}

# The folder of initdb, pg_ctl, postgres and psql, the newest version first.
pg_bin() {
  local dir
  while read -r dir; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/psql" ]; then
      printf '%s\n' "$dir"
      return 0
    fi
  done < <(compgen -G '/usr/lib/postgresql/*/bin' | sort -rV; dirname "$(type -P initdb || echo /nowhere/initdb)")
  return 1
}

# Sets TEST_POSTGRES_URL: the one from outside, or that of a cluster which ends with this script.
need_postgres() {
  [ -z "${TEST_POSTGRES_URL:-}" ] || return 0
  local dir
  dir=$(mktemp -d "${TMPDIR:-/tmp}/registrar-postgres.XXXXXX") || return 1
  at_exit tools/postgres.sh stop "$dir"
  TEST_POSTGRES_URL=$(tools/postgres.sh start "$dir") || return 1
  export TEST_POSTGRES_URL
}

# start_server DATA_DIR PORT LOG [DATABASE_URL] [COMMAND PREFIX...]: the release build with demo data, ready to answer.
# Without a DATABASE_URL it takes the server's own default, SQLite in DATA_DIR. It ends with this script.
start_server() {
  local data=$1 port=$2 log=$3 url=${4:-}
  shift 3
  [ $# -eq 0 ] || shift
  [ -x target/release/registrar ] || die "There is no release build yet. Run tools/build.sh first."
  (
    unset DATABASE_URL
    [ -z "$url" ] || export DATABASE_URL=$url
    export DATA_DIR=$data PORT=$port
    exec "$@" target/release/registrar serve --demo
  ) >"$log" 2>&1 &
  local pid=$!
  at_exit stop_server "$pid"
  wait_until_ready "$pid" "http://127.0.0.1:$port/readyz" || {
    tail -n 40 "$log" >&2
    die "The server did not become ready. Its last words stand above; all of them are in $log."
  }
}

stop_server() {
  kill "$1" 2>/dev/null || return 0
  wait "$1" 2>/dev/null || true
}

# wait_until_ready PID URL: true when URL answers 200 within a minute and PID still lives.
wait_until_ready() {
  local tries=0
  while [ "$tries" -lt 300 ]; do
    kill -0 "$1" 2>/dev/null || return 1
    node -e 'fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$2" && return 0
    tries=$((tries + 1))
    sleep 0.15
  done
  return 1
}
