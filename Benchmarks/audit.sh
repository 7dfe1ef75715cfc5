#!/usr/bin/env bash
# Benchmarks/audit.sh DIR: what an audit of a repository costs, beside scanners of the field on the same tree and beside the floor
# (listing the files, and one search through all of them). Wall time and processor time, in seconds, one run each after a first
# one that warms the cache. The peers come from PyPI (pip install semgrep checkov detect-secrets zizmor); one that is missing is
# left out by name. semgrep's own rules are behind its registry: it gets one pattern a language, which is less than it is made for.
set -uo pipefail
dir=${1:?usage: Benchmarks/audit.sh DIR}
gonogo=${GONOGO:-$(cd "$(dirname "$0")/.." && pwd)/.build/release/gonogo}
cd "$dir" || exit 2
echo "$(git ls-files 2>/dev/null | wc -l) files, $(git ls-files -z | xargs -0 cat 2>/dev/null | wc -c) bytes; load $(cut -d' ' -f1 /proc/loadavg)"

measure() {
  local name=$1
  shift
  command -v "$1" >/dev/null || { echo "$name: $1 is not installed"; return; }
  "$@" >/dev/null 2>&1
  /usr/bin/env TIMEFORMAT='%R %U %S' bash -c 'time "$@" >/dev/null 2>&1' _ "$@" 2>&1 | tail -1 |
    awk -v name="$name" '{ printf "%-34s %8.2f s wall %8.2f s processor\n", name, $1, $2 + $3 }'
}

measure "gonogo audit, no outside tool" "$gonogo" audit . --only 'container-*' --only 'env-*' --only 'secret-*' --only 'workflow-*' \
  --only 'document-*' --only 'migration-*' --only 'sql-*' --only 'alert-*' --only 'provider-*' --only 'public-*' --only 'committed-*' -o json
measure "gonogo audit, all" "$gonogo" audit . -o json
measure "rg --files" rg --files
measure "rg, one pass" rg -c password
measure "git grep, one pass" git grep -c password
measure "zizmor" zizmor --offline --no-progress --no-exit-codes --format json .
measure "detect-secrets" detect-secrets scan .
measure "checkov" checkov -d . --quiet --compact -o json
measure "semgrep, one pattern" semgrep scan --metrics off --disable-version-check --lang ts -e 'fetch($X)' .
