import GonogoCore

/// `schema`: the catalogue as facts, and what an author wants of it, compared by what things are.
struct PostgresSchema: Sendable {
  let schemas: [String]
  private let sections: [Section]
  private let range: SourceRange

  private struct Wanted: Sendable {
    let name: String
    let properties: JSON
  }

  private struct Section: Sendable {
    let kind: String
    var atLeast: [Wanted] = []
    var indexes: [PostgresWantedIndex] = []
    var isExact = false
  }

  /// What may be asked of each kind of thing, and of a table's columns.
  private static let properties: [String: [String]] = [
    "tables": ["columns", "primary_key", "rls", "policies", "owner", "kind"],
    "columns": ["type", "nullable", "default", "generated", "identity"],
    "views": ["kind", "owner", "security_invoker"],
    "functions": [
      "language", "security_definer", "volatility", "returns", "search_path", "owner", "kind", "public_execute",
    ],
    "extensions": ["version", "schema"],
    "roles": [
      "superuser", "bypassrls", "login", "createdb", "createrole", "replication", "inherit", "connection_limit",
      "member_of",
    ],
    "constraints": ["table", "type", "definition", "validated"],
    "triggers": ["table", "enabled", "function", "definition"],
  ]
  static let kinds = ["tables", "views", "indexes", "functions", "extensions", "roles", "constraints", "triggers"]

  init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.keyRange("schema")
    guard let inner = arguments.arguments("schema") else {
      schemas = ["public"]
      sections = []
      return
    }
    defer { inner.finish() }
    schemas = inner.strings("schemas") ?? ["public"]
    if schemas.isEmpty { inner.fail(.emptyExpectation, "`schemas` names none", at: inner.keyRange("schemas")) }
    sections = Self.kinds.compactMap { Self.section($0, inner) }
  }

  private static func section(_ kind: String, _ arguments: Arguments) -> Section? {
    guard let node = arguments.node(kind) else { return nil }
    var section = Section(kind: kind)
    var lists: [Node] = []
    if let entries = node.entries, entries.contains(where: { $0.name == "at_least" || $0.name == "exactly" }) {
      let inner = arguments.arguments(of: node, "`\(kind)`")
      if let list = inner.node("at_least") { lists.append(list) }
      if let list = inner.node("exactly") {
        lists.append(list)
        section.isExact = true
      }
      inner.finish()
    } else {
      lists = [node]
    }
    for list in lists {
      let items: [(Node, Node?)]
      if let elements = list.elements {
        items = elements.map { ($0, nil) }
      } else if let entries = list.entries, kind != "indexes" {
        items = entries.map { ($0.key, $0.value) }
      } else if list.text != nil, !list.isNull {
        items = [(list, nil)]
      } else {
        arguments.wrongType(
          kind, kind == "indexes" ? "a list of indexes" : "a list of names, or a mapping by name", list)
        continue
      }
      if items.isEmpty {
        arguments.fail(
          .emptyExpectation, "`\(kind)` names nothing, and would pass whatever is there", at: list.range,
          mend: "name at least one")
      }
      for (key, value) in items {
        if kind == "indexes" {
          if let index = index(key, arguments) { section.indexes.append(index) }
        } else if let name = key.text {
          section.atLeast.append(
            Wanted(
              name: kind == "functions" ? PostgresType.signature(name) : name, properties: read(value, kind, arguments))
          )
        } else {
          arguments.wrongType(kind, "names", key)
        }
      }
    }
    return section
  }

  /// Makes one form of the ways to write what is wanted, and reports properties that nothing has.
  private static func read(_ node: Node?, _ kind: String, _ arguments: Arguments) -> JSON {
    guard let node, !node.isNull else { return [:] }
    func noteInterpolation(_ node: Node) {
      if let text = node.text, text.contains("${") {
        arguments.fail(
          .badInterpolation, "what `schema` wants is not interpolated", at: node.range, mend: "write the text itself")
      }
      for child in (node.elements ?? []) + (node.entries ?? []).map(\.value) { noteInterpolation(child) }
    }
    noteInterpolation(node)
    if node.text != nil {
      // `processed_at: timestamptz`, `pgcrypto: "1.3"`, `pgcrypto: true`.
      let short = ["columns": "type", "extensions": "version"]
      if node.scalar?.value == true { return [:] }
      if let property = short[kind] { return .object([property: .string(node.text ?? "")]) }
      arguments.wrongType(kind, "a mapping of properties", node)
      return [:]
    }
    guard let entries = node.entries, let known = properties[kind] else {
      arguments.wrongType(kind, "a mapping of properties", node)
      return [:]
    }
    var result: [String: JSON] = [:]
    for entry in entries {
      guard known.contains(entry.name) else {
        let near = Suggestion.nearest(to: entry.name, in: known)
        arguments.fail(
          .unknownKey, "`\(kind)` have no '\(entry.name)'", at: entry.key.range,
          mend: near.map { "did you mean '\($0)'?" } ?? "they have \(known.joined(separator: ", "))")
        continue
      }
      switch (kind, entry.name) {
      case ("tables", "columns"):
        if let elements = entry.value.elements {
          result["columns"] = .object(
            Dictionary(elements.compactMap { $0.text.map { ($0, [:]) } }, uniquingKeysWith: { first, _ in first }))
        } else {
          result["columns"] = .object(
            Dictionary(
              (entry.value.entries ?? []).map { ($0.name, read($0.value, "columns", arguments)) },
              uniquingKeysWith: { first, _ in first }))
        }
      case ("tables", "rls"):
        result["rls"] = entry.value.scalar?.value.boolValue.map { ["enabled": .bool($0)] } ?? entry.value.json
      default: result[entry.name] = entry.value.json
      }
    }
    return .object(result)
  }

  private static func index(_ node: Node, _ arguments: Arguments) -> PostgresWantedIndex? {
    func read(_ sql: String, _ range: SourceRange) -> PostgresWantedIndex? {
      do throws(PostgresWantedIndex.Unreadable) { return try PostgresWantedIndex(sql: sql) } catch {
        arguments.fail(
          .wrongType, "the index cannot be read: \(error.message)", at: range,
          mend: "write `CREATE [UNIQUE] INDEX name ON table (column [DESC], …) [WHERE …]`")
        return nil
      }
    }
    if let text = node.text {
      if text.contains("${") {
        arguments.fail(.badInterpolation, "`indexes` is SQL, and nothing is put into it", at: node.range)
      }
      return read(text, node.range)
    }
    guard node.entries != nil else {
      arguments.wrongType("indexes", "`CREATE INDEX …` or a mapping", node)
      return nil
    }
    let inner = arguments.arguments(of: node, "an index")
    defer { inner.finish() }
    let name = inner.string("name")
    guard let table = try? inner.require("table", inner.string("table")),
      let columns = try? inner.require("columns", inner.strings("columns"))
    else { return nil }
    var sql = "CREATE \(inner.boolean("unique") == true ? "UNIQUE " : "")INDEX "
    if let name { sql += PostgresSQL.identifier(name) + " " }
    sql += "ON \(table.split(separator: ".").map { PostgresSQL.identifier(String($0)) }.joined(separator: "."))"
    if let method = inner.string("method") { sql += " USING \(PostgresSQL.identifier(method))" }
    sql += " (\(columns.joined(separator: ", ")))"
    if let include = inner.strings("include") { sql += " INCLUDE (\(include.joined(separator: ", ")))" }
    if inner.boolean("nulls_not_distinct") == true { sql += " NULLS NOT DISTINCT" }
    if let predicate = inner.string("where") { sql += " WHERE \(predicate)" }
    return read(sql, node.range)
  }

  /// They stand whatever else is expected, because the arguments say what is wanted.
  var expectations: [Expectation] {
    sections.isEmpty ? [] : ["missing", "different", "unexpected"].map { PostgresExpectation.empty($0, at: range) }
  }

  // MARK: Looking

  private struct Findings {
    var missing: [String] = []
    var different: [(what: String, expected: String, found: String)] = []
    var unexpected: [String] = []
    var equivalents: [(wanted: String, found: String)] = []
    var objects = 0
  }

  func observe(_ session: PostgresSession) throws(ProbeError) -> Observation {
    let catalogue = PostgresCatalogue(try session.ask(PostgresCatalogue.statements(schemas)), schemas: schemas)
    if let none = catalogue.missingSchemas.first {
      throw ProbeError(
        .missing, "the database '\(session.target.database)' has no schema '\(none)'", asked: session.target.display,
        mend: "correct `schemas`, or look into another database",
        repeatCommand: "psql \(session.target.shell) -c '\\dn'")
    }
    var facts = catalogue.facts
    var findings = Findings()
    var wantsIndexes = false
    for section in sections {
      if section.kind == "indexes" {
        wantsIndexes = true
        facts["index_comparison"] = .string(
          try compareIndexes(section, catalogue, session, findings: &findings) ? "catalogue" : "text")
      } else {
        compare(section, catalogue.kinds[section.kind] ?? [:], findings: &findings)
      }
    }
    if sections.isEmpty {
      findings.objects = ["tables", "views", "indexes", "functions"].reduce(0) {
        $0 + (catalogue.kinds[$1]?.count ?? 0)
      }
    } else {
      facts["missing"] = JSON(findings.missing)
      facts["different"] = .array(
        findings.different.map {
          ["what": .string($0.what), "expected": .string($0.expected), "found": .string($0.found)]
        })
      facts["unexpected"] = JSON(findings.unexpected.sorted())
      facts["equivalents"] = .array(
        findings.equivalents.map { ["wanted": .string($0.wanted), "found": .string($0.found)] })
    }
    return Observation(
      facts: .object(facts), witness: ["objects": findings.objects], asked: session.target.display,
      repeatCommand: "psql \(session.target.shell) -c \(ShellQuote.quote(wantsIndexes ? "\\d" : "\\d+"))",
      vacuityMend:
        "the schemas \(schemas.joined(separator: ", ")) hold nothing of that kind: correct `schemas` or `database`")
  }

  private func compare(_ section: Section, _ found: [String: JSON], findings: inout Findings) {
    let noun = section.kind == "indexes" ? "index" : String(section.kind.dropLast())
    var matched: Set<String> = []
    for wanted in section.atLeast {
      // A function without its arguments is any of that name.
      let names =
        section.kind == "functions" && !wanted.name.contains("(")
        ? found.keys.filter { $0.prefix { $0 != "(" } == wanted.name }.sorted()
        : found[wanted.name] == nil ? [] : [wanted.name]
      if names.isEmpty { findings.missing.append("\(noun) \(wanted.name)") }
      for name in names {
        matched.insert(name)
        findings.objects += 1
        compare("\(noun) \(name)", section.kind, wanted.properties, found[name] ?? .null, findings: &findings)
      }
    }
    if section.isExact {
      findings.unexpected += found.keys.filter { !matched.contains($0) }.map { "\(noun) \($0)" }
    }
  }

  private func compare(_ what: String, _ kind: String, _ wanted: JSON, _ found: JSON, findings: inout Findings) {
    for (property, value) in (wanted.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      let seen = found[property] ?? .null
      switch (kind, property) {
      case ("tables", "columns"):
        for (name, specification) in (value.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
          guard let column = seen[name] else {
            findings.missing.append("column \(name) of \(what)")
            continue
          }
          findings.objects += 1
          compare("\(what), column \(name)", "columns", specification, column, findings: &findings)
        }
      case ("tables", "policies"):
        let names = value.arrayValue.map { $0.compactMap(\.stringValue) } ?? (value.objectValue ?? [:]).keys.sorted()
        for name in names {
          guard let policy = seen[name] else {
            findings.missing.append("policy \(name) on \(what)")
            continue
          }
          findings.objects += 1
          if let specification = value[name] {
            compare("\(what), policy \(name)", "policies", specification, policy, findings: &findings)
          }
        }
      case ("tables", "rls"): compare("\(what), rls", "rls", value, seen, findings: &findings)
      default:
        if !Self.agree(kind, property, value, seen) {
          findings.different.append(("\(what): \(property)", Scope.text(of: value), Scope.text(of: seen)))
        }
      }
    }
  }

  /// Types by their names' meaning, definitions without regard to blanks and letters, members of lists in any order.
  private static func agree(_ kind: String, _ property: String, _ wanted: JSON, _ found: JSON) -> Bool {
    switch (kind, property) {
    case ("columns", "type"), ("functions", "returns"):
      return PostgresType.canonical(Scope.text(of: wanted)) == PostgresType.canonical(Scope.text(of: found))
    case ("constraints", "definition"), ("columns", "default"), ("columns", "generated"), ("triggers", "definition"),
      ("policies", "using"), ("policies", "check"):
      return PostgresIndexShape.plain(Scope.text(of: wanted)) == PostgresIndexShape.plain(Scope.text(of: found))
    case ("roles", "member_of"), ("policies", "roles"):
      let list = wanted.arrayValue ?? [wanted]
      return list.allSatisfy { item in (found.arrayValue ?? []).contains(item) }
    case ("extensions", "version"): return Scope.text(of: wanted) == Scope.text(of: found)
    default: return wanted.means(found)
    }
  }

  /// - Returns: whether the server itself said what each wanted index is.
  private func compareIndexes(
    _ section: Section, _ catalogue: PostgresCatalogue, _ session: PostgresSession, findings: inout Findings
  ) throws(ProbeError) -> Bool {
    struct Place: Hashable {
      let schema: String
      let table: String
    }
    var tables: [Place] = []
    let places = section.indexes.map { index -> Place? in
      guard let schema = index.schema ?? catalogue.schema(ofTable: index.table) else { return nil }
      let place = Place(schema: schema, table: index.table)
      if !tables.contains(place) { tables.append(place) }
      return place
    }
    // Each wanted index is made on an empty copy of its table, in a transaction that is rolled back: the server then says
    // what it is, in the words in which it says what is there. A savepoint keeps one that fails from ending all.
    var shapes: [Int: PostgresIndexShape] = [:]
    var refusals: [Int: PostgresFailure] = [:]
    if !catalogue.inRecovery {
      var groups = [[PostgresCatalogue.searchPath(schemas)]]
      var answers: [(group: Int, index: Int)] = []
      for (number, place) in tables.enumerated() {
        let copy = "pg_temp.gonogo_\(number)"
        let source = "\(PostgresSQL.identifier(place.schema)).\(PostgresSQL.identifier(place.table))"
        groups.append([
          PostgresStatement(sql: "SAVEPOINT gonogo_table"),
          PostgresStatement(sql: "CREATE TEMPORARY TABLE gonogo_\(number) (LIKE \(source))"),
        ])
        for index in section.indexes.indices where places[index] == place {
          answers.append((groups.count, index))
          groups.append([
            PostgresStatement(sql: "SAVEPOINT gonogo_index"),
            PostgresStatement(sql: section.indexes[index].statement(on: copy)),
            PostgresStatement(
              sql:
                "SELECT \(PostgresCatalogue.indexObject) \(PostgresCatalogue.indexTables) WHERE i.indrelid = '\(copy)'::regclass"
            ),
          ])
          groups.append([PostgresStatement(sql: "ROLLBACK TO SAVEPOINT gonogo_index")])
        }
        groups.append([PostgresStatement(sql: "ROLLBACK TO SAVEPOINT gonogo_table")])
      }
      let replies = try session.transaction(write: true, groups)
      for (group, index) in answers {
        if case .failed(let failure)? = replies[group].dropFirst().first { refusals[index] = failure }
        if case .table(let table)? = replies[group].last, let json = table.rows.first?.first {
          shapes[index] = PostgresIndexShape(json)
        }
      }
    }
    var byServer = true
    var matched: Set<String> = []
    for (index, wanted) in section.indexes.enumerated() {
      guard let place = places[index] else {
        findings.missing.append("\(wanted.description): there is no table \(wanted.table)")
        continue
      }
      if let refusal = refusals[index], refusal.code == "42601" || refusal.code == "42704" {
        throw ProbeError(
          .configuration, "the server cannot read the \(wanted.description): \(refusal.message) (\(refusal.code))",
          asked: session.target.display, mend: "correct the index's definition")
      }
      if let refusal = refusals[index], ["42703", "42P01", "42883"].contains(refusal.code) {
        findings.missing.append("\(wanted.description): \(refusal.message)")
        continue
      }
      if shapes[index] == nil { byServer = false }
      compare(
        wanted, shapes[index], among: catalogue.indexes.filter { $0["schema"]?.stringValue == place.schema },
        catalogue, matched: &matched, findings: &findings)
    }
    if section.isExact {
      for index in catalogue.indexes where index["constraint"] != true {
        let name = catalogue.name(index)
        if !matched.contains(name) {
          findings.unexpected.append("index \(name) on \(index["table"]?.stringValue ?? "")")
        }
      }
    }
    return byServer
  }

  private func compare(
    _ wanted: PostgresWantedIndex, _ shape: PostgresIndexShape?, among all: [JSON], _ catalogue: PostgresCatalogue,
    matched: inout Set<String>, findings: inout Findings
  ) {
    func differences(_ found: JSON) -> [(what: String, expected: String, found: String)] {
      let other = PostgresIndexShape(found)
      if let shape { return shape.differences(from: other) }
      return PostgresIndexShape(text: wanted).differences(from: other.plain)
    }
    func works(_ found: JSON) -> Bool { found["valid"] == true && found["ready"] == true }
    let onTable = all.filter { $0["table"]?.stringValue == wanted.table }
    let named = wanted.name.flatMap { name in all.first { $0["name"]?.stringValue == name } }
    let same = onTable.filter { differences($0).isEmpty }
    if let named, let good = same.first(where: { $0 == named }), works(good) {
      findings.objects += 1
      matched.insert(catalogue.name(good))
      return
    }
    if let good = same.first(where: works) {
      findings.objects += 1
      matched.insert(catalogue.name(good))
      // One of that name that is something else is still there: it is told as unexpected where the list is exact.
      if wanted.name != nil { findings.equivalents.append((wanted.description, catalogue.name(good))) }
      return
    }
    guard let candidate = named ?? same.first else {
      findings.missing.append(wanted.description)
      return
    }
    let name = catalogue.name(candidate)
    findings.objects += 1
    matched.insert(name)
    if let table = candidate["table"]?.stringValue, table != wanted.table {
      findings.different.append(("index \(name): table", wanted.table, table))
    }
    for difference in differences(candidate) {
      findings.different.append(("index \(name): \(difference.what)", difference.expected, difference.found))
    }
    if !works(candidate) {
      let state = candidate["valid"] == true ? "not ready" : "invalid: the server does not use it"
      findings.different.append(("index \(name): state", "valid and ready", state))
    }
  }
}

/// Names of types, by what they mean (PostgreSQL manual, table 8.1).
enum PostgresType {
  private static let aliases = [
    "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
    "timetz": "time with time zone", "time": "time without time zone", "int": "integer", "int4": "integer",
    "int8": "bigint", "int2": "smallint", "serial": "integer", "bigserial": "bigint", "smallserial": "smallint",
    "serial4": "integer", "serial8": "bigint", "serial2": "smallint", "bool": "boolean", "varchar": "character varying",
    "char": "character", "bpchar": "character", "float8": "double precision", "float": "double precision",
    "float4": "real", "decimal": "numeric", "varbit": "bit varying",
  ]

  /// `TIMESTAMPTZ(3)[]` is `timestamp(3) with time zone[]`.
  static func canonical(_ type: String) -> String {
    var text = type.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    var suffix = ""
    while text.hasSuffix("[]") {
      text = String(text.dropLast(2))
      suffix += "[]"
    }
    var precision = ""
    if let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") {
      precision = text[open...close].filter { $0 != " " }
      let rest = text[text.index(after: close)...]
      text = (text[..<open].reversed().drop { $0 == " " }.reversed() + rest).split(separator: " ").map { String($0) }
        .joined(separator: " ")
    }
    text = aliases[text] ?? text
    if text == "character", precision.isEmpty { precision = "(1)" }
    if precision == "(1)", text == "bit" { precision = "" }
    guard !precision.isEmpty else { return text + suffix }
    for word in ["timestamp", "time"] where text.hasPrefix("\(word) with") {
      return "\(word)\(precision)\(text.dropFirst(word.utf8.count))\(suffix)"
    }
    return text + precision + suffix
  }

  /// `f(int, timestamptz)` as the catalogue writes it; a name without arguments stays.
  static func signature(_ text: String) -> String {
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return text }
    let arguments = PostgresIndexShape.parts(String(text[text.index(after: open)...].dropLast()))
    let types = arguments.map { canonicalArgument($0) }.filter { !$0.isEmpty }
    return "\(text[..<open])(\(types.joined(separator: ", ")))"
  }

  /// The catalogue writes argument types without their modifiers.
  private static func canonicalArgument(_ type: String) -> String {
    let full = canonical(type)
    guard let open = full.firstIndex(of: "("), let close = full.firstIndex(of: ")") else { return full }
    return String(full[..<open] + full[full.index(after: close)...])
  }
}
