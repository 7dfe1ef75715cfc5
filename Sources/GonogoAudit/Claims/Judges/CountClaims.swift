import GonogoCore

/// "27 migrations", "9 workflows", "869 TypeScript files".
enum CountClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "counts", title: "There are as many as the line says",
    what: """
      Counts migrations, workflows, TypeScript files, endpoints, variables of the environment and alert rules, where a number and \
      the thing are all that a line, or its parentheses, say. There is more than one way to count: true where one of them gives \
      the number (or as many at least, for "30+"), false where none comes near it. Endpoints and variables within a tenth, files \
      within a fiftieth, are unproven.
      """)

  static let vocabulary = ClaimVocabulary(
    "migration* миграц* workflow* typescript endpoint* эндпоинт* variable* переменн* окружения environment env vars alert* rules правил* files файл* database db sql базы данных api http rest ci cd github actions all все всех total всего"
  )
  static let seesWorking = true

  private struct Kind {
    let name: String
    let pattern: String
    /// How far off the nearest count may be before the number is called false: a part of it.
    let tolerance: Double
    let ways: @Sendable (ClaimScene) -> [(count: Int, what: String, place: TreePlace)]
  }

  private static let edge = #"(?:^|^there (?:are|is) |\(|,\s*|all |все |всех )"#
  private static let end = #"\s*(?:$|[),:;.]|\s[-–—]\s|, )"#
  private static let number = #"(\d[\d,]*)(\+?)\s+"#

  private static let kinds: [Kind] = [
    Kind(
      name: "migrations", pattern: #"(?:sql[ -]|database |db )?(?:migrations?|миграци\w*)(?: базы данных)?"#,
      tolerance: 0, ways: migrations),
    Kind(
      name: "workflows", pattern: #"(?:ci/cd |ci |github actions |github )?workflows?"#, tolerance: 0, ways: workflows),
    Kind(name: "TypeScript files", pattern: #"typescript (?:files|файл\w*)"#, tolerance: 0.02, ways: typescript),
    Kind(
      name: "endpoints", pattern: #"(?:api |http |rest )?(?:endpoints?|эндпоинт\w*)"#, tolerance: 0.1, ways: endpoints),
    Kind(
      name: "variables", pattern: #"(?:environment variables|env vars|env variables|переменн\w* окружения)"#,
      tolerance: 0.1, ways: variables),
    Kind(
      name: "alert rules", pattern: #"(?:alert(?:ing)? rules|правил\w* (?:алерт\w*|оповещени\w*))"#, tolerance: 0,
      ways: alerts),
  ]

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    for kind in kinds {
      let pattern = scene.context.pattern(edge + number + kind.pattern + end, ignoringCase: true)
      guard let match = try? pattern.lineMatches(in: Array(line.text.utf8), limit: 1).hits.first else { continue }
      let text = String(decoding: Array(line.text.utf8)[match.match], as: UTF8.self).drop { !$0.isNumber }
      let digits = text.prefix { $0.isNumber || $0 == "," }.filter(\.isNumber)
      guard let claimed = Int(digits), claimed > 0 else { continue }
      let isLeast = text.drop { $0.isNumber || $0 == "," }.first == "+"
      let ways = kind.ways(scene).filter { $0.count > 0 }
      if ways.isEmpty { return .unproven("no \(kind.name) were found to count") }
      let told = ways.map { Claim.Evidence("\($0.count) \($0.what)", at: $0.place) }
      if let way = ways.first(where: { isLeast ? $0.count >= claimed : $0.count == claimed }) {
        return ClaimVerdict.truly("\(way.count) \(way.what)", at: way.place).reading([
          String(text.prefix { $0.isNumber })
        ])
      }
      let distance = ways.map { isLeast ? claimed - $0.count : abs($0.count - claimed) }.min() ?? 0
      if Double(distance) > kind.tolerance * Double(claimed) {
        return ClaimVerdict.falsely(Array(told.prefix(6))).reading([String(text.prefix { $0.isNumber })])
      }
      return ClaimVerdict(
        judgement: .unproven,
        evidence: [.init("no way of counting gives \(claimed), and one comes near it")] + told.prefix(4))
    }
    return nil
  }

  // MARK: Ways to count

  private static func tally(_ files: [TreeFile], _ what: String) -> (count: Int, what: String, place: TreePlace) {
    (files.count, what, TreePlace(files.first?.path ?? ""))
  }

  @Sendable private static func migrations(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    var folders: [String: [TreeFile]] = [:]
    for file in scene.tree.files where [.sql, .python, .ruby, .typescript, .javascript].contains(file.language) {
      let parts = file.directory.split(separator: "/").map { $0.lowercased() }
      guard let index = parts.firstIndex(where: { ["migrations", "migrate", "versions", "drizzle"].contains($0) })
      else { continue }
      if parts[index] == "versions", !parts.contains("alembic"), !parts.contains("migrations") { continue }
      if file.name.hasPrefix("__init__") || file.name.contains(".test.") { continue }
      folders[file.directory.split(separator: "/")[...index].joined(separator: "/"), default: []].append(file)
    }
    var ways: [(count: Int, what: String, place: TreePlace)] = []
    for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
      ways.append(tally(files, "files in '\(folder)'"))
      let up = files.filter { !$0.name.contains(".down.") }
      if up.count < files.count { ways.append(tally(up, "files in '\(folder)' that go up")) }
      let sql = files.filter { $0.language == .sql }
      if !sql.isEmpty, sql.count < files.count { ways.append(tally(sql, "SQL files in '\(folder)'")) }
      let plain = sql.filter { file in
        !["verify", "rollback", "revert", "check"].contains { file.name.lowercased().hasPrefix($0) }
      }
      if !plain.isEmpty, plain.count < sql.count {
        ways.append(tally(plain, "files in '\(folder)' that are no checks"))
      }
      let numbered = sql.filter { $0.name.first?.isNumber == true }
      if !numbered.isEmpty, numbered.count < sql.count {
        ways.append(tally(numbered, "files in '\(folder)' with a number"))
      }
    }
    if folders.count > 1 { ways.append(tally(folders.sorted { $0.key < $1.key }.flatMap(\.value), "in all folders")) }
    let sql = scene.tree.files(in: .sql)
    if !ways.isEmpty, !sql.isEmpty { ways.append(tally(sql, "SQL files in all")) }
    return ways
  }

  @Sendable private static func workflows(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    let files = scene.tree.files(in: .yaml).filter { $0.directory == ".github/workflows" }
    return files.isEmpty ? [] : [tally(files, "workflows")]
  }

  @Sendable private static func typescript(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    let all = scene.tree.files(in: .typescript)
    if all.isEmpty { return [] }
    return [
      tally(all, "TypeScript files"),
      tally(all.filter { !$0.name.hasSuffix(".d.ts") }, "TypeScript files without declarations"),
      tally(all.filter { !$0.name.hasSuffix(".tsx") }, "files that end in .ts"),
      tally(all.filter { ProductCode.isProduct($0) }, "TypeScript files of the product"),
    ]
  }

  @Sendable private static func endpoints(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    let whole = ClaimScene.Scope(files: [], folders: [])
    let routes = scene.context.facts(ProductCode.self).filter {
      $0.name.hasPrefix("route.") && $0.path.contains("app/") || $0.path.contains("pages/api/")
    }
    let handlers = scene.code(
      #"^export (async )?(function|const) (GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b"#, in: whole, limit: 5000)
    let calls = scene.code(
      #"\b(app|router|fastify|server|api)\.(get|post|put|patch|delete)\(\s*['"`]/|@\w*(app|router|api)\w*\.(get|post|put|patch|delete)\("#,
      in: whole, limit: 5000)
    var ways: [(count: Int, what: String, place: TreePlace)] = []
    if !routes.isEmpty { ways.append(tally(routes, "files of routes")) }
    if let first = handlers.first { ways.append((handlers.count, "exported handlers", first.place)) }
    if let first = calls.first { ways.append((calls.count, "routes that are registered", first.place)) }
    if let first = handlers.first, !calls.isEmpty {
      ways.append((handlers.count + calls.count, "handlers and routes together", first.place))
    }
    return ways
  }

  @Sendable private static func variables(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    let facts = scene.context.facts(ReadVariables.self)
    var ways: [(count: Int, what: String, place: TreePlace)] = []
    if let first = facts.read.first { ways.append((facts.read.count, "read in the code", first.place)) }
    for (path, names) in facts.declared.sorted(by: { $0.key < $1.key }) {
      ways.append((names.count, "declared in '\(path)'", TreePlace(path)))
    }
    let all = facts.declared.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    if facts.declared.count > 1, let path = facts.declared.keys.min() {
      ways.append((all.count, "declared in all", TreePlace(path)))
    }
    if let first = facts.read.first {
      ways.append((all.union(facts.read.map(\.name)).count, "read or declared", first.place))
    }
    return ways
  }

  @Sendable private static func alerts(_ scene: ClaimScene) -> [(count: Int, what: String, place: TreePlace)] {
    let pattern = scene.context.pattern(#"^\s*-?\s*alert:\s*\S"#)
    var ways: [(count: Int, what: String, place: TreePlace)] = []
    var total = 0
    for file in scene.tree.files(in: .yaml) {
      guard let text = scene.tree.text(file), let count = try? pattern.lineMatches(in: text.bytes, limit: 1).count,
        count > 0
      else { continue }
      total += count
      ways.append((count, "in '\(file.path)'", TreePlace(file.path)))
    }
    if ways.count > 1 { ways.append((total, "in all", ways[0].place)) }
    return ways
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- ✅ 2 SQL миграции", in: ["db/migrations/1_a.sql": "", "db/migrations/2_b.sql": ""], "as many"),
    .judges(
      .true, "- [x] Database (2+ migrations)",
      in: ["db/migrations/1_a.sql": "", "db/migrations/2_b.sql": "", "db/migrations/3_c.sql": ""], "more"),
    .judges(
      .false, "- ✅ 27 migrations", in: ["db/migrations/1_a.sql": "", "db/migrations/2_b.sql": ""], "not as many"),
    .judges(
      .false, "- [x] There are 5 migrations", in: ["db/migrations/1_a.sql": "", "db/migrations/2_b.sql": ""],
      "a whole sentence"),
    .judges(
      .true, "- [x] There are 2 migrations", in: ["db/migrations/1_a.sql": "", "db/migrations/2_b.sql": ""],
      "a whole sentence that is so"),
    .judges(
      .unproven, "- [x] There are 5 migrations with a way back", in: ["db/migrations/1_a.sql": ""],
      "five of them, perhaps"),
    .judges(.unproven, "- ✅ 3 migrations are reviewed", in: ["db/migrations/1_a.sql": ""], "three of them, perhaps"),
    .judges(
      .unproven, "- ✅ 10 API endpoints",
      in: [
        "app/api/a/route.ts": (1...11).map { _ in "export async function GET() {}\n" }.joined()
      ], "near enough to be another way of counting"),
  ]
}
