#!/usr/bin/env bash
# Installs the Debian packages that the words on the command line name and this machine lacks, as root or through sudo.
#   scripts/install.sh build    what building needs
#   scripts/install.sh servers  what the Testbed and the tests start
#   scripts/install.sh tools    what the audit and the shadow run beside their own rules: promtool and amtool from Debian, the others
#                               from PyPI into .build/tools
#   scripts/install.sh bench    what the benchmarks compare with
set -euo pipefail

build="libcmark-gfm-dev libcmark-gfm-extensions-dev libcurl4-openssl-dev libhiredis-dev libjq-dev libmicrohttpd-dev
  libpcre2-dev libpg-query-dev libpq-dev libsqlite3-dev libssl-dev libyaml-dev pkg-config"
servers="postgresql redis-server nginx-light pgbouncer curl openssl"
tools="python3 python3-venv prometheus prometheus-alertmanager"
pypi="ast-grep-cli==0.51.1 zizmor==1.32.0 squawk-cli==2.70.0 alembic==1.20.1 sqlalchemy==2.1.9 psycopg==3.3.9
  psycopg-binary==3.3.9"
programs="ast-grep zizmor squawk alembic"
bench="$servers python3 python3-venv python3-pip time"

if ! command -v swift >/dev/null; then
  echo "gonogo: the Swift 6.3 toolchain is not on the PATH (https://www.swift.org/install/linux)" >&2
  exit 2
fi

cd "$(dirname "$0")/.."

# Without PyPI the build and the other tests go on: what needs a tool says that it is missing, and is counted as skipped.
install_tools() {
  local marker=.build/tools/installed
  [ "$(cat "$marker" 2>/dev/null)" = "$pypi" ] && return
  mkdir -p .build/tools/bin
  echo "installing from PyPI: $pypi"
  # shellcheck disable=SC2086 # a list of words
  if python3 -m venv .build/tools/venv && .build/tools/venv/bin/pip install -q --disable-pip-version-check $pypi; then
    for program in $programs; do ln -sf "../venv/bin/$program" ".build/tools/bin/$program"; done
    echo "$pypi" >"$marker"
  else
    echo "gonogo: PyPI could not be reached; tests that need one of $programs will be skipped" >&2
  fi
}

missing=()
want_tools=
for group in "$@"; do
  case $group in
    build) list=$build ;;
    servers) list=$servers ;;
    tools) list=$tools; want_tools=1 ;;
    bench) list=$bench ;;
    *) echo "usage: $0 [build] [servers] [tools] [bench]" >&2; exit 2 ;;
  esac
  for package in $list; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
done
if [ ${#missing[@]} -eq 0 ]; then
  [ -z "$want_tools" ] || install_tools
  exit 0
fi

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
[ -z "$want_tools" ] || install_tools
