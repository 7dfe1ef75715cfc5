extension MigrationSet {
  /// Whether a migration has long since run wherever it had to wait for rows: many newer ones follow, and the newest is of
  /// another season. On a database that begins anew it meets no rows; what it once locked, nobody waits for any more.
  ///
  /// - Parameter index: its place in `migrations`.
  func hasLongRun(_ index: Int) -> Bool {
    let newer = migrations.count - 1 - index
    guard let newest = migrations.last.flatMap({ Self.day($0.version) }), let day = Self.day(migrations[index].version)
    else { return newer >= 20 }
    return newer >= 10 && newest - day > 90
  }

  /// The day that a version names: `20240301`, and timestamps that begin with one; seconds and milliseconds since 1970.
  /// Counted in days of months of 31: good enough to tell a season.
  static func day(_ version: String) -> Int? {
    guard let number = Int(version) else { return nil }
    switch version.utf8.count {
    case 10: return number / 86_400
    case 13: return number / 86_400_000
    case 8, 12...17:
      guard version.hasPrefix("20"), let date = Int(version.prefix(8)) else { return nil }
      let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100)
      return (1...12).contains(month) && (1...31).contains(day) ? (year * 12 + month) * 31 + day : nil
    default: return nil
    }
  }
}
