import GonogoCore

/// "Environment variables are documented".
enum DocumentedVariableClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "documented-variables", title: "The environment's variables are documented",
    what: """
      False where product code reads a variable by name that stands in no document, no example of an environment and no file \
      that declares one; true where there are some and each stands in one. Variables that platforms set themselves are left out.
      """)

  static let vocabulary = ClaimVocabulary(
    "environment env variable* vars var all every document* документир* описан* listed described example переменн* окружения все"
  )

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("environment variable", "env var", "env variable", "переменные окружения", "переменных окружения"),
      line.says("document", "документир", "описан", "listed", ".env.example", "described"), !line.isDenial
    else { return nil }
    let variables = scene.context.facts(ReadVariables.self)
    if variables.read.isEmpty { return .unproven("no code that reads a variable was found") }
    let missing = variables.read.filter { !variables.told.contains($0.name) }
    if !missing.isEmpty {
      let more = missing.count > 4 ? [Claim.Evidence("\(missing.count - 4) more")] : []
      return .falsely(
        missing.prefix(4).map { .init("'\($0.name)' is read here and stands in no document", at: $0.place) } + more)
    }
    return .truly(
      "\(variables.read.count) variables are read, and each stands in a document: the first is '\(variables.read[0].name)'",
      at: variables.read[0].place)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Environment variables documented",
      in: ["src/a.ts": "const u = process.env.API_URL\n", ".env.example": "API_URL=\n"], "in the example"),
    .judges(
      .false, "- [x] Environment variables документированы",
      in: ["src/a.ts": "const u = process.env.API_URL\nconst k = process.env.CRM_KEY\n", ".env.example": "API_URL=\n"],
      "one is not"),
    .judges(
      .unproven, "- [x] Environment variables documented",
      in: ["tests/a.ts": "const u = process.env.API_URL\n"], "only tests read one"),
  ]
}

/// The variables that product code reads by name, and the names that documents and declarations know.
enum ReadVariables: Collector {
  struct Facts: Sendable {
    /// Each once, at its first place, by name.
    var read: [(name: String, place: TreePlace)] = []
    var told: Set<String> = []
    /// How many stand in each file that is to be filled in, by path.
    var declared: [String: Set<String>] = [:]
  }

  private static let platform: Set<String> = [
    "NODE_ENV", "PORT", "HOST", "HOSTNAME", "CI", "TZ", "HOME", "PATH", "PWD", "USER", "LANG", "NEXT_RUNTIME",
    "NEXT_PHASE", "DEBUG", "VERCEL",
    "BASE_URL", "MODE", "DEV", "PROD", "SSR", "GITHUB_SHA", "TEST", "VITEST", "JEST_WORKER_ID", "PYTEST_CURRENT_TEST",
    "SHELL", "TMPDIR", "APPDATA",
  ]
  private static let prefixes = [
    "VERCEL_", "RAILWAY_", "RENDER_", "FLY_", "GITHUB_", "npm_", "KUBERNETES_", "AWS_LAMBDA_", "HEROKU_", "K_",
    "NETLIFY_", "NEXT_PUBLIC_VERCEL_", "STORYBOOK", "PLAYWRIGHT_", "E2E_",
  ]

  static func collect(in context: AuditContext) -> Facts {
    var facts = Facts()
    let read = context.pattern(
      #"(?:process\.env\.|process\.env\[['"]|import\.meta\.env\.|os\.environ\[['"]|os\.environ\.get\(['"]|os\.getenv\(['"]|os\.Getenv\("|Deno\.env\.get\(['"]|ENV\[['"]|ENV\.fetch\(['"])([A-Z][A-Z0-9_]*)"#
    )
    var seen: Set<String> = []
    for file in context.facts(ProductCode.self) {
      guard let text = context.tree.text(file) else { continue }
      for hit in (try? read.lineMatches(in: text.bytes, limit: 500))?.hits ?? [] {
        let matched = String(decoding: text.bytes[hit.match], as: UTF8.self)
        let variable = String(
          matched.reversed().prefix { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }.reversed())
        if platform.contains(variable) || prefixes.contains(where: variable.hasPrefix) || variable.count < 3 {
          continue
        }
        if seen.insert(variable).inserted {
          facts.read.append(
            (
              variable,
              TreePlace(file.path, line: hit.line, column: hit.match.lowerBound - hit.lineRange.lowerBound + 1)
            ))
        }
      }
    }
    facts.read.sort { $0.name < $1.name }
    for file in context.tree.files {
      let lower = file.name.lowercased()
      let isExample =
        file.language == .dotenv
        || lower.contains("env")
          && (lower.contains("example") || lower.contains("template") || lower.contains("sample"))
      let declares =
        isExample || file.language == .markdown || [.yaml, .toml, .json].contains(file.language) && file.size < 200_000
      guard declares, let text = context.tree.text(file) else { continue }
      var names: Set<String> = []
      var index = 0
      let bytes = text.bytes
      // Words of capitals, numbers and underscores, without the engine: whole documents are read.
      while index < bytes.count {
        let byte = bytes[index]
        guard byte >= 0x41 && byte <= 0x5A else {
          index += 1
          continue
        }
        let start = index
        while index < bytes.count,
          bytes[index] >= 0x41 && bytes[index] <= 0x5A || bytes[index] >= 0x30 && bytes[index] <= 0x39
            || bytes[index] == 0x5F
        { index += 1 }
        if index - start >= 3 { names.insert(String(decoding: bytes[start..<index], as: UTF8.self)) }
      }
      facts.told.formUnion(names)
      if isExample { facts.declared[file.path] = declaredNames(text) }
    }
    return facts
  }

  private static func declaredNames(_ text: SourceFile) -> Set<String> {
    var result: Set<String> = []
    for number in 1...max(1, text.lineCount) {
      let line = String(decoding: text.line(number), as: UTF8.self).drop { $0 == "#" || $0 == " " }
      let name = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      if name.count >= 3, line.dropFirst(name.count).hasPrefix("="), name.allSatisfy({ !$0.isLowercase }) {
        result.insert(String(name))
      }
    }
    return result
  }
}
