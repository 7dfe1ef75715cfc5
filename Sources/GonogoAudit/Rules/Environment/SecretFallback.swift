public import GonogoCore

/// A secret for which the code has a value of its own.
public struct SecretFallback: AuditRule {
  public static let manual = RuleManual(
    id: "secret-fallback", severity: .high, family: "environment",
    title: "A secret falls back to a value that stands in the code",
    what: """
      Looks at every read of a variable whose name ends like a secret's (PASSWORD, SECRET, TOKEN, API_KEY, PRIVATE_KEY …) for a \
      default that stands in the code: `X || 'literal'`, `??`, `or`, the second argument of getenv, fetch and the project's own \
      readers, `.default()` of a schema, the default of a pydantic field. Empty defaults, switches and numbers, tests, examples \
      and scripts pass; so do secrets of demonstrations and tests by their names (DEMO_PASSWORD), and defaults that stand behind \
      a question for the stage, so that production never has them, in the `test:` and `development:` sections of a YAML file, or \
      where something has failed already; what stands behind the name in a call of the project's own reader is a default only \
      where that function has a use for it. Files of which the tree shows that nothing runs them pass. Words for show in place of keys that providers issue, which \
      no provider takes, are one light finding for the whole repository, and a secret that falls back in several places of one \
      program is one finding. The value is never shown.
      """,
    why: "an installation that forgets the variable runs with a secret that everybody who has the code knows",
    mend: "refuse to start without the variable; for developers write the value into a .env that is not committed",
    falsifies: "every secret is set, and the program does not start without it",
    wordings: ["no secret falls back to a default", "no secret has a fallback", "no default secrets"],
    references: ["https://cwe.mitre.org/data/definitions/1188.html", "https://cwe.mitre.org/data/definitions/798.html"])

  public init() {}

  /// Whether a literal would be taken as the secret.
  static func isValue(_ text: String) -> Bool {
    let text = text.trimmed
    // Keys that their providers mean for everybody.
    if text.hasPrefix("phc_") || text.hasPrefix("pk_") || text == "DEMO_KEY" { return false }
    if text.utf8.count < 3 || text.allSatisfy({ $0.isNumber }) || text.hasPrefix("/") || text.hasPrefix("http") {
      return false
    }
    return ![
      "true", "false", "none", "null", "nil", "undefined", "yes", "not set", "not_set", "unset", "n/a", "missing",
    ]
    .contains(text.lowercased()) && !text.lowercased().hasPrefix("not ")
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    let roots = EnvironmentPrograms.roots(context.tree)
    var shown: [(name: String, place: TreePlace)] = []
    for variable in facts.variables
    where SecretNames.isSecret(variable.name) && !Self.isPublic(variable.name) && !SecretNames.isForShow(variable.name)
    {
      // A secret that falls back in five files is one secret to set.
      var places: [TreePlace] = []
      for read in variable.reads
      where read.purpose == .application && !read.isGuarded && !Self.isTools(read) {
        guard case .literal(let text) = read.fallback, Self.isValue(text), text != variable.name,
          !Self.isBuildOnly(text)
        else { continue }
        if context.isUnused(read.place.path) {
          findings.passOver(read.place)
          continue
        }
        guard SecretNames.isChosen(variable.name) || SecretNames.isRandom(text) else {
          shown.append((variable.name, read.place))
          continue
        }
        places.append(read.place)
      }
      for places in Dictionary(grouping: places, by: { EnvironmentPrograms.of($0.path, roots) }).values.map({
        $0.sorted()
      }) {
        findings.add(
          "\(variable.name) falls back to a value that stands in the code", at: places[0], subject: variable.name,
          related: places.dropFirst().prefix(20).map { .init($0, "and here") })
      }
    }
    guard let first = shown.first else { return }
    var seen: Set<String> = []
    let names = shown.map(\.name).filter { seen.insert($0).inserted }
    findings.add(
      names.count == 1
        ? "\(first.name) falls back to a value for show, and the program starts without it"
        : "\(Listing.of(names)) fall back to values for show, and the program starts without them",
      at: first.place, subject: "values for show", severity: .low, because: "no provider takes the value",
      related: shown.dropFirst().prefix(20).map { .init($0.place, "\($0.name) here") })
  }

  /// What a bundler writes into a page is no secret, whatever its last word; a true one there `public-secret` tells.
  private static func isPublic(_ name: String) -> Bool {
    EnvironmentNames.publicPrefixes.contains { $0 != "PUBLIC_" && name.hasPrefix($0) }
  }

  /// Compose and shell have rules of their own; the settings of a tool (`drizzle.config.ts`) are no program's that serves.
  private static func isTools(_ read: EnvironmentRead) -> Bool {
    let name = read.place.path.split(separator: "/").last ?? ""
    return read.how == "compose" || read.how == "shell" || name.contains(".config.") && !name.hasPrefix("next.")
  }

  /// A client that is made while the program is built, and used never: its key says so.
  private static func isBuildOnly(_ text: String) -> Bool {
    let lower = text.lowercased()
    return [
      "build-time", "buildtime", "build_time", "for-build", "not-configured", "missing", "unset", "disabled", "noop",
      "not-used", "not_used", "unused",
    ]
    .contains { lower.contains($0) }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/auth.ts:1:30", "src/auth.ts:3:28", "src/auth.ts:4:15", "src/env.ts:3:3", "app/settings.py:2:24",
      "app/settings.py:3:24", "app/config.py:3:5", "main.go:3:22", "config/x.rb:1:20", "src/read.ts:4:21",
      "relay/main.go:3:18",
      in: [
        "src/auth.ts": """
        export const a = process.env.CRON_SECRET || 'sample-only'
        const DEFAULT = 'sample'
        const b = { k: process.env['SESSION_SECRET'] ?? DEFAULT }
        const { PORT, ENCRYPTION_KEY = 'sample-only' } = process.env
        """,
        "src/env.ts": """
        import { z } from 'zod'
        export const env = z.object({
          AUTH_SECRET: z.string().min(8).default('sample-only'),
        }).parse(process.env)
        """,
        "app/settings.py": """
        import os
        SECRET_KEY = os.getenv("APP_SECRET_KEY", "sample-only")
        TOKEN = os.environ.get('API_TOKEN') or "sample-only"
        """,
        "app/config.py": """
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            jwt_secret: str = "sample-only"
            port: int = 80
        """,
        "main.go": """
        package main
        func setting(key, fallback string) string { if v := os.Getenv(key); v != "" { return v }; return fallback }
        var secret = setting("COOKIE_SECRET", "sample-only")
        """,
        "relay/main.go": """
        package main
        func env(name, def string) string { if v := os.Getenv(name); v != "" { return v }; return def }
        var secret = env("SIGNING_KEY", "sample-only")
        """,
        "config/x.rb": "secret = ENV.fetch(\"APP_SECRET\") { \"sample-only\" }\n",
        "src/read.ts": """
        export function setting(name: string, standard?: string) {
          return process.env[name] ?? standard
        }
        const key = setting('LINK_SIGNING_KEY', 'sample-only')
        """,
      ], "or, nullish, destructuring, schemas, getenv, fetch, a reader of the project's own"),
    .finds(
      "config/feeds.php:4:23",
      in: [
        "config/feeds.php":
          "<?php\nreturn [\n  'latest' => [\n    'password' => env('FEED_PASSWORD', 'bookshelf-known'),\n  ],\n];\n"
      ], "a name with the letters of test in it"),
    .silent(
      "the connection of the tests",
      [
        "config/database.php":
          "<?php\nreturn [\n  'connections' => [\n    'mysql_testing' => [\n      'driver' => 'mysql',\n      'password' => env('TEST_DATABASE_PASSWORD', 'bookshelf-known'),\n    ],\n  ],\n];\n"
      ]),
    .silent(
      "empty, refused, tests, other variables, comments and strings",
      [
        "src/auth.ts": """
        // process.env.JWT_SECRET || 'old'
        const a = process.env.JWT_SECRET || ''
        const b = process.env.API_TOKEN ?? missing('API_TOKEN')
        const text = "process.env.JWT_SECRET || 'x'"
        const region = process.env.AWS_REGION || 'eu-west-1'
        const ttl = process.env.ACCESS_TOKEN_TTL ?? '15m'
        const on = process.env.REQUIRE_TOKEN || 'true'
        const c = process.env.JWT_SECRET || process.env.OTHER
        const d = process.env.FOODS_API_KEY || 'DEMO_KEY'
        const owner = process.env.DEMO_PASSWORD ?? 'sample-only'
        if (process.env.NODE_ENV === 'test') {
          const g = { JWT_SECRET: process.env.JWT_SECRET || 'sample-only' }
        }
        const f = process.env.REACT_APP_EVENTS_TOKEN || 'of-a-page-for-all'
        """,
        "config/runtime.exs":
          "defmodule C do\n  def read!(name, all), do: System.fetch_env!(name)\nend\nkey = C.read!(\"APP_SECRET\", test: \"only-there\")\n",
        "db/drizzle.config.ts": "export default { token: process.env.DATABASE_PASSWORD ?? 'sample-only' }\n",
        "config/database.yml":
          "test:\n  password: <%= ENV.fetch('STORE_PASSWORD', 'sample-only') %>\nproduction:\n  password: <%= ENV['STORE_PASSWORD'] %>\n",
        "lib/facts.rb":
          "def setting(label, name)\n  puts label, ENV[name]\nend\nsetting(\"STORE_PASSWORD\", \"STORE_PASSWORD\")\n",
        "src/auth.test.ts": "process.env.JWT_SECRET = process.env.JWT_SECRET || 'test-only'\n",
        "tests/conftest.py": "import os\nos.environ.setdefault('JWT_SECRET', 'test-only')\n",
        "app/config.py": """
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            jwt_secret: str
            api_token: str | None = None
        class Model:
            jwt_secret: str = "sample"
        """,
      ]),
  ]
}
