/// The stable, kebab-case name of a kind of problem, with what `gonogo explain` says of it.
public struct DiagnosticCode: Sendable, Hashable {
  public let id: String
  /// One sentence: what the problem is.
  public let summary: String
  /// Why it matters and how to mend it, in a paragraph or two.
  public let explanation: String

  public init(_ id: String, _ summary: String, _ explanation: String) {
    self.id = id
    self.summary = summary
    self.explanation = explanation
  }

  public static func == (left: DiagnosticCode, right: DiagnosticCode) -> Bool { left.id == right.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// A problem of a document or a command line, with its place and its mend.
public struct Diagnostic: Error, Sendable, Equatable {
  public enum Severity: String, Sendable, Comparable {
    case warning, error
    public static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .error }
  }

  public struct Note: Sendable, Equatable {
    public let message: String
    public let range: SourceRange?
    public init(_ message: String, at range: SourceRange? = nil) {
      self.message = message
      self.range = range
    }
  }

  public let severity: Severity
  public let code: DiagnosticCode
  public let message: String
  public let range: SourceRange?
  public let notes: [Note]
  public let mend: String?

  public init(
    _ severity: Severity, _ code: DiagnosticCode, _ message: String, at range: SourceRange?, notes: [Note] = [],
    mend: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.range = range
    self.notes = notes
    self.mend = mend
  }

  public static func error(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange?, notes: [Note] = [], mend: String? = nil
  ) -> Diagnostic { Diagnostic(.error, code, message, at: range, notes: notes, mend: mend) }

  public static func warning(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange?, notes: [Note] = [], mend: String? = nil
  ) -> Diagnostic { Diagnostic(.warning, code, message, at: range, notes: notes, mend: mend) }
}

/// Collects every problem of a document, so that all are told at once.
public final class DiagnosticSink {
  public private(set) var diagnostics: [Diagnostic] = []

  public init() {}

  public func report(_ diagnostic: Diagnostic) {
    diagnostics.append(diagnostic)
    if diagnostic.severity == .error { hasErrors = true }
  }

  public private(set) var hasErrors = false

  /// In the order of the text, errors before warnings at the same place, without repetitions.
  public var sorted: [Diagnostic] {
    var seen: [Diagnostic] = []
    let ordered = diagnostics.enumerated().sorted { left, right in
      let a = left.element.range?.start ?? SourcePosition(line: 0, column: 0)
      let b = right.element.range?.start ?? SourcePosition(line: 0, column: 0)
      if a != b { return a < b }
      if left.element.severity != right.element.severity { return left.element.severity == .error }
      return left.offset < right.offset
    }
    // Only what stands at the same place can be a repetition.
    var first = 0
    for item in ordered {
      if let last = seen.last, last.range?.start != item.element.range?.start { first = seen.count }
      if !seen[first...].contains(item.element) { seen.append(item.element) }
    }
    return seen
  }
}
