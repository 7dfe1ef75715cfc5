import CPQ
import GonogoCore

/// PostgreSQL's texts for values, as JSON. The numbers are the types' OIDs in pg_type.dat, which never change.
enum PostgresValue {
  /// The largest integer that every reader of JSON keeps exactly (RFC 8259, section 6).
  static let exact: Int64 = 1 << 53

  private static let elements: [Oid: Oid] = [
    1000: 16, 1005: 21, 1007: 23, 1016: 20, 1028: 26, 1021: 700, 1022: 701, 1231: 1700, 1009: 25, 1015: 1043,
    1014: 1042,
    1002: 18, 1003: 19, 199: 114, 3807: 3802, 2951: 2950, 1182: 1082, 1115: 1114, 1185: 1184, 1041: 869, 651: 650,
    1183: 1083, 1187: 1186, 1001: 17,
  ]

  static func decode(_ text: String, type: Oid) -> JSON {
    if let element = elements[type] {
      return array(text, element: element) ?? .string(text)
    }
    switch type {
    case 16: return .bool(text == "t")
    case 20, 21, 23, 26:
      guard let value = Int64(text), value.magnitude <= UInt64(exact) else { return .string(text) }
      return .integer(value)
    case 700, 701:
      guard let value = Double(text), value.isFinite else { return .string(text) }
      return .number(value)
    case 1700: return numeric(text)
    case 114, 3802: return (try? JSON.parse(text)) ?? .string(text)
    case 1184: return .string(instant(text))
    case 1114: return .string(text.replacing(" ", with: "T"))
    default: return .string(text)
    }
  }

  /// A number where it is exact as one, else the digits.
  static func numeric(_ text: String) -> JSON {
    if let value = Int64(text), value.magnitude <= UInt64(exact) { return .integer(value) }
    let digits = text.filter(\.isNumber).drop { $0 == "0" }.count
    if digits <= 15, let value = Double(text), value.isFinite { return .number(value) }
    return .string(text)
  }

  /// `2026-08-19 02:00:04.12+00` as RFC 3339 writes it. What is none, such as `infinity`, stays.
  static func instant(_ text: String) -> String {
    guard let blank = text.firstIndex(of: " "), let sign = text[blank...].lastIndex(where: { $0 == "+" || $0 == "-" }),
      !text.hasSuffix("BC")
    else { return text }
    let offset = text[sign...]
    let local = text[..<sign].replacing(" ", with: "T")
    if offset == "+00" { return local + "Z" }
    return local + (offset.contains(":") ? String(offset) : "\(offset):00")
  }

  /// An array's text, `{1,NULL,"a\"b",{…}}`; `nil` where it has bounds of its own or is not well formed.
  static func array(_ text: String, element: Oid) -> JSON? {
    var rest = Array(text.utf8)[...]
    guard let value = array(&rest, element: element, depth: 0), rest.isEmpty else { return nil }
    return value
  }

  private static func array(_ rest: inout ArraySlice<UInt8>, element: Oid, depth: Int) -> JSON? {
    guard rest.popFirst() == UInt8(ascii: "{"), depth < 7 else { return nil }
    var values: [JSON] = []
    if rest.first == UInt8(ascii: "}") {
      rest.removeFirst()
      return .array([])
    }
    while let first = rest.first {
      if first == UInt8(ascii: "{") {
        guard let inner = array(&rest, element: element, depth: depth + 1) else { return nil }
        values.append(inner)
      } else if first == UInt8(ascii: "\"") {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
          guard byte == UInt8(ascii: "\\") else {
            bytes.append(byte)
            continue
          }
          guard let escaped = rest.popFirst() else { return nil }
          bytes.append(escaped)
        }
        values.append(decode(String(decoding: bytes, as: UTF8.self), type: element))
      } else {
        let bytes = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }
        rest = rest[bytes.endIndex...]
        let word = String(decoding: bytes, as: UTF8.self)
        values.append(word == "NULL" ? .null : decode(word, type: element))
      }
      switch rest.popFirst() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return .array(values)
      default: return nil
      }
    }
    return nil
  }

  /// A value for a parameter: `nil` is SQL's NULL. A list becomes an array's text, a mapping becomes JSON.
  static func parameter(_ json: JSON) -> String? {
    switch json {
    case .null: return nil
    case .string(let text): return text
    case .array(let elements):
      let inner = elements.map { element -> String in
        switch element {
        case .null: return "NULL"
        case .array: return parameter(element) ?? "NULL"
        default:
          let text = (parameter(element) ?? "").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
          return "\"\(text)\""
        }
      }
      return "{\(inner.joined(separator: ","))}"
    default: return json.canonicalString
    }
  }
}
