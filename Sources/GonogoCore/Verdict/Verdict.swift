/// The answer. There is no score.
public enum Verdict: Sendable, Equatable {
  case go
  /// At least one blocking control failed: these.
  case noGo([String])
  /// None failed, and these could not be decided.
  case undecided([String])

  /// GO only if every blocking control passed or is excused by its own `when:`; NO-GO if one failed; otherwise UNDECIDED.
  ///
  /// A run without a blocking control that passed decides nothing: nothing was proven.
  public static func decide(_ results: [ControlResult]) -> Verdict {
    decide(results.filter(\.blocking).map { ($0.control.id, $0.outcome) })
  }

  static func decide(_ blocking: [(id: String, outcome: Outcome)]) -> Verdict {
    var failed: [String] = []
    var open: [String] = []
    var passed = 0
    for (id, outcome) in blocking {
      switch outcome {
      case .failed: failed.append(id)
      case .errored: open.append(id)
      case .skipped(let reason): if !reason.excuses { open.append(id) }
      case .passed: passed += 1
      }
    }
    if !failed.isEmpty { return .noGo(failed) }
    if !open.isEmpty || passed == 0 { return .undecided(open) }
    return .go
  }

  public var name: String {
    switch self {
    case .go: "go"
    case .noGo: "no-go"
    case .undecided: "undecided"
    }
  }

  /// 0 GO, 1 NO-GO, 3 UNDECIDED; 2 is for runs that never began.
  public var exitStatus: Int32 {
    switch self {
    case .go: 0
    case .noGo: 1
    case .undecided: 3
    }
  }
}
