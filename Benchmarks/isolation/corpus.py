#!/usr/bin/env python3
"""The corpus of small schemas (Tests/GonogoProbesTests/Isolation/Corpus) through Gonogo and through others' tools.

corpus.py SPLINTER.SQL: prints a Markdown table. A tool is given credit for a leak where what it reports names the table, view
or function that leaks, in whatever words. A safe schema counts as accused where it reports anything of isolation at all. Both
are counted twice: with what makes its own exit status fail ("verdict"), and with its remarks besides ("and remarks").
"""
import json, os, re, subprocess, sys, tempfile
from cluster import Cluster

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS = f"{ROOT}/Tests/GonogoProbesTests/Isolation/Corpus"
GONOGO = os.environ.get("GONOGO", f"{ROOT}/.build/release/gonogo")
BIN = os.environ["BENCH_VENV"] + "/bin"
SPLINTER = open(sys.argv[1]).read()
LIMIT = 120


def run(words, **environment):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=LIMIT,
                              env={**os.environ, "NO_COLOR": "1", **environment})


# Each gives a list of (counts for the exit status, what it says).

def gonogo(url, schema, server):
    words = [GONOGO, "isolation", url, "--output", "json", "--scratch"]
    if schema["role"]:
        words += ["--role", schema["role"]]
    done = run(words)
    if not done.stdout.strip():
        return [(False, done.stderr)] if done.returncode == 2 else None
    facts = json.loads(done.stdout)
    return ([(True, f"{leak['table']} {leak['command']}") for leak in facts["leaks"]]
            + [(False, f"{item['object']} {item['message']}") for item in facts["findings"] if not item["advisory"]])


def rlsautotest(url, schema, server):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        done = run([f"{BIN}/rlsautotest", "--db-url", url, "--schema", "public", "--report", "--report-json", file.name])
        text = open(file.name).read()
    if not text.strip():
        return None
    said = []
    for table in json.loads(text)["tables"]:
        holes = []
        if table.get("exposed"):
            holes.append("exposed")
        for command, cells in (table.get("idgrid") or {}).items():
            holes += [f"{command} {identity}" for identity, cell in cells.items()
                      if not cell.get("exp") and cell.get("pass") is False]
        holes += [str(item) for key in ("leak_cells", "transition_leaks", "multi_findings") for item in table.get(key) or []]
        if holes:
            said.append((True, f"{table['table']}: {holes}"))
        # What its own rules say of a policy; that a function was replaced by a stand-in, or a test failed, is no such thing.
        said += [(False, f"{table['table']}: {text}") for text in table.get("footguns") or []
                 if "MOCKED" not in text and "UNRELIABLE" not in text]
        # What it could not test fails its gate as well, and is no report of a leak: it is left out, for and against it.
    # Views, functions and roles that go around the policies: "review flags, NOT pass/fail".
    said += [(False, line) for line in done.stdout.splitlines() if re.match(r"\s+\[(CRITICAL|HIGH)\]", line)]
    return said


def rlsautotest_lint(url, schema, server):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        run([f"{BIN}/rlsautotest", "lint", "--db-url", url, "--schema", "public", "--json", file.name])
        text = open(file.name).read()
    if not text.strip():
        return None
    return [(item["severity"] == "CRITICAL", f"{item['table']} {item['policy']} {item['message']}") for item in json.loads(text)
            if item["severity"] in ("CRITICAL", "HIGH")]


def rlsgrid(url, schema, server):
    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/rlsgrid.toml"
        if run([f"{BIN}/rlsgrid", "init", "--from-db", "--out", config], DATABASE_URL=url).returncode != 0:
            return None
        text = open(config).read().replace("iterations = 300", "iterations = 1000")
        if schema["platform"] == "plain":
            # "Role names to introspect": the application's.
            text = re.sub(r"\[roles\]\n(.*\n)*?\n", '[roles]\nshop_app = "the application"\n\n', text)
        open(config, "w").write(text)
        done = run([f"{BIN}/rlsgrid", "check", "--config", config, "--json"], DATABASE_URL=url)
    try:
        facts = json.loads(done.stdout[done.stdout.index("{"):])
    except ValueError:
        return None
    return [(True, json.dumps(breach)) for breach in facts["breaches"]]


def pgrls_lint(url, schema, server):
    done = run([f"{BIN}/pgrls", "lint", "--database-url", url, "--format", "json"])
    if not done.stdout.strip():
        return None
    return [(item["severity"] == "error", f"{item.get('location')} {item['message']}")
            for item in json.loads(done.stdout)["violations"]
            if item["severity"] in ("error", "warning") and not item["rule_id"].startswith(("PERF", "HYG"))]


def pgrls_verify(url, schema, server):
    said = []
    for mode in ("anon", "cross-tenant", "write"):
        done = run([f"{BIN}/pgrls", "verify", "--database-url", url, "--mode", mode, "--format", "json"])
        try:
            facts = json.loads(done.stdout)
        except ValueError:
            return None

        def walk(node):
            if isinstance(node, dict):
                verdict = str(node.get("verdict") or node.get("status") or "").upper()
                if verdict == "LEAK":
                    said.append((True, json.dumps(node)))
                else:
                    for value in node.values():
                        walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)
        walk(facts)
    return said


def splinter(url, schema, server):
    # What the platform's API sets, and the lints ask for.
    text = server.psql(url.rsplit("/", 1)[1], "BEGIN; SET LOCAL pgrst.db_schemas = 'public';\n\\t on\n\\a\n"
                       + "SELECT json_build_object('level', level, 'text', detail) FROM (\n"
                       + re.sub(r"^\s*set local search_path = '';", "", SPLINTER, flags=re.I).strip().rstrip(";")
                       + "\n) x WHERE 'SECURITY' = ANY(categories);\nROLLBACK;")
    return [(item["level"] == "ERROR", item["text"]) for item in map(json.loads, filter(None, text.splitlines()))]


TOOLS = {"gonogo isolation": gonogo, "rlsautotest": rlsautotest, "rlsautotest lint": rlsautotest_lint, "rlsgrid": rlsgrid, "pgrls verify": pgrls_verify,
         "pgrls lint": pgrls_lint, "splinter": splinter}


def read(name):
    sql = open(f"{CORPUS}/{name}").read()
    headers = lambda key: re.findall(rf"^-- {key}: (.*)$", sql, re.M)
    expected = [line.split() for line in headers("expect")]
    return {"name": name[:-4], "sql": sql, "platform": (headers("platform") or ["plain"])[0], "role": (headers("role") or [None])[0],
            "leaks": {words[1] for words in expected if words[0] == "leak"}, "safe": expected == [["safe"]]}


def main():
    schemas = [schema for schema in (read(name) for name in sorted(os.listdir(CORPUS)) if name.endswith(".sql"))
               if (schema["leaks"] or schema["safe"]) and re.search(os.environ.get("ONLY", ""), schema["name"])]
    # Roles belong to a server: the plain schemas' has none of Supabase's.
    servers = {platform: Cluster() for platform in ("plain", "supabase")}
    # Supabase's lints ask about its roles, and end where there are none: they get a server of their own.
    servers["plain with Supabase's roles"] = Cluster()
    servers["plain with Supabase's roles"].psql("postgres", "CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS")
    for platform, server in servers.items():
        platform = platform.split()[0]
        server.psql("postgres", f"CREATE DATABASE corpus_{platform}")
        server.psql(f"corpus_{platform}", open(f"{CORPUS}/_{platform}.prelude").read())

    def look(schema, tool):
        needs_roles = tool == "splinter" and schema["platform"] == "plain"
        server = servers["plain with Supabase's roles" if needs_roles else schema["platform"]]
        database = f"c_{schema['name']}_{re.sub('[^a-z]', '_', tool)}"[:60]
        # A database of its own for each, for some of them write.
        server.psql("postgres", f"CREATE DATABASE {database} TEMPLATE corpus_{schema['platform']}")
        try:
            server.psql(database, "SET client_min_messages = error;\n" + schema["sql"])
            said = TOOLS[tool](server.url(database), schema, server)
        except (subprocess.TimeoutExpired, RuntimeError, json.JSONDecodeError, KeyError) as error:
            print(f"{tool} {schema['name']}: {str(error)[:300]}", file=sys.stderr)
            said = None
        server.psql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
        return said

    rows = {}
    details = {}
    chosen = sys.argv[2:] or list(TOOLS)
    for tool in chosen:
        counts = dict(found=0, noted=0, accused=0, remarked=0, dumb=0)
        for schema in schemas:
            said = look(schema, tool)
            if said is None:
                counts["dumb"] += 1
                said = []
            def names(text):
                return any(re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", text) for name in schema["leaks"])
            if schema["safe"]:
                counts["accused"] += any(gate for gate, _ in said)
                counts["remarked"] += bool(said)
                details.setdefault(schema["name"], {})[tool] = "accused" if any(gate for gate, _ in said) else ""
            else:
                verdict = any(gate and names(text) for gate, text in said)
                counts["found"] += verdict
                counts["noted"] += any(names(text) for _, text in said)
                details.setdefault(schema["name"], {})[tool] = "found" if verdict else "noted" if any(
                    names(text) for _, text in said) else "missed"
        rows[tool] = counts
        print(tool, counts, file=sys.stderr)
    leaks = sum(1 for schema in schemas if schema["leaks"])
    safe = sum(1 for schema in schemas if schema["safe"])
    print(f"| tool | leaks found of {leaks} | and remarks | safe accused of {safe} | and remarks | could not look |")
    print("|---|---:|---:|---:|---:|---:|")
    for tool, counts in rows.items():
        print(f"| {tool} | {counts['found']} | {counts['noted']} | {counts['accused']} | {counts['remarked']} | {counts['dumb']} |")
    if os.environ.get("DETAILS"):
        json.dump(details, open(os.environ["DETAILS"], "w"), indent=1)


main()
