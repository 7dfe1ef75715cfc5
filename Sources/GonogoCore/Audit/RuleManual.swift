/// What a rule says of itself: the entry of `gonogo audit --rules`, the page of `gonogo explain RULE`, the rule of a SARIF
/// file.
public struct RuleManual: Sendable, Equatable {
  /// Kebab-case and stable: suppressions name it.
  public let id: String
  /// The usual weight; a rule may weigh a single finding differently.
  public let severity: FindingSeverity
  /// How sure its findings are; a rule may be surer or less sure of a single one. Medium until enough of them have been read on
  /// repositories that it was not written on.
  public let precision: FindingPrecision
  /// The group it is listed under: "containers", "workflows".
  public let family: String
  /// One sentence: what is wrong where this rule finds something.
  public let title: String
  /// What it looks for, where, and what it deliberately lets pass.
  public let what: String
  /// Why it matters at go-live.
  public let why: String
  public let mend: String
  /// The checklist line that a finding makes false.
  public let falsifies: String
  /// Other sentences that checklists have for the same, in the languages they are met in.
  public let wordings: [String]
  /// Where the matter is described: addresses of specifications and manuals.
  public let references: [String]

  public init(
    id: String, severity: FindingSeverity, precision: FindingPrecision = .medium, family: String, title: String,
    what: String, why: String, mend: String, falsifies: String, wordings: [String] = [], references: [String] = []
  ) {
    self.id = id
    self.severity = severity
    self.precision = precision
    self.family = family
    self.title = title
    self.what = what
    self.why = why
    self.mend = mend
    self.falsifies = falsifies
    self.wordings = wordings
    self.references = references
  }

  /// The page of `gonogo explain`, in Markdown.
  public var markdown: String {
    var text =
      "\(title). Severity: \(severity.rawValue). Precision: \(precision.rawValue). Family: \(family).\n\n\(what)\n\n"
    text += "Why it matters at go-live: \(why)\n\nMend: \(mend)\n\nThe checklist line that it makes false: \(falsifies)"
    if !wordings.isEmpty { text += ". Also said as: \(wordings.joined(separator: "; "))" }
    if !references.isEmpty { text += "\n\nSee " + references.joined(separator: ", ") }
    return text
  }
}
