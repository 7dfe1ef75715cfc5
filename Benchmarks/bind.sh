#!/usr/bin/env bash
# Binds the public checklists whose lines were labelled by hand, and prints how many of the lines that a machine can decide get a
# binding that plans, and how many of these need no hand's change.
#   Benchmarks/bind.sh [DIR]              DIR: where the five checklists are (default: shared/checklists beside this checkout or above it)
#   Benchmarks/bind.sh --held-out DIR     those that bind was not written on, as DIR/NAME.md; bind/held-out/NAME.tsv says which public file each is
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export GONOGO="${GONOGO:-$here/../.build/debug/gonogo}"
exec python3 "$here/bind/measure.py" "$@"
