public import GonogoCore
import GonogoSystem

/// As much of JSON Schema (draft 2020-12) as Gonogo's own schemas use, for tests on machines without another validator.
///
/// A keyword that is not known here is a fault, so that no schema passes by being ignored.
public struct SchemaValidator: Sendable {
  private let root: JSON

  public init(_ root: JSON) { self.root = root }

  /// What is wrong with a value, each with its place; empty where it is valid.
  public func faults(in value: JSON) -> [String] { faults(in: value, under: root, at: "$") }

  private static let annotations: Set<String> = ["$schema", "title", "description", "$defs"]

  private func faults(in value: JSON, under schema: JSON, at place: String) -> [String] {
    if case .bool(let allowed) = schema { return allowed ? [] : ["\(place): nothing is allowed here"] }
    guard let members = schema.objectValue else { return ["\(place): the schema is no schema"] }
    var faults: [String] = []
    for (keyword, argument) in members.sorted(by: { $0.key < $1.key }) where !Self.annotations.contains(keyword) {
      faults += check(keyword, argument, value, members, place)
    }
    return faults
  }

  private func check(_ keyword: String, _ argument: JSON, _ value: JSON, _ schema: [String: JSON], _ place: String)
    -> [String]
  {
    func expect(_ holds: Bool, _ message: String) -> [String] { holds ? [] : ["\(place): \(message)"] }
    func alternatives() -> [[String]] { (argument.arrayValue ?? []).map { faults(in: value, under: $0, at: place) } }
    switch keyword {
    case "type":
      let names = argument.stringValue.map { [$0] } ?? argument.arrayValue?.compactMap(\.stringValue) ?? []
      let holds = names.contains { $0 == value.typeName || $0 == "integer" && value.integerValue != nil }
      return expect(holds, "not of type \(names.joined(separator: ", "))")
    case "enum": return expect(argument.arrayValue?.contains(value) == true, "not one of \(argument.canonicalString)")
    case "const": return expect(argument.means(value), "not \(argument.canonicalString)")
    case "pattern":
      guard let text = value.stringValue else { return [] }
      guard let pattern = try? PCREngine().compile(argument.stringValue ?? "", ignoringCase: false) else {
        return ["\(place): the pattern is none"]
      }
      return expect((try? pattern.firstMatch(in: text)) != nil, "does not match \(argument.canonicalString)")
    case "minLength":
      return expect((value.stringValue?.count ?? Int.max) >= argument.integerValue ?? 0, "too short")
    case "minItems": return expect((value.arrayValue?.count ?? Int.max) >= argument.integerValue ?? 0, "too few")
    case "minProperties": return expect((value.objectValue?.count ?? Int.max) >= argument.integerValue ?? 0, "too few")
    case "required":
      guard let object = value.objectValue else { return [] }
      let missing = (argument.arrayValue ?? []).compactMap(\.stringValue).filter { object[$0] == nil }
      return expect(missing.isEmpty, "lacks \(missing.joined(separator: ", "))")
    case "properties":
      return (argument.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { name, inner in
        value[name].map { faults(in: $0, under: inner, at: "\(place).\(name)") } ?? []
      }
    case "additionalProperties":
      let known = schema["properties"]?.objectValue ?? [:]
      return (value.objectValue ?? [:]).sorted { $0.key < $1.key }.filter { known[$0.key] == nil }.flatMap {
        faults(in: $0.value, under: argument, at: "\(place).\($0.key)")
      }
    case "items":
      return (value.arrayValue ?? []).enumerated().flatMap {
        faults(in: $0.element, under: argument, at: "\(place)[\($0.offset)]")
      }
    case "anyOf":
      let results = alternatives()
      return results.contains([]) ? [] : ["\(place): no alternative fits: \(results.flatMap { $0 })"]
    case "oneOf": return expect(alternatives().filter(\.isEmpty).count == 1, "not exactly one alternative fits")
    case "allOf": return alternatives().flatMap { $0 }
    case "if":
      guard faults(in: value, under: argument, at: place).isEmpty, let then = schema["then"] else { return [] }
      return faults(in: value, under: then, at: place)
    case "then": return []
    case "$ref":
      let name = (argument.stringValue ?? "").split(separator: "/").last.map(String.init) ?? ""
      guard let target = root["$defs"]?[name] else { return ["\(place): no definition \(name)"] }
      return faults(in: value, under: target, at: place)
    default: return ["\(place): the keyword \(keyword) is not known to the tests"]
    }
  }
}
