import GonogoCore

extension Findings {
  /// One finding a file for all that a rule sees in it: one migration is one deployment. Migrations that have long since
  /// run pass.
  ///
  /// - Parameters:
  ///   - verb: what happens to the tables, in the plural: "are rewritten".
  ///   - tell: what is wrong at an observation; `nil` where nothing is.
  mutating func fold(_ context: AuditContext, _ verb: String, _ tell: (Replay.Observation) -> String?) {
    for replay in context.facts(Replays.self) {
      var byFile: [Int: [(observation: Replay.Observation, message: String)]] = [:]
      for observation in replay.observations {
        guard let message = tell(observation), !replay.set.hasLongRun(observation.migration) else { continue }
        byFile[observation.migration, default: []].append((observation, message))
      }
      for (_, list) in byFile.sorted(by: { $0.key < $1.key }) {
        guard let first = list.first else { continue }
        let tables = Set(list.map(\.observation.table)).count
        var message = first.message
        if list.count > 1 {
          message += tables == 1 ? "; and \(list.count - 1) more on it" : "; \(tables) tables of this file \(verb)"
        }
        add(
          message, at: first.observation.place, subject: "\(first.observation.table) \(first.observation.name)",
          related: list.dropFirst().prefix(30).map { .init($0.observation.place, $0.message) })
      }
    }
  }
}
