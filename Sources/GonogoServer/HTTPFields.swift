/// Header fields in their order; names compare without regard to case (RFC 9110, 5.1).
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public private(set) var all: [(name: String, value: String)] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, String)...) {
    all = elements.map { (name: $0.0, value: $0.1) }
  }

  public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    left.all.count == right.all.count
      && zip(left.all, right.all).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// The first value of a field. Setting replaces every value of it; `nil` removes them.
  public subscript(name: String) -> String? {
    get { all.first { Self.same($0.name, name) }?.value }
    set {
      all.removeAll { Self.same($0.name, name) }
      if let newValue { all.append((name, newValue)) }
    }
  }

  public func values(of name: String) -> [String] { all.filter { Self.same($0.name, name) }.map(\.value) }

  /// Adds a value beside those that are there.
  public mutating func add(_ name: String, _ value: String) { all.append((name, value)) }

  static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8) { Self.lower($0) == Self.lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
