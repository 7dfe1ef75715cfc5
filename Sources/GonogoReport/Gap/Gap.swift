public import GonogoCore

/// What lies between a checklist and go-live, section by section: what is proven, what is false, what nobody could look at,
/// what waits for a person, what nothing looks at. Never a score: counts of named lines.
public struct Gap: Sendable {
  /// Where one line stands. In the order in which they keep a team from going live.
  public enum State: String, Sendable, CaseIterable {
    case `false`
    case notProven = "not-proven"
    case waiting
    case unbound
    case notApplicable = "not-applicable"
    case proven

    /// As people read it.
    var words: String {
      switch self {
      case .false: "false"
      case .notProven: "could not be looked at"
      case .waiting: "waiting for a person"
      case .unbound: "unbound"
      case .notApplicable: "does not apply here"
      case .proven: "proven"
      }
    }
  }

  /// One line of the checklist.
  public struct Row: Sendable {
    public let id: String
    public let title: String
    /// `Security › Sessions`; empty above the first heading.
    public let section: String
    public let line: Int
    /// `nil` where the line has no box.
    public let ticked: Bool?
    public let blocking: Bool
    public let state: State
    /// What keeps it from being proven: expected and found, or why it was not looked at. Empty where it is proven.
    public let reason: String
    public let mend: String
    /// The SHA-256 of the kept evidence; empty where none was kept.
    public let evidence: String
    public let tick: ControlResult.TickTruth
  }

  public let report: Report
  public let rows: [Row]
  /// The rows as RFC 4180 has them; what ``checksum`` is taken of.
  public let table: [UInt8]
  /// The SHA-256 of ``table``, in hexadecimal digits: two forms of one analysis quote the same.
  public let checksum: String

  /// - Parameter sha256: bytes to hexadecimal digits.
  public init(_ report: Report, sha256: ([UInt8]) -> String) {
    self.report = report
    rows = Telling.all(report).map(Self.row)
    table = GapCSV.table(rows)
    checksum = sha256(table)
  }

  private static func row(_ telling: Telling) -> Row {
    let result = telling.result
    let state: State
    var reasons: [String] = []
    switch result.outcome {
    case .passed: state = .proven
    case .failed:
      state = .false
      for check in result.checks {
        guard case .failed(let mismatches) = check.outcome else { continue }
        reasons += mismatches.map { "\($0.path): expected \($0.expected), found \($0.found)" }
      }
      if reasons.isEmpty, case .failed(let mismatches) = result.outcome {
        reasons = mismatches.map { "\($0.path): expected \($0.expected), found \($0.found)" }
      }
    case .errored(let error):
      state = .notProven
      reasons = [error.message]
    case .skipped(let reason):
      switch reason {
      case .unbound: state = .unbound
      case .awaitsWord: state = .waiting
      case .when: state = .notApplicable
      case .blocked, .notAllowed, .protected, .interrupted: state = .notProven
      }
      reasons = state == .unbound ? [] : [reason.message]
    }
    let shown = reasons.prefix(3).map { Visible.cut(Visible.line($0), to: 300) }
    let more = reasons.count > 3 ? ["\(reasons.count - 3) more"] : []
    return Row(
      id: telling.control.id, title: telling.control.title, section: telling.section,
      line: telling.control.range.start.line, ticked: telling.control.tick?.checked, blocking: result.blocking,
      state: state, reason: (shown + more).joined(separator: "; "), mend: telling.mend ?? "",
      evidence: telling.digest ?? "", tick: result.tickTruth)
  }

  /// How many lines are in each state.
  struct Counts {
    private var values: [State: Int] = [:]
    init(_ rows: some Sequence<Row>) { for row in rows { values[row.state, default: 0] += 1 } }
    subscript(_ state: State) -> Int { values[state] ?? 0 }
  }

  var counts: Counts { Counts(rows) }

  /// Sections in the order in which each is first met.
  var sections: [(name: String, rows: [Row])] {
    var order: [String] = []
    var bySection: [String: [Row]] = [:]
    for row in rows {
      if bySection[row.section] == nil { order.append(row.section) }
      bySection[row.section, default: []].append(row)
    }
    return order.map { ($0, bySection[$0] ?? []) }
  }

  /// What the ticks claim and the run does not bear out, the worst first.
  var ticks: [(truth: ControlResult.TickTruth, rows: [Row])] {
    let order: [ControlResult.TickTruth] = [.tickedAndFalse, .tickedAndNotProven, .trueAndNotTicked]
    return order.map { truth in (truth, rows.filter { $0.tick == truth }) }.filter { !$0.rows.isEmpty }
  }

  func place(_ row: Row) -> String { "\(report.file.name):\(row.line)" }

  /// `86 lines: 40 proven, 3 false, 2 could not be looked at, 1 waiting for a person, 40 unbound`.
  var sentence: String {
    let counts = counts
    let order: [State] = [.proven, .false, .notProven, .waiting, .unbound, .notApplicable]
    let parts = order.filter { $0 != .notApplicable || counts[$0] > 0 }.map { "\(counts[$0]) \($0.words)" }
    return "\(rows.count) \(rows.count == 1 ? "line" : "lines"): \(parts.joined(separator: ", "))"
  }
}

extension ControlResult.TickTruth {
  /// As a heading.
  var heading: String {
    switch self {
    case .tickedAndFalse: "Ticked and false"
    case .tickedAndNotProven: "Ticked and not proven"
    case .trueAndNotTicked: "True and not ticked"
    case .agrees: "The tick agrees"
    }
  }
}

/// A form that a gap analysis can take.
public protocol GapFormat: Sendable {
  /// What `--output` calls it.
  static var name: String { get }
  static var summary: String { get }
  init(options: ReportOptions)
  /// The same analysis gives the same bytes.
  func render(_ gap: Gap) -> [UInt8]
}

/// The forms of a gap analysis: the one list.
public enum GapFormats {
  public static let all: [any GapFormat.Type] = [
    GapText.self, GapMarkdown.self, GapHTML.self, GapJSON.self, GapCSV.self,
  ]
}
