#!/usr/bin/env bash
# Writes what is made from the descriptors: each probe's README.md, the JSON Schemas, the manual page. `make docs` calls it.
#   scripts/make-docs.sh [--into DIR]   into another tree, for the test that compares
set -euo pipefail
cd "$(dirname "$0")/.."
gonogo=${GONOGO:-.build/debug/gonogo}
into=.
[ "${1:-}" = --into ] && into=$2
for name in $("$gonogo" probes | awk '{ print $1 }'); do
  source=$(grep -l "name: \"$name\"," Sources/GonogoProbes/*/*Probe.swift Sources/GonogoProbes/*/*Manual.swift Sources/GonogoProbes/*/*Descriptor.swift 2>/dev/null | head -1)
  [ -n "$source" ] || source=$(grep -rl "name: \"$name\"," Sources/GonogoProbes | head -1)
  [ -n "$source" ] || { echo "no folder of Sources/GonogoProbes has the probe '$name'" >&2; exit 1; }
  folder=$(echo "$source" | cut -d/ -f1-3)
  mkdir -p "$into/$folder"
  { echo "<!-- Made by \`make docs\` from the probe's descriptor. -->"; echo; "$gonogo" explain "$name" --output markdown; } > "$into/$folder/README.md"
done
mkdir -p "$into/Documentation/schema"
"$gonogo" schema binding > "$into/Documentation/schema/binding.schema.json"
"$gonogo" schema front-matter > "$into/Documentation/schema/front-matter.schema.json"
"$gonogo" man > "$into/Documentation/gonogo.1"
