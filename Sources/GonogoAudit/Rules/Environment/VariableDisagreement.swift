public import GonogoCore

/// A variable of which two places of the code think differently.
public struct VariableDisagreement: AuditRule {
  public static let manual = RuleManual(
    id: "env-disagreement", severity: .low, family: "environment",
    title: "A variable is required in one place and optional in another, or has two defaults",
    what: """
      Looks at what deployed code does without a variable. Told where one place refuses to go on (a schema, `os.environ[…]`, \
      `fetch`, a check that throws) and another of the same program has a default of its own, and where two places of one program \
      have different defaults; a program is what has a manifest of its own (package.json, go.mod, requirements.txt …). Two \
      programs may differ. More than three variables of one program are one finding. Ports, \
      hosts, log levels, names, roles and labels of a build, empty defaults, words that only say that it is not set, \
      files of configuration in YAML, tasks and checkers that are run by hand, files of which the tree shows that nothing runs them, what holds only under a question for the variable, \
      what stands where something has failed already, places for show, \
      settings by stage (settings/production.py, config/prod.exs), Laravel's config/*.php, whose defaults are its authors', defaults for developers and names of platforms pass; so do secrets, whose defaults \
      `secret-fallback` tells.
      """,
    why: "one part of the system stops and another goes on with a value that nobody has chosen",
    mend: "read the variable in one place, with one rule, and use what that place gives",
    falsifies: "every part of the system takes the same configuration")

  private static let differing: Set<String> = [
    "PORT", "HOST", "LOG_LEVEL", "ENVIRONMENT", "ENV", "APP_ENV", "BASE_URL", "SERVICE_NAME", "LOG_FORMAT", "DEBUG",
    "HOSTNAME", "SERVICE_ROLE", "PROCESS_TYPE", "WORKER_NAME", "APP_NAME", "DEPLOY_ID", "CLOUD_PROVIDER", "REGION",
  ]

  /// What is said of a program, and changes nothing in it.
  static func isLabel(_ name: String) -> Bool {
    [
      "_VERSION", "_REVISION", "_SHA", "_COMMIT", "_BUILD_ID", "_BUILD_NUMBER", "_DEPLOY_ID", "_APP_NAME",
      "SERVICE_DESCRIPTION", "_BUILD_TIME", "_BUILD_DATE",
    ].contains { name.hasSuffix($0) }
  }

  /// What was put away is no part of the system.
  private static func isAside(_ read: EnvironmentRead) -> Bool {
    let path = read.place.path.lowercased()
    // Rails' files for developers and tests; Phoenix's configuration, which is by stage and read before `runtime.exs`.
    if ["environments/development.rb", "environments/test.rb"].contains(where: path.hasSuffix)
      || path.contains("config/") && path.hasSuffix(".exs") && !path.hasSuffix("runtime.exs")
    {
      return true
    }
    // Settings by stage: only one of them is ever loaded.
    let name = path.split(separator: "/").last?.split { "._-".contains($0) } ?? []
    if name.contains(where: {
      ["production", "prod", "staging", "development", "dev", "local", "render", "heroku", "minimal"].contains($0)
    }) {
      return true
    }
    if read.language == .php, read.how == "env" { return true }
    // Each file of configuration is a process's own (Sidekiq's, Puma's), and its authors chose for it; tasks are run by hand.
    if [".yml", ".yaml", ".rake"].contains(where: path.hasSuffix) { return true }
    if name.contains(where: { handRun.contains(String($0)) }) { return true }
    return read.place.path.lowercased().split(separator: "/").dropLast().contains {
      ["legacy", "deprecated", "archive", "archived", "old", "obsolete"].contains($0)
    }
  }

  /// Words of a file's name that say that somebody runs it to look, to prepare or to try.
  private static let handRun: Set<String> = [
    "verify", "check", "checker", "debug", "diagnostics", "diagnostic", "diagnose", "doctor", "seed", "seeder", "smoke",
    "backfill", "inspect", "try", "fix",
  ]

  /// Whether it only holds where something else does: `int("SIZE") if ENV["SIZE"].present?`, or below a question for the same
  /// variable.
  private static func isConditional(_ read: EnvironmentRead, _ reads: [EnvironmentRead]) -> Bool {
    reads.contains {
      $0.place.path == read.place.path && $0.place != read.place
        && ($0.place.line == read.place.line
          || $0.place.line < read.place.line && read.place.line - $0.place.line <= 3 && $0.need == .optional
            && $0.fallback == .none)
    }
  }

  /// A word for a log or a status page in place of a value, or one that only fills the place.
  private static func isAbsence(_ text: String) -> Bool {
    if text.hasSuffix("://") { return true }
    let lower = text.lowercased()
    if ["placeholder", "dummy", "changeme", "your-", "your_", "<"].contains(where: lower.contains) { return true }
    let words = text.lowercased().split { !$0.isLetter }.joined(separator: " ")
    return ["not set", "unset", "unknown", "none", "missing", "undefined", "not configured", "na", "n a", "null"]
      .contains(words)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let roots = EnvironmentPrograms.roots(context.tree)
    var byProgram: [String: [Difference]] = [:]
    for variable in context.facts(EnvironmentVariables.self).variables {
      let name = variable.name
      if Self.differing.contains(name) || EnvironmentNames.isPlatforms(name) || name.hasSuffix("_PORT")
        || Self.isLabel(name) || SecretNames.isSecret(name)
      {
        continue
      }
      let reads = variable.deployedReads.filter {
        !["compose", "shell"].contains($0.how) && !$0.isGuarded && !Self.isAside($0)
      }
      for (program, reads) in Dictionary(grouping: reads, by: { EnvironmentPrograms.of($0.place.path, roots) }) {
        // Asked last: most variables have no difference, whoever runs what reads them.
        guard Self.difference(name, reads) != nil,
          let difference = Self.difference(name, reads.filter { !context.isUnused($0.place.path) })
        else { continue }
        byProgram[program, default: []].append(difference)
      }
    }
    for found in byProgram.sorted(by: { $0.key < $1.key }).map(\.value) {
      guard found.count > 3 else {
        for one in found { findings.add(one.message, at: one.place, subject: one.name, related: one.related) }
        continue
      }
      let all = found.sorted { $0.place < $1.place }
      findings.add(
        "\(Listing.of(all.map(\.name))) have different defaults in different places of one program", at: all[0].place,
        subject: all[0].name,
        related: all.flatMap { one in [.init(one.place, one.message)] + one.related }.prefix(30).map { $0 })
    }
  }

  private struct Difference {
    let name: String
    let message: String
    let place: TreePlace
    let related: [Finding.Related]
  }

  private static func difference(_ name: String, _ reads: [EnvironmentRead]) -> Difference? {
    var literals: [String: EnvironmentRead] = [:]
    for read in reads {
      guard case .literal(let text) = read.fallback, !text.isEmpty, text.lowercased() != "false",
        !isAbsence(text)
      else { continue }
      if literals[text] == nil { literals[text] = read }
    }
    // In one file they are branches: a database's kind, a stage.
    var files: Set<String> = []
    let values = literals.values.sorted { $0.place < $1.place }.filter { files.insert($0.place.path).inserted }
    if let required = reads.first(where: { $0.need == .required && !isConditional($0, reads) }),
      let other = values.first(where: { $0.place.path != required.place.path })
    {
      return Difference(
        name: name, message: "\(name) is required here and has a default in '\(other.place.path)'",
        place: required.place, related: [.init(other.place, "a default of \(name)")])
    }
    guard values.count >= 2, !areAlike(Array(literals.keys)) else { return nil }
    return Difference(
      name: name, message: "\(name) has another default here than in '\(values[1].place.path)'",
      place: values[0].place,
      related: values.dropFirst().prefix(10).map { .init($0.place, "another default of \(name)") })
  }

  /// `0.1` and `.1`, `true` and `1`, an address with and without its last slash, this machine by name and by number.
  private static func areAlike(_ texts: [String]) -> Bool {
    let plain = Set(
      texts.map { text -> String in
        var text = text.lowercased()
        while text.hasSuffix("/") { text.removeLast() }
        if let host = text.range(ofBytes: "127.0.0.1") {
          text.replaceSubrange(host..<text.index(host, offsetBy: 9), with: "localhost")
        }
        return ["true": "1", "false": "0", "yes": "1", "no": "0"][text] ?? text
      })
    return plain.count < 2
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:1:23", "src/a.ts:2:18",
      in: [
        "src/a.ts": """
        const q = process.env.JOB_QUEUE_NAME || 'jobs'
        if (!process.env.CORE_ORIGIN) throw new Error('x')
        """,
        "src/b.ts": """
        const q = process.env.JOB_QUEUE_NAME ?? 'default-queue'
        const o = process.env.CORE_ORIGIN || 'https://core.example'
        """,
      ], "two queues; required and not"),
    .silent(
      "one default, ports, tests, an empty default, a comparison",
      [
        "src/a.ts": """
        const q = process.env.JOB_QUEUE_NAME || 'jobs'
        const p = process.env.PORT || '3000'
        if (!process.env.CORE_ORIGIN) throw new Error('x')
        """,
        "src/b.ts": """
        const q = process.env.JOB_QUEUE_NAME ?? 'jobs'
        const p = process.env.PORT || '4000'
        const o = process.env.CORE_ORIGIN || ''
        const r = process.env.SERVICE_ROLE || 'api'
        """,
        "services/mail/package.json": "{}",
        "services/mail/a.ts": "const q = process.env.JOB_QUEUE_NAME ?? 'mail-jobs'\n",
        "app/settings/staging.py": "import os\nQ = os.environ.get('JOB_QUEUE_NAME', 'staging-jobs')\n",
        "config/queue.php": "<?php return ['queue' => env('JOB_QUEUE_NAME', 'default')];\n",
        "legacy/b.ts": "const q = process.env.JOB_QUEUE_NAME || 'old-jobs'\n",
        "main.go": "package main\nvar t = wait(\"CACHE_TIME\", 10*time.Minute)\n",
        "config.go": "package main\ntype C struct { T string `env:\"CACHE_TIME\" envDefault:\"10m\"` }\n",
        "read.go":
          "package main\nfunc wait(key string, d time.Duration) time.Duration { if v := os.Getenv(key); v != \"\" { return parse(v) }; return d }\n",
        "src/status.ts": """
        const q = process.env.JOB_QUEUE_NAME ?? 'NOT_SET'
        log(process.env.SERVICE_ROLE || 'worker', process.env.CORE_ORIGIN ?? 'unknown')
        """,
        "tests/b.ts": "const q = process.env.JOB_QUEUE_NAME ?? 'test-queue'\n",
        "config/queue.yml": "name: <%= ENV.fetch('JOB_QUEUE_NAME', 'of-a-worker') %>\n",
        "lib/tasks/jobs.rake": "name = ENV.fetch('JOB_QUEUE_NAME', 'of-a-task')\n",
        "lib/numbers.rb":
          "def number(name)\n  Integer(ENV[name]) rescue raise(\"no number\")\nend\nsize = number(\"ROW_BATCH\") if ENV[\"ROW_BATCH\"].present?\n",
        "lib/rows.rb": "rows = ENV.fetch(\"ROW_BATCH\", \"500\")\n",
        "lib/facts.rb":
          "def setting(label, name)\n  puts label, ENV[name]\nend\nsetting(\"JOB_QUEUE_NAME\", \"JOB_QUEUE_NAME\")\n",
        "src/verify-queue.js": "const q = process.env.JOB_QUEUE_NAME || 'by-hand'\n",
        "src/store.ts": """
        try { connect() } catch (error) {
          console.error(error);
          store = open(process.env.JOB_QUEUE_NAME || 'none-to-use')
        }
        store = open(process.env.JOB_QUEUE_NAME || 'queue://')
        """,
      ]),
  ]
}
