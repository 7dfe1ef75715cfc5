#!/usr/bin/env bash
# Measures Gonogo beside named peers, side by side in one run. Prints Markdown tables; RESULTS.md keeps a reading of them.
set -euo pipefail
cd "$(dirname "$0")/.."
export GONOGO="$PWD/.build/release/gonogo"
export BENCH_VENV="${BENCH_VENV:-$PWD/.build/bench-venv}"
# Tavern 3.7 says that it takes pytest 9, and then does not load.
if [ ! -x "$BENCH_VENV/bin/python" ]; then
  python3 -m venv "$BENCH_VENV"
  "$BENCH_VENV/bin/pip" install -q "pytest<9" pytest-xdist requests "psycopg[binary]" tavern gabbi pytest-testinfra
fi
echo "## Start-up"; python3 Benchmarks/startup.py; echo
echo "## A document"; Benchmarks/document/measure.sh; echo
echo "## Checks"; python3 Benchmarks/checks/measure.py
