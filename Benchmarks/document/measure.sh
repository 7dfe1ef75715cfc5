#!/usr/bin/env bash
# `gonogo plan` on generated checklists of 100 to 100,000 controls. RUNS and SIZES may be set.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
exec python3 "$here/measure.py" --sizes "${SIZES:-100,1000,10000,100000}" --runs "${RUNS:-5}" \
  "${GONOGO:-$here/../../.build/release/gonogo}"
