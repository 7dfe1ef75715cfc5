/// What became of one control. It begins as *errored*; only an observed expectation makes it *passed*.
public enum Outcome: Sendable, Equatable {
  case passed
  /// It is bad: what was expected was not found.
  case failed([Mismatch])
  /// It could not be looked at.
  case errored(ProbeError)
  case skipped(SkipReason)

  public var name: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .errored: "errored"
    case .skipped: "skipped"
    }
  }
}

/// One attempt of one check.
public struct Attempt: Sendable, Equatable {
  public let outcome: Outcome
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let started: Int64
  public let milliseconds: Int
  public init(outcome: Outcome, started: Int64, milliseconds: Int) {
    self.outcome = outcome
    self.started = started
    self.milliseconds = milliseconds
  }
}

/// What one check saw, secrets replaced.
public struct CheckResult: Sendable {
  public let label: String?
  public let probeName: String
  public let outcome: Outcome
  public let facts: JSON
  public let witness: [String: Int]
  public let attempts: [Attempt]
  public let asked: String?
  public let repeatCommand: String?
  public let attachments: [Observation.Attachment]
  /// The results of the positive control.
  public let allowed: [CheckResult]
  public let noControl: String?
  public let range: SourceRange

  public init(
    label: String?, probeName: String, outcome: Outcome, facts: JSON, witness: [String: Int], attempts: [Attempt],
    asked: String?, repeatCommand: String?, attachments: [Observation.Attachment], allowed: [CheckResult],
    noControl: String?, range: SourceRange
  ) {
    self.label = label
    self.probeName = probeName
    self.outcome = outcome
    self.facts = facts
    self.witness = witness
    self.attempts = attempts
    self.asked = asked
    self.repeatCommand = repeatCommand
    self.attachments = attachments
    self.allowed = allowed
    self.noControl = noControl
    self.range = range
  }

  /// It passed, but not at the first attempt.
  public var passedAfterRetry: Bool { outcome == .passed && attempts.count > 1 }
}

/// What became of one control, with everything that was seen.
public struct ControlResult: Sendable {
  public let control: Control
  public let blocking: Bool
  public let tags: [String]
  public let outcome: Outcome
  public let checks: [CheckResult]
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let started: Int64
  public let milliseconds: Int
  /// The author's own words on what to do.
  public let mend: String?

  public init(
    control: Control, blocking: Bool, tags: [String], outcome: Outcome, checks: [CheckResult], started: Int64,
    milliseconds: Int, mend: String?
  ) {
    self.control = control
    self.blocking = blocking
    self.tags = tags
    self.outcome = outcome
    self.checks = checks
    self.started = started
    self.milliseconds = milliseconds
    self.mend = mend
  }

  public var passedAfterRetry: Bool { outcome == .passed && checks.contains(where: \.passedAfterRetry) }

  /// The tick says something else than the truth.
  public enum TickTruth: String, Sendable {
    case tickedAndFalse = "ticked-and-false"
    case tickedAndNotProven = "ticked-and-not-proven"
    case trueAndNotTicked = "true-and-not-ticked"
    case agrees
  }

  public var tickTruth: TickTruth {
    guard let tick = control.tick else { return .agrees }
    switch outcome {
    case .passed: return tick.checked ? .agrees : .trueAndNotTicked
    case .failed: return tick.checked ? .tickedAndFalse : .agrees
    case .errored: return tick.checked ? .tickedAndNotProven : .agrees
    case .skipped(let reason): return tick.checked && !reason.excuses ? .tickedAndNotProven : .agrees
    }
  }
}
