/// A JSON value: the form of every fact, and of every piece of evidence.
///
/// Integers are kept apart from other numbers so that a row count never turns into `3.0`.
public enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension JSON {
  public init(_ value: Int) { self = .integer(Int64(value)) }
  public init(_ value: String) { self = .string(value) }
  public init(_ values: [String]) { self = .array(values.map(JSON.string)) }
  /// A string, or `null` where there is none.
  public init(orNull value: String?) { self = value.map(JSON.string) ?? .null }
  /// An integer, or `null` where there is none.
  public init(orNull value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

  /// The member called `key`, where this is an object that has one.
  public subscript(key: String) -> JSON? {
    if case .object(let members) = self { return members[key] }
    return nil
  }

  /// The element at `index`, counted from the end where negative.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self else { return nil }
    let position = index < 0 ? elements.count + index : index
    // Not `? :` with `nil`, which would be JSON's null here: an element that is not there would be one.
    guard elements.indices.contains(position) else { return nil }
    return elements[position]
  }

  public var stringValue: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  public var integerValue: Int? {
    switch self {
    case .integer(let value): return Int(value)
    case .number(let value): return Int(exactly: value)
    default: return nil
    }
  }

  public var doubleValue: Double? {
    switch self {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: return nil
    }
  }

  public var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  public var arrayValue: [JSON]? {
    if case .array(let value) = self { return value }
    return nil
  }

  public var objectValue: [String: JSON]? {
    if case .object(let value) = self { return value }
    return nil
  }

  /// What kind of value this is, in JSON's own words.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer, .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// Equality as an author means it: `1` and `1.0` are the same number.
  public func means(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return left == right
    case (.integer, .number), (.number, .integer), (.number, .number): return doubleValue == other.doubleValue
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
    case (.object(let left), .object(let right)):
      return left.count == right.count
        && left.allSatisfy { key, value in right[key].map { value.means($0) } ?? false }
    default: return self == other
    }
  }

  /// The same value with every string, keys included, put through `transform`.
  public func mapStrings(_ transform: (String) -> String) -> JSON {
    switch self {
    case .string(let value): return .string(transform(value))
    case .array(let elements): return .array(elements.map { $0.mapStrings(transform) })
    case .object(let members):
      var mapped: [String: JSON] = [:]
      mapped.reserveCapacity(members.count)
      for (key, value) in members { mapped[transform(key)] = value.mapStrings(transform) }
      return .object(mapped)
    default: return self
    }
  }
}
