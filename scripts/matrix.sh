#!/usr/bin/env bash
# Runs the Owner Cabinet's checklist against a whole deployment and against each fault, and prints lines × faults.
# Each fault must turn its own lines red and no other; on the whole deployment no line may be red. Exit 1 on a wrong cell.
# usage: scripts/matrix.sh [FAULT...]        some faults only; then MATRIX.md is not written
set -uo pipefail
. "$(dirname "$0")/lib/owner-cabinet.sh"
cd "$root" || exit 2
gonogo=$(find_binary gonogo GONOGO) && testbed=$(find_binary testbed TESTBED) || exit 2
document=Examples/OwnerCabinet/GO-LIVE.md
dir=$(mktemp -d "${TMPDIR:-/tmp}/owner-cabinet-XXXXXX")
results=$(mktemp -d "${TMPDIR:-/tmp}/owner-cabinet-matrix-XXXXXX")
trap 'services_down "$dir"; rm -rf "$results"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if (($#)); then faults=("$@"); else mapfile -t faults < <("$testbed" faults --names); fi
services_up "$dir" || exit 2
export GONOGO_STORE=$results/store
started=$SECONDS
number=0
for fault in '' "${faults[@]}"; do
  name=${fault:-clean}
  deploy "$dir" "$fault" || { complain "could not deploy $name"; exit 2; }
  "$gonogo" check "$document" --allow disrupts --quiet --output text --output "json=$results/$name.json" >"$results/$name.txt" 2>"$results/$name.err"
  status=$?
  if ((status == 2)); then complain "nothing was run for $name:"; cat "$results/$name.err" >&2; exit 2; fi
  undeploy "$dir"
  red=$(grep -oE '^[^ ]*:[0-9]+:[0-9]+: no-go\[[^]]*' "$results/$name.txt" | sed 's/.*\[//' | paste -sd' ')
  printf '%3d/%d %-34s %s\n' "$number" "${#faults[@]}" "$name" "${red:-no line is red}"
  ((number++))
done
echo
write=()
(($#)) || write=(--write Examples/OwnerCabinet/MATRIX.md)
"$testbed" matrix --results "$results" "${write[@]}"
status=$?
echo "took $((SECONDS - started)) s"
exit $status
