import GonogoCore
import Testing

@testable import GonogoAudit

/// What shows that a Compose file goes live, and that nothing is told of one where nothing does.
@Suite struct GoingLiveTests {
  static let plain = "services:\n  api:\n    image: acme/api:1.0\n"

  /// - Returns: the paths of the files in which a service without a restart policy is told.
  func told(_ files: [String: String]) async -> [String] {
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    return await Audit.examine(NoRestartPolicy.self, in: context).findings.map(\.place.path)
  }

  @Test func aFileThatNothingSpeaksOfIsNotJudgedButCounted() async throws {
    let files = ["compose.yml": Self.plain]
    #expect(await told(files).isEmpty)
    let entry = try #require(ComposeInventory.entry(in: AuditContext(tree: SourceTree(texts: files), now: 0)))
    #expect(entry.summary.contains("nothing shows that they go live: compose.yml"))
    #expect(entry.json["unclear"] == .array([.string("compose.yml")]))
  }

  @Test(arguments: [
    ("docs/self-hosting/docker.md", "# Docker\n\n```sh\ndocker compose up -d\n```\n"),
    ("README.md", "# Shop\n## Install\n    curl -O https://example.org/shop/raw/main/compose.yml\n"),
    ("DEPLOYMENT.md", "Copy `compose.yml` to the machine.\n"), ("scripts/deploy.sh", "docker compose pull\n"),
    ("Makefile", "deploy:\n\tdocker compose -f compose.yml up -d\n"),
    ("package.json", "{ \"scripts\": { \"start-prod\": \"docker compose -f compose.yml up\" } }\n"),
    (
      ".github/workflows/x.yml",
      "on: push\njobs:\n  deploy:\n    steps:\n      - uses: appleboy/ssh-action@v1\n        with: { script: 'cd /srv && docker compose up -d' }\n"
    ),
    (
      ".github/workflows/x.yml",
      "on: push\njobs:\n  a:\n    steps: [{ run: 'docker push docker.io/acme/api:1.0' }]\n"
    ),
  ])
  func whatShowsIt(path: String, text: String) async {
    #expect(await told(["compose.yml": Self.plain, path: text]) == ["compose.yml"])
  }

  @Test(arguments: [
    ("README.md", "# Shop\n## Quick start\n    docker compose up -d\n"),
    ("README.md", "# Shop\n## Production\nUse Kubernetes. For local work run `docker compose up`.\n"),
    ("docs/deployment.md", "## Local development\n    docker compose up -d\n"),
    ("docs/deployment.md", "Use `deploy/compose.yml`.\n"), ("CONTRIBUTING.md", "## Deploy\n docker compose up\n"),
    ("CHANGELOG.md", "- Deployment: mend compose.yml\n"), ("scripts/check.sh", "docker compose up -d\n"),
    ("Makefile", "test:\n\tdocker compose up -d\n"),
    (
      ".github/workflows/x.yml",
      "on: push\njobs:\n  test:\n    steps: [{ run: 'docker compose up -d && npm test' }]\n"
    ),
    (
      ".github/workflows/x.yml",
      "on: push\njobs:\n  a:\n    steps: [{ run: 'docker push docker.io/acme/api-worker:1.0' }]\n"
    ),
  ])
  func whatOnlyLooksLikeIt(path: String, text: String) async {
    #expect(await told(["compose.yml": Self.plain, path: text]).isEmpty)
  }

  /// A service that is kept up is a sign together with a second one only.
  @Test(arguments: [
    ("    restart: always\n", false), ("    restart: always\n    ports: ['8080:80']\n", false),
    ("    restart: always\n    ports: ['443:443']\n", true), ("    ports: ['443:443']\n", false),
    ("    restart: always\n    environment: { NODE_ENV: production }\n", true),
    ("    restart: always\n    environment: { DB_PASSWORD: '${DB_PASSWORD:?}' }\n", true),
    ("    restart: always\n    environment: { DB_PASSWORD: '${DB_PASSWORD:-shop}' }\n", false),
  ])
  func signsOfAServer(more: String, isShown: Bool) async {
    let text = "services:\n  api:\n    image: acme/api:1.0\n" + more + "  web:\n    image: acme/web:1.0\n"
    #expect(await told(["compose.yml": text]).isEmpty != isShown)
  }

  @Test func aDocumentOrAMailCatcherMakesItADevelopers() async {
    let signed = Self.plain + "  web:\n    image: acme/web:1.0\n    restart: always\n    ports: ['443:443']\n"
    #expect(await told(["compose.yml": signed]) == ["compose.yml"])
    #expect(await told(["compose.yml": signed, "README.md": "- `compose.yml`: for local development\n"]).isEmpty)
    #expect(await told(["compose.yml": signed + "  mail:\n    image: axllent/mailpit:v1\n"]).isEmpty)
    // In a folder `deploy`, too; a file that is called so is believed.
    let mail = Self.plain + "  mail:\n    image: axllent/mailpit:v1\n"
    #expect(await told(["deploy/compose.yml": mail]).isEmpty)
    #expect(await told(["compose.prod.yml": mail]) == ["compose.prod.yml"])
  }

  /// Words that both say: only a sentence that says it of the file makes it a developer's.
  @Test(arguments: [
    ("# Used in production", true), ("# Copy .env.example to .env first", true),
    ("# The stack that runs in prod.\n# Evaluation of rules happens in the worker.", true),
    ("# For production use: docker compose up -d", true), ("# Do not use the default password in production", true),
    ("# Example: docker compose up -d", true), ("# For local development use compose.dev.yml", true),
    ("# Use docker-compose.dev.yml for local development", true),
    ("# Made for local development and production", true), ("# Sample rate of traces: 0.1", true),
    ("# Play with limits at will, see the example below", true), ("# For local development, see the README", true),
    ("# Do not use in prod", false), ("# This is NOT meant for production use!", false),
    ("# It should not be used\n# in production.", false), ("# Not production-ready", false),
    ("# For test and development only, do not use in production", false), ("# For demonstration only.", false),
    ("# For demo purposes", false), ("# Sample docker-compose file to run Acme", false),
    ("# An example Docker Compose configuration", false), ("# Acme stack: local development", false),
    ("# ===\n# This file is an example of a set-up.\n# ===", false), ("# Only for testing", false),
    ("# This file is for the development setup. For a production set-up see acme/setup.", false),
    ("# This setup is to try Acme out", false),
  ])
  func whatTheHeadSays(head: String, isTold: Bool) async {
    let signed = Self.plain + "  web:\n    image: acme/web:1.0\n    restart: always\n    ports: ['443:443']\n"
    #expect(await told(["compose.yml": head + "\n" + signed]) == (isTold ? ["compose.yml"] : []), "\(head)")
  }

  @Test func whatEndsNeedsNoRestart() async {
    let once = "services:\n  db:\n    image: acme/db-upgrade:1\n  web:\n    image: nginx:1.27\n"
    #expect(await told(["deploy/compose.yml": once]) == ["deploy/compose.yml", "deploy/compose.yml"])
    #expect(await told(["deploy/compose-upgrade-db.yml": once]).isEmpty)
    #expect(await told(["deploy/compose-init_tls.yml": once]).isEmpty)
    #expect(await told(["deploy/compose.yml": "services:\n  buckets:\n    image: minio/mc:1\n"]).isEmpty)
  }

  /// What is pulled and kept up as a whole is run by whoever reads of it; where a part is built or may stay down, it is not shown.
  @Test func aProductIsRunByItsReaders() async {
    func find(_ files: [String: String]) async -> [String] {
      let context = AuditContext(tree: SourceTree(texts: files), now: 0)
      return await Audit.examine(NoMemoryLimit.self, in: context).findings.map(\.place.path)
    }
    let kept = "services:\n  a: { image: 'acme/a:1', restart: always }\n"
    let read = "# Watcher\n## Install\n    docker compose up -d\n"
    #expect(await find(["compose.yml": kept, "README.md": read]) == ["compose.yml"])
    #expect(await find(["compose.yml": kept]).isEmpty)
    #expect(await find(["compose.yml": kept + "  b: { image: 'acme/b:1' }\n", "README.md": read]).isEmpty)
    #expect(await find(["compose.yml": kept + "  b: { build: ., restart: always }\n", "README.md": read]).isEmpty)
    let local = "# Watcher\n## Local development\n    docker compose up -d\n"
    #expect(await find(["compose.yml": kept, "README.md": local]).isEmpty)
  }
}
