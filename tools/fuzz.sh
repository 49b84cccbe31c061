#!/usr/bin/env bash
# The long forms of tests that `make test` runs in a short form, optimised: random traces of drafts, random sequences of payments,
# and the daily job killed at random moments over 100,000 certificates, the last two on both databases.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools
need_postgres
export REQUIRE_POSTGRES=1 FUZZ_TRACES=100000 PAYMENT_SEQUENCES=10000 DAILY_JOB_CERTIFICATES=100000

cargo test --release -p domain trace
cargo test --release -p backend sequences
cargo test --release -p server --features app/ssr --test it daily_job
