#!/usr/bin/env python3
"""generate.py DIR FILES [SEED]: a repository of so many files, for the cost of an audit against its size.

One part in about forty of the files is of each kind that an audit reads closely, as in the repositories that the rules were measured on:
services of 100 files with a Dockerfile each, a Compose file for every five of them, a workflow for every four, migrations, documents
with a checklist, variables of the environment; the rest is code. The same seed gives the same bytes.
"""
import pathlib
import random
import sys

WORDS = """account address agent audit balance batch billing budget cache cart catalog charge client contact cursor customer
delivery device discount domain draft event export feature filter folder group history import index invoice item job label ledger limit
location login member message metric notice order owner page parcel partner payment period person plan policy price product profile
project quota queue rate record refund region report request review role route sample schedule search secret segment service session
setting share shipment signal snapshot source stage status step stock store stream task team template tenant ticket token topic
transfer usage user vendor version visit voucher wallet webhook window zone""".split()


class Maker:
    def __init__(self, root, seed):
        self.root = pathlib.Path(root)
        self.random = random.Random(seed)
        self.count = 0

    def word(self):
        return self.random.choice(WORDS)

    def name(self, count=2):
        return "_".join(self.word() for _ in range(count))

    def write(self, path, text):
        target = self.root / path
        if target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.count += 1
        return True

    def typescript(self, service):
        lines = ["import express from 'express'", f"import {{ {self.word()} }} from '../{self.word()}/{self.name()}'", ""]
        for _ in range(self.random.randint(2, 9)):
            noun, verb, env = self.word(), self.word(), self.name(2).upper()
            lines += [
                f"export async function {verb}{noun.title()}(input: string, limit = {self.random.randint(1, 99)}) {{",
                f"  const url = process.env.{env} ?? 'http://localhost:3000/{noun}'" if self.random.random() < 0.15 else f"  const url = base + '/{noun}'",
                f"  // what the {noun} holds when the {verb} is over",
                f"  const rows = await db.query('SELECT id, {self.name()} FROM {noun}s WHERE {verb}_id = $1', [input])",
                f"  if (rows.length === 0) throw new Error('no {noun} for ' + input)",
                f"  return rows.map((row) => ({{ id: row.id, {noun}: row.{verb}, url }}))",
                "}", "",
            ]
        if self.random.random() < 0.2:
            lines += [f"router.post('/{self.word()}/:id', async (req, res) => {{", "  res.json(await handle(req.body))", "})"]
        return "\n".join(lines) + "\n"

    def python(self, service):
        lines = ["import os", "from dataclasses import dataclass", ""]
        for _ in range(self.random.randint(2, 8)):
            noun, verb = self.word(), self.word()
            lines += [
                f"def {verb}_{noun}(rows, limit={self.random.randint(1, 99)}):",
                f'    """The {noun} of each row, until the {verb} ends."""',
                f"    key = os.environ.get('{self.name(2).upper()}', '')" if self.random.random() < 0.15 else f"    key = '{noun}'",
                f"    return [row['{verb}'] for row in rows if row.get(key)][:limit]", "",
            ]
        return "\n".join(lines) + "\n"

    def markdown(self, service):
        lines = [f"# {self.name().replace('_', ' ').title()}", ""]
        for _ in range(self.random.randint(5, 30)):
            lines += [" ".join(self.word() for _ in range(14)) + f", see `{service}/src/{self.word()}.ts`.", ""]
        return "\n".join(lines)

    def checklist(self, service):
        lines = ["# Production checklist", ""]
        for _ in range(20):
            claim = self.random.choice([
                "Rate limits on /api", "Health checks", f"{self.random.randint(1, 40)} migrations", "CORS restricted",
                "No secrets in git", f"`{service}/Dockerfile` runs as non-root", "Memory limits set", f"{self.word()} reviewed",
            ])
            lines.append(f"- [{self.random.choice('x ')}] {claim}")
        return "\n".join(lines) + "\n"

    def migration(self, number):
        table = self.name()
        lines = [f"CREATE TABLE IF NOT EXISTS {table}_{number} (", "  id bigint PRIMARY KEY,"]
        lines += [f"  {self.word()}_{i} text NOT NULL," for i in range(self.random.randint(2, 8))]
        lines += ["  created_at timestamptz NOT NULL DEFAULT now()", ");",
                  f"CREATE INDEX {table}_{number}_created ON {table}_{number} (created_at);"]
        return "\n".join(lines) + "\n"

    def workflow(self, service):
        return f"""name: {service}
on: {{ push: {{ branches: [main] }}, pull_request: {{}} }}
permissions: {{ contents: read }}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npm test --prefix {service}
  deploy:
    needs: [test]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy.sh {service}
"""

    def compose(self, services):
        text = "services:\n"
        for service in services:
            text += f"""  {service}:
    build: ./{service}
    restart: unless-stopped
    environment:
      DATABASE_URL: ${{DATABASE_URL}}
      {self.name().upper()}: "{self.word()}"
    ports: ["127.0.0.1:{self.random.randint(3000, 9000)}:3000"]
"""
        return text + "  db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"

    def make(self, files):
        services, number = [], 0
        while self.count < files:
            service = f"services/{self.name()}-{len(services)}"
            services.append(service)
            short = service.split("/")[1]
            self.write(f"{service}/Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"src/index.js\"]\n")
            self.write(f"{service}/package.json", f'{{ "name": "{short}", "scripts": {{ "test": "vitest" }} }}\n')
            self.write(f"{service}/.env.example", "".join(f"{self.name(2).upper()}=\n" for _ in range(8)))
            if len(services) % 4 == 1:
                self.write(f".github/workflows/{short}.yml", self.workflow(service))
            if len(services) % 5 == 0:
                group = [one.split("/")[1] for one in services[-5:]]
                self.write(f"deploy/compose-{len(services) // 5}.yml", self.compose(group))
            if len(services) % 10 == 1:
                self.write(f"docs/{short}/PRODUCTION_CHECKLIST.md", self.checklist(service))
            for _ in range(95):
                if self.count >= files:
                    break
                kind = self.random.random()
                stem = f"{service}/src/{self.word()}/{self.name(2)}"
                if kind < 0.55:
                    self.write(f"{stem}.ts", self.typescript(service))
                elif kind < 0.72:
                    self.write(f"{stem}.py", self.python(service))
                elif kind < 0.80:
                    self.write(f"{service}/tests/{self.name(2)}.test.ts", self.typescript(service))
                elif kind < 0.86:
                    self.write(f"docs/{short}/{self.name(2)}.md", self.markdown(service))
                elif kind < 0.90:
                    number += 1
                    self.write(f"db/migrations/{number:05d}_{self.name(2)}.sql", self.migration(number))
                elif kind < 0.95:
                    self.write(f"{stem}.json", '{ "' + self.word() + '": [' + ", ".join('"' + self.word() + '"' for _ in range(40)) + "] }\n")
                elif kind < 0.98:
                    self.write(f"{stem}.css", "".join(f".{self.word()} {{ margin: {i}px }}\n" for i in range(40)))
                else:
                    self.write(f"{service}/scripts/{self.name(2)}.sh", f"set -eu\nnpm run {self.word()} -- \"${self.name(2).upper()}\"\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    Maker(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 1).make(int(sys.argv[2]))
