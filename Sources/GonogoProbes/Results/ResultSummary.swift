import GonogoCore

/// What a report of any format says, in one form.
struct ResultSummary {
  struct Failure {
    let name: String
    let suite: String
    let kind: String
    let message: String

    var json: JSON {
      [
        "name": .string(name), "suite": .string(suite), "kind": .string(kind),
        "message": .string(DisplayWidth.truncate(Self.firstLine(message), to: 300)),
      ]
    }

    private static func firstLine(_ text: String) -> String {
      let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } }
      return line.map { String($0.drop(while: \.isWhitespace)) } ?? ""
    }
  }

  struct Suite {
    let name: String
    var tests = 0
    var failed = 0
    var errored = 0
    var skipped = 0

    var json: JSON {
      [
        "name": .string(name), "tests": JSON(tests), "failed": JSON(failed), "errored": JSON(errored),
        "skipped": JSON(skipped),
      ]
    }
  }

  static let failureLimit = 50

  var format: ResultFormat
  var tests = 0
  var failed = 0
  var errored = 0
  var skipped = 0
  /// TAP's `# TODO`: among the skipped.
  var todo = 0
  /// Passed only when run again.
  var flaky = 0
  var failures: [Failure] = []
  var suites: [Suite] = []
  var milliseconds: Double?
  /// When the tests ran, where the report says so; with whether it says the offset.
  var instant: (milliseconds: Int64, exact: Bool)?
  /// The report's own counts and its cases disagree.
  var inconsistent = false
  /// Failures and errors that its counts claim and no case shows.
  var unlisted = 0

  // SARIF
  var results = 0
  var suppressed = 0
  var levels: [String: Int] = [:]
  var rules: [String: Int] = [:]
  var tools: [String] = []
  var runs = 0
  /// Runs of which something shows that they took place.
  var provenRuns = 0

  init(format: ResultFormat) { self.format = format }

  mutating func add(_ failure: Failure) {
    if failures.count < Self.failureLimit { failures.append(failure) }
  }

  mutating func merge(_ other: ResultSummary) {
    tests += other.tests
    failed += other.failed
    errored += other.errored
    skipped += other.skipped
    todo += other.todo
    flaky += other.flaky
    for failure in other.failures { add(failure) }
    suites += other.suites
    if let more = other.milliseconds { milliseconds = (milliseconds ?? 0) + more }
    inconsistent = inconsistent || other.inconsistent
    unlisted += other.unlisted
    results += other.results
    suppressed += other.suppressed
    levels.merge(other.levels, uniquingKeysWith: +)
    rules.merge(other.rules, uniquingKeysWith: +)
    for tool in other.tools where !tools.contains(tool) { tools.append(tool) }
    runs += other.runs
    provenRuns += other.provenRuns
  }
}

enum ResultFormat: String, CaseIterable, Sendable {
  case junit, tap, sarif

  /// The format that a content looks like.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    if rest.starts(with: [0xFF, 0xFE]) || rest.starts(with: [0xFE, 0xFF]) {
      self = .junit
      return
    }
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    switch rest.first {
    case UInt8(ascii: "<"): self = .junit
    case UInt8(ascii: "{"): self = .sarif
    default:
      let lines = rest.prefix(1 << 16).split(separator: 0x0A)
      guard lines.contains(where: { TAPReader.isTAP(String(decoding: $0, as: UTF8.self)) }) else { return nil }
      self = .tap
    }
  }
}

/// Why a report cannot be read, with its place.
struct ResultFault: Error {
  let message: String
  let line: Int
  let column: Int
  /// The tool itself says that it did not finish.
  var bailedOut = false
}
