import GonogoAudit
import GonogoCore
import GonogoSystem

/// What example files ask to be filled in.
enum ExampleVariables {
  private static let line = Phrase(#"^(#\s*)?(?:export\s+)?([A-Z][A-Z0-9_]{2,})=(.*)"#, ignoringCase: false)
  private static let name = Phrase(
    #"^\.env([.-][\w-]+)?[.-](example|sample|template|dist)$|^(example|sample)\.env$|^env\.(example|sample)$"#)
  private static let optional = Phrase(#"#.*(\boptional\b|\bdefaults? to\b|only needed|необязательн)"#)
  /// Of the tests and of the developers, not of the deployment.
  private static let others = Phrase(
    #"^(E2E|TEST|CYPRESS|PLAYWRIGHT|DEV|DANGEROUS|DEBUG)_|_(TEST|DEV)$"#, ignoringCase: false)

  /// Completes the contract: what the inventory says of a variable that is required stays.
  static func read(_ tree: SourceTree, into facts: inout RepositoryFacts) {
    let known = facts.contract
    var contract: [RepositoryFacts.Variable] = []
    for file in tree.files where name.isFound(in: String(file.name)) && !RepositoryReader.isElsewhere(file.path) {
      var remark = false
      for text in (tree.string(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
        guard let groups = line.first(in: String(text)), let name = groups[2], let value = groups[3] else {
          // A remark holds for what stands right under it.
          remark = text.hasPrefix("#") ? remark || optional.isFound(in: String(text)) : false
          continue
        }
        if others.isFound(in: name) || contract.contains(where: { $0.name == name && $0.example == file.path }) {
          continue
        }
        // Where nothing reads the name, and one letter beside it stands one that the code reads and no file has: that is meant.
        var said = known.first { $0.name == name }
        if said?.isRead != true,
          let meant = known.first(where: { $0.isRead && !$0.isDeclared && isSlip(name, $0.name) })
        {
          said = meant
        }
        var variable = RepositoryFacts.Variable(name: said?.name ?? name, example: file.path)
        variable.isRequired = said?.isRequired ?? false
        variable.isOptional =
          !variable.isRequired
          && (groups[1] != nil || remark || optional.isFound(in: value) || said?.isOptional ?? false)
        contract.append(variable)
      }
    }
    let named = Set(contract.map(\.name))
    facts.contract =
      contract
      + known.filter { variable in
        (variable.isRequired || variable.isUnchecked && contract.isEmpty && !platform.isFound(in: variable.name))
          && !named.contains(variable.name) && !others.isFound(in: variable.name)
      }.map { RepositoryFacts.Variable(name: $0.name, isRequired: $0.isRequired, isUnchecked: $0.isUnchecked) }
  }

  /// What a platform or a shell sets by itself.
  private static let platform = Phrase(
    #"^(NODE_ENV|CI|PORT|HOST|HOSTNAME|HOME|PATH|PWD|USER|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|TEMP|TMP|EDITOR|VISUAL|NO_COLOR|FORCE_COLOR|DEBUG|DYNO|K_SERVICE|NEXT_RUNTIME|(VERCEL|RAILWAY|GITHUB|GITLAB|CI|NETLIFY|RENDER|FLY|AWS_LAMBDA|XDG|npm)(_\w+)?)$"#,
    ignoringCase: false)

  /// Whether two names differ by one letter that lacks, is too many or is another, or by two that changed places.
  static func isSlip(_ name: String, _ other: String) -> Bool {
    let left = Array(name.utf8)
    let right = Array(other.utf8)
    guard left != right, min(left.count, right.count) >= 5, abs(left.count - right.count) <= 1 else { return false }
    let head = zip(left, right).prefix { $0 == $1 }.count
    let tail = zip(left.dropFirst(head).reversed(), right.dropFirst(head).reversed()).prefix { $0 == $1 }.count
    let (a, b) = (left[head..<(left.count - tail)], right[head..<(right.count - tail)])
    // A number is no slip: `S3_BUCKET_1` stands beside `S3_BUCKET_2`, and a plural beside its singular.
    if (a + b).contains(where: { (0x30...0x39).contains($0) }) { return false }
    if a.count <= 1, b.count <= 1 { return tail > 0 || left.count != right.count && !(a + b).elementsEqual([0x53]) }
    return a.count == 2 && b.count == 2 && a.elementsEqual(b.reversed())
  }
}

/// Folders whose migrations PostgreSQL takes.
enum SchemaFolders {
  private static let other = Phrase(
    #"\bAUTOINCREMENT\b|\bAUTO_INCREMENT\b|ENGINE\s*=\s*InnoDB|^\s*PRAGMA\b|CREATE TABLE (IF NOT EXISTS )?`|\bNVARCHAR\b|\bIDENTITY\(1"#
  )
  private static let policy = Phrase(#"create\s+policy|enable\s+row\s+level\s+security"#)

  static func read(_ tree: SourceTree, into facts: inout RepositoryFacts) {
    for file in tree.files(named: "alembic.ini") where !RepositoryReader.isElsewhere(file.path) {
      facts.schemas.append(RepositoryFacts.Migrations(form: .alembic, directory: String(file.directory)))
    }
    for folder in facts.migrations.sorted() where !RepositoryReader.isElsewhere(folder + "/") {
      let files = tree.files.filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".sql") }
      let texts = files.compactMap { tree.string($0) }
      guard !texts.isEmpty, !texts.contains(where: other.isFound), isPostgres(folder, tree) else { continue }
      var schema = RepositoryFacts.Migrations(form: .sql, directory: folder)
      schema.hasPolicies = texts.contains(where: policy.isFound)
      facts.schemas.append(schema)
    }
  }

  /// Prisma and Drizzle write down whose SQL it is.
  private static func isPostgres(_ folder: String, _ tree: SourceTree) -> Bool {
    guard let lock = tree[folder + "/migration_lock.toml"], let text = tree.string(lock) else { return true }
    return text.contains("postgresql") || text.contains("cockroachdb")
  }
}

/// Where it tells that it lives: routes of the code, and what the platforms' files ask.
enum HealthEndpoints {
  private static let path = Phrase(
    #"^/(?:api/)?(?:v\d+/)?(?:[\w-]+/)?_?(health|healthz|health[_-]?check|ready|readyz|readiness|live|livez|liveness|up)/?$"#
  )
  private static let quoted = Phrase(
    #"["'`](/(?:api/)?(?:v\d+/)?(?:health|healthz|health[_-]?check|readyz|livez|readiness|liveness))/?["'`]"#)
  /// `path:` of a probe, `healthCheckPath:`, `healthcheck_path`, and a URL in a health check's command.
  private static let asked = Phrase(
    #"(?:healthCheckPath|healthcheckPath|health_check_path|\bpath)["']?\s*[:=]\s*["']?(/[\w/-]*(?:health|ready|live|up)\w*)|https?://(?:localhost|127\.0\.0\.1)(?::[\w${}:-]+)?(/[\w/-]*(?:health|ready|live)\w*)"#
  )
  private static let settings: Set<String> = [
    "fly.toml", "render.yaml", "railway.json", "railway.toml", "koyeb.yaml", "app.yaml",
  ]

  static func read(_ tree: SourceTree, _ facts: RepositoryFacts) -> [String] {
    var found = facts.endpoints.filter(path.isFound)
    for file in tree.files where !RepositoryReader.isElsewhere(file.path) && !test.isFound(in: file.path) {
      let name = String(file.name)
      if settings.contains(name) || name.hasPrefix("Dockerfile") || name.contains("compose") || file.language == .yaml {
        for groups in asked.all(in: tree.string(file) ?? "") {
          found.append(contentsOf: [groups[1] ?? groups[2]].compactMap { $0 })
        }
      } else if found.isEmpty, let language = file.language, code.contains(language) {
        found += quoted.all(in: tree.string(file) ?? "").compactMap { $0[1] }
      }
    }
    var seen: Set<String> = []
    let all = found.map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    return Array(all.filter { seen.insert($0).inserted }.sorted().prefix(6))
  }

  private static let test = Phrase(#"(^|/)(__tests__|tests?|spec|e2e|docs)/|[._-](test|spec)\."#)
  private static let code: Set<Language> = [.javascript, .typescript, .python, .go, .ruby, .swift]
}

/// Reports that tests and scanners write, where a workflow or a setting says into which file.
enum ReportPaths {
  private static let patterns = [
    Phrase(#"--junit-?xml[= ]["']?([\w./-]+\.xml)"#), Phrase(#"--xunit-output[= ]["']?([\w./-]+\.xml)"#),
    Phrase(#"--junitfile[= ]["']?([\w./-]+\.xml)"#), Phrase(#"outputFile["']?\s*[:=]\s*["']([\w./-]+\.xml)["']"#),
    Phrase(#"(?:sarif_file|--sarif-output|--output)[:= ]+["']?([\w./-]+\.sarif)"#),
  ]
  private static let settings: Set<String> = [
    "pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "package.json", "Makefile", ".gitlab-ci.yml",
  ]

  static func read(_ tree: SourceTree) -> [String] {
    var found: [String] = []
    for file in tree.files where !RepositoryReader.isElsewhere(file.path) {
      let name = String(file.name)
      guard
        file.path.hasPrefix(".github/workflows/") || settings.contains(name)
          || name.hasPrefix("vitest.config") || name.hasPrefix("playwright.config") || name.hasPrefix("jest.config")
      else { continue }
      let text = tree.string(file) ?? ""
      let folder = file.path.hasPrefix(".github/") ? "" : String(file.directory)
      for path in patterns.flatMap({ $0.all(in: text) }).compactMap({ $0[1] }) where !path.hasPrefix("/") {
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        let whole = folder.isEmpty ? path : "\(folder)/\(path)"
        if !path.contains(".."), !found.contains(whole) { found.append(whole) }
      }
    }
    return found
  }
}

/// Systems that a repository uses: their names stand in a file that is no document.
enum KnownSystems {
  static let names: [(system: String, words: Phrase)] = [
    ("redis", Phrase(#"redis|valkey|upstash|dragonfly|\bkeydb\b"#)), ("supabase", Phrase("supabase")),
    ("telegram", Phrase("telegram|\\btelegraf\\b|aiogram|grammy")),
    (
      "postgres", Phrase(#"postgres|\bpsycopg|\basyncpg\b|\bpgx\b|pg_dump|DATABASE_URL|supabase|cockroach|\btimescale"#)
    ),
  ]

  static func read(_ tree: SourceTree) -> Set<String> {
    var found: Set<String> = []
    for file in tree.files where file.language != .markdown {
      if found.count == names.count { break }
      guard let text = tree.string(file) else { continue }
      for (system, words) in names where !found.contains(system) && words.isFound(in: text) { found.insert(system) }
    }
    return found
  }
}
