import Testing

/// Lines about files: what is proposed is green where the line is true, and red where it is false.
@Suite struct FileTruthTests {
  static let rows: [TruthRow] = [
    TruthRow(
      "- [ ] No `.env` file is committed", true: .git(["a": "x", ".env.example": "A="]), false: .git([".env": "A=1"])),
    TruthRow("- [ ] No `.env` file is committed", true: .git(["a": "x"]), false: .git(["api/.env.staging": "A=1"])),
    TruthRow("- [ ] No `.env` file with secrets is committed", true: .git(["a": "x"]), false: .git([".env": "A=1"])),
    TruthRow("- [ ] `.env` is not tracked by git", true: .git(["a": "x"]), false: .git([".env": "A=1"])),
    TruthRow(
      "- [ ] `deploy/id_rsa` must not be in the repository", true: .git(["a": "x"]), false: .git(["deploy/id_rsa": "k"])
    ),
    TruthRow("- [ ] Файл `.env` не закоммичен", true: .git(["a": "x"]), false: .git([".env": "A=1"])),
    TruthRow("- [ ] `secrets.json` has been removed", true: .tree(["a": "x"]), false: .tree(["secrets.json": "{}"])),
    TruthRow(
      "- [ ] File `chart/values-prod.yaml` does not exist", true: .tree(["chart/values.yaml": "a: 1"]),
      false: .tree(["chart/values-prod.yaml": "a: 1"])),
    TruthRow("- [ ] `old.sql` is gone", .high, true: .tree(["a": "x"]), false: .tree(["old.sql": "x"])),
    TruthRow("- [ ] `docs/old.md` no longer exists", true: .tree(["docs/a": "x"]), false: .tree(["docs/old.md": "x"])),
    TruthRow("- [ ] Файл `dump.sql` удалён", true: .tree(["a": "x"]), false: .tree(["dump.sql": "x"])),
    TruthRow("- [ ] Delete `debug.html`", true: .tree(["a": "x"]), false: .tree(["debug.html": "x"])),
    TruthRow("- [ ] `docs/runbook.md`", true: .tree(["docs/runbook.md": "x"]), false: .tree(["docs/a": "x"])),
    TruthRow("- [ ] Runbook: docs/runbook.md", true: .tree(["docs/runbook.md": "x"]), false: .tree(["docs/a": "x"])),
    TruthRow(
      "- [ ] `.dockerignore` excludes `.env`", true: .tree([".dockerignore": "node_modules\n.env\n", ".env": "A=1"]),
      false: .tree([".dockerignore": "node_modules\n", ".env": "A=1"])),
    TruthRow(
      "- [ ] `.dockerignore` excludes `.env`", true: .tree([".dockerignore": "**/.env\n"]),
      false: .tree([".dockerignore": ".env\n!.env\n"])),
    TruthRow(
      "- [ ] `.env` is in .gitignore", true: .git([".gitignore": ".env*\n"]), false: .git([".gitignore": "# .env\n"])),
    TruthRow(
      "- [ ] `.gitignore` excludes `dist/`", true: .git([".gitignore": "dist\n", "dist/a": "x"]),
      false: .git([".gitignore": "out\n", "dist/a": "x"])),
    TruthRow(
      "- [ ] Every `TODO` is gone from `src/`", true: .tree(["src/a.ts": "let a = 1"]),
      false: .tree(["src/deep/a.ts": "// TODO: later"])),
    TruthRow(
      "- [ ] no `log.Fatal` in internal/", true: .tree(["internal/a.go": "log.Print(1)"]),
      false: .tree(["internal/a.go": "log.Fatal(1)"])),
    TruthRow("- [ ] No TODO left in app/", true: .tree(["app/a.py": "a = 1"]), false: .tree(["app/a.py": "# TODO"])),
    TruthRow(
      "- [ ] Нет `console.log` в `web/src/`", true: .tree(["web/src/a.ts": "a()"]),
      false: .tree(["web/src/a.ts": "console.log(1)"])),
    TruthRow(
      "- [ ] README.md documents the rollback", .medium, true: .tree(["README.md": "# Rollback\nGo back."]),
      false: .tree(["README.md": "# Shop"])),
    TruthRow(
      "- [ ] `docs/runbook.md` describes how to restore a backup", .medium,
      true: .tree(["docs/runbook.md": "## Restoring the backup"]), false: .tree(["docs/runbook.md": "## Restart"])),
    TruthRow(
      "- [ ] `deploy.yml` contains `environment: production`", true: .tree(["deploy.yml": "environment: production"]),
      false: .tree(["deploy.yml": "environment: staging"])),
    TruthRow(
      "- [ ] Graceful shutdown on SIGTERM", .medium,
      true: .tree(["server.ts": "process.on('SIGTERM', () => stop())"]),
      false: .tree(["server.ts": "// FAULT: no SIGTERM\nserve() // SIGTERM is for later"])),
    TruthRow(
      "- [ ] Сервис: graceful shutdown", .medium,
      true: .tree(["main.go": "\tsignal.Notify(stop, syscall.SIGTERM)"]),
      false: .tree(["main.py": "# handle SIGTERM one day\nrun()"])),
    // Of two halves each has its own word: both were looked for as the first was.
    TruthRow(
      "- [ ] Файла `.env` в репозитории нет, а `SECURITY.md` есть", true: .git(["SECURITY.md": "x"]),
      false: .git(["a": "x"])),
    TruthRow(
      "- [ ] `secrets.json` is not committed, `SECURITY.md` is", true: .git(["SECURITY.md": "x"]),
      false: .git(["secrets.json": "{}", "SECURITY.md": "x"])),
    TruthRow(
      "- [ ] `.env` is not committed but `.env.production` is", true: .git([".env.production": "A="]),
      false: .git(["a": "x"])),
    TruthRow(
      "- [ ] `LICENSE` and `NOTICE.md` are committed, `secrets.json` is not",
      true: .git(["LICENSE": "x", "NOTICE.md": "x"]), false: .git(["LICENSE": "x"])),
    TruthRow(
      "- [ ] Файл `secrets.json` удалён, а `docs/rotation.md` написан", true: .tree(["docs/rotation.md": "x"]),
      false: .tree(["docs/a": "x"])),
    TruthRow(
      "- [ ] В репозитории нет `secrets.json`, зато есть `docs/rotation.md`", true: .git(["docs/rotation.md": "x"]),
      false: .git(["docs/a": "x"])),
    TruthRow(
      "- [ ] `secrets.json` is gone and `docs/rotation.md` is there", true: .tree(["docs/rotation.md": "x"]),
      false: .tree(["docs/a": "x"])),
    TruthRow(
      "- [ ] `secrets.json` нет, `SECURITY.md` есть", true: .tree(["SECURITY.md": "x"]), false: .tree(["a": "x"])),
    TruthRow(
      "- [ ] No `a.json`, `b.json` or `c.json` files are committed", true: .git(["a": "x"]),
      false: .git(["b.json": "{}"])),
    TruthRow(
      "- [ ] В репозитории нет `a.json`, `b.json` и `c.json`", true: .git(["a": "x"]), false: .git(["c.json": "{}"])),
    TruthRow(
      "- [ ] `SECURITY.md` есть, `secrets.json` нет", true: .tree(["SECURITY.md": "x"]),
      false: .tree(["SECURITY.md": "x", "secrets.json": "{}"])),
    TruthRow(
      "- [ ] No `.env` and `a.json` are committed", true: .git(["a": "x"]), false: .git(["a.json": "{}"])),
    TruthRow(
      "- [ ] No hardcoded credentials in the code", true: .tree(["a.py": "key = env('KEY')"]),
      false: .tree(["a.py": "password = \"correct-horse-battery\""])),
  ]

  @Test(arguments: rows) func `a file`(row: TruthRow) async throws { try await row.check() }

  static let services: [TruthRow] = [
    TruthRow(
      "- [ ] Every service has memory limits", .medium,
      true: .compose("  a: { mem_limit: 1g }\n  b: { deploy: { resources: { limits: { memory: 1g } } } }\n"),
      false: .compose("  a: { mem_limit: 1g }\n  cache: { image: redis }\n")),
    TruthRow(
      "- [ ] Every container has a memory limit and a CPU limit", .medium,
      true: .compose("  a: { mem_limit: 1g, cpus: 1 }\n"),
      false: .compose("  a: { mem_limit: 1g }\n")),
    TruthRow(
      "- [ ] Every service in docker-compose has a health check",
      true: .compose("  a: { healthcheck: { test: [CMD, x] } }\n"),
      false: .compose("  a: { healthcheck: { test: [CMD, x] } }\n  cache: { image: redis }\n")),
    TruthRow(
      "- [ ] All containers have health checks", .medium, true: .compose("  a: { healthcheck: { test: [CMD, x] } }\n"),
      false: .compose("  a: { healthcheck: { disable: true } }\n")),
    TruthRow(
      "- [ ] No container is privileged", .medium, true: .compose("  a: { image: x }\n"),
      false: .compose("  a: { image: x }\n  b: { privileged: true }\n")),
    TruthRow(
      "- [ ] Containers do not run as root", .medium, true: .compose("  a: { user: \"1000:1000\" }\n"),
      false: .compose("  a: { user: \"1000\" }\n  b: { image: x }\n")),
    TruthRow(
      "- [ ] All images are pinned by digest", .medium,
      true: .compose("  a: { image: \"x@sha256:\(String(repeating: "a", count: 64))\" }\n  b: { build: . }\n"),
      false: .compose("  a: { image: \"x:1.2\" }\n")),
    TruthRow(
      "- [ ] У всех сервисов заданы лимиты памяти", .medium, true: .compose("  a: { mem_limit: 1g }\n"),
      false: .compose("  a: { mem_limit: 1g }\n  b: {}\n")),
    TruthRow(
      "- [ ] Resource limits added", .medium, true: .compose("  a: { mem_limit: 1g }\n"),
      false: .compose("  a: { mem_limit: 1g }\n  b: { image: x }\n")),
    TruthRow(
      "- ✅ Закрыты открытые порты", .medium,
      true: .compose("  db: { image: postgres, ports: [\"127.0.0.1:5432:5432\"] }\n"),
      false: .compose("  db: { image: postgres, ports: [\"5432:5432\"] }\n")),
    TruthRow(
      "- [ ] Redis and PostgreSQL only on localhost", .medium,
      true: .compose("  db:\n    ports:\n      - 127.0.0.1:5432:5432\n"),
      false: .compose("  db:\n    ports:\n      - 5432:5432\n")),
  ]

  @Test(arguments: services) func `a service of Compose`(row: TruthRow) async throws { try await row.check() }
}
