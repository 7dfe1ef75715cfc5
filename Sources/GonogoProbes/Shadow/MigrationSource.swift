import GonogoCore
import GonogoSystem

/// Whose files they are.
enum MigrationStyle: String, Sendable, CaseIterable {
  /// `20240101000000_name.sql`, as the Supabase CLI runs them.
  case supabase
  /// `001_name.sql`, or any names.
  case plain
  /// `V1__name.sql`, `R__name.sql`.
  case flyway
  /// `-- migrate:up` and `-- migrate:down` in one file.
  case dbmate
  /// `-- +goose Up` and `-- +goose Down` in one file.
  case goose
  /// `1_name.up.sql` and `1_name.down.sql`: golang-migrate, sqlx.
  case updown
  /// `name/migration.sql`.
  case prisma
  /// `0000_name.sql` with `--> statement-breakpoint`.
  case drizzle
}

/// One file, read and cut to what goes up.
struct MigrationFile: Sendable {
  /// As seen from the document.
  let path: String
  var bytes: [UInt8]
  /// The tool runs it in a transaction of its own.
  var transaction = true
  /// The tool opens that transaction even around a single statement.
  var always = false
}

struct MigrationFolder: Sendable {
  let style: MigrationStyle
  var files: [MigrationFile] = []
  /// What is not run, and why.
  var skipped: [(path: String, reason: String)] = []
  /// Files whose name has no version: the tool would not see them.
  var unnumbered: [String] = []
  /// Versions that two files share.
  var duplicates: [String] = []

  static let sizeLimit = 64 << 20

  /// - Throws: ``ProbeError`` of kind `not-found` where there is no migration.
  static func read(
    _ folder: String, style given: MigrationStyle?, order: ShadowOptions.Order, directory: String,
    deadline: PostgresDeadline
  ) throws(ProbeError) -> MigrationFolder {
    var folder = folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
    let root = FileSystem.join(directory, folder)
    let listed: [String]
    do throws(SystemError) { listed = try FileSystem.list(root) } catch {
      throw ProbeError(
        error.isDenied ? .denied : .missing, "the migrations cannot be read: \(error)", asked: folder,
        mend: "correct the folder; it is seen from the document")
    }
    // A repository's root, or the folder above.
    if !listed.contains(where: { $0.hasSuffix(".sql") }) {
      for inner in ["supabase/migrations", "prisma/migrations", "db/migrations", "drizzle", "migrations"]
      where FileSystem.exists(FileSystem.join(root, inner)) {
        folder = folder == "." ? inner : "\(folder)/\(inner)"
        return try read(folder, style: given, order: order, directory: directory, deadline: deadline)
      }
    }
    var names = listed.filter { $0.hasSuffix(".sql") }
    let nested = listed.filter { FileSystem.exists(FileSystem.join(root, "\($0)/migration.sql")) }
    if names.isEmpty || given == .prisma { names = nested.map { "\($0)/migration.sql" } }
    if names.isEmpty {
      throw ProbeError(
        .missing, "the folder \(folder) holds no migration in SQL", asked: folder,
        mend: "correct the folder, or build the database with `command:`, `alembic:` or `prisma:`")
    }
    var contents: [(name: String, bytes: [UInt8])] = []
    for name in names {
      let path = FileSystem.join(root, name)
      do throws(SystemError) { contents.append((name, try FileSystem.read(path, limit: sizeLimit))) } catch {
        throw ProbeError(
          error.isDenied ? .denied : .unexpected, "a migration cannot be read: \(error)", asked: path,
          mend: "a migration of more than \(sizeLimit >> 20) MiB is not read; make the file readable")
      }
    }
    let style = given ?? guess(folder, contents, listed: listed)
    var result = MigrationFolder(style: style)
    result.take(contents, folder: folder)
    if order == .git { try result.orderByGit(directory: directory, folder: folder, deadline: deadline) }
    if result.files.isEmpty {
      throw ProbeError(
        .missing, "the folder \(folder) holds no migration of the style \(style.rawValue) that goes up", asked: folder,
        mend: "correct the folder, or its `style`")
    }
    return result
  }

  private static func guess(_ folder: String, _ contents: [(name: String, bytes: [UInt8])], listed: [String])
    -> MigrationStyle
  {
    func any(_ marker: String) -> Bool {
      let marker = Array(marker.utf8)
      return contents.contains { find(marker, in: $0.bytes) != nil }
    }
    if contents.contains(where: { $0.name.hasSuffix("/migration.sql") }) { return .prisma }
    if contents.contains(where: { $0.name.hasSuffix(".up.sql") }) { return .updown }
    if contents.contains(where: { flywayVersion($0.name) != nil }) { return .flyway }
    if any("-- +goose Up") { return .goose }
    if any("-- migrate:up") { return .dbmate }
    if listed.contains("meta") || any("--> statement-breakpoint") { return .drizzle }
    if folder.split(separator: "/").contains("supabase") { return .supabase }
    return .plain
  }

  /// The first place of `marker` at the beginning of a line (blanks before it do not count), whatever its capitals.
  static func find(_ marker: [UInt8], in bytes: [UInt8], from: Int = 0) -> Int? {
    func small(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
    var start = from
    while start < bytes.count {
      var index = start
      while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
      if index + marker.count <= bytes.count {
        var same = true
        for offset in marker.indices where small(bytes[index + offset]) != small(marker[offset]) {
          same = false
          break
        }
        if same { return index }
      }
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      start = index + 1
    }
    return nil
  }

  /// What stands between two markers; all else becomes blank, so that lines keep their numbers.
  private static func section(_ bytes: [UInt8], from up: String, to down: String) -> [UInt8]? {
    var result = bytes
    var place = 0
    var found = false
    func blank(_ range: Range<Int>) {
      for index in range where result[index] != 0x0A { result[index] = 0x20 }
    }
    while let start = find(Array(up.utf8), in: bytes, from: place) {
      blank(place..<start)
      found = true
      guard let end = find(Array(down.utf8), in: bytes, from: start) else { return result }
      place = end
    }
    blank(place..<bytes.count)
    return found ? result : nil
  }

  /// `V1_2__name.sql` is [1, 2].
  private static func flywayVersion(_ name: String) -> [String]? {
    guard name.hasPrefix("V"), let mark = name.range(of: "__") else { return nil }
    let parts = name[name.index(after: name.startIndex)..<mark.lowerBound].split { $0 == "." || $0 == "_" }
    return !parts.isEmpty && parts.allSatisfy { $0.allSatisfy(\.isASCII) && $0.allSatisfy(\.isNumber) }
      ? parts.map(String.init) : nil
  }

  private static func digits(_ name: String) -> String {
    String(name.prefix { $0.isASCII && $0.isNumber })
  }

  /// By number where both have one, else by their bytes; what has no number comes last.
  private static func comesBefore(_ left: String, _ right: String) -> Bool {
    let (a, b) = (digits(left).drop { $0 == "0" }, digits(right).drop { $0 == "0" })
    let (hasA, hasB) = (!digits(left).isEmpty, !digits(right).isEmpty)
    if hasA != hasB { return hasA }
    if hasA, a != b { return a.count != b.count ? a.count < b.count : a < b }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  private mutating func take(_ contents: [(name: String, bytes: [UInt8])], folder: String) {
    func shown(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }
    var versions: [(String, MigrationFile)] = []
    for (name, bytes) in contents {
      let path = shown(name)
      var file = MigrationFile(path: path, bytes: bytes)
      let isDown = name.hasSuffix(".down.sql") || name.hasSuffix("_down.sql") || name.hasSuffix(".undo.sql")
      if isDown {
        skipped.append((path, "it goes down"))
        continue
      }
      var version = Self.digits(name)
      switch style {
      case .flyway:
        if name.hasPrefix("U"), name.contains("__") {
          skipped.append((path, "it undoes"))
          continue
        }
        if name.hasPrefix("B"), name.contains("__") {
          skipped.append((path, "a baseline, for databases that are there already"))
          continue
        }
        if let parts = Self.flywayVersion(name) {
          version = parts.map { String($0.drop { $0 == "0" }) }.joined(separator: ".")
        } else if !name.hasPrefix("R__") {
          unnumbered.append(path)
          skipped.append((path, "its name is none of Flyway's"))
          continue
        } else {
          version = ""
        }
        file.always = true
      case .goose:
        guard let up = Self.section(bytes, from: "-- +goose Up", to: "-- +goose Down") else {
          skipped.append((path, "it has no -- +goose Up"))
          continue
        }
        file.transaction = Self.find(Array("-- +goose NO TRANSACTION".utf8), in: bytes) == nil
        file.always = true
        file.bytes = up
      case .dbmate:
        guard let up = Self.section(bytes, from: "-- migrate:up", to: "-- migrate:down") else {
          skipped.append((path, "it has no -- migrate:up"))
          continue
        }
        if let start = Self.find(Array("-- migrate:up".utf8), in: bytes) {
          let line = String(decoding: bytes[start...].prefix { $0 != 0x0A }, as: UTF8.self)
          file.transaction = !line.contains("transaction:false")
        }
        file.always = true
        file.bytes = up
      case .updown:
        // sqlx and golang-migrate: a file may say that it wants no transaction.
        file.transaction = Self.find(Array("-- no-transaction".utf8), in: bytes) == nil
      case .prisma: version = Self.digits(name)
      case .supabase, .plain, .drizzle: break
      }
      if version.isEmpty, style != .flyway { unnumbered.append(path) }
      versions.append((version, file))
    }
    if style == .flyway {
      func parts(_ version: String) -> [String] {
        version.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      }
      versions.sort { left, right in
        // Repeatable ones come after all versions, in the order of their descriptions.
        if left.0.isEmpty != right.0.isEmpty { return !left.0.isEmpty }
        if left.0.isEmpty || left.0 == right.0 { return left.1.path.utf8.lexicographicallyPrecedes(right.1.path.utf8) }
        let (a, b) = (parts(left.0), parts(right.0))
        for (x, y) in zip(a, b) where x != y {
          return x.utf8.count != y.utf8.count ? x.utf8.count < y.utf8.count : x < y
        }
        return a.count < b.count
      }
    } else {
      versions.sort {
        Self.comesBefore(FileSystem.lastComponent(of: $0.1.path), FileSystem.lastComponent(of: $1.1.path))
      }
      if style == .prisma { versions.sort { $0.1.path.utf8.lexicographicallyPrecedes($1.1.path.utf8) } }
    }
    files = versions.map(\.1)
    if style != .prisma {
      var seen: Set<String> = []
      for (version, _) in versions where !version.isEmpty && !seen.insert(version).inserted {
        if !duplicates.contains(version) { duplicates.append(version) }
      }
    }
  }

  /// By the date of the commit that added the file; what is not committed comes last.
  private mutating func orderByGit(directory: String, folder: String, deadline: PostgresDeadline) throws(ProbeError) {
    let root = FileSystem.join(directory, folder)
    let process = Subprocess(
      [
        "git", "-c", "core.quotePath=false", "log", "--diff-filter=A", "--no-renames", "--reverse", "--format=",
        "--name-only", "--relative", "--", ".",
      ], environment: ProcessEnvironment.all, directory: root)
    let outcome: Subprocess.Outcome
    do throws(Subprocess.Failure) { outcome = try process.run(milliseconds: max(1, deadline.left)) } catch {
      if case .timedOut = error { throw ShadowCluster.late("git log") }
      throw ProbeError(
        .toolMissing, "cannot run git, which knows when each file came", asked: "git", mend: "apt-get install git")
    }
    guard outcome.status == 0 else {
      let said = String(decoding: outcome.error, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
      throw ProbeError(
        .configuration, "git does not know when the files of \(folder) came: \(said)", asked: "git log -- \(folder)",
        mend: "say `order: name`, or run this in a checkout with its history")
    }
    var rank: [String: Int] = [:]
    for line in String(decoding: outcome.output, as: UTF8.self).split(separator: "\n") where rank[String(line)] == nil {
      rank[String(line)] = rank.count
    }
    let prefix = folder == "." ? 0 : folder.utf8.count + 1
    func place(_ file: MigrationFile) -> Int {
      rank[String(decoding: file.path.utf8.dropFirst(prefix), as: UTF8.self)] ?? Int.max
    }
    files = files.enumerated().sorted { left, right in
      let (a, b) = (place(left.element), place(right.element))
      return a != b ? a < b : left.offset < right.offset
    }.map(\.element)
  }
}
