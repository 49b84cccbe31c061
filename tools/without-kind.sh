#!/usr/bin/env bash
# Proves that a kind of matter can be taken out: compiles a copy of the workspace without the folder of one kind and without its
# lines in the list of kinds. Tests are left out, as they may name kinds.
#   tools/without-kind.sh [KIND]
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_tools

kind=${1:-transfer}
list=domain/src/kind/mod.rs
copy=target/without-kind
[ -d "domain/src/kind/$kind" ] || die "There is no kind $kind in domain/src/kind."

# Dates are copied too, so that cargo compiles only what has changed since the last time.
rm -rf "$copy"
mkdir -p "$copy"
cp -Rp Cargo.toml Cargo.lock Leptos.toml domain backend app frontend server migrations docs "$copy/"
rm -r "$copy/domain/src/kind/$kind"
sed -i -E "/^(pub )?mod $kind;/d; s/&$kind::KIND(, )?//" "$copy/$list"
touch -r "$list" "$copy/$list"
! grep -qw "$kind" "$copy/$list" || die "$list still names $kind: $(grep -nw "$kind" "$copy/$list")"

export CARGO_TARGET_DIR=$ROOT/target
cd "$copy"
# The libraries as the tests link them, so that their dependencies are compiled already; `true` stands in for rustdoc.
RUSTDOC=true cargo test "${SERVER_SIDE[@]}" --doc --quiet || die "The server side does not compile without $kind."
cargo check -p frontend --target wasm32-unknown-unknown --quiet || die "The browser side does not compile without $kind."
say "The workspace compiles without the kind $kind."
tally 1 0
