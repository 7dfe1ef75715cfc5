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
      shells, tests, scripts and examples pass; so do switches, numbers to tune with, labels of a build, what a read has only in place of another \
      variable, what Laravel's `env()` gives null for, and what a comment of the file names. A file that says that it is not \
      all (required settings only, the rest is in the documentation), or that has less than half of what the code reads, \
      promises nothing, and nothing is told.
      """,
    why: "whoever sets up the environment from the declaration leaves them out, and learns it from users",
    mend: "name the variables in the example file, with a word on what they are for",
    falsifies: "every variable that the code needs is declared", wordings: ["every environment variable is declared"])

  public init() {}

  /// Read by deployed code, needed, and declared nowhere.
  static func variables(_ facts: EnvironmentFacts) -> [(EnvironmentVariable, EnvironmentRead)] {
    let alternatives = Set(
      facts.variables.lazy.flatMap(\.reads).compactMap { read -> String? in
        if case .variable(let other) = read.fallback { return other }
        return nil
      })
    return facts.variables.compactMap { variable in
      guard variable.declarations.isEmpty, variable.documents.isEmpty, EnvironmentNames.isConventional(variable.name),
        !EnvironmentNames.isPlatforms(variable.name), variable.name.contains("_"), !isSwitch(variable.name),
        !VariableDisagreement.isLabel(variable.name)
      else { return nil }
      let reads = variable.deployedReads.filter { read in
        // Supabase gives its functions these: https://supabase.com/docs/guides/functions/secrets
        read.how != "compose" && !(read.how == "Deno.env.get" && read.name.hasPrefix("SUPABASE_"))
          // `env()` of a configuration of Laravel's is null where nobody sets it, and the configuration knows that.
          && !(read.language == .php && read.how == "env" && read.need != .required)
      }
      // Where one place has something to put in its stead, the author knows that it may be missing.
      guard !reads.contains(where: { $0.need == .optional || $0.isSwitch }),
        !alternatives.contains(variable.name) || reads.contains(where: { $0.need == .required }),
        let read = reads.first(where: { $0.need == .required }) ?? reads.first,
        read.need == .required || !isTuning(variable.name)
      else { return nil }
      return (variable, read)
    }
  }

  /// A number to tune with, which the program has its own for.
  private static func isTuning(_ name: String) -> Bool {
    [
      "MS", "SECONDS", "SECS", "MINUTES", "HOURS", "HOUR", "DAYS", "PCT", "PERCENT", "RATE", "LIMIT", "TTL", "SIZE",
      "COUNT",
      "INTERVAL", "TIMEOUT", "RETRIES", "CONCURRENCY", "THRESHOLD",
    ].contains { name.hasSuffix("_\($0)") }
  }

  /// Off without a value: `ENABLE_X`, `X_ENABLED`, `DISABLE_X`, `NEXT_PUBLIC_MAINTENANCE_MODE`.
  private static func isSwitch(_ name: String) -> Bool {
    name.split(separator: "_").contains {
      [
        "ENABLE", "ENABLED", "DISABLE", "DISABLED", "DEBUG", "VERBOSE", "SKIP", "FEATURE", "FLAG", "DRY", "MAINTENANCE",
        "LOGGING",
      ].contains($0)
    }
  }

  private static let rest = [
    "only required", "required options", "minimal", "to find more", "configuration reference", "full list",
    "all available",
    "all options", "more options", "other options", "complete list", "additional options", "further options",
    "every option", "advanced settings are", "advanced configuration", "see the documentation for", "see the docs for",
    "for all settings", "for all config",
  ]

  /// Whether the file itself says that it does not name everything.
  private static func isPartial(_ text: SourceFile?) -> Bool {
    guard let text else { return false }
    return (1...max(1, text.lineCount)).contains { number in
      let line = text.line(number).drop { $0 == 0x20 }
      guard line.first == 0x23 else { return false }
      let words = String(decoding: line, as: UTF8.self).lowercased()
      return rest.contains { words.contains($0) }
    }
  }

  private static func isForDevelopers(_ file: TreeFile) -> Bool {
    file.name.lowercased().split { ".-_".contains($0) }.contains { ["dev", "development", "local"].contains($0) }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    let examples = facts.examples.filter { SourcePurpose.of(path: $0.file.path) != .test }
    guard !examples.isEmpty else { return }
    // Told by the rule of misspelt names, with the name that is declared in their place.
    let misspelt = Set(context.facts(MisspeltVariable.Pairs.self).pairs.map(\.read.name))
    var words: Set<String> = []
    for bytes in examples.compactMap({ context.tree.text($0.file)?.bytes }) {
      for word in bytes.split(whereSeparator: { !$0.isWordByte }) {
        words.insert(String(decoding: word, as: UTF8.self))
      }
    }
    var byExample: [String: [(EnvironmentVariable, EnvironmentRead)]] = [:]
    for (variable, read) in Self.variables(facts) where !misspelt.contains(variable.name) {
      // A comment that tells of it is its declaration.
      if words.contains(variable.name) { continue }
      // The nearest file to fill in: of the directories above the read, the deepest that has one.
      let near = examples.filter { Self.isAbove($0.file, read.place.path) }
        .max {
          // Of several in one directory, the fullest.
          (
            $0.file.directory.utf8.count, Self.isForDevelopers($0.file) ? 0 : 1, $0.names.count, $1.file.path
          )
            < (
              $1.file.directory.utf8.count, Self.isForDevelopers($1.file) ? 0 : 1, $1.names.count, $0.file.path
            )
        }
      guard let near, !Self.isPartial(context.tree.text(near.file)) else { continue }
      byExample[near.file.path, default: []].append((variable, read))
    }
    for path in byExample.keys.sorted() {
      let found = (byExample[path] ?? []).sorted { $0.1.place < $1.1.place }
      let known = facts.examples.first { $0.file.path == path }?.names.count { facts.isUsed($0) } ?? 0
      guard found.count <= max(3, known) else { continue }
      let required = found.filter { $0.1.need == .required }
      let names = (required + found.filter { $0.1.need != .required }).map(\.0.name)
      findings.add(
        "the code reads \(Listing.of(names)), which nothing declares", at: TreePlace(path), subject: path,
        severity: required.isEmpty ? .low : .medium, because: "no place that reads them refuses to go on without them",
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
    .silent(
      "a file that is not all, by its own words or by its length; switches, labels, alternatives, a comment, Laravel",
      [
        "api/.env.template": "# Only required options; the rest is in the documentation.\nDATABASE_URL=\n",
        "api/a.py": "import os\nkey = os.environ[\"MAIL_KEY\"] + os.environ[\"DATABASE_URL\"]\n",
        "web/.env.example": "ORDER_ROOT=\n",
        "web/a.ts":
          "const a = [process.env.ORDER_ROOT, process.env.A_KEY, process.env.B_KEY, process.env.C_KEY, process.env.D_KEY]\n",
        "shop/.env.example": "# SHOP_FILE replaces all of these\nSHOP_ROOT=\n",
        "shop/a.ts": """
        load(process.env.SHOP_FILE, process.env.SHOP_ENABLE_OFFERS, process.env.SHOP_REVISION_SHA)
        wait(Number(process.env.SHOP_PAUSE_MS))
        const root = process.env.SHOP_ROOT ?? process.env.SHOP_OLD_ROOT
        const old = process.env.SHOP_OLD_ROOT
        """,
        "php/.env.example": "APP_KEY=\n", "php/config/mail.php": "<?php return ['host' => env('MAIL_RELAY_HOST')];\n",
      ]),
    .silent("nothing declares anything here", ["src/a.ts": "const b = process.env.DATABASE_URL!\n"]),
  ]
}
