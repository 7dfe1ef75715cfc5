#!/usr/bin/env bash
# Copies Examples/AgentPlatform into DIR, and puts one fault of Testbed/AgentPlatform/Faults into the copy.
# usage: scripts/agent-platform-fault.sh FAULT DIR       `clean` is no fault
#        scripts/agent-platform-fault.sh --list
# A fault is one file. Its head says where it goes (`as:`; else it is one more migration, the last).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
faults=$root/Testbed/AgentPlatform/Faults
if [[ ${1:-} == --list ]]; then
  for file in "$faults"/*; do name=${file##*/}; printf '%s\n' "${name%.*}"; done
  exit
fi
(($# == 2)) || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$2"
cp -R "$root/Examples/AgentPlatform/." "$2/"
[[ $1 == clean ]] && exit
file=$(compgen -G "$faults/$1.*") || { echo "there is no fault '$1'; see $0 --list" >&2; exit 2; }
place=$(sed -nE 's,^(--|//) as: ,,p' "$file")
cp "$file" "$2/${place:-supabase/migrations/20260201000000_${1//-/_}.sql}"
