#!/usr/bin/env bash
# Installs the Debian packages that the words on the command line name and this machine lacks, as root or through sudo.
#   scripts/install.sh build    what building needs
#   scripts/install.sh servers  what the Testbed and the tests start
#   scripts/install.sh bench    what the benchmarks compare with
set -euo pipefail

build="libcmark-gfm-dev libcmark-gfm-extensions-dev libcurl4-openssl-dev libhiredis-dev libjq-dev libmicrohttpd-dev
  libpcre2-dev libpg-query-dev libpq-dev libsqlite3-dev libssl-dev libyaml-dev pkg-config"
servers="postgresql redis-server nginx-light pgbouncer curl openssl"
bench="$servers python3 python3-venv python3-pip time"

if ! command -v swift >/dev/null; then
  echo "gonogo: the Swift 6.3 toolchain is not on the PATH (https://www.swift.org/install/linux)" >&2
  exit 2
fi

missing=()
for group in "$@"; do
  case $group in
    build) list=$build ;;
    servers) list=$servers ;;
    bench) list=$bench ;;
    *) echo "usage: $0 [build] [servers] [bench]" >&2; exit 2 ;;
  esac
  for package in $list; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "gonogo: install these as root, then run this again: ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# No package may start a service of its own: the scripts here start what they need, and stop it.
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
       RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "gonogo: apt-get could not install them" >&2
  exit 2
fi
