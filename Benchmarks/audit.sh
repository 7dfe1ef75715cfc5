#!/usr/bin/env bash
# Benchmarks/audit.sh DIR [DIR…]: what an audit of a repository costs, beside scanners of the field on the same tree and beside the
# floor (listing the files, and one search through all of them). The least of RUNS (3), wall time, processor time and peak memory, after
# one run that warms the cache; the last column is wall time against that of the audit without outside tools.
# Benchmarks/audit.sh --growth: the cost against the number of files, of trees that audit/generate.py makes, with the growth per doubling.
#
# The peers come from PyPI (pip install semgrep checkov detect-secrets zizmor); one that is missing is left out by name. semgrep's own rules
# are behind its registry: it gets audit/semgrep.yml, one rule for each that the audit has of its kind in code; and, where SEMGREP_RULES
# names a checkout of https://github.com/semgrep/semgrep-rules, what is published there for the languages of the tree, which is what its
# users run. Results of peers are not compared, only what they cost: they look for other things.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
gonogo=${GONOGO:-$here/../.build/release/gonogo}
runs=${RUNS:-3}
command -v "$gonogo" >/dev/null || { echo "$gonogo is not built: swift build -c release --product gonogo"; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Without ast-grep on the PATH, and from a place where none lies beside the build, no outside tool looks.
mkdir "$scratch/bin"
cp "$gonogo" "$scratch/bin/gonogo"
for tool in git sh env; do ln -s "$(command -v $tool)" "$scratch/bin/$tool"; done

# least NAME COMMAND…: "wall processor kilobytes" of the quickest run; sets $wall
least() {
  local best="" line
  "$@" >/dev/null 2>&1
  for _ in $(seq "$runs"); do
    /usr/bin/time -o "$scratch/time" -f '%e %U %S %M' "$@" >/dev/null 2>&1
    line=$(tail -1 "$scratch/time" | awk '{ print $1, $2 + $3, $4 }')
    if [ -z "$best" ] || awk -v a="$line" -v b="$best" 'BEGIN { split(a, x); split(b, y); exit !(x[1] < y[1]) }'; then best=$line; fi
  done
  echo "$best"
}

report() { # NAME COMMAND…
  local name=$1 figures
  shift
  command -v "$1" >/dev/null || { printf '%-38s not installed\n' "$name"; return; }
  figures=$(least "$@")
  [ -n "${first:-}" ] || first=$figures
  awk -v name="$name" -v a="$figures" -v b="$first" 'BEGIN { split(a, x); split(b, y)
    printf "%-38s %8.2f s wall %8.2f s processor %6.0f MB %8.2f ×\n", name, x[1], x[2], x[3] / 1024, x[1] / (y[1] > 0 ? y[1] : 0.01) }'
}

# published: the folders of SEMGREP_RULES for the languages that the tree has, as options of semgrep.
published() {
  local folder pattern
  while read -r folder pattern; do
    git ls-files | grep -qE "$pattern" && [ -d "$SEMGREP_RULES/$folder" ] && printf -- '--config\n%s\n' "$SEMGREP_RULES/$folder"
  done <<'LANGUAGES'
python \.py$
javascript \.[cm]?[jt]sx?$
typescript \.tsx?$
go \.go$
ruby \.rb$
php \.php$
java \.java$
csharp \.cs$
rust \.rs$
dockerfile (^|/)Dockerfile
yaml \.ya?ml$
terraform \.tf$
LANGUAGES
}

alone() { env PATH="$scratch/bin" "$scratch/bin/gonogo" audit "$@"; }
export -f alone

growth() {
  local before="" figures
  echo "load $(cut -d' ' -f1 /proc/loadavg)"
  for files in ${SIZES:-100 1000 5000 20000}; do
    python3 "$here/audit/generate.py" "$scratch/$files" "$files"
    (cd "$scratch/$files" && git init -q . && git add -A && git -c user.name=t -c user.email=t@example.com commit -qm one)
    figures=$(least env PATH="$scratch/bin" "$scratch/bin/gonogo" audit "$scratch/$files" -o json)
    awk -v n="$files" -v a="$figures" -v b="$before" 'BEGIN { split(a, x); split(b, y)
      printf "%6d files %8.2f s wall %8.2f s processor %6.0f MB", n, x[1], x[2], x[3] / 1024
      if (y[4] > 0) printf "   processor time %.2f × per doubling of files", exp(log(x[2] / y[2]) / (log(n / y[4]) / log(2)))
      print "" }'
    before="$figures $files"
    rm -rf "${scratch:?}/$files"
  done
}

if [ "${1:-}" = --growth ]; then
  growth
  exit
fi
[ $# -gt 0 ] || { echo "usage: Benchmarks/audit.sh DIR [DIR…] | --growth"; exit 2; }
for dir in "$@"; do
  cd "$dir" || exit 2
  first=""
  echo "$(git ls-files | wc -l) files, $(git ls-files -z | xargs -0 cat 2>/dev/null | wc -c) bytes; load $(cut -d' ' -f1 /proc/loadavg)"
  report "gonogo audit, no outside tool" env PATH="$scratch/bin" "$scratch/bin/gonogo" audit . -o json
  report "gonogo audit, with ast-grep" "$gonogo" audit . -o json
  report "rg --files" rg --files
  report "rg, one pass" rg -c password
  report "zizmor" zizmor --offline --no-progress --no-exit-codes --format json .
  report "detect-secrets" detect-secrets scan .
  report "checkov" checkov -d . --quiet --compact -o json
  report "semgrep, rules of its own kind" semgrep scan --metrics off --disable-version-check --config "$here/audit/semgrep.yml" --json .
  if [ -n "${SEMGREP_RULES:-}" ]; then
    # What the audit looks at without outside tools, and then code as well.
    mapfile -t files < <(printf -- '--config\n%s\n' "$SEMGREP_RULES"/{dockerfile,yaml,generic/secrets})
    mapfile -t all < <(published)
    runs=1
    report "semgrep, published: files, secrets" semgrep scan --metrics off --disable-version-check "${files[@]}" --json .
    report "semgrep, published: the languages" semgrep scan --metrics off --disable-version-check "${all[@]}" --json .
    runs=${RUNS:-3}
  fi
done
