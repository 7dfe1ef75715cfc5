#!/usr/bin/env python3
"""Writes a checklist of N bound controls to standard output.

Every tenth control has a jq expression of its own, every seventh needs an earlier one, every fifth has cases and a pattern,
and a heading stands above each hundred: the shapes that cost the planner something.
"""
import sys

count = int(sys.argv[1])
out = sys.stdout.write
out("---\ngonogo: 1\nenvironments:\n  staging: { core: 'http://127.0.0.1:1', name: staging }\n")
out("vars: { who: tester }\n---\n# Launch\n\n")
for number in range(count):
    if number % 100 == 0:
        out(f"## Part {number // 100}\n\n")
    tick = "x" if number % 3 == 0 else " "
    id = f"**C-{number}** " if number % 2 == 0 else ""
    out(f"- [{tick}] {id}The thing number {number % 50} is as it should be\n  ```yaml gonogo\n")
    out(f"  command: [echo, '${{who}}', '${{core}}/path/{number}']\n")
    out("  expect:\n    exit: 0\n    stdout: { starts_with: '${who}' }\n")
    if number % 5 == 0:
        out(f"    stderr: {{ not: {{ matches: '/error {number}/' }} }}\n")
        out("  cases:\n    - { a: 1, b: two }\n    - { a: 2, b: three }\n")
    if number % 10 == 0:
        out(f"  jq: '.lines | length >= {number % 7}'\n")
    if number % 7 == 0 and number > 14:
        out(f"  needs: [C-{(number - 8) // 2 * 2}]\n")
    out("  tags: [bench, 'part-%d']\n  ```\n\n" % (number // 100))
