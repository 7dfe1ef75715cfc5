import GonogoCore
import GonogoSystem

/// `migrations`: the files of a folder against what the database says was applied.
struct PostgresMigrations: Sendable {
  enum Style: String, CaseIterable, Sendable { case supabase, alembic, prisma, numbered }

  let folder: Template
  /// `nil` where the folder's content decides.
  let style: Style?
  let table: String?
  let range: SourceRange

  init(_ arguments: Arguments) throws(InvalidArguments) {
    let inner = try arguments.require("migrations", arguments.arguments("migrations", shorthand: "folder"))
    defer { inner.finish() }
    range = arguments.keyRange("migrations")
    let choice = inner.choice("style", Style.allCases.map(\.rawValue) + ["auto"])
    style = choice.flatMap(Style.init)
    table = inner.string("table")
    folder = try inner.require("folder", inner.template("folder"))
  }

  var builtinExpectations: [Expectation] {
    ["pending", "unknown", "failed"].map { PostgresExpectation.empty($0, at: range) }
  }

  /// A migration's file, with what orders it.
  private struct File {
    let id: String
    let path: String
    var previous: [String] = []
    var names: Set<String> = []
  }

  private struct Applied {
    var ids: [String] = []
    var failed: [String] = []
    /// By id, as Prisma keeps them.
    var checksums: [String: String] = [:]
    /// golang-migrate keeps only the last version: every file up to it counts as applied.
    var upTo: String?
  }

  func observe(_ session: PostgresSession) throws(ProbeError) -> Observation {
    let folder = try session.context.render(folder).exposed
    let directory = session.context.directory.isEmpty ? "." : session.context.directory
    let style = style ?? Self.guess(folder, directory)
    let files = try read(style, folder, directory, session)
    let name = table ?? Self.defaultTable(style)
    let quoted = name.split(separator: ".").map { PostgresSQL.identifier(String($0)) }.joined(separator: ".")
    let (applied, command) = try applied(style, quoted: quoted, name: name, session)
    let facts = compare(style, files, applied, folder: folder, directory: directory)
    return Observation(
      facts: .object(facts.merging(["style": .string(style.rawValue), "table": .string(name)]) { first, _ in first }),
      witness: ["files": files.count, "applied": facts["applied"]?.arrayValue?.count ?? 0],
      asked: session.target.display, repeatCommand: command,
      vacuityMend: "apply the migrations, or name the table they are recorded in with `table:`")
  }

  private static func defaultTable(_ style: Style) -> String {
    switch style {
    case .supabase: "supabase_migrations.schema_migrations"
    case .alembic: "alembic_version"
    case .prisma: "_prisma_migrations"
    case .numbered: "schema_migrations"
    }
  }

  private static func pattern(_ folder: String, _ inside: String) -> String {
    let last = FileSystem.lastComponent(of: folder)
    // A glob of files stays as it is; a folder, with or without a glob in it, is looked into.
    if last.contains("*"), last.contains(".") { return folder }
    return (folder.hasSuffix("/") ? String(folder.dropLast()) : folder) + "/" + inside
  }

  private static func guess(_ folder: String, _ directory: String) -> Style {
    func any(_ inside: String) -> Bool {
      (try? FileSystem.glob(pattern(folder, inside), in: directory))?.isEmpty == false
    }
    if any("*/migration.sql") { return .prisma }
    if any("versions/*.py") || any("*.py") { return .alembic }
    if folder.split(separator: "/").contains("supabase") { return .supabase }
    return .numbered
  }

  private func read(_ style: Style, _ folder: String, _ directory: String, _ session: PostgresSession)
    throws(ProbeError) -> [File]
  {
    var files: [File] = []
    do throws(SystemError) {
      switch style {
      case .prisma:
        for path in try FileSystem.glob(Self.pattern(folder, "*/migration.sql"), in: directory) {
          files.append(File(id: FileSystem.lastComponent(of: FileSystem.directory(of: path)), path: path))
        }
      case .alembic:
        var paths = try FileSystem.glob(Self.pattern(folder, "versions/*.py"), in: directory)
        if paths.isEmpty { paths = try FileSystem.glob(Self.pattern(folder, "*.py"), in: directory) }
        for path in paths {
          let text = String(decoding: try FileSystem.read(FileSystem.join(directory, path)), as: UTF8.self)
          guard let id = Self.strings(assignedTo: "revision", in: text).first else { continue }
          files.append(
            File(
              id: id, path: path,
              previous: Self.strings(assignedTo: "down_revision", in: text)
                + Self.strings(assignedTo: "depends_on", in: text)))
        }
      case .supabase:
        for path in try FileSystem.glob(Self.pattern(folder, "*.sql"), in: directory) {
          let id = String(FileSystem.lastComponent(of: path).prefix { $0.isNumber })
          if !id.isEmpty { files.append(File(id: id, path: path)) }
        }
      case .numbered:
        for path in try FileSystem.glob(Self.pattern(folder, "*"), in: directory) {
          let name = FileSystem.lastComponent(of: path)
          if let file = Self.numbered(name, path: path) { files.append(file) }
        }
      }
    } catch {
      throw ProbeError(
        .missing, "the migrations cannot be read: \(error)", asked: folder,
        mend: "correct `folder`; it is seen from the document")
    }
    if files.isEmpty {
      throw ProbeError(
        .missing, "the folder \(folder) has no migration of the style \(style.rawValue)", asked: folder,
        mend: "correct `folder` (seen from the document) or `style`")
    }
    return style == .alembic ? files : files.sorted { Self.comesBefore($0.id, $1.id) }
  }

  /// `020_create_usage.sql`, `V1_2__name.sql`, `000001_name.up.sql`: the names it may be recorded under.
  private static func numbered(_ name: String, path: String) -> File? {
    let parts = name.split(separator: ".")
    guard parts.count > 1, !parts.contains("down") else { return nil }
    var stem = String(parts[0])
    // A version may have dots of its own: V1.2__name.sql.
    if name.hasPrefix("V"), let mark = name.range(of: "__") {
      stem = String(name[..<mark.lowerBound]) + name[mark.lowerBound...].prefix { $0 != "." }
    }
    let body = stem.hasPrefix("V") || stem.hasPrefix("v") ? stem.dropFirst() : Substring(stem)
    let version: Substring
    if stem.hasPrefix("V"), let mark = body.range(of: "__") {
      version = body[..<mark.lowerBound]
    } else {
      version = body.prefix { $0.isNumber }
    }
    guard version.first?.isNumber == true else { return nil }
    var names: Set<String> = [name, stem, String(version), String(version).replacing("_", with: ".")]
    names.insert(parts.dropLast().joined(separator: "."))
    let bare = version.drop { $0 == "0" }
    names.insert(bare.isEmpty ? "0" : String(bare))
    return File(id: stem, path: path, names: names)
  }

  /// Numbers by value, the rest by bytes: `9` comes before `10`.
  static func comesBefore(_ left: String, _ right: String) -> Bool {
    func number(_ text: String) -> Substring {
      (text.hasPrefix("V") || text.hasPrefix("v") ? text.dropFirst() : Substring(text)).prefix { $0.isNumber }
        .drop { $0 == "0" }
    }
    let a = number(left)
    let b = number(right)
    if a != b { return a.utf8.count != b.utf8.count ? a.utf8.count < b.utf8.count : a < b }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// The strings that a Python module assigns to a name at its top level: `revision: str = 'a'`,
  /// `down_revision = ('a', "b")`, over several lines, too. `None` gives none.
  static func strings(assignedTo name: String, in text: String) -> [String] {
    let bytes = Array(text.utf8)
    var index = 0
    var lineStart = true
    func skipString(_ start: Int) -> (end: Int, body: Range<Int>) {
      let quote = bytes[start]
      let triple = start + 2 < bytes.count && bytes[start + 1] == quote && bytes[start + 2] == quote
      var end = start + (triple ? 3 : 1)
      let begin = end
      while end < bytes.count {
        if bytes[end] == UInt8(ascii: "\\") {
          end += 2
          continue
        }
        if bytes[end] == quote {
          if !triple { return (end + 1, begin..<end) }
          if end + 2 < bytes.count, bytes[end + 1] == quote, bytes[end + 2] == quote { return (end + 3, begin..<end) }
        }
        if !triple, bytes[end] == 0x0A { return (end, begin..<end) }
        end += 1
      }
      return (bytes.count, begin..<bytes.count)
    }
    while index < bytes.count {
      let byte = bytes[index]
      if lineStart, bytes[index...].starts(with: name.utf8) {
        var cursor = index + name.utf8.count
        var isAssignment = false
        // An annotation may stand between: `: Union[str, None] =`.
        while cursor < bytes.count, bytes[cursor] != 0x0A {
          if bytes[cursor] == UInt8(ascii: "=") {
            isAssignment = true
            break
          }
          let first = cursor == index + name.utf8.count
          if first, ![0x20, 0x09, UInt8(ascii: ":")].contains(bytes[cursor]) { break }
          cursor += 1
        }
        if isAssignment {
          var found: [String] = []
          var depth = 0
          cursor += 1
          while cursor < bytes.count {
            switch bytes[cursor] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
              let (end, body) = skipString(cursor)
              found.append(String(decoding: bytes[body], as: UTF8.self))
              cursor = end
              continue
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "#"):
              while cursor < bytes.count, bytes[cursor] != 0x0A { cursor += 1 }
              continue
            case 0x0A where depth <= 0: return found
            default: break
            }
            cursor += 1
          }
          return found
        }
      }
      lineStart = false
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        index = skipString(index).end
      } else if byte == UInt8(ascii: "#") {
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      } else {
        lineStart = byte == 0x0A
        index += 1
      }
    }
    return []
  }

  private func applied(_ style: Style, quoted: String, name: String, _ session: PostgresSession) throws(ProbeError)
    -> (Applied, String)
  {
    let sql = "SELECT to_jsonb(t) - 'statements' - 'logs' AS migration FROM \(quoted) t"
    let command = session.command([("SELECT * FROM \(quoted)", [])])
    let table: PostgresTable
    do throws(ProbeError) { table = try session.ask([PostgresStatement(sql: sql)])[0] } catch {
      var error = error
      if error.kind == .missing {
        error = ProbeError(
          .missing, "the database has no table \(name), where migrations of this style are recorded",
          asked: error.asked, mend: "apply the migrations once, or name the table with `table:`")
      }
      error.repeatCommand = command
      throw error
    }
    var applied = Applied()
    let rows = table.rows.compactMap { $0.first?.objectValue }
    func text(_ value: JSON?) -> String? { value.flatMap { $0 == .null ? nil : Scope.text(of: $0) } }
    func column(_ names: String...) throws(ProbeError) -> String? {
      guard let first = rows.first else { return nil }
      if let found = names.first(where: { first[$0] != nil }) { return found }
      throw ProbeError(
        .configuration, "the table \(name) has no column \(names.joined(separator: ", "))",
        asked: session.target.display, mend: "name another with `table:`, or another `style:`", repeatCommand: command)
    }
    switch style {
    case .supabase:
      if let version = try column("version") { applied.ids = rows.compactMap { text($0[version]) } }
    case .alembic:
      if let version = try column("version_num") { applied.ids = rows.compactMap { text($0[version]) } }
    case .prisma:
      guard let id = try column("migration_name"), try column("finished_at") != nil else { break }
      for row in rows {
        guard let name = text(row[id]) else { continue }
        if text(row["finished_at"]) != nil, text(row["rolled_back_at"]) == nil {
          applied.ids.append(name)
          applied.checksums[name] = text(row["checksum"])
        }
      }
      // A failed attempt that was made good by a later one is history.
      for row in rows {
        guard let name = text(row[id]), !applied.ids.contains(name), !applied.failed.contains(name) else { continue }
        applied.failed.append(name)
      }
    case .numbered:
      guard
        let id = try column(
          "script", "filename", "file_name", "version", "migration_name", "migration", "name", "id")
      else { break }
      for row in rows {
        guard let version = text(row[id]) else { continue }
        if row["dirty"] == true || row["success"] == false {
          applied.failed.append(version)
        } else if row["dirty"] != nil, rows.count == 1 {
          applied.upTo = version
        } else {
          applied.ids.append(version)
        }
      }
    }
    return (applied, command)
  }

  private func compare(_ style: Style, _ files: [File], _ applied: Applied, folder: String, directory: String)
    -> [String: JSON]
  {
    var facts: [String: JSON] = [
      "files": JSON(files.map(\.id)), "failed": JSON(applied.failed.sorted(by: Self.comesBefore)),
    ]
    var done: [String]
    var unknown: [String] = []
    var changed: [String] = []
    switch style {
    case .alembic:
      // The table holds the heads; what came before them was applied with them.
      let byID = Dictionary(files.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      var reached: Set<String> = []
      var waiting = applied.ids
      unknown = applied.ids.filter { byID[$0] == nil }
      while let id = waiting.popLast() {
        guard let file = byID[id], reached.insert(id).inserted else { continue }
        waiting += file.previous
      }
      let ordered = Self.ordered(files)
      done = ordered.filter(reached.contains)
      let parents = Set(files.flatMap(\.previous))
      let heads = ordered.filter { !parents.contains($0) }
      facts["files"] = JSON(ordered)
      facts["heads"] = JSON(heads)
      facts["multiple_heads"] = .bool(heads.count > 1)
      facts["current"] = JSON(applied.ids.sorted())
      facts["pending"] = JSON(ordered.filter { !reached.contains($0) })
      facts["out_of_order"] = []
    default:
      func matches(_ file: File, _ id: String) -> Bool { file.id == id || file.names.contains(id) }
      if let upTo = applied.upTo {
        let bare = String(upTo.drop { $0 == "0" })
        done = files.filter { file in
          matches(file, upTo) || !Self.comesBefore(bare, file.id) && !matches(file, bare)
        }.map(\.id)
        if !files.contains(where: { matches($0, upTo) }) { unknown = [upTo] }
      } else {
        // By every name that a file may be recorded under, so that a thousand files cost a thousand look-ups.
        var byName: [String: String] = [:]
        for file in files {
          for name in file.names.union([file.id]) where byName[name] == nil { byName[name] = file.id }
        }
        let found = Set(applied.ids.compactMap { byName[$0] })
        done = files.map(\.id).filter(found.contains)
        unknown = applied.ids.filter { byName[$0] == nil }
      }
      let present = Set(done)
      let pending = files.map(\.id).filter { !present.contains($0) }
      facts["pending"] = JSON(pending)
      // What would be applied after something that comes later.
      facts["out_of_order"] = JSON(pending.filter { id in done.last.map { Self.comesBefore(id, $0) } ?? false })
      if style == .prisma {
        for file in files where present.contains(file.id) {
          guard let checksum = applied.checksums[file.id],
            let bytes = try? FileSystem.read(FileSystem.join(directory, file.path))
          else { continue }
          if Digest.hex(Digest.sha256(bytes)) != checksum { changed.append(file.id) }
        }
        facts["changed"] = JSON(changed)
      }
    }
    facts["applied"] = JSON(done)
    facts["unknown"] = JSON(unknown.sorted(by: Self.comesBefore))
    facts["latest"] = JSON(orNull: done.last)
    return facts
  }

  /// Alembic's files, each after those it follows; the ids are random, so only the links order them.
  private static func ordered(_ files: [File]) -> [String] {
    let byID = Dictionary(files.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [String] = []
    var seen: Set<String> = []
    for start in files.map(\.id).sorted() {
      var path = [(start, false)]
      while let (id, left) = path.popLast() {
        if left {
          result.append(id)
        } else if let file = byID[id], seen.insert(id).inserted {
          path.append((id, true))
          path += file.previous.sorted().reversed().map { ($0, false) }
        }
      }
    }
    return result
  }
}

enum PostgresExpectation {
  /// A list of that name is there, and is empty.
  static func empty(_ name: String, at range: SourceRange) -> Expectation {
    Expectation(.fact(FactPath(steps: [.key(name)]), .length(.equals(.constant(0)))), at: range)
  }
}
