"""Start-up: `gonogo --version`, and `check` of one `env` line, beside `true` and `python3 -c pass`."""

import os
import pathlib
import statistics
import subprocess
import tempfile
import time

GONOGO = os.environ.get("GONOGO", str(pathlib.Path(__file__).resolve().parent.parent / ".build/release/gonogo"))
GONOGO = str(pathlib.Path(GONOGO).resolve())
DOCUMENT = """- [ ] **E-1** the database is named
  ```yaml gonogo
  env: { required: [DATABASE_URL] }
  ```
"""

with tempfile.TemporaryDirectory() as folder:
    (pathlib.Path(folder) / "ONE.md").write_text(DOCUMENT)
    programs = {
        "true": ["true"],
        "gonogo --version": [GONOGO, "--version"],
        "gonogo check, one env line, no evidence kept": [GONOGO, "check", "ONE.md", "-q", "--no-store"],
        "gonogo check, one env line": [GONOGO, "check", "ONE.md", "-q"],
        "python3 -c pass": ["python3", "-c", "pass"],
    }
    times = {name: [] for name in programs}
    environment = dict(os.environ, DATABASE_URL="postgresql://127.0.0.1/app")
    for round_ in range(60):
        for name, command in programs.items():
            begin = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
            if round_ >= 10:
                times[name].append(time.perf_counter() - begin)
    print("| start-up | median ms | best ms |\n|---|---:|---:|")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values) * 1000:.1f} | {min(values) * 1000:.1f} |")
