import GonogoCore

/// Values that a CHECK or a domain lets in.
extension Seeder {
  mutating func solveAll(_ place: Int, _ relation: Catalogue.Relation) throws(IsolationFailure) -> Bool {
    var changed = false
    var solved: Set<String> = []
    for check in relation.checks where !solved.contains(check.name) {
      if try solve(place, relation, check, &solved) { changed = true }
    }
    return changed
  }

  /// The values that a column's other rows have taken, where no two may have the same.
  func taken(_ place: Int, _ relation: Catalogue.Relation, _ column: String) -> Set<String> {
    guard relation.uniqueKeys.contains([column]) || relation.exclusionColumns.contains(column) else { return [] }
    return Set(
      (places[relation.oid] ?? []).filter { $0 != place }.compactMap {
        rows[$0].isThere ? rows[$0].text(column) : nil
      })
  }

  /// Lets the server choose: of the candidates of each column, a combination that fulfils every condition on them.
  mutating func solve(
    _ place: Int, _ relation: Catalogue.Relation, _ check: Catalogue.Check, _ solved: inout Set<String>
  )
    throws(IsolationFailure) -> Bool
  {
    var columns = Set(check.columns)
    var checks = [check]
    var grown = true
    while grown {
      grown = false
      for other in relation.checks
      where !checks.contains(where: { $0.name == other.name }) && !columns.isDisjoint(with: other.columns) {
        checks.append(other)
        columns.formUnion(other.columns)
        grown = true
      }
    }
    solved.formUnion(checks.map(\.name))
    // What is computed is nobody's to choose: the columns that it is computed from are.
    var computed: [(name: String, expression: String)] = []
    for name in columns {
      guard let column = relation.column(name), column.isGenerated, let expression = column.defaultExpression else {
        continue
      }
      computed.append((name, expression))
      columns.remove(name)
      let words = Set(expression.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
      columns.formUnion(relation.columns.filter { words.contains($0.name) && !$0.isGenerated }.map(\.name))
    }
    // A column that is left to its default keeps it, unless a condition that failed is on it.
    let failed = refusals[place]?.constraint ?? ""
    if columns.isEmpty { return false }
    if !checks.contains(where: { $0.name == failed }), columns.allSatisfy({ rows[place].planned[$0] == nil }) {
      return false
    }
    let fixed = Set(relation.foreignKeys.flatMap(\.columns)).union(model.table(relation.oid)?.tenantColumns ?? [])
    var lists: [String] = []
    let names = columns.sorted()
    for name in names {
      guard let column = relation.column(name) else { return false }
      var candidates: [String?] = []
      if let planned = rows[place].planned[name] { candidates.append(planned) }
      // Two tenants' values must differ, also after a trigger has made them small: a fresh one comes before any sample.
      if relation.uniqueKeys.contains([name]), !fixed.contains(name),
        let fresh = values.text(for: column, rows[place].label, distinct: true)
      {
        candidates.append(fresh)
      }
      if !fixed.contains(name) || rows[place].planned[name] == nil {
        candidates += self.candidates(
          column, checks.filter { $0.columns.contains(name) }.map(\.expression), rows[place].label)
      }
      candidates += others(place, relation, name)
      if !column.isNotNull { candidates.append(nil) }
      var seen: Set<String> = []
      let used = taken(place, relation, name)
      candidates.removeAll { $0.map(used.contains) ?? false }
      let unique = candidates.filter { seen.insert($0 ?? "\u{0}NULL").inserted }.prefix(names.count > 3 ? 8 : 40)
      lists.append(
        "(VALUES \(unique.map { "(CAST(\(SQLText.literal($0)) AS \(column.type)))" }.joined(separator: ", "))) AS v_\(lists.count)(\(SQLText.name(name)))"
      )
    }
    let condition = checks.map { "((\($0.expression)) IS NOT FALSE)" }.joined(separator: " AND ")
    let lateral = computed.map {
      ", LATERAL (SELECT (\($0.expression)) AS \(SQLText.name($0.name))) AS \(SQLText.name("c_" + $0.name))"
    }
    .joined()
    let query =
      "SELECT \(names.map { "\(SQLText.name($0))::text" }.joined(separator: ", ")) FROM \(lists.joined(separator: ", "))\(lateral) WHERE \(condition) LIMIT 1"
    let replies = try StatementRunner(connection: connection).rows(query)
    guard let found = replies?.first else { return false }
    var changed = false
    for (name, text) in zip(names, found) where rows[place].planned[name] != .some(text) {
      rows[place].planned[name] = .some(text)
      changed = true
    }
    return changed
  }

  /// Other rows that a key could point at, where two keys of a row must not name the same: nobody blocks themselves.
  func others(_ place: Int, _ relation: Catalogue.Relation, _ column: String) -> [String?] {
    guard let table = model.table(relation.oid), AttemptMaker.pathColumns(table).first != column,
      let key = relation.foreignKeys.first(where: { $0.columns == [column] }), let target = key.targetColumns.first
    else { return [] }
    let mine = rows[place].label
    let there = rows(key.target).filter(\.isThere)
    return (there.filter { $0.label == mine } + there.filter { $0.label != mine }).map { $0.text(target) }.filter {
      $0 != nil
    }
  }

  func candidates(_ column: Catalogue.Column, _ expressions: [String], _ label: SeedLabel) -> [String?] {
    let info = catalogue.types[column.typeOID]
    let base = info?.kind == "d" ? catalogue.types[info?.base ?? 0] : info
    let text = expressions.joined(separator: " ")
    let strings = SQLText.strings(in: text)
    let numbers = SQLText.numbers(in: text)
    let quiet = strings.filter { !Naming.publicValues.contains($0.lowercased()) }
    switch base?.category {
    case "N":
      var list: [String] = ["1", "0", "50", "100", "1000", "-1", "2026"]
      for number in numbers {
        for value in [number, number + 1, number - 1, number / 2] {
          list.append(value == value.rounded() ? String(Int(value)) : String(value))
        }
      }
      if base?.name == "int2" || base?.name == "int4" || base?.name == "int8" {
        let most = base?.name == "int2" ? 32_767.0 : base?.name == "int4" ? 2_147_483_647.0 : 9e18
        return list.filter { !$0.contains(".") && abs(Double($0) ?? 0) <= most }
      }
      // numeric(5,2) has room for three digits before the point.
      let type = info?.kind == "d" ? info?.baseText ?? "" : column.type
      guard base?.name == "numeric", let digits = SeedValues.modifier(type) else { return list }
      let scale = type.split(separator: ",").last.flatMap { Int($0.filter(\.isNumber)) } ?? 0
      var most = 1.0
      for _ in 0..<max(0, digits - (type.contains(",") ? scale : 0)) { most *= 10 }
      return list.filter { abs(Double($0) ?? 0) < most }
    case "S":
      if info?.kind == "e" { return info?.labels ?? [] }
      var list = quiet + strings + CheckPatterns.samples(strings, label: label)
      for number in numbers where number > 0 && number < 5000 {
        let length = Int(number)
        for size in [length, length + 1, max(1, length - 1)] {
          let seed = label.textPrefix.replacing("-", with: "")
          list.append(String(String(repeating: seed, count: size / seed.count + 1).prefix(size)))
        }
      }
      if let limit = SeedValues.modifier(column.type) { list = list.filter { $0.count <= limit } }
      return list
    case "E": return info?.labels ?? []
    case "B": return ["false", "true"]
    case "D":
      return ["2026-01-01 00:00:00+00", "2026-06-01 00:00:00+00", "2099-12-31 00:00:00+00", "2000-01-01 00:00:00+00"]
    case "T": return ["1 hour", "1 day", "00:00:00"]
    case "A":
      let inner = SeedValues.quiet(strings) ?? "1"
      return ["{}", "{\"\(inner)\"}", "{\"\(inner)\",\"\(inner)\"}", "{1}", "{1,2}"].filter { !$0.contains("gonogo") }
    case "U":
      if base?.name == "jsonb" || base?.name == "json" {
        var list = ["{}", "[]", "\"gonogo\"", "1", "true", "null", "[{}]"]
        let keys = strings.filter { $0 != "object" && $0 != "array" && $0 != "string" && !$0.isEmpty }
        if !keys.isEmpty {
          list.append("{\(keys.map { "\"\($0)\": \"gonogo\"" }.joined(separator: ", "))}")
          list.append("{\(keys.map { "\"\($0)\": 1" }.joined(separator: ", "))}")
        }
        return list
      }
      if base?.name == "bytea" { return Self.bytes(numbers, label) }
      return []
    default: return []
    }
  }

  /// Bytes of the lengths that a condition names: `CHECK (octet_length(key) = 32)`.
  static func bytes(_ numbers: [Double], _ label: SeedLabel) -> [String] {
    let lengths = numbers.filter { $0 >= 0 && $0 < 5000 }.flatMap { [Int($0), Int($0) + 1, max(1, Int($0) - 1)] }
    return lengths.flatMap { length in
      // The last of them differ from row to row.
      (1...6).map { number in
        let hex = SeedValues.uuid(label, number).replacing("-", with: "")
        return "\\x" + String(repeating: hex, count: length / 16 + 1).suffix(length * 2)
      }
    }
  }

  /// A value that a domain refuses: tried against the domain itself.
  mutating func solveDomain(_ place: Int, _ relation: Catalogue.Relation) throws(IsolationFailure) -> Bool {
    var changed = false
    for column in relation.columns {
      guard let type = catalogue.types[column.typeOID], type.kind == "d", !type.checks.isEmpty,
        rows[place].planned[column.name] != nil
      else { continue }
      var options = candidates(column, type.checks, rows[place].label)
      if let planned = rows[place].planned[column.name] ?? nil { options.insert(planned, at: 0) }
      let used = taken(place, relation, column.name)
      let list = options.compactMap { $0 }.filter { !used.contains($0) }.map {
        "(CAST(\(SQLText.literal($0)) AS \(type.baseText)))"
      }
      if list.isEmpty { continue }
      let condition = type.checks.map { "((\($0.replacing("VALUE", with: "v.value"))) IS NOT FALSE)" }.joined(
        separator: " AND ")
      let query =
        "SELECT v.value::text FROM (VALUES \(list.joined(separator: ", "))) AS v(value) WHERE \(condition) LIMIT 1"
      if let found = try StatementRunner(connection: connection).rows(query)?.first?.first,
        found != rows[place].planned[column.name] ?? nil
      {
        rows[place].planned[column.name] = found
        changed = true
      }
    }
    return changed
  }
}
