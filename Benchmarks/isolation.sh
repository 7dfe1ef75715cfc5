#!/usr/bin/env bash
# Measures `gonogo isolation` beside others: what it costs, and what it finds in the corpus of small schemas.
# Benchmarks/isolation.sh [cost|corpus]: both without an argument.
set -euo pipefail
cd "$(dirname "$0")/.."
export GONOGO="${GONOGO:-$PWD/.build/release/gonogo}"
export BENCH_VENV="${BENCH_VENV:-$PWD/.build/isolation-venv}"
if [ ! -x "$BENCH_VENV/bin/rlsgrid" ]; then
  python3 -m venv "$BENCH_VENV"
  "$BENCH_VENV/bin/pip" install -q rlsautotest==0.7.1 rlsgrid==0.5.7 pgrls==0.57.1
fi
if [ "${1:-cost}" = cost ]; then
  echo "## Isolation: what it costs"
  python3 Benchmarks/isolation/cost.py
fi
if [ "${1:-corpus}" = corpus ]; then
  # Supabase's lints are read where they are, and never kept in this repository.
  lints="${SPLINTER:-}"
  if [ -z "$lints" ]; then
    lints="$(mktemp)"
    trap 'rm -f "$lints"' EXIT
    curl -fsSL https://raw.githubusercontent.com/supabase/splinter/55db5b1f28e58d816f7d9136eed87eabcd95868d/splinter.sql -o "$lints"
  fi
  echo "## Isolation: recall and precision"
  python3 Benchmarks/isolation/corpus.py "$lints"
fi
