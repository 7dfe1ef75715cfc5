import GonogoCore

extension Findings {
  /// One finding a folder for all that a rule sees in its young migrations, at the newest of them: the habit is one cause, and
  /// what has run already cannot be mended any more.
  ///
  /// Quiet about migrations that have run (see ``MigrationDays/meetsRows(_:in:)``), and about tables that migrations fill with
  /// rows of their own, because those are catalogues of few rows.
  ///
  /// - Parameters:
  ///   - verb: what happens to the tables, in the plural: "are rewritten".
  ///   - catalogues: whether it matters that a table has rows, and not how many.
  ///   - tell: what is wrong at an observation; `nil` where nothing is.
  mutating func fold(
    _ context: AuditContext, _ verb: String, catalogues: Bool = false, _ tell: (Replay.Observation) -> String?
  ) {
    for replay in context.facts(Replays.self) {
      var byFile: [Int: [(observation: Replay.Observation, message: String)]] = [:]
      for observation in replay.observations where observation.isOnExisting {
        guard catalogues || !observation.isOnCatalogue, let message = tell(observation),
          context.facts(MigrationDays.self).meetsRows(observation, in: replay.set),
          context.facts(MigrationArrivals.self).areApart(observation, in: replay.set)
        else { continue }
        byFile[observation.migration, default: []].append((observation, message))
      }
      let files = byFile.sorted { $0.key > $1.key }.map(\.value)
      guard let list = files.first, let first = list.first else { continue }
      let tables = Set(list.map(\.observation.table)).count
      var message = first.message
      if list.count > 1 {
        message += tables == 1 ? "; and \(list.count - 1) more on it" : "; \(tables) tables of this file \(verb)"
      }
      if files.count > 1 {
        message +=
          files.count == 2 ? "; so does another shortly before it" : "; so do \(files.count - 1) shortly before it"
      }
      add(
        message, at: first.observation.place, subject: "\(first.observation.table) \(first.observation.name)",
        related: files.joined().dropFirst().prefix(60).map { .init($0.observation.place, $0.message) })
    }
  }
}
