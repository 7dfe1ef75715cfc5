#!/usr/bin/env bash
# Starts the Owner Cabinet's stand-in, with its PostgreSQL and Redis, and leaves it running.
# usage: scripts/testbed-up.sh DIR [FAULT,FAULT...]       then: set -a; . DIR/env/checklist.env; TESTBED=…; set +a
set -uo pipefail
. "$(dirname "$0")/lib/owner-cabinet.sh"
[[ $# -ge 1 ]] || { complain "usage: $0 DIR [FAULT,FAULT...]"; exit 2; }
testbed=$(find_binary testbed TESTBED) || exit 2
mkdir -p "$1"
dir=$(cd "$1" && pwd)
if [[ -s $dir/run/postgres.pid ]]; then complain "$dir is in use; mend: scripts/testbed-down.sh $dir"; exit 2; fi
trap 'services_down "$dir"; exit 130' INT TERM
services_up "$dir" && deploy "$dir" "${2:-}" || { services_down "$dir"; exit 1; }
printf 'TESTBED=%s\n' "$testbed" >>"$dir/env/checklist.env"
echo "core $CORE_URL"
echo "web $WEB_URL"
echo "telegram $TELEGRAM_URL"
echo "the checklist's environment: $dir/env/checklist.env; end it with scripts/testbed-down.sh $dir"
