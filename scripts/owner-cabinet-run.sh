#!/usr/bin/env bash
# `make run`: the Owner Cabinet on this machine, whole; its checklist; then the same with one thing broken. Leaves nothing
# running. Exit 0 when both came out as they must.
# usage: scripts/owner-cabinet-run.sh [FAULT]
set -uo pipefail
. "$(dirname "$0")/lib/owner-cabinet.sh"
cd "$root" || exit 2
gonogo=$(find_binary gonogo GONOGO) && testbed=$(find_binary testbed TESTBED) || exit 2
document=Examples/OwnerCabinet/GO-LIVE.md
fault=${1:-csrf-unchecked-on-settings}
"$testbed" faults --names | grep -qx -- "$fault" || { complain "no fault is called $fault; testbed faults lists them"; exit 2; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/owner-cabinet-XXXXXX")
trap 'services_down "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "== the Owner Cabinet: PostgreSQL, Redis, core, worker, web and Telegram's stand-in, on loopback"
services_up "$dir" && deploy "$dir" '' || exit 2
echo
echo "== gonogo check $document --allow disrupts"
"$gonogo" check "$document" --allow disrupts -o text -o json="$dir/whole.json"
whole=$?
# UNDECIDED is as it must be only where lines wait for somebody: a line that could not be looked at is not green.
if ((whole == 3)) && ! grep -q '"errored": 0,' "$dir/whole.json"; then whole="3, with lines that could not be looked at"; fi
undeploy "$dir"
echo
case $whole in
  0) echo "exit 0: every line is green." ;;
  3) echo "exit 3: every bound line is green. UNDECIDED, because the lines above wait for a person's word or a browser." ;;
  *) echo "exit $whole: not as it must be." ;;
esac
echo
echo "== once more, with a fault switched on: $fault"
deploy "$dir" "$fault" || exit 2
echo
"$gonogo" check "$document" --allow disrupts
broken=$?
undeploy "$dir"
echo
if ((broken == 1)); then
  echo "exit 1: NO-GO, as it must be."
else
  echo "exit $broken: the fault was not found."
fi
{ [ "$whole" = 0 ] || [ "$whole" = 3 ]; } && ((broken == 1))
