import GonogoCore

/// When migrations came, in days since 1970: what tells a migration that is still to be run where there are rows from one that
/// has run wherever it had to wait for them.
struct MigrationDays: Sendable {
  /// The day of the newest commit; without a history, the newest day that a migration names.
  let now: Int?
  /// The day of the commit that added a file, by the end of its path; of files alone that name no day themselves.
  private let added: [String: Int]
  private let named: [String: Int]
  /// The days of all that were looked at, by path: they are asked for again and again.
  private let days: [String: Int]

  private init(now: Int?, added: [String: Int], named: [String: Int], of migrations: [MigrationSet.Migration]) {
    self.now = now
    self.added = added
    self.named = named
    var days: [String: Int] = [:]
    for migration in migrations { days[migration.file.path] = Self.day(of: migration, now, added, named) }
    self.days = days
  }

  /// So many days behind the newest commit a migration has been run, or nobody waits for it: releases come more often.
  static let season = 90
  /// So many days a table has had to fill. What is younger was made for the release that the migration belongs to, or for the
  /// one before it.
  static let filling = 14
  /// So many days after its first migration a program is in use: before, no table has rows that anybody waits for.
  static let beginning = 30

  /// A migration's day; `nil` where neither its name, its head nor the history tells.
  func day(of migration: MigrationSet.Migration) -> Int? { days[migration.file.path] }

  private static func day(
    of migration: MigrationSet.Migration, _ now: Int?, _ added: [String: Int], _ named: [String: Int]
  ) -> Int? {
    let said = named[migration.file.path] ?? MigrationSet.day(migration.version)
    let came = added.isEmpty ? nil : added[key(migration.file.path)]
    // A number may be written ahead of the day, and a file may be imported long behind it.
    guard let first = [said, came].compactMap({ $0 }).min() else { return nil }
    return min(first, now ?? first)
  }

  /// Whether a migration has been run: it is a season behind the newest commit. Where no day is known, it is not said to have.
  func hasRun(_ migration: MigrationSet.Migration) -> Bool {
    guard let now, let day = day(of: migration) else { return false }
    return now - day > Self.season
  }

  /// Whether a change meets a table with rows when it is run the next time: the migration is young, and the table clearly older.
  ///
  /// Where no day is known (a shallow clone, numbers for names), the last five migrations count as young. Quiet in a folder that
  /// has just begun: nothing tells that there are rows at all.
  func meetsRows(_ observation: Replay.Observation, in set: MigrationSet) -> Bool {
    guard observation.isOnExisting, let created = observation.created else { return false }
    let (last, first) = (set.migrations[observation.migration], set.migrations[created])
    guard let now, let changed = day(of: last), let made = day(of: first) else {
      return day(of: last) == nil && set.migrations.count - observation.migration <= 5
    }
    guard now - changed <= Self.season, changed - made >= Self.filling else { return false }
    let begun = set.migrations.lazy.compactMap(day).min() ?? made
    return changed - begun >= Self.beginning
  }
}

extension MigrationDays: Collector {
  static func collect(in context: AuditContext) -> MigrationDays {
    let migrations = context.facts(Migrations.self).postgres.flatMap(\.migrations)
    var named: [String: Int] = [:]
    for migration in migrations where migration.file.language == .python {
      if let day = headDay(context.tree.text(migration.file)) { named[migration.file.path] = day }
    }
    var newest: Int?
    var undated: [TreeFile] = []
    for migration in migrations {
      if let day = named[migration.file.path] ?? MigrationSet.day(migration.version) {
        newest = max(newest ?? day, day)
      } else {
        undated.append(migration.file)
      }
    }
    guard let (repository, commit) = context.tree.source.history,
      let output = try? Git.run(["log", "-1", "--format=%ct", commit], in: repository),
      let seconds = Int(String(decoding: output, as: UTF8.self).trimmed)
    else { return MigrationDays(now: newest, added: [:], named: named, of: migrations) }
    return MigrationDays(
      now: seconds / 86_400, added: added(undated, repository, commit), named: named, of: migrations)
  }

  /// The days on which files were added, wherever they stood then, by ``key(_:)``. A shallow clone knows none.
  static func added(_ files: [TreeFile], _ repository: String, _ commit: String) -> [String: Int] {
    let wanted = Set(files.map { key($0.path) })
    guard !wanted.isEmpty,
      let shallow = try? Git.run(["rev-parse", "--is-shallow-repository"], in: repository),
      !String(decoding: shallow, as: UTF8.self).hasPrefix("true"),
      // Without paths: git compares whole trees for a pattern as well, and each name with each pattern besides, which took it ten times as long.
      let output = try? Git.run(
        ["log", "--diff-filter=A", "--no-renames", "--name-only", "--format=%x01%ct", commit], in: repository,
        milliseconds: 30_000)
    else { return [:] }
    let names = Set(files.map { Array($0.name.utf8)[...] })
    var result: [String: Int] = [:]
    var day = 0
    for line in output.split(separator: 0x0A) {
      if line.first == 1 {
        day = (Int(String(decoding: line.dropFirst(), as: UTF8.self)) ?? 0) / 86_400
      } else if names.contains(line[(line.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? line.startIndex)...]) {
        let key = key(String(decoding: line, as: UTF8.self))
        if wanted.contains(key) { result[key] = min(result[key] ?? day, day) }
      }
    }
    return result
  }

  /// The end of a path that stays when a folder is moved. Django's names repeat themselves from one application to the next.
  static func key(_ path: String) -> String {
    path.split(separator: "/").suffix(path.hasSuffix(".py") ? 3 : 2).joined(separator: "/")
  }

  /// `Create Date: 2024-03-01 …` of Alembic, `# Generated by Django 5.0 on 2024-03-01 …`.
  private static func headDay(_ text: SourceFile?) -> Int? {
    guard let text else { return nil }
    let head = String(decoding: text.bytes.prefix(600), as: UTF8.self)
    for line in head.split(separator: "\n").prefix(12) {
      guard let mark = line.range(of: "Create Date: ") ?? line.range(of: "Generated by "),
        let start = line[mark.upperBound...].range(of: "20")?.lowerBound
      else { continue }
      let date = line[start...].prefix(10).split(separator: "-")
      if date.count == 3, let day = MigrationSet.day(date.joined()) { return day }
    }
    return nil
  }
}

extension MigrationSet {
  /// The day that a version names: `20240301`, and timestamps that begin with one; seconds and milliseconds since 1970.
  static func day(_ version: String) -> Int? {
    guard let number = Int(version) else { return nil }
    switch version.utf8.count {
    case 10: return number / 86_400
    case 13 where !version.hasPrefix("20"): return number / 86_400_000
    case 8, 12...17:
      guard version.hasPrefix("20") else { return nil }
      let digits = Array(version.prefix(8))
      let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
      return Timestamp.parse("\(date)T00:00:00Z").map { Int($0 / 86_400_000) }
    default: return nil
    }
  }
}
