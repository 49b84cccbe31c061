#!/usr/bin/env bash
# Stands in for rustdoc under `cargo test --doc` (see doc_links in lib.sh): documents the crate, which checks its links, instead
# of running its examples. Cargo calls it with the libraries that the tests are linked with.
set -euo pipefail

case " $* " in *" --test "*) ;; *) exec rustdoc "$@" ;; esac
kept=()
while [ $# -gt 0 ]; do
  case $1 in
    --test | --no-run) ;;
    --test-run-directory | --test-args | --test-runtool | --test-runtool-arg) shift ;;
    --test-run-directory=* | --test-args=*) ;;
    *) kept+=("$1") ;;
  esac
  shift
done
exec rustdoc "${kept[@]}" --out-dir "$ROOT/target/doc-links"
