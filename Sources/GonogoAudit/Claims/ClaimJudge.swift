public import GonogoCore

/// Judges one kind of claim that lines of documents make.
///
/// A judge is one file: a type with its manual, its samples and its `judge`; and one line in ``BuiltinClaimJudges``.
/// Precision goes before count: *false* needs the place that contradicts, *true* the place that bears it out. What the
/// tree cannot tell is *unproven*, with the reason. "It is there" and "it works" are two claims, and the text of the
/// evidence says which of them was judged.
public protocol ClaimJudge: Sendable {
  static var manual: ClaimManual { get }

  /// Small trees with a document each: one that is true, one that is false, and a look-alike that stays unproven.
  static var samples: [ClaimSample] { get }

  /// - Returns: `nil` where the line claims nothing of this kind.
  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict?
}

/// What one judge says of a line.
public struct ClaimVerdict: Sendable {
  public let judgement: Claim.Judgement
  public let evidence: [Claim.Evidence]
  /// How many of the things that the line lists it speaks of.
  public var covers = 1

  public static func truly(_ text: String, at place: TreePlace, covers: Int = 1) -> ClaimVerdict {
    ClaimVerdict(judgement: .true, evidence: [.init(text, at: place)], covers: covers)
  }

  /// The places that bear it out; none of them makes it unproven.
  public static func truly(_ evidence: [Claim.Evidence], covers: Int = 1) -> ClaimVerdict {
    evidence.contains { $0.place != nil }
      ? ClaimVerdict(judgement: .true, evidence: evidence, covers: covers)
      : ClaimVerdict(judgement: .unproven, evidence: evidence)
  }

  public static func falsely(_ text: String, at place: TreePlace) -> ClaimVerdict {
    ClaimVerdict(judgement: .false, evidence: [.init(text, at: place)])
  }

  public static func falsely(_ evidence: [Claim.Evidence]) -> ClaimVerdict {
    ClaimVerdict(judgement: .false, evidence: evidence)
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
