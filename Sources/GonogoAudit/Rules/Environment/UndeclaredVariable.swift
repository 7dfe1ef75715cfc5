public import GonogoCore

/// Variables that the code reads and nothing declares.
public struct UndeclaredVariable: AuditRule {
  public static let manual = RuleManual(
    id: "env-undeclared", severity: .medium, family: "environment",
    title: "Code reads variables that nothing declares",
    what: """
      Where a repository has a file to fill in (`.env.example` and its like): variables that deployed code needs, or reads with \
      nothing to take their place, and that stand in no such file, no Compose or platform file, no manifest, image or document. \
      One finding for each file to fill in, with the list. Optional variables, those with a default, those of platforms and \
      shells, tests, scripts and examples pass.
      """,
    why: "whoever sets up the environment from the declaration leaves them out, and learns it from users",
    mend: "name the variables in the example file, with a word on what they are for",
    falsifies: "every variable that the code needs is declared", wordings: ["every environment variable is declared"])

  public init() {}

  /// Read by deployed code, needed, and declared nowhere.
  static func variables(_ facts: EnvironmentFacts) -> [(EnvironmentVariable, EnvironmentRead)] {
    facts.variables.compactMap { variable in
      guard variable.declarations.isEmpty, variable.documents.isEmpty, EnvironmentNames.isConventional(variable.name),
        !EnvironmentNames.isPlatforms(variable.name), variable.name.contains("_")
      else { return nil }
      let reads = variable.deployedReads.filter { read in
        // Supabase gives its functions these: https://supabase.com/docs/guides/functions/secrets
        read.how != "compose" && !(read.how == "Deno.env.get" && read.name.hasPrefix("SUPABASE_"))
      }
      // Where one place has something to put in its stead, the author knows that it may be missing.
      guard !reads.contains(where: { $0.need == .optional || $0.isSwitch }),
        let read = reads.first(where: { $0.need == .required }) ?? reads.first
      else { return nil }
      return (variable, read)
    }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    let examples = facts.examples.filter { SourcePurpose.of(path: $0.file.path) != .test }
    guard !examples.isEmpty else { return }
    var byExample: [String: [(EnvironmentVariable, EnvironmentRead)]] = [:]
    for (variable, read) in Self.variables(facts) {
      // The nearest file to fill in: of the directories above the read, the deepest that has one.
      let near = examples.filter { Self.isAbove($0.file, read.place.path) }
        .max {
          // Of several in one directory, the fullest.
          ($0.file.directory.utf8.count, $0.names.count, $1.file.path)
            < ($1.file.directory.utf8.count, $1.names.count, $0.file.path)
        }
      guard let near else { continue }
      byExample[near.file.path, default: []].append((variable, read))
    }
    for path in byExample.keys.sorted() {
      let found = (byExample[path] ?? []).sorted { $0.1.place < $1.1.place }
      let required = found.filter { $0.1.need == .required }
      let names = (required + found.filter { $0.1.need != .required }).map(\.0.name)
      findings.add(
        "the code reads \(Listing.of(names)), which nothing declares", at: TreePlace(path), subject: path,
        severity: required.isEmpty ? .low : .medium, because: "the code starts without them",
        related: found.prefix(40).map {
          .init($0.1.place, "\($0.0.name) is read here" + ($0.1.need == .required ? ", and required" : ""))
        })
    }
  }

  private static func isAbove(_ file: TreeFile, _ path: String) -> Bool {
    file.directory.isEmpty || path.hasPrefix(file.directory + "/")
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".env.example:1:1", "api/.env.example:1:1",
      in: [
        ".env.example": "DATABASE_URL=\n", "api/.env.example": "API_ORIGIN=\n",
        "src/a.ts":
          "if (!process.env.PAYMENT_WEBHOOK_SECRET) throw new Error('x')\nconst b = process.env.DATABASE_URL\n",
        "api/a.py": "import os\nkey = os.environ[\"PAYMENT_API_KEY\"]\n",
      ], "two packages, two files to fill in"),
    .silent(
      "declared elsewhere, optional, of the platform, of tests, and without a file to fill in",
      [
        ".env.example": "DATABASE_URL=\n# MAIL_FROM=x\n",
        "compose.yml": "services:\n  api:\n    image: a/b:1\n    environment:\n      REDIS_URL: redis://redis\n",
        "README.md": "Set `GEO_API_KEY` first.\n",
        "src/a.ts": """
        const a = process.env.DATABASE_URL! + process.env.MAIL_FROM + process.env.REDIS_URL + process.env.NODE_ENV
        const b = process.env.CACHE_SECONDS ?? '60'
        const c = process.env.VERCEL_URL ? 1 : process.env.GEO_API_KEY
        """,
        "tests/a.ts": "const a = process.env.ONLY_TESTS\n",
        "scripts/a.ts": "const a = process.env.ONLY_SCRIPTS!\n",
      ]),
    .silent(
      "a default of zod's, what the build defines, a table without code, a block of settings, Turborepo's list",
      [
        ".env.example": "DATABASE_URL=\n",
        "src/config.ts": """
        import { z } from 'zod'
        export const env = z.object({ JOB_QUEUES: z.string().prefault('mail,pdf') }).parse(process.env)
        """,
        "src/a.ts": """
        const a = import.meta.env.APP_REVISION + process.env.MAIL_FROM + process.env.GEO_API_KEY + process.env.CRM_ORIGIN
        """,
        "vite.config.ts": "export default { define: { 'import.meta.env.APP_REVISION': JSON.stringify(revision) } }\n",
        "docs/settings.md": "| Name | Meaning |\n|---|---|\n| MAIL_FROM | who writes |\n",
        "docs/agent.md": "```json\n{ \"env\": { \"GEO_API_KEY\": \"…\" } }\n```\n",
        "src/page.js": "export const version = process.env.APP_BUILD_VERSION\n",
        "Makefile": "build:\n\texport APP_BUILD_VERSION=\"$(V)\" && yarn build\n",
        "settings.py":
          "import os\nhost_name = os.environ.get(\"OWN_HOST_NAME\")\nif host_name:\n    HOSTS = [host_name]\n",
        "wsgi.py": "import os\ndef application(environ, start):\n    path = environ['PATH_INFO_RAW']\n",
        "turbo.json": "{ \"globalEnv\": [\"CRM_ORIGIN\"] }\n",
      ]),
    .silent(
      "the file to fill in ends in txt",
      [
        "env.example.txt": "MAIL_FROM=\n", "src/a.ts": "const a = process.env.MAIL_FROM!\n",
      ]),
    .silent("nothing declares anything here", ["src/a.ts": "const b = process.env.DATABASE_URL!\n"]),
  ]
}
