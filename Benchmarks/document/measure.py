#!/usr/bin/env python3
"""Measures `gonogo plan` on generated checklists: wall and processor time, and the peak of resident memory.

    swift build -c release --product gonogo
    Benchmarks/document/measure.py [--sizes 100,1000] [--runs 5] [GONOGO]

Prints a Markdown table. Times are the best of the runs: the others measure what else the machine does.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("gonogo", nargs="?", default=os.path.join(root, ".build/release/gonogo"))
arguments.add_argument("--sizes", default="100,1000,10000,100000")
arguments.add_argument("--runs", type=int, default=5)
options = arguments.parse_args()


def measure(command):
    """Wall and processor milliseconds, peak MiB."""
    begin = time.monotonic()
    with open(os.devnull, "w") as nowhere:
        child = subprocess.Popen(command, stdout=nowhere, stderr=subprocess.PIPE)
        complaint = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
    wall = (time.monotonic() - begin) * 1000
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} failed:\n{complaint.decode()[:2000]}")
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


print("| controls | document | wall | processor | per control | peak memory |")
print("|---:|---:|---:|---:|---:|---:|")
with tempfile.TemporaryDirectory() as directory:
    for size in map(int, options.sizes.split(",")):
        path = os.path.join(directory, f"{size}.md")
        with open(path, "w") as file:
            subprocess.run([sys.executable, os.path.join(here, "generate.py"), str(size)], stdout=file, check=True)
        runs = [measure([options.gonogo, "plan", path]) for _ in range(options.runs)]
        wall, processor, memory = (min(run[part] for run in runs) for part in range(3))
        kib = os.path.getsize(path) / 1024
        print(
            f"| {size:,} | {kib:,.0f} KiB | {wall:,.1f} ms | {processor:,.1f} ms "
            f"| {wall * 1000 / size:,.1f} µs | {memory:,.1f} MiB |", flush=True)
