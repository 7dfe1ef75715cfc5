/// Who a seeded row belongs to.
enum SeedLabel: String, Sendable, CaseIterable {
  /// The attacker's tenant.
  case a
  /// The tenant whose rows must stay its own.
  case b
  /// Signed in, and of no tenant.
  case none = "n"
  /// Nobody's: rows of tables without tenant data.
  case shared = "s"

  /// Every uuid of a label begins with it, so that it is known in whatever it turns up.
  var uuidPrefix: String {
    String(repeating: self == .a ? "a" : self == .b ? "b" : self == .none ? "e" : "d", count: 8) + "-60a0-4000-8000-"
  }
  /// Whole numbers of a label lie together, far from where sequences are.
  var integerBase: Int {
    self == .a ? 1_910_000_000 : self == .b ? 1_920_000_000 : self == .none ? 1_930_000_000 : 1_940_000_000
  }
  var textPrefix: String { "gonogo-\(rawValue)-" }
}

/// Makes values of every type, for rows that are never committed.
struct SeedValues {
  let catalogue: Catalogue
  private var counters: [SeedLabel: Int] = [:]

  init(_ catalogue: Catalogue) { self.catalogue = catalogue }

  mutating func next(_ label: SeedLabel) -> Int {
    counters[label, default: 0] += 1
    return counters[label, default: 0]
  }

  static func uuid(_ label: SeedLabel, _ number: Int) -> String {
    let hex = String(number, radix: 16)
    return label.uuidPrefix + String(repeating: "0", count: max(0, 12 - hex.count)) + hex
  }

  /// Texts of a value's types that say "this is of B" wherever they turn up.
  static let markers = ["bbbbbbbb-60a0-4000-8000-", "gonogo-b-", "1920000"]

  /// A fresh value, as a text that its type reads; `nil` where the type is unknown. `distinct` values differ from row to row.
  mutating func text(for column: Catalogue.Column, _ label: SeedLabel, distinct: Bool) -> String? {
    value(column.typeOID, type: column.type, name: SQLText.snake(column.name), label, distinct: distinct, depth: 0)
  }

  private mutating func value(
    _ oid: Int, type: String, name: String, _ label: SeedLabel, distinct: Bool, depth: Int
  ) -> String? {
    guard depth < 6, let info = catalogue.types[oid] else { return nil }
    switch info.kind {
    case "d":
      if !info.checks.isEmpty, let listed = Self.listed(info.checks.joined(separator: " ")) { return listed }
      return value(info.base, type: info.baseText, name: name, label, distinct: distinct, depth: depth + 1)
    case "e": return Self.quiet(info.labels)
    case "c":
      let parts = info.attributes.map { attribute -> String in
        let inner = value(
          attribute.type, type: attribute.text, name: attribute.name, label, distinct: distinct, depth: depth + 1)
        return inner.map { "\"\($0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" } ?? ""
      }
      return "(\(parts.joined(separator: ",")))"
    case "r", "m":
      let number = label.integerBase % 100_000_000 + next(label) * 10
      let range: String
      switch info.name.replacing("multi", with: "") {
      case "int4range", "int8range": range = "[\(number),\(number + 5))"
      case "numrange": range = "[\(number).0,\(number + 5).0)"
      case "daterange": range = "[\(Self.date(number / 10)),\(Self.date(number / 10 + 1)))"
      case "tsrange", "tstzrange": range = "[\(Self.date(number / 10)) 00:00:00,\(Self.date(number / 10)) 01:00:00)"
      default:
        let low = value(info.rangeSubtype, type: "", name: name, label, distinct: false, depth: depth + 1) ?? ""
        range = "[\(low),)"
      }
      return info.kind == "m" ? "{\(range)}" : range
    default: break
    }
    if info.category == "A" {
      guard let element = catalogue.types[info.element] else { return "{}" }
      let inner = value(
        info.element, type: type.replacing("[]", with: ""), name: name, label, distinct: distinct, depth: depth + 1)
      guard let inner, element.name != "box" else { return "{}" }
      return "{\"\(inner.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"}"
    }
    let number = next(label)
    switch info.name {
    case "bool": return "false"
    case "int2":
      return String(32_000 + (label == .a ? 100 : label == .b ? 200 : label == .none ? 300 : 400) + number % 100)
    case "int4", "int8", "oid", "xid", "xid8": return String(label.integerBase + number)
    case "numeric", "float4", "float8", "money":
      // Few digits fit into numeric(5,2) as well.
      return distinct && !type.contains("(") ? String(label.integerBase + number) : "1"
    case "uuid": return Self.uuid(label, number)
    case "text", "varchar", "bpchar", "citext", "name", "char":
      return string(type: info.name == "char" ? "char(1)" : type, name: name, label, number)
    case "date":
      return name.contains("end") || name.contains("expir") || name.contains("until")
        ? "2099-12-31" : distinct ? Self.date(number) : "2026-01-01"
    case "timestamp", "timestamptz":
      if ["expir", "end", "until", "valid_to", "deadline"].contains(where: { name.contains($0) }) {
        return "2099-12-31 00:00:00+00"
      }
      return distinct ? "\(Self.date(number)) 00:00:00+00" : "2026-01-01 00:00:00+00"
    case "time", "timetz": return "12:00:00"
    case "interval": return "1 hour"
    case "json", "jsonb": return "{}"
    case "bytea": return "\\x" + Self.uuid(label, number).replacing("-", with: "")
    case "inet": return "192.0.2.\(number % 250 + 1)"
    case "cidr": return "192.0.2.0/24"
    case "macaddr": return "08:00:2b:01:02:\(number % 90 + 10)"
    case "macaddr8": return "08:00:2b:01:02:03:04:\(number % 90 + 10)"
    case "bit": return String(repeating: "0", count: Self.modifier(type) ?? 1)
    case "varbit": return "0"
    case "xml": return "<gonogo/>"
    case "point": return "(0,0)"
    case "line": return "{1,-1,0}"
    case "lseg", "box": return "((0,0),(1,1))"
    case "path": return "((0,0),(1,1))"
    case "polygon": return "((0,0),(1,1),(1,0))"
    case "circle": return "<(0,0),1>"
    case "tsvector", "tsquery", "ltree": return "gonogo"
    case "pg_lsn": return "0/0"
    case "hstore": return ""
    case "geometry", "geography": return "POINT(0 0)"
    case "vector", "halfvec":
      let size = Self.modifier(type) ?? 3
      return "[\((0..<max(1, size)).map { $0 == 0 ? "1" : "0" }.joined(separator: ","))]"
    case "sparsevec": return "{1:1}/\(Self.modifier(type) ?? 3)"
    case "regclass": return "pg_class"
    case "jsonpath": return "$"
    default: return info.category == "S" ? label.textPrefix + String(number) : info.category == "N" ? "1" : nil
    }
  }

  private func string(type: String, name: String, _ label: SeedLabel, _ number: Int) -> String {
    var text = label.textPrefix + String(number)
    if name.contains("email") {
      text += "@example.test"
    } else if name.contains("url") || name.contains("website") || name.contains("link") {
      text = "https://example.test/" + text
    } else if name == "timezone" || name == "time_zone" {
      text = "UTC"
    } else if name.contains("currency") {
      text = "EUR"
    } else if name.contains("phone") {
      text = "+49\(label.integerBase + number)"
    } else if name.contains("colour") || name.contains("color") {
      text = "#00ff00"
    }
    guard
      let limit = Self.modifier(type) ?? (type == "character" || type == "char(1)" ? 1 : type == "\"char\"" ? 1 : nil),
      text.count > limit
    else {
      return text
    }
    let short = label.rawValue + String(number)
    return short.count <= limit ? short : String(String(number).suffix(limit))
  }

  /// The 20 of `character varying(20)`.
  static func modifier(_ type: String) -> Int? {
    guard let open = type.firstIndex(of: "(") else { return nil }
    return Int(type[type.index(after: open)...].prefix { $0.isNumber })
  }

  private static func date(_ number: Int) -> String {
    let day = number % 336
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    return "\(2000 + number / 336 % 80)-\(two(day / 28 + 1))-\(two(day % 28 + 1))"
  }

  /// The value that is least likely to mean "for everybody".
  static func quiet(_ values: [String]) -> String? {
    values.first { !Naming.publicValues.contains($0.lowercased()) && !Naming.isAdminRole($0) } ?? values.first
  }

  /// The choice out of `= ANY (ARRAY['a'::text, …])`.
  static func listed(_ expression: String) -> String? {
    guard expression.contains("= ANY") else { return nil }
    return quiet(SQLText.strings(in: expression))
  }
}
