/// How much a finding weighs on the day of going live.
public enum FindingSeverity: String, Sendable, CaseIterable, Comparable {
  /// Data, money or the whole service are open or lost.
  case critical
  /// An outage or a breach that is one ordinary mishap away.
  case high
  /// Makes an outage longer or an attack easier.
  case medium
  /// Good practice that somebody will miss one day.
  case low

  private var weight: Int {
    switch self {
    case .low: 0
    case .medium: 1
    case .high: 2
    case .critical: 3
    }
  }

  public static func < (left: FindingSeverity, right: FindingSeverity) -> Bool { left.weight < right.weight }
}

/// How surely what a rule finds is right: measured, on repositories that the rule was not written on.
///
/// The word is that of SARIF's users (CodeQL's `@precision`, code scanning's `precision` of a rule).
public enum FindingPrecision: String, Sendable, CaseIterable, Comparable {
  /// At most one in twenty of all such findings was wrong where they were read by hand.
  case high
  /// More were, or too few have been read to say: a person has to look before it counts.
  case medium

  public static func < (left: FindingPrecision, right: FindingPrecision) -> Bool {
    left == .medium && right == .high
  }
}

/// A place in a tree: the path as it is shown (bytes that are no UTF-8 as `\xNN`), line and column from 1, the column in
/// bytes.
public struct TreePlace: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let path: String
  public let line: Int
  public let column: Int

  public init(_ path: String, line: Int = 1, column: Int = 1) {
    self.path = path
    self.line = line
    self.column = column
  }

  public init(_ path: String, _ position: SourcePosition) {
    self.init(path, line: position.line, column: position.column)
  }

  public static func < (left: TreePlace, right: TreePlace) -> Bool {
    if left.path != right.path { return left.path.utf8.lexicographicallyPrecedes(right.path.utf8) }
    return (left.line, left.column) < (right.line, right.column)
  }

  /// `path:line:column`.
  public var description: String { "\(path):\(line):\(column)" }
}

/// What a rule found wrong at a place.
public struct Finding: Sendable, Equatable {
  public struct Related: Sendable, Equatable {
    public let place: TreePlace
    /// What stands there: "the image is named here".
    public let message: String

    public init(_ place: TreePlace, _ message: String) {
      self.place = place
      self.message = message
    }
  }

  /// The rule's id.
  public let rule: String
  public let severity: FindingSeverity
  public let precision: FindingPrecision
  public let place: TreePlace
  /// What is wrong here: no capital, no full stop, never a secret's value.
  public let message: String
  /// Why it matters at go-live.
  public let why: String
  public let mend: String
  /// The checklist line that this makes false: "databases are not reachable from the Internet".
  public let falsifies: String
  /// What the finding is about within the file, whatever line it stands on: a service's name, a variable's. It keeps the
  /// finding the same one when the file grows above it.
  public let subject: String
  public let related: [Related]

  public init(
    rule: String, severity: FindingSeverity, precision: FindingPrecision, place: TreePlace, message: String,
    why: String,
    mend: String, falsifies: String, subject: String, related: [Related] = []
  ) {
    self.rule = rule
    self.severity = severity
    self.precision = precision
    self.place = place
    self.message = message
    self.why = why
    self.mend = mend
    self.falsifies = falsifies
    self.subject = subject
    self.related = related
  }

  /// The heaviest first; then by place, rule and message.
  public static func precedes(_ left: Finding, _ right: Finding) -> Bool {
    if left.severity != right.severity { return left.severity > right.severity }
    if left.place != right.place { return left.place < right.place }
    return (left.rule, left.message) < (right.rule, right.message)
  }
}

/// Something that could not be looked at: a tool that is not there, a file that does not parse. Never a pass.
public struct CouldNotLook: Error, Sendable, Equatable {
  /// The rule that wanted to look; `nil` where the file or the tree itself is the trouble.
  public var rule: String?
  public let place: TreePlace?
  /// What was wanted and what came in between: no capital, no full stop.
  public let message: String
  /// How to make the look possible: the command that installs the tool, what to change in the file.
  public let mend: String?

  public init(_ message: String, at place: TreePlace? = nil, mend: String? = nil, rule: String? = nil) {
    self.rule = rule
    self.place = place
    self.message = message
    self.mend = mend
  }
}
