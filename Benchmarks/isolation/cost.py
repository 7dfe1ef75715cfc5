#!/usr/bin/env python3
"""What a proof costs, against the number of tables, and beside the two testers that try things. Prints Markdown tables.

Environment: GONOGO, BENCH_VENV, ROUNDS (3), TABLES ("10 100 1000"), LIMIT (seconds for one run of a peer, 120).
"""
import json, os, resource, shutil, subprocess, sys, tempfile, time
from cluster import Cluster

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GONOGO = os.environ.get("GONOGO", f"{ROOT}/.build/release/gonogo")
BIN = os.environ["BENCH_VENV"] + "/bin"
ROUNDS = int(os.environ.get("ROUNDS", "3"))
TABLES = [int(word) for word in os.environ.get("TABLES", "10 100 1000").split()]
LIMIT = int(os.environ.get("LIMIT", "120"))
PRELUDE = open(f"{ROOT}/Tests/GonogoProbesTests/Isolation/Corpus/_supabase.prelude").read()


def timed(words, folder, server=None, **environment):
    """Wall time; processor time of the program and of the server's sessions; what it printed. None where it took too long."""
    used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) + (server.processor() if server else 0)
    before, begin = used(), time.monotonic()
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=LIMIT, env={**os.environ, **environment})
    except subprocess.TimeoutExpired:
        return None
    return time.monotonic() - begin, used() - before, done.stdout


def best(words, folder, server=None, rounds=ROUNDS, **environment):
    """The shortest of each: what else the machine does only adds."""
    runs = [timed(words, folder, server, **environment) for _ in range(rounds)]
    return None if None in runs else (min(run[0] for run in runs), min(run[1] for run in runs), runs[-1][2])


def show(run):
    return f"over {LIMIT} s" if run is None else f"{run[0] * 1000:,.0f} ms, {run[1] * 1000:,.0f} ms"


def tables(server):
    print("Wall time, processor time of client and server.\n")
    print("| tables | gonogo isolation | processor time a table | attempts, controls | rlsgrid | beside | rlsautotest | beside |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    given_up = set()
    for count in TABLES:
        name = f"tables_{count}"
        server.psql("postgres", f"CREATE DATABASE {name}")
        schema = subprocess.run([sys.executable, f"{HERE}/schema.py", str(count)], capture_output=True, text=True, check=True).stdout
        server.psql(name, "SET client_min_messages = error;\n" + PRELUDE + schema)
        url = server.url(name)
        with tempfile.TemporaryDirectory() as folder:
            ours = best([GONOGO, "isolation", url, "--output", "json"], folder, server)
            facts = json.loads(ours[2])
            assert facts["proven"] == facts["tables"] == count, facts["unproven"]
            peers = {}
            timed([f"{BIN}/rlsgrid", "init", "--from-db"], folder, DATABASE_URL=url)
            text = open(f"{folder}/rlsgrid.toml").read()
            # As many of its cells as there are: it picks them at random.
            open(f"{folder}/rlsgrid.toml", "w").write(text.replace("iterations = 300", f"iterations = {count * 20}"))
            for tool, words in (("rlsgrid", [f"{BIN}/rlsgrid", "check", "--json"]),
                                ("rlsautotest", [f"{BIN}/rlsautotest", "--db-url", url, "--schema", "public", "--report", "--no-fail"])):
                peers[tool] = None
                if tool not in given_up:
                    peers[tool] = best(words, folder, server, rounds=1, DATABASE_URL=url)
                if peers[tool] is None:
                    given_up.add(tool)

        def ratio(run):
            return f"over {LIMIT / ours[0]:.0f} ×" if run is None else f"{run[0] / ours[0]:.1f} ×, {run[1] / ours[1]:.1f} ×"
        print(f"| {count:,} | {show(ours)} | {ours[1] * 1000 / count:.1f} ms | {facts['attempts']:,}, {facts['controls']:,} | "
              f"{show(peers['rlsgrid'])} | {ratio(peers['rlsgrid'])} | {show(peers['rlsautotest'])} | {ratio(peers['rlsautotest'])} |",
              flush=True)


def start():
    print("\n| a schema of one table in a folder, proven in a scratch cluster | |\n|---|---:|")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/migrations")
        open(f"{folder}/migrations/1.sql", "w").write(
            "CREATE TABLE notes (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, body text);\n"
            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (user_id = auth.uid());\n")
        words = [GONOGO, "isolation", f"{folder}/migrations", "--platform", "supabase", "--output", "json"]
        first = []
        for _ in range(ROUNDS):
            shutil.rmtree(f"{folder}/cache", ignore_errors=True)
            os.mkdir(f"{folder}/cache")
            first.append(timed(words, folder, XDG_CACHE_HOME=f"{folder}/cache"))
        again = best(words, folder, XDG_CACHE_HOME=f"{folder}/cache")
        print(f"| the first time (initdb) | {show(min(first))} |\n| from the template | {show(again)} |")


tables(Cluster())
start()
