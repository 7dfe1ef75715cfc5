import GonogoCore

/// What judges of claims see: the tree, what the rules found there, and, where it was asked for, how the migrations went.
public struct ClaimScene: Sendable {
  public let context: AuditContext
  private let findings: SceneFindings
  /// `nil` where the migrations were not run.
  let replay: MigrationReplay?

  init(context: AuditContext, findings: SceneFindings, replay: MigrationReplay?) {
    self.context = context
    self.findings = findings
    self.replay = replay
  }

  /// A scene of which it is known what all rules found.
  ///
  /// - Parameter looked: the rules that looked at everything.
  init(context: AuditContext, findings: [Finding], looked: Set<String>, replay: MigrationReplay?) {
    self.init(context: context, findings: SceneFindings(findings, looked: looked), replay: replay)
  }

  var tree: SourceTree { context.tree }

  /// Whether a rule looked at everything.
  func looked(_ rule: String) -> Bool { findings.of(rule, in: context).looked }

  /// What some rules passed over where a line's claim holds, because nothing runs it: it is no contradiction, and yet no claim is proven beside it.
  func passedOver(_ rules: [String], in line: ClaimLine) -> [TreePlace] {
    let scope = scope(of: line)
    return rules.flatMap { findings.of($0, in: context).passedOver }.filter { scope.contains($0.path) }.sorted()
  }

  /// The findings of some rules; `nil` where one of them did not look, so that no finding says nothing.
  func findings(of rules: String...) -> [Finding]? {
    guard rules.allSatisfy(looked) else { return nil }
    return found(rules)
  }

  /// What some rules found, whether or not all of them looked.
  func found(_ rules: [String]) -> [Finding] { rules.flatMap { findings.of($0, in: context).found } }

  /// What some rules found where a line's claim holds, whether or not all of them looked.
  func found(_ rules: [String], in line: ClaimLine) -> [Finding] {
    let all = found(rules).sorted(by: Finding.precedes)
    let scope = scope(of: line)
    return all.filter { scope.contains($0.place.path) }
  }

  /// What some rules found that weighs as much as the rule usually does: what a rule itself holds for a light case contradicts
  /// nobody.
  func contradicting(_ rules: [String], in line: ClaimLine? = nil) -> [Finding] {
    let all = line.map { found(rules, in: $0) } ?? found(rules).sorted(by: Finding.precedes)
    return all.filter { finding in
      BuiltinRules.named(finding.rule).map { finding.severity >= $0.manual.severity } ?? true
    }
  }

  /// Those that stand in Compose files.
  func inCompose(_ findings: [Finding]) -> [Finding] {
    let files = Set(context.facts(ComposeProjects.self).flatMap(\.services).map(\.file.path))
    return findings.filter { files.contains($0.place.path) }
  }

  // MARK: Scope

  /// The words of a line that name parts of the product, where no file that it names is the scope.
  func parts(named line: ClaimLine) -> ClaimWords {
    let hasFiles = line.files.contains { tree[$0]?.language != .markdown }
    if hasFiles { return ClaimWords([String]()) }
    let parts = context.facts(ProductParts.self)
    return ClaimWords(line.words.filter { parts[$0] != nil })
  }

  /// What a word can name: parts of the product, services, environments.
  var partNames: ClaimWords {
    var names = ClaimWords("staging stage dev development test testing local demo preview production prod")
    names.formUnion(ClaimWords(Array(context.facts(ProductParts.self).keys)))
    names.formUnion(ClaimWords(context.facts(ServiceNames.self).sorted()))
    return names
  }

  /// The services that a line names.
  func services(named line: ClaimLine) -> Set<String> { context.facts(ServiceNames.self).intersection(line.words) }

  /// The words of a line's heading that narrow all lines under it: a service's name, an environment that is not production.
  func narrowingHeading(of line: ClaimLine) -> [String] {
    guard let heading = line.headings.last else { return [] }
    let environments = ClaimWords("staging stage dev development test local demo preview")
    let services = context.facts(ServiceNames.self)
    let said = Set(line.words)
    return ClaimLine.words(of: heading).filter {
      (environments.contains($0) || services.contains($0)) && !said.contains($0)
    }
  }

  /// Where a line's claim holds: the files that it names, or the part that it names, or all.
  struct Scope {
    let files: Set<String>
    let folders: [String]
    var isWhole: Bool { files.isEmpty && folders.isEmpty }
    func contains(_ path: String) -> Bool {
      isWhole || files.contains(path) || folders.contains { path.hasPrefix($0) }
    }
  }

  func scope(of line: ClaimLine) -> Scope {
    // A document that is cited is no scope for code.
    let files = line.files.filter { tree[$0]?.language != .markdown }
    if !files.isEmpty { return Scope(files: Set(files), folders: []) }
    let parts = context.facts(ProductParts.self)
    let named = line.words.flatMap { parts[$0] ?? [] }
    return Scope(files: [], folders: named)
  }

  /// As ``scope(of:)``, for Compose files: those of the environment that the line names, "in staging".
  func composeScope(of line: ClaimLine) -> Scope {
    let scope = scope(of: line)
    guard scope.isWhole else { return scope }
    var wanted: [Set<String>] = []
    for group: Set<String> in [["dev", "development"], ["staging", "stage"], ["prod", "production"]]
    where line.words.contains(where: group.contains) { wanted.append(group) }
    if wanted.isEmpty { return scope }
    let files = tree.files(in: .yaml).filter { file in
      let words = file.name.lowercased().split { !$0.isLetter }.map(String.init)
      guard words.contains("compose") else { return false }
      return wanted.contains { group in
        words.contains(where: group.contains)
          || group.contains("prod") && words.allSatisfy { ["docker", "compose", "yml", "yaml"].contains($0) }
      }
    }
    // Nothing of that name: a scope that holds nothing, so that nothing is proven by another file.
    return Scope(files: files.isEmpty ? [""] : Set(files.map(\.path)), folders: [])
  }

  // MARK: Code

  struct Hit: Sendable {
    let file: TreeFile
    let place: TreePlace
    let text: String
  }

  /// The lines of product code that match, comments left out.
  func code(
    _ pattern: String, in scope: Scope, ignoringCase: Bool = false, limit: Int = 50
  ) -> [Hit] {
    var result: [Hit] = []
    for file in context.facts(ProductCode.self) where scope.contains(file.path) {
      result += hits(pattern, ignoringCase, in: file)
      if result.count >= limit { break }
    }
    return Array(result.prefix(limit))
  }

  /// A judge asks the same of every line of a document that it knows, and of every commit: a file is searched once.
  private func hits(_ pattern: String, _ ignoringCase: Bool, in file: TreeFile) -> [Hit] {
    if let shared = context.shared, let twin = shared.twin(of: file) {
      return ClaimScene(context: shared.first, findings: findings, replay: nil).hits(pattern, ignoringCase, in: twin)
        .map { Hit(file: file, place: $0.place, text: $0.text) }
    }
    return context.codeHits.of((ignoringCase ? "i" : "c") + pattern, in: file) {
      lines(of: file, matching: context.pattern(pattern, ignoringCase: ignoringCase))
    }
  }

  func lines(of file: TreeFile, matching pattern: any GonogoCore.Pattern) -> [Hit] {
    guard let text = tree.text(file) else { return [] }
    var result: [Hit] = []
    for hit in (try? pattern.lineMatches(in: text.bytes, limit: 50))?.hits ?? [] {
      let line = String(decoding: text.line(hit.line), as: UTF8.self)
      let start = line.drop { $0 == " " || $0 == "\t" }
      if start.hasPrefix("//") || start.hasPrefix("*") || start.hasPrefix("#") || start.hasPrefix("/*") { continue }
      result.append(
        Hit(
          file: file,
          place: TreePlace(file.path, line: hit.line, column: hit.match.lowerBound - hit.lineRange.lowerBound + 1),
          text: line))
    }
    return result
  }

  /// Whether a file's text matches anywhere, comments included.
  func mentions(_ file: TreeFile, _ pattern: String, ignoringCase: Bool = false) -> Bool {
    guard let text = tree.text(file) else { return false }
    let found = try? context.pattern(pattern, ignoringCase: ignoringCase).lineMatches(in: text.bytes, limit: 1)
    return (found?.count ?? 0) > 0
  }
}

/// The names of the services of Compose files and of Kubernetes workloads, in lower case.
enum ServiceNames: Collector {
  static func collect(in context: AuditContext) -> Set<String> {
    let services = context.facts(ComposeProjects.self).flatMap(\.services).map { $0.name.lowercased() }
    return Set(services + context.facts(KubernetesWorkloads.self).map { $0.name.lowercased() })
  }
}

/// The files of code that run in production, as far as their paths tell.
enum ProductCode: Collector {
  private static let languages: [Language] = [
    .typescript, .javascript, .python, .go, .ruby, .swift, .java, .kotlin, .php, .rust, .csharp, .elixir,
  ]
  private static let outside: Set<String> = [
    "test", "tests", "__tests__", "spec", "specs", "e2e", "fixtures", "__fixtures__", "mock", "mocks", "__mocks__",
    "example", "examples", "sample", "samples", "demo", "demos", "docs", "vendor", "node_modules", "dist", "build",
    "stories", "playwright", "cypress", "scripts", "script", "tools", "hack", "seed", "seeds", "storybook",
    ".storybook",
    "bench", "benchmarks", "testdata", "generated", "public", "static", "templates", "archive", "load-tests", "testing",
    "loadtest", "loadtests", "load-test", ".next",
  ]

  static func collect(in context: AuditContext) -> [TreeFile] {
    languages.flatMap { context.tree.files(in: $0) }.filter { isProduct($0) }
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  static func isProduct(_ file: TreeFile) -> Bool {
    guard file.kind == .regular else { return false }
    for part in file.directory.split(separator: "/") where outside.contains(part.lowercased()) { return false }
    let name = file.name.lowercased()
    if name.hasPrefix("test_") || name.hasPrefix("conftest") || name.hasPrefix("seed") { return false }
    return ![
      ".test.", ".spec.", ".stories.", ".min.", ".d.ts", ".config.", "_test.", "_spec.", ".mock.", ".generated.",
    ].contains { name.contains($0) }
  }
}

/// The folders that a word of a claim can mean: packages and services, by their own name.
enum ProductParts: Collector {
  static func collect(in context: AuditContext) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for name in ["package.json", "Dockerfile", "pyproject.toml", "go.mod", "requirements.txt", "Cargo.toml"] {
      for file in context.tree.files(named: name) where !file.directory.isEmpty {
        let folder = String(file.directory)
        guard let last = folder.split(separator: "/").last?.lowercased(), ProductCode.isProduct(file) else { continue }
        let path = folder + "/"
        if result[last]?.contains(path) != true { result[last, default: []].append(path) }
      }
    }
    return result
  }
}
