#!/usr/bin/env bash
# The long forms of tests that `make test` runs in a short form, optimised: random traces of drafts, random sequences of payments,
# races of commands and payments, 200 scans of noise, the daily job killed at random moments over 100,000 certificates, servers killed for five minutes while
# people work, browsers killed while people type, and floods of 400 connections. What uses a database runs on both, but for the browsers.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools
need_postgres
export REQUIRE_POSTGRES=1 FUZZ_TRACES=100000 PAYMENT_SEQUENCES=10000 DAILY_JOB_CERTIFICATES=100000 KILL_SECONDS=300

cargo test --release -p domain trace
cargo test --release -p backend sequences
for _ in $(seq 20); do cargo test --release -p backend races; done
NOISE_SCANS=200 cargo test --release -p backend --lib no_scan_is_refused
cargo test --release -p server --features app/ssr --test it daily_job
cargo test --release -p server --features app/ssr --test it kill
tools/setup.sh test
tools/build.sh journeys
BROWSER_KILLS=30 tools/e2e.sh sqlite --project desktop --grep "killed browser"
FLOOD_LINES=400 cargo test --release -p server --features app/ssr --test it flood
