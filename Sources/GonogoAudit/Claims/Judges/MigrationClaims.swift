import GonogoCore

/// "All migrations apply", "the fix migration is ready".
enum MigrationClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "migrations-apply", title: "The migrations apply",
    what: """
      Judged by the replay (`--replay`): false where a migration that the line means does not apply even with each statement alone \
      and in any order; true where all of them do. "Created" is true where a file of those words is there, and whether it applies \
      is told beside. That a server has them ("applied", "up to date", "in production") is not seen, and stays unproven. Without the replay: unproven.
      """, rules: ["sql-does-not-parse", "sql-table-nobody-creates"])

  static let vocabulary = ClaimVocabulary(
    "migration* миграц* apply applies cleanly sql database db postgresql postgres created создан* written scratch empty run runs work* прогоня* базы данных",
    contradicting:
      "applied примен* up to date tested verified провер* complete* успешн* запущен* ready production all supabase")
  static let seesWorking = true

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("migration", "миграц"), !line.isDenial else { return nil }
    let isReady = line.says(
      "ready", "готов", "apply", "applies", "applied", "примен", "tested", "run", "прогна", "verified", "провер",
      "complete", "up to date",
      "работа", "work", "успешн")
    let isMade = line.says("created", "создан", "written", "added", "добавл")
    guard isReady || isMade else { return nil }
    let chosen = files(of: line, in: scene)
    if isMade, !isReady {
      guard let first = chosen.first else { return .unproven("no migration has these words in its name") }
      let name = Self.words(of: first)
      var evidence: [Claim.Evidence] = [.init("'\(first.path)' is there", at: TreePlace(first.path))]
      if let failure = failures(in: scene, of: Set(chosen.map(\.path))).first {
        evidence.append(.init("it does not apply, which is another claim: \(failure.message)", at: failure.place))
      }
      return .truly(evidence).reading(line.words.filter(name.contains))
    }
    let chosenPaths = Set(chosen.map(\.path))
    // What PostgreSQL's parser refuses needs no server.
    let broken = scene.found(["sql-does-not-parse"]).filter {
      $0.place.path.lowercased().contains("migrat") && (chosen.isEmpty || chosenPaths.contains($0.place.path))
    }
    if scene.replay == nil, !broken.isEmpty {
      return .falsely(broken.prefix(4).map { .init($0.message, at: $0.place) } + joins(scene))
    }
    guard let replay = scene.replay else { return .unproven("the migrations were not run: `--replay` runs them") }
    if replay.runs.isEmpty {
      return .unproven(replay.troubles.first?.message ?? "there are no migrations in SQL to run")
    }
    let failed = chosen.isEmpty ? failures(in: scene, of: nil) : failures(in: scene, of: Set(chosen.map(\.path)))
    // The words by which the migrations were chosen narrow the line no more.
    let names = Set(chosen.flatMap(Self.words))
    let read = line.words.filter(names.contains)
    if !failed.isEmpty {
      let more = failed.count > 4 ? [Claim.Evidence("\(failed.count - 4) more files do not apply")] : []
      return ClaimVerdict.falsely(
        failed.prefix(4).map { .init("the migration does not apply: \($0.message)", at: $0.place) } + more
          + joins(scene)
      ).reading(read)
    }
    if let run = replay.runs.first(where: { $0.before != nil }) {
      return .unproven("the migrations apply only behind '\(run.before ?? "")'")
    }
    if let trouble = replay.troubles.first { return .unproven(trouble.message) }
    let count = replay.runs.reduce(0) { $0 + $1.applied }
    guard count > 0, let run = replay.runs.first else { return .unproven("no migration was run") }
    let isOnServer = line.says(
      "applied", "примен", "production", "прод", "up to date", "complete", "запущен", "deployed")
    if isOnServer {
      return .unproven(
        "\(count) migrations apply in a scratch PostgreSQL; which of them a server has is not seen in the tree",
        at: TreePlace(run.folder))
    }
    return .truly("\(count) migrations apply in a scratch PostgreSQL", at: TreePlace(run.folder))
      .reading(["all", "every", "все", "replayed", "from", "scratch", "without", "errors", "tested", "успешно"])
  }

  /// Tables that the code uses and nobody creates: whatever applies, it is not what the code needs.
  private static func joins(_ scene: ClaimScene) -> [Claim.Evidence] {
    scene.found(["sql-table-nobody-creates"]).prefix(2).map { .init($0.message, at: $0.place) }
  }

  private static func words(of file: TreeFile) -> [String] {
    file.name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  static func failures(in scene: ClaimScene, of paths: Set<String>?) -> [MigrationReplay.Failure] {
    (scene.replay?.runs ?? []).flatMap(\.failed).filter { paths?.contains($0.place.path) ?? true }
  }

  /// The migrations whose names have the words that stand before "migration"; none where it says no such words.
  static func files(of line: ClaimLine, in scene: ClaimScene) -> [TreeFile] {
    let named = line.files.compactMap { scene.tree[$0] }.filter { $0.language == .sql }
    if !named.isEmpty { return named }
    guard let index = line.words.firstIndex(where: { $0.hasPrefix("migration") || $0.hasPrefix("миграц") }) else {
      return []
    }
    let stop: Set<String> = [
      "database", "db", "sql", "all", "the", "supabase", "and", "run", "new", "apply", "created", "ready", "with",
    ]
    let migrations = scene.tree.files(in: .sql).filter { $0.path.lowercased().contains("migrat") }.map { file in
      (file: file, words: Set(file.name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)))
    }
    // The nearest word first; each further one narrows what is meant, as long as something is left.
    var chosen: [(file: TreeFile, words: Set<String>)] = []
    for key in line.words[..<index].suffix(3).reversed()
    where key.count >= 3 && !stop.contains(key) && key.contains(where: \.isLetter) {
      let left = (chosen.isEmpty ? migrations : chosen).filter { $0.words.contains(key) }
      if left.isEmpty { if chosen.isEmpty { return [] } else { continue } }
      chosen = left
    }
    return chosen.map(\.file)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .false, "- [x] All migrations applied", in: ["db/migrations/1_a.sql": "CREATE TABL a;\n"], "one does not parse",
      found: ["sql-does-not-parse": "db/migrations/1_a.sql"]),
    .judges(
      .true, "- [x] RLS fix migration created", in: ["supabase/migrations/2_fix_rls.sql": "SELECT 1;\n"], "there"),
    .judges(.unproven, "- [x] All migrations applied", in: ["db/migrations/1_a.sql": "SELECT 1;\n"], "not run"),
    .judges(
      .unproven, "- [x] Payment migration created and reviewed by the DBA", in: ["db/migrations/1_payment.sql": ""],
      "a review leaves no trace"),
  ]
}
