/// What an audit says, before it has a form.
public struct AuditResult: Sendable {
  /// A finding that the document excuses.
  public struct Suppressed: Sendable, Equatable {
    public let finding: Finding
    public let by: Suppression

    public init(_ finding: Finding, by: Suppression) {
      self.finding = finding
      self.by = by
    }
  }

  /// The directory as it was named.
  public let root: String
  /// The commit that was read, in full; `nil` where the working tree was.
  public let commit: String?
  public let inventory: [InventoryEntry]
  /// What is wrong, the heaviest first.
  public let findings: [Finding]
  /// What may be wrong, of medium precision: a person has to look. The heaviest first.
  public let reviews: [Finding]
  /// How many more there are to review, where only what is sure was asked for.
  public let reviewsLeftOut: Int
  public let suppressed: [Suppressed]
  public let claims: [Claim]
  /// What could not be looked at.
  public let unlooked: [CouldNotLook]
  /// The rules that ran, in their order.
  public let rules: [RuleManual]
  /// The weight from which a finding turns the audit red, and one to review leaves it undecided.
  public let failOn: FindingSeverity
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let started: Int64
  public let milliseconds: Int
  public let version: String
  /// The columns of places in code points, for those that have more bytes than code points before them.
  public let characterColumns: [TreePlace: Int]

  /// - Parameters:
  ///   - findings: of every precision.
  ///   - precision: the least that is told and weighed; what has less is counted.
  public init(
    root: String, commit: String?, inventory: [InventoryEntry], findings: [Finding], suppressed: [Suppressed],
    claims: [Claim], unlooked: [CouldNotLook], rules: [RuleManual], failOn: FindingSeverity,
    precision: FindingPrecision = .medium, started: Int64, milliseconds: Int, version: String,
    characterColumns: [TreePlace: Int] = [:]
  ) {
    self.root = root
    self.commit = commit
    self.inventory = inventory
    self.findings = findings.filter { $0.precision == .high }
    let reviews = findings.filter { $0.precision < .high }
    self.reviews = precision == .high ? [] : reviews
    self.reviewsLeftOut = precision == .high ? reviews.count : 0
    self.suppressed = suppressed
    self.claims = claims
    self.unlooked = unlooked
    self.rules = rules
    self.failOn = failOn
    self.started = started
    self.milliseconds = milliseconds
    self.version = version
    self.characterColumns = characterColumns
  }

  /// A place's column in code points, from 1: places count bytes, and not everybody who reads a report does.
  public func characterColumn(of place: TreePlace) -> Int { characterColumns[place] ?? place.column }

  /// 0: nothing as heavy as `failOn`, and everything was looked at. 1: a finding as heavy, or a ticked line that is false
  /// today, which weighs as much as a high finding. 3: neither, but something as heavy waits for a person's review, or not everything
  /// could be looked at.
  public var exitStatus: Int32 {
    if findings.contains(where: { $0.severity >= failOn }) || isRedByClaims { return 1 }
    return unlooked.isEmpty && !reviews.contains(where: { $0.severity >= failOn }) ? 0 : 3
  }
}

extension AuditResult {
  /// The weight of a ticked line that is false today: whoever reads it goes live on its word.
  public static let weightOfFalseTicks = FindingSeverity.high

  /// Whether ticked lines alone turn the audit red.
  public var isRedByClaims: Bool { Self.weightOfFalseTicks >= failOn && claims.contains(where: \.isFalseToday) }
}

/// One line of the inventory.
public struct InventoryEntry: Sendable, Equatable {
  /// The key in the JSON: "services".
  public let name: String
  /// How many there are.
  public let count: Int
  /// The line for people, without the name: "7: api, web (Dockerfile), db (compose)".
  public let summary: String
  public let json: JSON

  public init(_ name: String, count: Int, summary: String, json: JSON) {
    self.name = name
    self.count = count
    self.summary = summary
    self.json = json
  }
}

/// What a line of a document claims, and whether the tree bears it out.
public struct Claim: Sendable, Equatable {
  public enum Judgement: String, Sendable { case `true`, `false`, unproven }

  public struct Evidence: Sendable, Equatable {
    public let place: TreePlace?
    /// What was seen: no capital, no full stop.
    public let text: String
    public init(_ text: String, at place: TreePlace? = nil) {
      self.text = text
      self.place = place
    }
  }

  /// Where the line stands; the path is the document's.
  public let place: TreePlace
  public let text: String
  /// Whether its box is ticked; `nil` where it has none.
  public let ticked: Bool?
  public let judgement: Judgement
  public var evidence: [Evidence]
  /// The judges that knew what the line speaks of; empty where none did.
  public let judges: [String]
  /// The commit whose tree it was judged on, in full; `nil` where that is the working tree.
  public var judgedAt: String?

  /// What the tree that is audited says of it.
  public struct Today: Sendable, Equatable {
    public let judgement: Judgement
    public let evidence: [Evidence]
    public init(_ judgement: Judgement, _ evidence: [Evidence]) {
      self.judgement = judgement
      self.evidence = evidence
    }
  }

  /// Where it was judged at another commit, and the tree that is audited says something else; `nil` where both say the same.
  public var today: Today?

  /// A tick that does not hold in the tree that is audited.
  public var isFalseToday: Bool { ticked == true && (today?.judgement ?? judgement) == .false }

  public init(
    place: TreePlace, text: String, ticked: Bool?, judgement: Judgement, evidence: [Evidence], judges: [String] = [],
    judgedAt: String? = nil
  ) {
    self.place = place
    self.text = text
    self.ticked = ticked
    self.judgement = judgement
    self.evidence = evidence
    self.judges = judges
    self.judgedAt = judgedAt
  }
}

/// What a judge of claims says of itself: the entry of `gonogo audit --judges`.
public struct ClaimManual: Sendable, Equatable {
  /// Kebab-case and stable.
  public let id: String
  /// The claim: "the services shut down gracefully".
  public let title: String
  /// What is looked at, what makes it true and false, and which of "is there" and "works" is judged.
  public let what: String
  /// The rules whose findings it reads.
  public let rules: [String]

  public init(id: String, title: String, what: String, rules: [String] = []) {
    self.id = id
    self.title = title
    self.what = what
    self.rules = rules
  }
}

/// A finding that a document excuses, with a reason and an end.
public struct Suppression: Sendable, Equatable {
  /// Where it is written.
  public let place: TreePlace
  public let rule: String
  /// A glob over paths: `deploy/**`.
  public let path: String
  public let reason: String
  /// The last day on which it holds, `YYYY-MM-DD`.
  public let until: String

  public init(place: TreePlace, rule: String, path: String, reason: String, until: String) {
    self.place = place
    self.rule = rule
    self.path = path
    self.reason = reason
    self.until = until
  }
}
