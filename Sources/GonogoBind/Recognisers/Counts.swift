/// Numbers of things in the repository.
enum Counts {
  static let recogniser = Recogniser(
    "counts", probes: ["files", "command"],
    manual: """
      "27 SQL migrations", "9 CI/CD workflows", "120 TypeScript files", "14 environment variables", "30+ E2E tests", "50,000+ lines of code": counted in the
      working tree. "+" is at least, else it is exactly that number. Where files are elsewhere than usual, the pattern is to be changed.
      """,
    samples: [
      Recogniser.Sample(
        "- ✅ 27 SQL миграций",
        #"""
        files: { path: ["**/migrations/**/*.sql"], exclude: [node_modules, dist, .next] }
        expect: { count: 27 }
        """#),
      Recogniser.Sample(
        "- **9** GitHub Actions workflows",
        #"""
        files: { path: [".github/workflows/*.yml", ".github/workflows/*.yaml"], exclude: [node_modules, dist, .next] }
        expect: { count: 9 }
        """#),
      Recogniser.Sample(
        "- **120** TypeScript файлов",
        #"""
        files: { path: ["**/*.ts", "**/*.tsx"], exclude: [node_modules, dist, .next] }
        expect: { count: 120 }
        """#),
      Recogniser.Sample(
        "- 14 переменных окружения",
        #"""
        files:
          path: [".env.example"]
          exclude: [node_modules, dist, .next]
          matches: '/^\s*#?\s*[A-Z][A-Z0-9_]+=/'
        expect: { match_count: 14 }
        """#),
      Recogniser.Sample(
        "- **30+** E2E тестов",
        #"""
        files:
          path: ["**/*.e2e.*", "**/*.spec.ts", "**/e2e/**/*.ts"]
          exclude: [node_modules, dist, .next]
          matches: '/^\s*(test|it)(\.\w+)?\(/'
        expect: { match_count: ">= 30" }
        """#),
      Recogniser.Sample(
        "- **50,000+** строк кода",
        #"""
        command:
          shell: git ls-files -z '*.ts' '*.tsx' '*.js' '*.py' '*.go' '*.rb' '*.swift' '*.sql' | xargs -0 cat | wc -l
        jq: '.stdout | tonumber >= 50000'
        """#),
      Recogniser.Sample(
        "- **33** API endpoints",
        #"""
        files:
          path: ["**/app/api/**/route.ts", "**/routes/**/*.ts"]
          exclude: [node_modules, dist, .next]
          matches: '/export (async )?(function|const) (GET|POST|PUT|PATCH|DELETE)\b|\.(get|post|put|patch|delete)\([''"`]\//'
        expect: { match_count: 33 }
        """#),
    ],
    lookalikes: [
      "- **3** основных сервиса", "- **9** минут экономии CI времени", "- 95/100 score", "- Найдено 8 таблиц без RLS",
    ]
  ) { line, context in
    guard let groups = number.first(in: line.text), let digits = groups[1] else { return nil }
    let value = digits.filter(\.isNumber)
    let bound = groups[2] == nil ? value : "\">= \(value)\""
    func files(_ paths: [String], _ confidence: Confidence, _ reason: String) -> Draft {
      let list = paths.map { YAMLText.quoted(context.root + $0) }.joined(separator: ", ")
      return Draft(
        "files: { path: [\(list)], exclude: [node_modules, dist, .next] }\nexpect: { count: \(bound) }",
        confidence: confidence, reason: reason)
    }
    func lines(_ paths: [String], _ pattern: String, _ confidence: Confidence, _ reason: String) -> Draft {
      let list = paths.map { YAMLText.quoted(context.root + $0) }.joined(separator: ", ")
      return Draft(
        "files:\n  path: [\(list)]\n  exclude: [node_modules, dist, .next]\n  matches: \(YAMLText.single(pattern))\nexpect: { match_count: \(bound) }",
        confidence: confidence, reason: reason)
    }
    if line.says(migrations) {
      return files(["**/migrations/**/*.sql"], .high, "the files of SQL in folders of migrations, counted")
    }
    if line.says(workflows) {
      return files([".github/workflows/*.yml", ".github/workflows/*.yaml"], .high, "the files of workflows, counted")
    }
    if line.says(typescript) { return files(["**/*.ts", "**/*.tsx"], .high, "the files by their ending, counted") }
    if line.says(variables) {
      return lines(
        [".env.example"], "/^\\s*#?\\s*[A-Z][A-Z0-9_]+=/", .medium, "the variables that .env.example declares, counted")
    }
    if line.says(endToEnd) {
      return lines(
        ["**/e2e/**/*.{ts,js}", "**/*.e2e.*", "**/*.spec.ts"].filter { !$0.contains("{") } + ["**/e2e/**/*.ts"],
        "/^\\s*(test|it)(\\.\\w+)?\\(/", .medium, "the tests in files of end-to-end tests, counted")
    }
    if line.says(code) {
      return Draft(
        "command:\n  shell: git ls-files -z '*.ts' '*.tsx' '*.js' '*.py' '*.go' '*.rb' '*.swift' '*.sql' | xargs -0 cat | wc -l\(context.root.isEmpty ? "" : "\n  directory: \(context.root)")\njq: '.stdout | tonumber \(groups[2] == nil ? "==" : ">=") \(value)'",
        confidence: .medium, reason: "the lines of the source files that git knows, counted")
    }
    if line.says(endpoints) {
      return lines(
        ["**/app/api/**/route.ts", "**/routes/**/*.ts"],
        "/export (async )?(function|const) (GET|POST|PUT|PATCH|DELETE)\\b|\\.(get|post|put|patch|delete)\\(['\"`]\\//",
        .low, "handlers as Next.js and Express-like routers write them, counted")
    }
    return nil
  }

  private static let number = Phrase(#"(?:^|\()(\d[\d,.]*)(\+)?\s"#)
  private static let migrations = Phrase(
    #"^\D*[\d,]+\+?\s+(sql |database |db )?(migrations|миграци)|\([\d]+\+?\s+(sql )?(миграци|migrations)"#)
  private static let workflows = Phrase(#"workflows?\b"#)
  private static let typescript = Phrase(#"typescript (files|файл)"#)
  private static let variables = Phrase(#"environment variables|переменных окружения|env vars"#)
  private static let endToEnd = Phrase(#"(e2e|end-to-end) (tests|тест)"#)
  private static let code = Phrase(#"lines of code|строк кода"#)
  private static let endpoints = Phrase(#"api endpoints"#)
}
