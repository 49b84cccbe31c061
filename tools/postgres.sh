#!/usr/bin/env bash
# A temporary PostgreSQL cluster for tests on a free loopback port:
#   tools/postgres.sh start DIR         makes and starts a cluster in DIR, and prints its URL
#   tools/postgres.sh stop DIR          stops it and removes what it wrote
#   tools/postgres.sh create URL NAME   makes an empty database on the server of URL, and prints its URL
#   tools/postgres.sh drop URL NAME     removes that database
# fsync is off, so a machine failure loses data, unless POSTGRES_FSYNC=on.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
use_folders

usage() { die "Say: tools/postgres.sh start DIR | stop DIR | create URL NAME | drop URL NAME"; }

# PostgreSQL refuses to run as root; its package creates a user for it.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

own() { [ "$(id -u)" != 0 ] || chown postgres: "$@"; }

bin=$(pg_bin) || die "initdb, pg_ctl and psql are not to be found. Run tools/setup.sh test first."

start() {
  local dir=$1 fsync=${POSTGRES_FSYNC:-off} password port tries
  [ ! -e "$dir/data" ] || die "$dir already holds a cluster."
  mkdir -p "$dir"
  own "$dir"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s\n' "$password" >"$dir/password")
  own "$dir/password"
  as_postgres "$bin/initdb" -D "$dir/data" -U registrar --pwfile="$dir/password" --auth=scram-sha-256 \
    -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; die "initdb failed."; }
  cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
wal_level = minimal
max_wal_senders = 0
fsync = $fsync
full_page_writes = $fsync
END
  # Another process may take the port before PostgreSQL listens on it.
  for tries in 1 2 3 4 5; do
    port=$(free_port)
    if as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -o "-p $port" -w -t 60 start >"$dir/start.log" 2>&1; then
      printf 'postgres://registrar:%s@127.0.0.1:%s/postgres\n' "$password" "$port"
      return
    fi
    say "PostgreSQL did not start on port $port (try $tries of 5)." >&2
  done
  cat "$dir/start.log" "$dir/data/server.log" >&2
  die "PostgreSQL did not start."
}

stop() {
  local dir=$1
  if [ -f "$dir/data/postmaster.pid" ]; then
    as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || say "PostgreSQL in $dir did not stop." >&2
  fi
  # The folder may have existed before, so remove only what `start` created.
  [ ! -f "$dir/data/PG_VERSION" ] || rm -rf "$dir/data"
  rm -f "$dir/password" "$dir/initdb.log" "$dir/start.log"
  rmdir "$dir" 2>/dev/null || true
}

sql() { "$bin/psql" "$1" -v ON_ERROR_STOP=1 -qc "$2" >&2; }

create() {
  local url=$1 name=$2 query=
  sql "$url" "create database \"$name\""
  [ "$url" = "${url%%\?*}" ] || query="?${url#*\?}"
  url=${url%%\?*}
  printf '%s/%s%s\n' "${url%/*}" "$name" "$query"
}

case "${1:-}/$#" in
  start/2) start "$(realpath -m "$2")" ;;
  stop/2) stop "$(realpath -m "$2")" ;;
  create/3) create "$2" "$3" ;;
  drop/3) sql "$2" "drop database if exists \"$3\" with (force)" ;;
  *) usage ;;
esac
