import GonogoCore
import GonogoSystem

/// A table that failed migrations name.
struct MissingTable: Sendable, Equatable {
  /// A SQL file of the repository that makes tables which are missing.
  struct Maker: Sendable, Equatable {
    /// As the migrations' folder is given.
    let file: String
    let makes: Int
    var json: JSON { ["file": .string(file), "makes": JSON(makes)] }
  }

  let name: String
  /// How many migrations fail for it.
  let migrations: Int
  /// The migration that makes it, later than one that fails for it; `nil` where none does.
  let madeBy: String?
  var json: JSON { ["name": .string(name), "migrations": JSON(migrations), "made_by": JSON(orNull: madeBy)] }
}

/// Why migrations fail one after the other: for a table that none of them makes, or that a later one makes.
struct MissingTables {
  let missing: [MissingTable]

  /// As many files are looked into, and as large ones.
  static let filesLimit = 400
  static let sizeLimit = 4 << 20

  init(_ migrations: [MigrationOutcome], _ files: [MigrationFile]) {
    var wanted: [String: Int] = [:]
    for migration in migrations where migration.status == .failed {
      let names = Set(migration.failures.compactMap(Self.table(of:)))
      for name in names { wanted[name, default: 0] += 1 }
    }
    var makers: [String: String] = [:]
    if !wanted.isEmpty {
      for file in files {
        for name in Self.tables(madeBy: file.bytes) where wanted[name] != nil && makers[name] == nil {
          makers[name] = file.path
        }
      }
    }
    missing = wanted.map { MissingTable(name: $0.key, migrations: $0.value, madeBy: makers[$0.key]) }.sorted {
      ($1.migrations, $0.name) < ($0.migrations, $1.name)
    }
  }

  /// `relation "public.orders" does not exist` (42P01) is about `public.orders`.
  static func table(of failure: MigrationOutcome.Failure) -> String? {
    guard failure.sqlstate == "42P01", let start = failure.message.range(of: "relation \""),
      let end = failure.message[start.upperBound...].range(of: "\" does not exist")
    else { return nil }
    let name = failure.message[start.upperBound..<end.lowerBound].replacing("\"", with: "")
    return name.contains(".") ? String(name) : "public.\(name)"
  }

  private static func tables(madeBy bytes: [UInt8]) -> Set<String> {
    var found: Set<String> = []
    for statement in SQLSplitter.split(bytes) where statement.kind == .sql {
      guard let object = StatementHead(bytes[statement.range]).object else { continue }
      for kind in ["table ", "view ", "materialized view "] where object.hasPrefix(kind) {
        found.insert(String(object.dropFirst(kind.count)))
      }
    }
    return found
  }

  /// The files of the repository that make what no migration makes: its folder, and up to where the repository begins.
  func makers(near places: [String], directory: String, but known: [String]) -> [MissingTable.Maker] {
    let wanted = Set(missing.filter { $0.madeBy == nil }.map(\.name))
    guard !wanted.isEmpty, let place = places.last else { return [] }
    let root = Self.root(of: FileSystem.join(directory, place))
    let paths = ((try? FileSystem.glob("**/*.sql", in: root)) ?? []).filter { path in
      !["node_modules/", ".git/", "vendor/"].contains { path.hasPrefix($0) || path.contains("/\($0)") }
    }
    let base = directory.isEmpty ? "" : (FileSystem.realPath(directory) ?? directory) + "/"
    let folder = FileSystem.realPath(FileSystem.join(directory, place)) ?? place
    var found: [MissingTable.Maker] = []
    for path in paths.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }).prefix(Self.filesLimit) {
      let full = FileSystem.join(root, path)
      if full.hasPrefix(folder + "/") { continue }
      guard let bytes = try? FileSystem.read(full, limit: Self.sizeLimit) else { continue }
      let makes = Self.tables(madeBy: bytes).intersection(wanted).count
      guard makes > 0 else { continue }
      var shown = full
      if !base.isEmpty, full.hasPrefix(base) { shown = String(full.dropFirst(base.count)) }
      let current = FileSystem.currentDirectory + "/"
      if base.isEmpty, full.hasPrefix(current) { shown = String(full.dropFirst(current.count)) }
      if known.contains(shown) { continue }
      found.append(.init(file: shown, makes: makes))
    }
    return Array(
      found.sorted { ($1.makes, $0.file.utf8.count, $0.file) < ($0.makes, $1.file.utf8.count, $1.file) }.prefix(5))
  }

  /// Where the repository begins: the directory with `.git`, else the one above `supabase`, else the folder's parent.
  private static func root(of folder: String) -> String {
    let folder = FileSystem.realPath(folder) ?? folder
    var next = folder
    for _ in 0..<6 {
      if FileSystem.exists(FileSystem.join(next, ".git")) { return next }
      let parent = FileSystem.directory(of: next)
      if FileSystem.lastComponent(of: next) == "supabase" { return parent }
      if parent == next || parent == "/" { break }
      next = parent
    }
    return FileSystem.directory(of: folder)
  }
}
