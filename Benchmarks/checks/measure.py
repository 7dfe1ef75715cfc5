"""1,000 HTTP checks on nginx and 1,000 SQL checks on PostgreSQL, as one checklist, beside named peers and the bare loop.

Every program does the same work on the same servers, in turns in one run; a figure is the median of the wall times of the
whole command, start and exit included. Servers and load share two cores: read the ratios.
"""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

COUNT = int(os.environ.get("COUNT", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
JOBS = int(os.environ.get("JOBS", "8"))
HERE = pathlib.Path(__file__).resolve().parent
GONOGO = pathlib.Path(os.environ.get("GONOGO", HERE.parent.parent / ".build/release/gonogo")).resolve()
VENV = pathlib.Path(os.environ["BENCH_VENV"])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def unprivileged(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command


class Servers:
    """nginx with one worker, and a PostgreSQL of its own, on loopback."""

    def __init__(self, folder):
        self.folder = folder
        self.http_port, self.pg_port = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.http_port}"
        conf = folder / "nginx.conf"
        conf.write_text(
            f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{ access_log off; keepalive_requests 100000; default_type application/json;
  server {{ listen 127.0.0.1:{self.http_port}; location /items/ {{ return 200 '{{"path":"$uri","ok":true}}'; }} }} }}
"""
        )
        self.nginx = subprocess.Popen(["nginx", "-c", str(conf), "-p", str(folder)], stderr=subprocess.DEVNULL)
        binaries = max(pathlib.Path("/usr/lib/postgresql").iterdir()) / "bin"
        data = folder / "pg"
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
            os.chmod(folder, 0o755)
        run = lambda *c: subprocess.run(unprivileged(list(map(str, c))), check=True, stdout=subprocess.DEVNULL)
        run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "bench", "--no-sync")
        self.postgres = subprocess.Popen(
            unprivileged(
                [str(binaries / "postgres"), "-D", str(data), "-p", str(self.pg_port), "-k", str(data), "-h", "127.0.0.1",
                 "-c", "fsync=off"]
            ),
            stderr=subprocess.DEVNULL,
        )
        self.dsn = f"postgresql://bench@127.0.0.1:{self.pg_port}/postgres"
        for _ in range(100):
            if subprocess.run([str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.pg_port)]).returncode == 0:
                break
            time.sleep(0.1)
        sql = f"CREATE TABLE items AS SELECT i AS id, 'item ' || i AS name FROM generate_series(1, {COUNT}) i; ALTER TABLE items ADD PRIMARY KEY (id); ANALYZE items;"
        subprocess.run(["psql", "-q", self.dsn, "-c", sql], check=True)

    def stop(self):
        for process in (self.nginx, self.postgres):
            process.terminate()
            process.wait(10)


def write_documents(folder, servers):
    http, sql = [], []
    for i in range(1, COUNT + 1):
        http.append(
            f"- [ ] **H-{i}** item {i} answers\n  ```yaml gonogo\n  http: {{ GET: \"${{base}}/items/{i}\" }}\n"
            f"  expect: {{ status: 200, body.path: /items/{i} }}\n  ```\n"
        )
        sql.append(
            f"- [ ] **S-{i}** item {i} is there\n  ```yaml gonogo\n  postgres: {{ query: \"SELECT name FROM items WHERE id = $1\", parameters: [{i}] }}\n"
            f"  expect: {{ \"rows[0].name\": item {i} }}\n  ```\n"
        )
    head = f"---\ngonogo: 1\nenvironments:\n  bench: {{ base: \"{servers.base}\", database: \"{servers.dsn}\" }}\n---\n"
    (folder / "HTTP.md").write_text(head + "".join(http))
    (folder / "SQL.md").write_text(head + "".join(sql))
    (folder / "BOTH.md").write_text(head + "".join(http) + "".join(sql))
    (folder / "test_http.py").write_text(
        f"""import pytest, requests
session = requests.Session()
@pytest.mark.parametrize("i", range(1, {COUNT + 1}))
def test_item(i):
    reply = session.get(f"{servers.base}/items/{{i}}", timeout=10)
    assert reply.status_code == 200
    assert reply.json()["path"] == f"/items/{{i}}"
"""
    )
    (folder / "test_sql.py").write_text(
        f"""import psycopg, pytest
connection = psycopg.connect("{servers.dsn}", autocommit=True)
@pytest.mark.parametrize("i", range(1, {COUNT + 1}))
def test_item(i):
    assert connection.execute("SELECT name FROM items WHERE id = %s", (i,)).fetchone()[0] == f"item {{i}}"
"""
    )
    (folder / "test_infra.py").write_text(
        f"""import pytest
@pytest.mark.parametrize("i", range(1, {COUNT + 1}))
def test_item(host, i):
    assert host.check_output("curl -fsS {servers.base}/items/%s", str(i)) == '{{"path":"/items/%d","ok":true}}' % i
"""
    )
    (folder / "test_items.tavern.yaml").write_text(
        "---\n".join(
            f"""test_name: item {i}
stages:
  - name: get
    request: {{ url: "{servers.base}/items/{i}", method: GET }}
    response: {{ status_code: 200, json: {{ path: /items/{i}, ok: true }} }}
"""
            for i in range(1, COUNT + 1)
        )
    )
    gabbits = folder / "gabbits"
    gabbits.mkdir()
    (gabbits / "items.yaml").write_text(
        "tests:\n"
        + "".join(
            f"""- name: item {i}
  GET: /items/{i}
  status: 200
  response_json_paths: {{ $.path: /items/{i} }}
"""
            for i in range(1, COUNT + 1)
        )
    )
    (folder / "test_gabbi.py").write_text(
        f"""import os
from gabbi import driver
def load_tests(loader, tests, pattern):
    return driver.build_tests(os.path.join(os.path.dirname(__file__), "gabbits"), loader, host="127.0.0.1", port={servers.http_port})
"""
    )


def timed(command, folder, expect=0):
    begin = time.perf_counter()
    result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    elapsed = time.perf_counter() - begin
    if result.returncode != expect:
        sys.exit(f"{command} ended with {result.returncode}:\n{result.stdout.decode()[-2000:]}")
    return elapsed


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gonogo-bench-"))
    servers = None
    try:
        servers = Servers(folder)
        write_documents(folder, servers)
        bare = folder / "bare"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libpq", "libcurl"], check=True, capture_output=True, text=True)
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run([compiler, "-O2", "-o", str(bare), str(HERE / "bare.c")] + flags.stdout.split(), check=True)
        check = lambda document, *more: [str(GONOGO), "check", document, "--quiet", "--jobs", str(JOBS), "--output", "json=out.json", *more]
        pytest = [str(VENV / "bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        parallel = pytest + ["-n", "2"]
        programs = {
            "http": {
                "bare libcurl multi loop": [str(bare), "http", servers.base, str(COUNT), str(JOBS)],
                "gonogo": check("HTTP.md"),
                "gonogo, no evidence kept": check("HTTP.md", "--no-store"),
                "pytest + requests": pytest + ["test_http.py"],
                "pytest + requests, 2 processes": parallel + ["test_http.py"],
                "pytest-testinfra (curl a check)": pytest + ["test_infra.py"],
                "Tavern": pytest + ["test_items.tavern.yaml"],
                "Gabbi": [str(VENV / "bin/python"), "-m", "unittest", "-q", "test_gabbi"],
            },
            "sql": {
                "bare libpq loop": [str(bare), "sql", servers.dsn, str(COUNT), str(JOBS)],
                "gonogo": check("SQL.md"),
                "gonogo, no evidence kept": check("SQL.md", "--no-store"),
                "pytest + psycopg": pytest + ["test_sql.py"],
                "pytest + psycopg, 2 processes": parallel + ["test_sql.py"],
            },
            "both": {"gonogo, one checklist of both": check("BOTH.md")},
        }
        times = {kind: {name: [] for name in group} for kind, group in programs.items()}
        for round_ in range(ROUNDS + 1):  # the first is thrown away: caches, page-ins
            for kind, group in programs.items():
                for name, command in group.items():
                    if round_ > 1 and name.startswith("pytest-testinfra"):
                        continue  # a process a check: two rounds tell enough
                    elapsed = timed(command, folder)
                    if round_ > 0:
                        times[kind][name].append(elapsed)
        results = {k: {n: statistics.median(t) for n, t in g.items()} for k, g in times.items()}
        print(f"{COUNT} checks each, {JOBS} at once, median of {ROUNDS} rounds, wall time of the whole command\n")
        for kind, group in results.items():
            own = group.get("gonogo")
            print(f"| {kind} | ms | gonogo is |\n|---|---:|---|")
            for name, value in sorted(group.items(), key=lambda item: item[1]):
                ratio = ""
                if own and name != "gonogo":
                    ratio = f"{value / own:.1f} × faster" if value >= own else f"{own / value:.2f} × slower"
                print(f"| {name} | {value * 1000:.0f} | {ratio} |")
            print()
        (folder / "results.json").write_text(json.dumps(results))
    finally:
        if servers:
            servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
