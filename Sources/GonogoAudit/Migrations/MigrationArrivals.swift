import GonogoCore

/// Which migrations came into the repository together, whatever days their numbers name: a table and its index of one release are
/// run one after the other, and the index meets no rows.
struct MigrationArrivals: Sendable {
  /// The day of the commit that added a file, by the end of its path.
  fileprivate let added: [String: Int]

  /// Whether the change came clearly later than the table. Where the history does not tell, what the numbers say stands.
  func areApart(_ observation: Replay.Observation, in set: MigrationSet) -> Bool {
    guard let created = observation.created,
      let changed = added[MigrationDays.key(set.migrations[observation.migration].file.path)],
      let made = added[MigrationDays.key(set.migrations[created].file.path)]
    else { return true }
    return changed - made >= MigrationDays.filling
  }
}

extension MigrationArrivals: Collector {
  /// Asks the history of those alone that their days would tell of: it is long, and these are few.
  static func collect(in context: AuditContext) -> MigrationArrivals {
    let days = context.facts(MigrationDays.self)
    var files: [TreeFile] = []
    for replay in context.facts(Replays.self) {
      for observation in replay.observations where days.meetsRows(observation, in: replay.set) {
        files.append(replay.set.migrations[observation.migration].file)
        if let created = observation.created { files.append(replay.set.migrations[created].file) }
      }
    }
    guard !files.isEmpty, let (repository, commit) = context.tree.source.history else { return .init(added: [:]) }
    return .init(added: MigrationDays.added(files, repository, commit))
  }
}
