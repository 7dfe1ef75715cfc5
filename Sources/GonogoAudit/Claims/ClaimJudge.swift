public import GonogoCore

/// Judges one kind of claim that lines of documents make.
///
/// A judge is one file: a type with its manual, its samples and its `judge`; and one line in ``BuiltinClaimJudges``.
/// Precision goes before count: *false* needs the place that contradicts, *true* the place that bears it out. What the
/// tree cannot tell is *unproven*, with the reason. "It is there" and "it works" are two claims, and the text of the
/// evidence says which of them was judged.
public protocol ClaimJudge: Sendable {
  static var manual: ClaimManual { get }

  /// The words that it understands; the others it has not looked at.
  static var vocabulary: ClaimVocabulary { get }

  /// Whether it tries things, or says of them no more than that they are there: then "works" and "passes" are its matter, too.
  static var seesWorking: Bool { get }

  /// Small trees with a document each: one that is true, one that is false, and a look-alike that stays unproven.
  static var samples: [ClaimSample] { get }

  /// - Returns: `nil` where the line claims nothing of this kind.
  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict?
}

extension ClaimJudge {
  static var seesWorking: Bool { false }
}

/// What one judge says of a line.
public struct ClaimVerdict: Sendable {
  public let judgement: Claim.Judgement
  public let evidence: [Claim.Evidence]
  /// Words of this line that it understood, beside the judge's vocabulary: the name of a service, a number that it counted to.
  public var reads: [String] = []

  /// It knows nothing against the line, and that proves nothing: what others say of the line counts alone.
  public var isSilent = false

  /// The same, having understood more of the line.
  func reading(_ words: [String]) -> ClaimVerdict {
    var verdict = self
    verdict.reads += words
    return verdict
  }

  public static func truly(_ text: String, at place: TreePlace) -> ClaimVerdict {
    ClaimVerdict(judgement: .true, evidence: [.init(text, at: place)])
  }

  /// The places that bear it out; none of them makes it unproven.
  public static func truly(_ evidence: [Claim.Evidence]) -> ClaimVerdict {
    evidence.contains { $0.place != nil }
      ? ClaimVerdict(judgement: .true, evidence: evidence)
      : ClaimVerdict(judgement: .unproven, evidence: evidence)
  }

  public static func falsely(_ text: String, at place: TreePlace) -> ClaimVerdict {
    ClaimVerdict(judgement: .false, evidence: [.init(text, at: place)])
  }

  public static func falsely(_ evidence: [Claim.Evidence]) -> ClaimVerdict {
    ClaimVerdict(judgement: .false, evidence: evidence)
  }

  /// All of them: which of them are what the line speaks of is seen later.
  static func falsely(_ findings: [Finding]) -> ClaimVerdict {
    falsely(findings.map { .init($0.message, at: $0.place) })
  }

  /// Nothing was found that contradicts the line, and nothing that bears it out.
  static func silent(_ why: String) -> ClaimVerdict {
    ClaimVerdict(judgement: .unproven, evidence: [.init(why)], isSilent: true)
  }

  public static func unproven(_ why: String, at place: TreePlace? = nil) -> ClaimVerdict {
    ClaimVerdict(judgement: .unproven, evidence: [.init(why, at: place)])
  }
}

/// A small tree with one document, and what is judged of its lines.
public struct ClaimSample: Sendable {
  public let name: String
  public let files: [String: String]
  /// Findings that rules have made, by rule: the path of each.
  public let found: [String: String]
  /// The judgement of each line of `CHECKLIST.md` that claims something, by line number.
  public let judgements: [Int: Claim.Judgement]

  /// - Parameter line: the one line of the checklist, which is written for the sample.
  public static func judges(
    _ judgement: Claim.Judgement, _ line: String, in files: [String: String], _ name: String,
    found: [String: String] = [:]
  ) -> ClaimSample {
    var files = files
    files["CHECKLIST.md"] = "# Go-live\n\n\(line)\n"
    return ClaimSample(name: name, files: files, found: found, judgements: [3: judgement])
  }
}
