import GonogoSystem
import GonogoTestSupport
import Testing

/// `gonogo init` as a user meets it: a small repository of each kind.
@Suite struct InitScenarioTests {
  private static let tool = FileSystem.directory(of: GonogoBinary.path)

  /// With git and with gonogo on the path, as a user has them.
  private func run(_ arguments: [String], in directory: TemporaryDirectory, _ variables: [String: String] = [:]) throws
    -> GonogoBinary.Result
  {
    try GonogoBinary.run(
      arguments, in: directory.path,
      environment: variables.merging(["PATH": "\(Self.tool):/usr/local/bin:/usr/bin:/bin"]) { first, _ in first })
  }

  private func commit(_ directory: TemporaryDirectory) throws {
    let done = try GonogoBinary.shell(
      "git init -q . && git add -A && git -c user.name=t -c user.email=t@example.org commit -qm all", in: directory.path
    )
    #expect(done.status == 0, "\(done.error)")
  }

  private func text(_ directory: TemporaryDirectory) throws -> String {
    String(decoding: try FileSystem.read("\(directory.path)/GO-LIVE.md"), as: UTF8.self)
  }

  /// A project of Node with Compose, an environment and a health endpoint.
  private func service() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(#"{"name": "shop", "scripts": {"start": "node server.js"}}"#, to: "package.json")
    try directory.write(#"{"lockfileVersion": 3}"#, to: "package-lock.json")
    try directory.write(
      """
      const http = require('http');
      http.createServer((q, s) => { if (q.url === '/healthz') s.end('ok'); }).listen(process.env.PORT);

      """, to: "server.js")
    try directory.write(
      """
      SESSION_SECRET=
      SHOP_NAME=
      # optional: reports errors
      SENTRY_DSN=
      TEST_USER=somebody

      """, to: ".env.example")
    try directory.write(
      """
      services:
        shop:
          build: .
          image: shop:1.0.0
        cache:
          image: redis:7.2.5
          privileged: true

      """, to: "docker-compose.yml")
    return directory
  }

  @Test func `what needs nothing outside is green where all is well, and each fault turns its own line red`() throws {
    let directory = try service()
    try commit(directory)
    let made = try run(["init"], in: directory)
    #expect(made.status == 0, "\(made.error)")
    #expect(made.error.contains("export APP_URL=… DOMAIN=…"), "\(made.error)")
    let good = ["SESSION_SECRET": "mV7q2Lx9Rt4bZ8sWk3Nd6Yc1Hf5Jg0Pa", "SHOP_NAME": "Shop"]
    let alone = ["check", "GO-LIVE.md", "--only", "REPO-*", "--only", "ENV-*", "--only", "SVC-*", "--no-store"]
    let green = try run(alone, in: directory, good)
    #expect(green.status == 0, "\(green.output)\(green.error)")

    func red(_ id: String, _ variables: [String: String]) throws {
      let result = try run(alone + ["-o", "tap"], in: directory, variables)
      let failed = result.output.split(separator: "\n").filter {
        $0.hasPrefix("not ok") && !$0.contains("- verdict")
      }
      #expect(failed.count == 1 && failed[0].contains(id), "\(id): \(result.output)")
    }
    try red("ENV-1", ["SESSION_SECRET": "changeme", "SHOP_NAME": "Shop"])
    try FileSystem.remove("\(directory.path)/package-lock.json")
    try red("REPO-3", good)
    try directory.write("{}", to: "package-lock.json")
    try directory.write("services:\n  shop:\n    image: shop:1.0.0\n", to: "docker-compose.yml")
    try red("SVC-1", good)
    try directory.write("services:\n  shop: {}\n  cache: {}\n", to: "docker-compose.yml")
    try directory.write("key = 'sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc'\n", to: "pay.py")
    try red("REPO-2", good)
    try FileSystem.remove("\(directory.path)/pay.py")
    try directory.write("A=1\n", to: ".env")
    try commit(directory)
    try red("REPO-1", good)
  }

  @Test func `endpoints are asked at a variable, and no host is made up`() throws {
    let directory = try service()
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(text.contains("http: { GET: \"${app}/healthz\" }") && text.contains("app: \"${APP_URL}\""), "\(text)")
    #expect(!text.contains("SENTRY_DSN: required") && !text.contains("TEST_USER"), "\(text)")
    #expect(!text.contains("git, ls-files"), "no repository of git, so nothing is committed: \(text)")
    #expect(!text.contains("https://example") && !text.contains("localhost"))
    // Without the variable those lines are errored, never green.
    let asked = try run(["check", "GO-LIVE.md", "--only", "WEB-*", "--no-store"], in: directory)
    #expect(asked.status == 3, "\(asked.output)")
  }

  @Test func `a finding of the audit is a line that is red until it is mended`() throws {
    let directory = try service()
    // Kept up behind the port of the web: this is what goes live.
    let live = "services:\n  shop: { image: shop:1.0.0, restart: always, ports: ['443:443']"
    try directory.write("\(live), privileged: true }\n", to: "docker-compose.yml")
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(text.contains("Containers run with the least privileges"), "\(text)")
    let id = try #require(
      text.split(separator: "\n").first { $0.contains("least privileges") }?.split(separator: "**").dropFirst().first)
    let only = ["check", "GO-LIVE.md", "--only", String(id), "--no-store"]
    #expect(try run(only, in: directory).status == 1)
    try directory.write("\(live) }\n", to: "docker-compose.yml")
    #expect(try run(only, in: directory).status == 0)
  }

  @Test func `migrations apply in a scratch database, and tenants are parted where there are policies`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
      CREATE TABLE members (organization_id uuid NOT NULL REFERENCES organizations, user_id uuid NOT NULL REFERENCES auth.users,
        role text NOT NULL DEFAULT 'member', PRIMARY KEY (organization_id, user_id));
      CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organization_id uuid NOT NULL REFERENCES organizations, body text);
      ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
      ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
      ALTER TABLE members ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON members USING (user_id = auth.uid());
      CREATE POLICY own ON organizations USING (id IN (SELECT organization_id FROM members WHERE user_id = auth.uid()));
      CREATE POLICY own ON notes USING (organization_id IN (SELECT organization_id FROM members WHERE user_id = auth.uid()));

      """, to: "supabase/migrations/20260101000000_first.sql")
    try directory.write("project_id = \"notes\"\n", to: "supabase/config.toml")
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(
      text.contains("isolation: { shadow: supabase/migrations }") && text.contains("shadow: supabase/migrations\n"))
    let only = ["check", "GO-LIVE.md", "--only", "DB-1", "--only", "DB-2", "--no-store"]
    #expect(try run(only, in: directory).status == 0)
    try directory.write("ALTER TABLE nothing ADD x int;\n", to: "supabase/migrations/20260102000000_second.sql")
    #expect(try run(only, in: directory).status == 1)
  }

  @Test func `migrations of other systems make no scratch PostgreSQL`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\n", to: "db/migrations/001_first.sql")
    #expect(try run(["init"], in: directory).status == 0)
    #expect(!(try text(directory)).contains("shadow:"))
  }

  @Test func `a report is read where a workflow names it, and else a person is asked`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest --junitxml=out/tests.xml\n",
      to: ".github/workflows/test.yml")
    #expect(try run(["init"], in: directory).status == 0)
    #expect(try text(directory).contains("results: { path: out/tests.xml, max_age: 7d }"))
    try directory.write(
      "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest\n",
      to: ".github/workflows/test.yml")
    #expect(try run(["init", "--force"], in: directory).status == 0)
    let text = try text(directory)
    #expect(!text.contains("results: {") && text.contains("The workflows are green"))
  }

  @Test func `nothing is written over, and a checklist that is there is for bind`() throws {
    let directory = try service()
    try directory.write("# Launch\n- [ ] a\n- [ ] b\n- [x] c\n", to: "docs/LAUNCH_CHECKLIST.md")
    let refused = try run(["init"], in: directory)
    #expect(refused.status == 2 && refused.error.contains("gonogo bind docs/LAUNCH_CHECKLIST.md"), "\(refused.error)")
    #expect(!FileSystem.exists("\(directory.path)/GO-LIVE.md"))
    #expect(try run(["init", "--print"], in: directory).output.contains("# Go-live of"))
    #expect(!FileSystem.exists("\(directory.path)/GO-LIVE.md"))
    #expect(try run(["init", "--force"], in: directory).status == 0)
    try directory.write("mine\n", to: "GO-LIVE.md")
    let second = try run(["init"], in: directory)
    #expect(second.status == 2 && second.error.contains("--force"))
    #expect(try text(directory) == "mine\n")
  }

  @Test func `whatever file of an environment is committed is told, but not one to be filled in`() throws {
    let directory = try service()
    try directory.write("A=1\n", to: "api/.env.staging")
    try directory.write("# an identifier that AWS documents\nkey = 'AKIA" + "IOSFODNN7EXAMPLE'\n", to: "test.py")
    try commit(directory)
    #expect(try run(["init"], in: directory).status == 0)
    func status(_ id: String) throws -> Int32? {
      try run(["check", "GO-LIVE.md", "--only", id, "--no-store"], in: directory).status
    }
    #expect(try status("REPO-1") == 1)
    #expect(try status("REPO-2") == 0)
    let moved = try GonogoBinary.shell("git rm -q --cached api/.env.staging", in: directory.path)
    #expect(moved.status == 0)
    #expect(try status("REPO-1") == 0)
    #expect(try status("REPO-3") == 0)
    try directory.write("", to: "package-lock.json")
    #expect(try status("REPO-3") == 1, "an empty lock file pins nothing")
  }

  @Test func `a finding whose mend has a reference in it is a line too`() throws {
    let directory = try service()
    try directory.write(
      "services:\n  shop:\n    image: shop:1.0.0\n    environment:\n      DB_PASSWORD: kT8vQ2mX9zR4wL7c\n",
      to: "docker-compose.prod.yml")
    let made = try run(["init"], in: directory)
    #expect(made.status == 0 && !made.error.contains("left out"), "\(made.error)")
    let text = try text(directory)
    #expect(text.contains("No secret stands in the repository") && text.contains("$${"), "\(text)")
    #expect(try run(["plan", "GO-LIVE.md"], in: directory).status == 0)
    let lines = text.split(separator: "\n")
    let line = try #require(lines.first { $0.contains("No secret stands in the repository") })
    let id = try #require(line.split(separator: "**").dropFirst().first)
    let checked = try run(["check", "GO-LIVE.md", "--only", String(id), "--no-store"], in: directory)
    #expect(checked.status == 1, "\(checked.output)")
    #expect(checked.output.contains("${") && !checked.output.contains("$${"), "\(checked.output)")
  }

  @Test func `what Go reads without a default is asked for, and what is deployed by Kubernetes is named`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("module relay\n\ngo 1.24\n", to: "go.mod")
    try directory.write(
      """
      package main

      import (
      \t"net/http"
      \t"os"
      )

      func main() {
      \tdsn := os.Getenv("DATABASE_URL")
      \tprintln(dsn)
      \tport := os.Getenv("PORT")
      \thttp.ListenAndServe(":"+port, nil)
      }

      """, to: "main.go")
    try directory.write(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: relay
      spec:
        template:
          spec:
            containers:
              - name: relay
                image: relay:1.0.0

      """, to: "k8s/deployment.yaml")
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(text.contains("DATABASE_URL:") && !text.contains("      PORT:"), "\(text)")
    #expect(text.contains("`k8s/deployment.yaml` has the workloads that go live: relay"), "\(text)")
    func status() throws -> Int32? {
      try run(["check", "GO-LIVE.md", "--only", "SVC-1", "--no-store"], in: directory).status
    }
    #expect(try status() == 0)
    try directory.write("kind: Deployment\nmetadata:\n  name: other\n", to: "k8s/deployment.yaml")
    #expect(try status() == 1)
  }

  /// A pattern that only knew YAML in blocks was red by construction, and a chart's `release-name` stands in no file.
  @Test func `workloads in braces are seen, and what a chart names when it is rendered is not asked for`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("module relay\n\ngo 1.24\n", to: "go.mod")
    func deployment(_ metadata: String) -> String {
      "apiVersion: apps/v1\nkind: Deployment\n\(metadata)\n"
        + "spec: { template: { spec: { containers: [{ name: cache, image: \"redis:7.2.5\" }] } } }\n"
    }
    try directory.write(deployment("metadata: { labels: { app: x }, name: cache }"), to: "k8s/cache.yaml")
    try directory.write("apiVersion: v2\nname: ledger\nversion: 1.0.0\n", to: "chart/Chart.yaml")
    try directory.write(deployment("metadata: { name: {{ .Release.Name }} }"), to: "chart/templates/api.yaml")
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(text.contains("`k8s/cache.yaml` has the workloads that go live: cache\n"), "\(text)")
    #expect(!text.contains("release-name") && text.contains("The chart that goes live"), "\(text)")
    func status() throws -> Int32? {
      try run(["check", "GO-LIVE.md", "--only", "SVC-*", "--no-store"], in: directory).status
    }
    #expect(try status() == 0)
    for good in [
      "metadata: { name: \"cache\" }", "metadata:\n  name: cache # the queue's", "metadata: {\n  \"name\": \"cache\" }",
    ] {
      try directory.write(deployment(good), to: "k8s/cache.yaml")
      #expect(try status() == 0, "\(good)")
    }
    for bad in [
      "metadata: { name: cache-2 }", "metadata: { name: other }", "# metadata: { name: cache }",
      "metadata:\n  name: cache#2",
    ] {
      try directory.write(deployment(bad), to: "k8s/cache.yaml")
      #expect(try status() == 1, "\(bad)")
    }
  }

  /// `distribution.pem` was excused as "dist".
  @Test func `words of examples excuse files of variables and no private key`() throws {
    let directory = try service()
    for name in [".env.sample", ".env.dist", "example.env", "deploy/.env.production.template"] {
      try directory.write("A=\n", to: name)
    }
    try commit(directory)
    #expect(try run(["init"], in: directory).status == 0)
    func status() throws -> Int32? {
      try run(["check", "GO-LIVE.md", "--only", "REPO-1", "--no-store"], in: directory).status
    }
    #expect(try status() == 0)
    for name in [
      "distribution.pem", "default.pem", "certs/sample.pem", "template/id_rsa", ".env.distribution", "dist/.env",
    ] {
      try directory.write("x\n", to: name)
      try commit(directory)
      #expect(try status() == 1, "\(name)")
      #expect(try GonogoBinary.shell("git rm -qf --cached \(name) && rm \(name)", in: directory.path).status == 0)
    }
    #expect(try status() == 0)
  }

  @Test func `a name with a slip in it is written as the code reads it`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("PAGE_SIZ=50\nAPI_TOKEN=\n", to: ".env.example")
    try directory.write(
      "import os\nsize = int(os.getenv('PAGE_SIZE', '50'))\ntoken = os.environ['API_TOKEN']\n", to: "app/settings.py")
    try directory.write("[project]\nname = 'shop'\n", to: "pyproject.toml")
    #expect(try run(["init"], in: directory).status == 0)
    let text = try text(directory)
    #expect(text.contains("PAGE_SIZE: optional") && !text.contains("PAGE_SIZ:"), "\(text)")
    #expect(text.contains("API_TOKEN: { secret: true }"))
  }

  @Test func `an empty directory, and one that is not there, are said`() throws {
    let directory = try TemporaryDirectory()
    let empty = try run(["init"], in: directory)
    #expect(empty.status == 2 && empty.error.contains("no file") && empty.error.contains("mend"), "\(empty.error)")
    #expect(try FileSystem.list(directory.path).isEmpty)
    #expect(try run(["init", "nowhere"], in: directory).status == 2)
    // One file that says nothing still gives what every go-live asks.
    try directory.write("hello\n", to: "notes.txt")
    #expect(try run(["init"], in: directory).status == 0)
    #expect(try run(["plan", "GO-LIVE.md"], in: directory).status == 0)
  }
}
