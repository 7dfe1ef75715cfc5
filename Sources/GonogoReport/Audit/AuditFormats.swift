public import GonogoCore

/// A form that an audit can take.
public protocol AuditFormat: Sendable {
  /// What `--output` calls it.
  static var name: String { get }
  static var summary: String { get }
  init(options: ReportOptions)
  /// The same audit gives the same bytes.
  func render(_ result: AuditResult) -> [UInt8]
}

/// The formats of an audit: the one list.
public enum AuditFormats {
  public static let all: [any AuditFormat.Type] = [
    AuditTextReport.self, AuditJSONReport.self, AuditJSONLinesReport.self, AuditJUnitReport.self, AuditTAPReport.self,
    AuditSARIFReport.self, AuditGitHubReport.self, AuditMarkdownReport.self, AuditHTMLReport.self,
  ]

  public static func named(_ name: String) -> (any AuditFormat.Type)? { all.first { $0.name == name } }
}

extension AuditResult {
  /// "3 critical, 1 high, 4 to review, 2 suppressed, 1 could not be looked at".
  var countsSentence: String {
    var parts = FindingSeverity.allCases.compactMap { severity -> String? in
      let count = findings.filter { $0.severity == severity }.count
      return count == 0 ? nil : "\(count) \(severity.rawValue)"
    }
    if parts.isEmpty { parts.append("no findings") }
    if !reviews.isEmpty { parts.append("\(reviews.count) to review") }
    if reviewsLeftOut > 0 { parts.append("\(reviewsLeftOut) to review left out") }
    if !suppressed.isEmpty { parts.append("\(suppressed.count) suppressed") }
    if !unlooked.isEmpty { parts.append("\(unlooked.count) could not be looked at") }
    return parts.joined(separator: ", ")
  }

  /// What was read: "services at 1f3c… by 12 rules in 0.4 s".
  var runSentence: String {
    let at = commit.map { " at \($0.prefix(12))" } ?? ""
    return "\(root)\(at), \(rules.count) rules, \(Quantity.describe(milliseconds: milliseconds))"
  }

  /// The findings of each weight, the heaviest first; weights without any are left out.
  var bySeverity: [(severity: FindingSeverity, findings: [Finding])] {
    FindingSeverity.allCases.compactMap { severity in
      let members = findings.filter { $0.severity == severity }
      return members.isEmpty ? nil : (severity, members)
    }
  }
}

extension AuditResult {
  /// What stands above the findings of medium precision.
  static let reviewSentence = """
    of medium precision: not sure enough to be counted, so somebody has to look; excuse what is in order with `suppress`, as any \
    finding
    """
}

/// The claims of documents in the order in which a report opens with them.
struct ClaimGroups {
  /// Ticked and contradicted.
  let contradicted: [Claim]
  /// Not contradicted when they were ticked, and contradicted by the tree that is audited.
  let outdated: [Claim]
  /// Ticked, of a kind that a judge knows, and not proven.
  let unproven: [Claim]
  /// Ticked, of a kind that no judge knows: how many in each document.
  let unjudged: [(document: String, count: Int)]
  /// Borne out by the tree, and not ticked.
  let open: [Claim]
  /// Ticked and borne out.
  let proven: Int

  init(_ claims: [Claim]) {
    let ticked = claims.filter { $0.ticked == true }
    contradicted = ticked.filter { $0.judgement == .false }
    outdated = ticked.filter { $0.judgement != .false && $0.isFalseToday }
    let others = ticked.filter { $0.judgement != .false && !$0.isFalseToday }
    unproven = others.filter { $0.judgement == .unproven && !$0.judges.isEmpty }
    let silent = Dictionary(grouping: others.filter { $0.judgement == .unproven && $0.judges.isEmpty }) {
      $0.place.path
    }
    unjudged = silent.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
    open = claims.filter { $0.ticked == false && $0.judgement == .true }
    proven = others.count { $0.judgement == .true }
  }

  var isEmpty: Bool {
    contradicted.isEmpty && outdated.isEmpty && unproven.isEmpty && unjudged.isEmpty && open.isEmpty && proven == 0
  }

  /// "of 60 ticked lines: 12 false, 1 false today, 19 true, 28 not proven".
  var sentence: String {
    let silent = unjudged.reduce(0) { $0 + $1.count }
    let ticked = contradicted.count + outdated.count + unproven.count + silent + proven
    let drifted = outdated.isEmpty ? "" : "\(outdated.count) not when ticked and false today, "
    return
      "of \(ticked) ticked \(ticked == 1 ? "line" : "lines"): \(contradicted.count) false, \(drifted)\(proven) true, "
      + "\(unproven.count + silent) not proven (\(silent) of a kind that no judge knows)"
  }
}

extension Claim {
  /// Where it was judged, where that is not the tree that is audited.
  func judgedElsewhere(than commit: String?) -> String {
    if judgedAt == commit { return "" }
    guard let judgedAt else { return " (in the working tree)" }
    let at = "at \(judgedAt.prefix(12))"
    guard let today else { return " (\(at))" }
    let words: [Judgement: String] = [.true: "true", .false: "false", .unproven: "not proven"]
    // What it was then is the heading's word, except where the tree of today is what the line is told for.
    return today.judgement == .false
      ? " (\(words[judgement] ?? "") \(at))" : " (\(at); \(words[today.judgement] ?? "") today)"
  }

  /// The evidence of what a report tells the line for.
  var shownEvidence: [Evidence] { isFalseToday ? today?.evidence ?? evidence : evidence }
}

extension Claim.Evidence {
  /// "path:line:col: what was seen".
  var told: String { (place.map { "\($0): " } ?? "") + text }
}

extension CouldNotLook {
  /// "path:line:col: " or nothing.
  var prefix: String { place.map { "\($0): " } ?? "" }
  /// `[rule]` or nothing.
  var label: String { rule.map { "[\($0)]" } ?? "" }
}
