# shellcheck shell=bash
# Shared by the scripts of this folder. It is sourced, never run, and leaves the caller in the top folder.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
mkdir -p target

say() { printf '%s\n' "$*"; }
die() { printf 'Error: %s\n' "$*" >&2; exit 1; }
have() { type -P "$1" >/dev/null; }

now_ms() { local micros=${EPOCHREALTIME/[.,]/}; printf '%s' "${micros%???}"; }

# since MS: the time since now_ms printed MS, for people.
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

# at_exit COMMAND...: runs when the script ends, however it ends; the last one registered runs first.
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

# tally PASSED FAILED: counts results for `make test`. Outside of a test run it does nothing.
tally() { [ -z "${TALLY:-}" ] || printf '%s %s\n' "$1" "$2" >>"$TALLY"; }

# failures: takes from its input what failed and why, for the end of `make test`, where the reader of a long log looks first.
failures() { if [ -n "${TALLY:-}" ]; then sed -n 1,60p | cut -c1-400 >>"$TALLY.failures"; else cat >/dev/null; fi; }

# cargo_test ARGUMENTS...: `cargo test` for the crates of the server side, compiled by clippy's driver, so that one build serves
# the lints and the tests. It is what `cargo clippy` does, except that `cargo clippy` compiles all dependencies for itself alone.
SERVER_SIDE=(-p domain -p backend -p app -p server --features app/ssr)
cargo_test() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ \
    cargo test "${SERVER_SIDE[@]}" --lib --bins --tests "$@"
}

# Checks the links of the documentation, with the libraries of the tests.
doc_links() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ RUSTDOC=$ROOT/tools/rustdoc-links.sh ROOT=$ROOT \
    cargo test "${SERVER_SIDE[@]}" --doc --quiet
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# The shell is Chromium without its windows, which tests do without and a machine of two cores feels.
find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome; do
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

# Most tests wait for the disk, and none of them needs its data to outlive the machine: their files, databases and browser profiles go to a
# folder in memory if it has room (KiB), unless the environment names one.
use_memory_folder() {
  local room=4000000 free
  [ -z "${TMPDIR:-}" ] || return 0
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || return 0
  if [ -w /dev/shm ] && [ "${free:-0}" -ge "$room" ]; then export TMPDIR=/dev/shm; fi
}

# Sets TEST_POSTGRES_URL: the given one, or that of a cluster which ends with this script.
need_postgres() {
  [ -z "${TEST_POSTGRES_URL:-}" ] || return 0
  local dir
  dir=$(mktemp -d "${TMPDIR:-/tmp}/registrar-postgres.XXXXXX") || return 1
  at_exit tools/postgres.sh stop "$dir"
  TEST_POSTGRES_URL=$(tools/postgres.sh start "$dir") || return 1
  export TEST_POSTGRES_URL
}

# start_server PROGRAM DATA_DIR PORT LOG [DATABASE_URL] [COMMAND PREFIX...]: a server with demo data, ready to answer.
# Without a DATABASE_URL it takes the server's own default, SQLite in DATA_DIR. It ends with this script.
start_server() {
  local program=$1 data=$2 port=$3 log=$4 url=${5:-}
  shift 4
  [ $# -eq 0 ] || shift
  [ -x "$program" ] && [ -f target/release/hash.txt ] || die "There is no $program yet, or no browser part. Run tools/build.sh first."
  # The server reads the names of the built files from beside itself.
  [ target/release/hash.txt -ef "$(dirname "$program")/hash.txt" ] || cp target/release/hash.txt "$(dirname "$program")/"
  (
    unset DATABASE_URL
    [ -z "$url" ] || export DATABASE_URL=$url
    # The journeys count rows, and start servers often.
    export DATA_DIR=$data PORT=$port DEMO_CROWD=${DEMO_CROWD:-0}
    exec "$@" "$program" serve --demo
  ) >"$log" 2>&1 &
  local pid=$!
  at_exit stop_server "$pid"
  wait_until_ready "$pid" "http://127.0.0.1:$port/readyz" || {
    tail -n 40 "$log" >&2
    die "The server did not become ready. The end of its log is above; all of it is in $log."
  }
}

stop_server() {
  kill "$1" 2>/dev/null || return 0
  wait "$1" 2>/dev/null || true
}

# wait_until_ready PID URL: true when URL answers 200 within a minute and the process PID still runs.
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
