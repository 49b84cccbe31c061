#!/usr/bin/env bash
# Installs what is missing, and nothing else:
#   tools/setup.sh          what a build needs
#   tools/setup.sh lint     and clippy, rustfmt and leptosfmt
#   tools/setup.sh test     and PostgreSQL, Chromium, poppler, and the packages of the journeys
#   tools/setup.sh bench    and wrk, Chromium and Playwright
# With everything in place it takes a second. The compiler it chose is written to target/toolchain.env.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

PURPOSE=${1:-build}
CARGO_LEPTOS=0.3.11
LEPTOSFMT=0.1.33
RUST_FLOOR=1.96.0 # below it, `cargo install --locked` refuses this cargo-leptos
NODE_FLOOR=20     # Tailwind and Playwright ask for it
DISK_GIB=9        # what a first test run writes
WASM=wasm32-unknown-unknown
LOG=$ROOT/target/setup.log
SCRATCH=$(mktemp -d)
at_exit rm -rf "$SCRATCH"

main() {
  case $PURPOSE in build | lint | test | bench) ;; *) die "Unknown purpose '$PURPOSE': say build, lint, test or bench." ;; esac
  : >"$LOG"
  use_folders
  part "Disk" disk
  part "C compiler" c_compiler
  part "Rust toolchain" rust_toolchain
  part "cargo-leptos" cargo_leptos
  part "wasm-bindgen" wasm_bindgen
  part "Node" node_itself
  part "Style tools" style_tools
  part "Fonts of certificates" fonts
  case $PURPOSE in
    lint)
      part "Lints" lints
      part "leptosfmt" leptosfmt
      ;;
    test)
      part "Lints" lints
      part "PostgreSQL" postgresql
      part "Chromium" browser
      part "PDF reader" poppler
      part "Journeys" journeys
      ;;
    bench)
      part "Load generator" load_generator
      part "Chromium" browser
      part "Journeys" journeys
      ;;
  esac
}

# part NAME FUNCTION: the function sets REPORT to a one-line result.
part() {
  local begun
  begun=$(now_ms)
  REPORT=
  "$2"
  say "$1: $REPORT ($(since "$begun"))"
}

# A build that runs out of space fails with many unlike messages, so the space is looked at first.
disk() {
  local free needed=1
  free=$(df -Pk target | awk 'NR == 2 { print int($4 / 1048576) }')
  compgen -G "target/*/deps" >/dev/null || needed=$DISK_GIB
  [ "$free" -ge "$needed" ] || die "$free GiB are free in the folder target, and $needed are needed."
  REPORT="$free GiB are free."
}

# --- helpers ---------------------------------------------------------------------------------------------------------

quietly() { "$@" >>"$LOG" 2>&1; }

# For a failed installation: the end of its output, then the reason.
give_up() {
  tail -n 30 "$LOG" >&2
  die "$* (All the output is in target/setup.log.)"
}

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# need_root COMMAND: stops with instructions if as_root cannot work.
need_root() { [ "$(id -u)" = 0 ] || have sudo || die "This needs an administrator, and there is no sudo. Please run as root: $*"; }

apt_install() {
  local package missing=()
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || die "Please install ${missing[*]} (those are the Debian names), then run this again."
  need_root "apt-get install ${missing[*]}"
  say "Installing the Debian packages ${missing[*]}."
  [ -n "${APT_FRESH:-}" ] || quietly as_root apt-get update -q || say "apt-get update failed; going on with the lists at hand."
  APT_FRESH=1
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "${missing[@]}" || give_up "Could not install ${missing[*]}."
}

# --- compilers -------------------------------------------------------------------------------------------------------

c_compiler() {
  have cc || die "A C compiler is missing. Please install one first (on Debian: apt-get install build-essential)."
  REPORT="$(type -P cc) is there."
}

rust_toolchain() {
  choose_installed || choose_from_rustup || choose_from_debian
  use_tools
  REPORT="${RUSTUP_TOOLCHAIN:-the one on PATH}, $(rustc --version | cut -d' ' -f1,2), with the WebAssembly target."
}

# complete COMPILER...: new enough, and able to build and link an empty library for the browser.
complete() {
  local version
  version=$("$@" --version 2>/dev/null | cut -d' ' -f2) || return 1
  at_least "${version%%-*}" "$RUST_FLOOR" || return 1
  "$@" --crate-name probe --crate-type cdylib --target "$WASM" -o "$SCRATCH/probe.wasm" - </dev/null >>"$LOG" 2>&1
}

choose() { printf '%s\n' "$1" >target/toolchain.env; }

choose_installed() {
  if ! have rustup; then
    have cargo && complete rustc && choose '# cargo and rustc are taken from PATH'
    return
  fi
  local installed name
  installed=$(rustup toolchain list | cut -d' ' -f1)
  for name in "${RUSTUP_TOOLCHAIN:-}" debian "$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)" stable; do
    # Naming an absent toolchain would make rustup download it.
    if [ -n "$name" ] && grep -qE "^$name(-|\$)" <<<"$installed" && complete env "RUSTUP_TOOLCHAIN=$name" rustc; then
      choose "export RUSTUP_TOOLCHAIN=$name"
      return
    fi
  done
  return 1
}

choose_from_rustup() {
  have rustup || return 1
  say "No installed Rust toolchain is at least $RUST_FLOOR with the WebAssembly target. Asking rustup, for two minutes at most."
  quietly timeout 120 rustup toolchain install stable --profile minimal -c clippy -c rustfmt -t "$WASM" &&
    complete env RUSTUP_TOOLCHAIN=stable rustc && choose 'export RUSTUP_TOOLCHAIN=stable' && return
  say "rustup could not bring one; taking the compiler from Debian."
  return 1
}

# For a machine that reaches crates.io and Debian, but not rustup's servers: Debian has the compiler and the source of
# the standard library, and the part of it that runs in the browser is built here.
choose_from_debian() {
  apt_install rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web
  apt_install "$(basename "$(readlink /usr/bin/rust-lld)")"
  local version
  version=$(/usr/bin/rustc --version | cut -d' ' -f2)
  at_least "$version" "$RUST_FLOOR" || die "Debian's rustc is $version, but $RUST_FLOOR is needed. Please install a newer Rust with rustup."
  if ! complete /usr/bin/rustc; then
    browser_library "$(/usr/bin/rustc --print sysroot)"
    complete /usr/bin/rustc || give_up "Debian's compiler cannot build for the browser."
  fi
  if have rustup; then
    quietly rustup toolchain link debian /usr || give_up "rustup would not link Debian's toolchain."
    choose 'export RUSTUP_TOOLCHAIN=debian'
  else
    # shellcheck disable=SC2016 # expanded where the file is read
    choose 'export PATH="/usr/bin:$PATH"'
  fi
}

# browser_library SYSROOT: builds the standard library for the browser from Debian's source and puts it into SYSROOT.
browser_library() {
  local source=$1/lib/rustlib/src/rust/library target=$1/lib/rustlib/$WASM/lib
  [ -d "$source/vendor" ] || die "The source of Rust's standard library is not in $source. Please install rust-web-src again."
  need_root "tools/setup.sh"
  say "Building the standard library for the browser; about a minute."
  cp -R "$source" "$SCRATCH/library"
  rm -f "$SCRATCH/library/Cargo.lock"
  mkdir -p "$SCRATCH/library/.cargo"
  cat >"$SCRATCH/library/.cargo/config.toml" <<END
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "$SCRATCH/library/vendor"
END
  (
    cd "$SCRATCH/library"
    # The standard library uses unstable features.
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=rust-lld CARGO_TARGET_DIR="$SCRATCH/built" CARGO_HOME="$SCRATCH/home"
    quietly /usr/bin/cargo build -Zavoid-dev-deps --offline --release --target "$WASM" --manifest-path sysroot/Cargo.toml
  ) || give_up "The standard library could not be built for the browser."
  as_root mkdir -p "$target"
  # Remove files of an earlier compiler.
  as_root find "$target" -name '*.rlib' -delete
  as_root cp "$SCRATCH/built/$WASM/release/deps/"*.rlib "$target/"
  # Artefacts compiled against the earlier standard library are unusable.
  rm -rf "$ROOT/target/$WASM" "$ROOT/target/front"
}

# --- tools of the build ----------------------------------------------------------------------------------------------

# install_crate CRATE VERSION FLAGS...: unoptimised, as compiling the tool costs more than running it slowly.
install_crate() {
  if have cargo-binstall && quietly timeout 300 cargo binstall --no-confirm --force "$1@$2"; then return; fi
  quietly env CARGO_PROFILE_DEV_DEBUG=0 cargo install "$1" --version "=$2" --debug --force "${@:3}" ||
    give_up "Could not install $1 $2."
}

cargo_leptos() {
  local found
  found=$(cargo-leptos --version 2>/dev/null | cut -d' ' -f2) || found=
  if [ "${found%.*}" = "${CARGO_LEPTOS%.*}" ] && at_least "$found" "$CARGO_LEPTOS"; then
    REPORT="$found is installed."
    return
  fi
  say "Installing cargo-leptos $CARGO_LEPTOS; five to ten minutes. Progress goes to target/setup.log."
  install_crate cargo-leptos "$CARGO_LEPTOS" --locked
  REPORT="$CARGO_LEPTOS has been installed."
}

# Its version must be exactly that of the library the browser part is linked with.
wasm_bindgen() {
  local wanted found
  wanted=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
  [ -n "$wanted" ] || die "Cargo.lock names no version of wasm-bindgen."
  found=$(wasm-bindgen --version 2>/dev/null | cut -d' ' -f2) || found=
  if [ "$found" = "$wanted" ]; then
    REPORT="$found is installed, as Cargo.lock wants it."
    return
  fi
  say "Installing wasm-bindgen $wanted${found:+ in place of $found}; one or two minutes."
  install_crate wasm-bindgen-cli "$wanted" # its lock file does not build, so no --locked
  REPORT="$wanted has been installed."
}

node_is_new_enough() { have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_FLOOR" ]; }

node_itself() {
  node_is_new_enough || have npm || apt_install nodejs npm
  if ! node_is_new_enough; then
    say "Node $(node --version) is older than $NODE_FLOOR; fetching a newer one from the npm registry into target/node."
    mkdir -p target/node
    quietly npm install --prefix target/node --no-save --no-fund --no-audit "node@22" || give_up "Could not fetch a newer Node."
    hash -r
    node_is_new_enough || die "Node $NODE_FLOOR or newer is needed. Please install it."
  fi
  REPORT="$(node --version) is there."
}

# npm_packages FOLDER: true when something had to be installed.
npm_packages() {
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 1
  say "Installing the npm packages of $1/."
  (
    cd "$1"
    export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
    # Never `npm install`: it rewrites the lock file.
    quietly npm ci --no-fund --no-audit
  ) || give_up "Could not install the npm packages of $1/."
}

style_tools() {
  REPORT="Tailwind, daisyUI and wasm-opt are installed."
  if npm_packages style; then REPORT="Tailwind, daisyUI and wasm-opt have been installed."; fi
}

# The server reads them from beside the built site; they are too large to be part of the program.
fonts() {
  local from=style/node_modules/@expo-google-fonts/noto-sans-sc file
  for file in 400Regular/NotoSansSC_400Regular.ttf 700Bold/NotoSansSC_700Bold.ttf; do
    [ -f "$from/$file" ] || die "$from/$file is missing. Please remove style/node_modules and run this again."
    mkdir -p target/fonts
    cmp -s "$from/$file" "target/fonts/${file##*/}" || cp "$from/$file" target/fonts/
  done
  REPORT="Noto Sans SC is in target/fonts."
}

# --- tools of the tests ----------------------------------------------------------------------------------------------

lints() {
  if ! { quietly cargo clippy --version && quietly cargo fmt --version; }; then
    case ${RUSTUP_TOOLCHAIN:-} in
      '' | debian) apt_install rust-web-clippy rustfmt-web ;;
      *) quietly timeout 120 rustup component add clippy rustfmt || give_up "rustup could not bring clippy and rustfmt." ;;
    esac
  fi
  REPORT="$(cargo clippy --version | cut -d' ' -f1,2) and rustfmt are there."
}

leptosfmt() {
  if have leptosfmt; then
    REPORT="$(leptosfmt --version | cut -d' ' -f2) is there."
    return
  fi
  say "Installing leptosfmt $LEPTOSFMT; one or two minutes."
  install_crate leptosfmt "$LEPTOSFMT" --locked
  REPORT="$LEPTOSFMT has been installed."
}

postgresql() {
  if [ -n "${TEST_POSTGRES_URL:-}" ] && have psql; then
    REPORT="the server of TEST_POSTGRES_URL is used."
    return
  fi
  pg_bin >/dev/null || apt_install postgresql
  local bin
  bin=$(pg_bin) || die "initdb, pg_ctl and psql are not to be found. Please install the PostgreSQL server."
  REPORT="$("$bin/postgres" --version | cut -d' ' -f3) is there."
}

browser() {
  if ! find_chromium >/dev/null; then
    if apt-cache show chromium-headless-shell >/dev/null 2>&1; then apt_install chromium-headless-shell; else apt_install chromium; fi
  elif have apt-get && ! have chromium-headless-shell; then
    # Lighter, and not necessary.
    (apt_install chromium-headless-shell) || true
  fi
  # Without a Chinese font pages render as empty boxes.
  [ -n "$(fc-list :lang=zh 2>/dev/null | head -c 1)" ] || apt_install fontconfig fonts-noto-cjk
  local chromium
  chromium=$(find_chromium) || die "Chromium is not to be found. Please install it, or name it in CHROMIUM."
  REPORT="$chromium and a Chinese font are there."
}

# An independent program reads the generated PDFs back.
poppler() {
  have pdftotext && have pdftoppm || apt_install poppler-utils
  REPORT="$(type -P pdftotext) is there."
}

journeys() {
  REPORT="Playwright is installed."
  if npm_packages end2end; then REPORT="Playwright has been installed."; fi
}

load_generator() {
  have wrk || apt_install wrk
  REPORT="$(type -P wrk) is there."
}

main
