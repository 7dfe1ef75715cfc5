#!/usr/bin/env bash
# Runs every test and ends with the line `N passed, N failed`. Skipped tests are counted, and each says why.
set -uo pipefail
cd "$(dirname "$0")/.."
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
export PATH="$PWD/.build/tools/bin:$PATH" # what scripts/install.sh tools brought

swift build --build-tests 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]' || true
[ "${PIPESTATUS[0]}" -eq 0 ] || { echo "the build failed"; echo "0 passed, 1 failed"; exit 1; }

swift test --skip-build --no-parallel --xunit-output "$report/tests.xml" "$@" >"$report/log" 2>&1
status=$?
grep -E '^(✘|↳)|recorded an issue|➜ .*skipped|Fatal error|error:' "$report/log" || true
grep -E 'Test run with' "$report/log" || tail -40 "$report/log"

# The runner's own count, from its report: never from a line that a test could print.
read -r cases failed skipped < <(awk '
  /<testcase / { cases++; open = 1 }
  /<failure/   { if (open) { failed++; open = 0 } }
  /<skipped/   { if (open) { skipped++; open = 0 } }
  END { print cases + 0, failed + 0, skipped + 0 }' "$report/tests-swift-testing.xml" 2>/dev/null || echo 0 0 0)
if [ "${cases:-0}" -eq 0 ]; then
  tail -40 "$report/log"
  echo "no test ran"
  status=1
fi
[ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1 # a crash leaves no failure in the report
passed=$((cases - failed - skipped))
[ "$passed" -ge 0 ] || passed=0
[ "$skipped" -eq 0 ] || echo "skipped: $skipped, each with its reason above"
echo "$passed passed, $failed failed"
exit "$status"
