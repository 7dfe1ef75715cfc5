/// A pattern that an author wrote, ready to match. Matching is bounded: no pattern can hang a run.
public protocol Pattern: Sendable {
  var source: String { get }
  /// - Throws: ``EngineError`` where the pattern needs more steps than the bound allows.
  func firstMatch(in text: String) throws(EngineError) -> PatternMatch?
  /// The first match in each line, each line looked at alone and without its end. Bytes that are no UTF-8 match nothing.
  ///
  /// - Parameter limit: how many are given with their places; all are counted.
  /// - Throws: ``EngineError`` as above; the bound holds for each line.
  func lineMatches(in text: [UInt8], limit: Int) throws(EngineError) -> LineMatches
}

/// Where a pattern matched in the lines of a text.
public struct LineMatches: Sendable, Equatable {
  public struct Hit: Sendable, Equatable {
    /// From 1.
    public let line: Int
    /// The bytes of the line, without its end.
    public let lineRange: Range<Int>
    /// The bytes of the match.
    public let match: Range<Int>
    public init(line: Int, lineRange: Range<Int>, match: Range<Int>) {
      self.line = line
      self.lineRange = lineRange
      self.match = match
    }
  }

  public var hits: [Hit] = []
  /// How many lines matched.
  public var count = 0
  /// How many lines there are.
  public var lines = 0
  public init() {}
}

public struct PatternMatch: Sendable, Equatable {
  /// The whole match first, then each group; `nil` for a group that took no part.
  public let groups: [String?]
  public init(groups: [String?]) { self.groups = groups }
}

/// What is wrong with a pattern or a query, in its own words.
public struct EngineError: Error, Sendable, Equatable {
  public let message: String
  /// The offset in the pattern or expression, in bytes, where known.
  public let offset: Int?
  public init(_ message: String, offset: Int? = nil) {
    self.message = message
    self.offset = offset
  }
}

public protocol PatternEngine: Sendable {
  /// - Throws: ``EngineError`` where the pattern is not well formed.
  func compile(_ pattern: String, ignoringCase: Bool) throws(EngineError) -> any Pattern
}

/// Compiles all jq expressions of a plan together, because each compilation of libjq costs 15 ms however small it is.
public protocol QueryEngine: Sendable {
  /// Takes an expression in; the answer is its handle for ``evaluate(_:on:)``.
  func register(_ expression: String) -> Int
  /// Compiles what was registered. The result has an error for each expression that is not jq.
  func prepare() -> [Int: EngineError]
  /// Every output of the expression for `input`.
  func evaluate(_ handle: Int, on input: JSON) throws(EngineError) -> [JSON]
}

/// The engines that the plan needs from the machine.
public struct Engines: Sendable {
  public let patterns: any PatternEngine
  public let queries: any QueryEngine
  public init(patterns: any PatternEngine, queries: any QueryEngine) {
    self.patterns = patterns
    self.queries = queries
  }
}
