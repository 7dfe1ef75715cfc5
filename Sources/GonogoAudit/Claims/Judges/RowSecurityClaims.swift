import GonogoCore

/// "Row-level security is on for all tables", "the policies are fixed".
enum RowSecurityClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "row-security", title: "Row-level security is on, and its policies hold",
    what: """
      Judged by the replay (`--replay`) of the migrations. A table that is named: false where it ends without row security, or where the only \
      file that turns it on does not apply; true where it is on. Of all tables: false where one has none. Of a fix: false where the migration \
      of that name does not apply. That a policy keeps strangers out is proved by the probe `isolation`, not here.
      """, rules: ["migration-table-without-rls"])

  static let vocabulary = ClaimVocabulary(
    "rls row level security table* таблиц* all every все всех active on",
    contradicting:
      "# polic* политик* fix* broken сломан* исправлен* отсутств* missing protected protect* verified verif* провер* found найден* ready critical critic* без защит* включая including supabase api secret* credential*"
  )
  static let seesWorking = true

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.hasWord("rls") || line.says("row-level security", "row level security") else { return nil }
    // A document about it is another claim.
    if line.says("guide", "report", "checklist", "script", "документ", "отчет", "отчёт")
      || line.isDenial && line.says("not ", "не ")
    {
      return nil
    }
    // That a migration was written is another claim as well.
    if line.says("migration", "миграц"), line.isAboutSome, !line.says("ready", "готов", "appl", "примен") { return nil }
    guard let replay = scene.replay else {
      // What the migrations' text alone shows.
      let bare = scene.found(["migration-table-without-rls"]).filter { finding in
        line.says("all table", "all tables", "every table", "всех таблиц", "все таблиц", "enabled on all")
          || line.words.contains { $0.contains("_") && finding.message.contains("'\($0)'") }
      }
      if !bare.isEmpty { return .falsely(bare.prefix(4).map { .init($0.message, at: $0.place) }) }
      return .unproven("the migrations were not run: `--replay` runs them")
    }
    guard let run = replay.runs.max(by: { $0.tables.count < $1.tables.count }), !run.tables.isEmpty else {
      return .unproven(replay.troubles.first?.message ?? "there are no migrations in SQL that make a table")
    }
    let tables = Dictionary(run.tables.map { ($0.name, $0) }) { first, _ in first }
    // A line about policies that names tables speaks of what the policies ask, not of where they stand.
    let named = line.says("polic", "политик") ? [] : self.named(tables, in: line)
    if !named.isEmpty { return judge(named.compactMap { tables[$0] }, run, scene).reading(named) }
    let isOfAll = line.says("all table", "all tables", "every table", "всех таблиц", "все таблиц", "enabled on all")
    let bare = run.tables.filter { !$0.hasRowSecurity }
    if isOfAll, let first = bare.first {
      return .falsely([
        .init(
          "\(bare.count) of \(run.tables.count) tables end without row security: '\(first.name)'"
            + bare.dropFirst().prefix(4).map { ", '\($0.name)'" }.joined(),
          at: creation(of: first.name, scene) ?? TreePlace(run.folder))
      ])
    }
    let fixes = run.failed.filter { failure in
      let words = failure.place.path.lowercased().split { !$0.isLetter && !$0.isNumber }
      return words.contains("rls") || failure.place.path.lowercased().contains("row_level")
        || failure.place.path.lowercased().contains("policies")
    }
    let isFixed = line.says(
      "fix", "исправ", "broken", "сломан", "ready", "готов", "policies", "policy", "enabled", "active")
    if isFixed, !fixes.isEmpty {
      return ClaimVerdict.falsely(
        fixes.prefix(4).map { .init("a migration of row security does not apply: \($0.message)", at: $0.place) }
      ).reading(line.words.filter { tables[$0] != nil })
    }
    if isOfAll {
      return .truly(
        "all \(run.tables.count) tables have row security; that it keeps strangers out was not tried",
        at: TreePlace(run.folder))
    }
    return .unproven(
      "\(run.tables.count - bare.count) of \(run.tables.count) tables have row security; whether it holds is proved by `isolation`"
    )
  }

  /// The tables that a line names: between back quotes, with an underscore, or behind "on".
  private static func named(_ tables: [String: MigrationReplay.Table], in line: ClaimLine) -> [String] {
    let quoted = Set(ClaimReader.quoted(line.text).map { $0.lowercased() })
    return line.words.enumerated().filter { index, word in
      guard tables[word] != nil else { return false }
      return word.contains("_") || quoted.contains(word)
        || index > 0 && ["on", "for", "на", "для"].contains(line.words[index - 1])
    }.map(\.element)
  }

  private static func judge(_ tables: [MigrationReplay.Table], _ run: MigrationReplay.Run, _ scene: ClaimScene)
    -> ClaimVerdict
  {
    var evidence: [Claim.Evidence] = []
    for table in tables {
      guard table.hasRowSecurity else {
        return .falsely(
          "'\(table.name)' ends without row security", at: creation(of: table.name, scene) ?? TreePlace(run.folder))
      }
      let places = statements("alter table", table.name, "enable row level security", scene)
      let failed = Dictionary(run.failed.map { ($0.place.path, $0) }) { first, _ in first }
      if !places.isEmpty, places.allSatisfy({ failed[$0.path] != nil }), let first = places.first,
        let failure = failed[first.path]
      {
        return .falsely([
          .init(
            "only this turns on the row security of '\(table.name)', in a file that does not apply as a whole",
            at: first),
          .init(failure.message, at: failure.place),
        ])
      }
      guard let place = places.first else {
        return .unproven("'\(table.name)' has row security, and no statement was found that turns it on")
      }
      evidence.append(
        .init(
          "'\(table.name)' has row security, with \(table.policies) policies; that they hold was not tried", at: place))
    }
    return .truly(evidence)
  }

  private static func creation(of table: String, _ scene: ClaimScene) -> TreePlace? {
    statements("create table", table, "", scene).first
  }

  /// Where a statement about a table stands in the files of SQL, for its place only: PostgreSQL has judged it.
  private static func statements(_ head: String, _ table: String, _ tail: String, _ scene: ClaimScene) -> [TreePlace] {
    var result: [TreePlace] = []
    for file in scene.tree.files(in: .sql)
    where file.path.lowercased().contains("migrat") || file.path.hasSuffix("schema.sql") {
      guard let text = scene.tree.text(file) else { continue }
      for number in 1...max(1, text.lineCount) {
        let line = String(decoding: text.line(number), as: UTF8.self).lowercased()
        guard line.contains(head), tail.isEmpty || line.contains(tail), !line.hasPrefix("--"),
          !line.contains("'" + head)
        else { continue }
        let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        if words.contains(Substring(table)) { result.append(TreePlace(file.path, line: number)) }
      }
    }
    return result
  }

  static let samples: [ClaimSample] = [
    .judges(
      .false, "- [x] RLS on all tables", in: ["supabase/migrations/1_a.sql": "CREATE TABLE a (id int);\n"],
      "a table has none",
      found: ["migration-table-without-rls": "supabase/migrations/1_a.sql"]),
    .judges(
      .unproven, "- [x] RLS on all tables", in: ["supabase/migrations/1_a.sql": "CREATE TABLE a (id int);\n"], "not run"
    ),
  ]
}
