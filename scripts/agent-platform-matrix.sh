#!/usr/bin/env bash
# Runs the agent platform's checklist against its schema as it is and with each fault, and prints lines × faults.
# Each fault must turn its own lines red and no other; on the whole schema no line may be red. Exit 1 on a wrong cell.
# usage: scripts/agent-platform-matrix.sh [FAULT...]      some faults only; then MATRIX.md is not written
set -uo pipefail
. "$(dirname "$0")/lib/owner-cabinet.sh"
cd "$root" || exit 2
gonogo=$(find_binary gonogo GONOGO) && testbed=$(find_binary testbed TESTBED) || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/agent-platform-matrix-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$work/results"

if (($#)); then faults=("$@"); else mapfile -t faults < <(scripts/agent-platform-fault.sh --list); fi
export GONOGO_STORE=$work/store
started=$SECONDS
number=0
for name in clean "${faults[@]}"; do
  rm -rf "$work/platform"
  scripts/agent-platform-fault.sh "$name" "$work/platform" || exit 2
  (cd "$work/platform" && "$gonogo" check GO-LIVE.md --quiet --output "text=$work/run.txt" \
    --output "json=$work/results/$name.json" >/dev/null 2>"$work/run.err")
  if (($? == 2)); then complain "nothing was run for $name:"; cat "$work/run.err" >&2; exit 2; fi
  red=$(grep -oE '^[^ ]*:[0-9]+:[0-9]+: no-go\[[^]]*' "$work/run.txt" | sed 's/.*\[//' | paste -sd' ')
  printf '%3d/%d %-34s %s\n' "$number" "${#faults[@]}" "$name" "${red:-no line is red}"
  ((number++))
done
echo
write=()
(($#)) || write=(--write Examples/AgentPlatform/MATRIX.md)
"$testbed" matrix --results "$work/results" --faults Testbed/AgentPlatform/Faults --subject schema "${write[@]}"
status=$?
echo "took $((SECONDS - started)) s"
exit $status
