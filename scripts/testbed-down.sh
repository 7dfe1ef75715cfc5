#!/usr/bin/env bash
# Ends what scripts/testbed-up.sh DIR started, and removes DIR.
set -uo pipefail
. "$(dirname "$0")/lib/owner-cabinet.sh"
[[ $# -eq 1 && -f $1/run/ports ]] || { complain "usage: $0 DIR, of scripts/testbed-up.sh"; exit 2; }
services_down "$(cd "$1" && pwd)"
