import GonogoCore

/// The claims of the tree's documents, judged.
enum ClaimBench {
  /// - Parameter documents: all of the tree's where none are given.
  static func claims(in scene: ClaimScene, documents: [ClaimDocument]? = nil) -> [Claim] {
    var result: [Claim] = []
    for document in documents ?? scene.context.facts(ClaimDocuments.self) {
      for line in document.lines { result.append(judge(line, in: scene, broken: document.broken)) }
    }
    return result
  }

  /// What is there is no proof that it works: only judges that tried, or that only count, may call such a line true.
  private static func demoted(_ verdict: ClaimVerdict, _ line: ClaimLine, _ judge: any ClaimJudge.Type) -> ClaimVerdict
  {
    let seesAll: Set<String> = ["counts", "named-documents", "cited-paths", "migrations-apply", "row-security"]
    guard verdict.judgement == .true, line.isAboutWorking || line.hasWord("ui", "console"),
      !seesAll.contains(judge.manual.id)
    else { return verdict }
    return ClaimVerdict(
      judgement: .unproven, evidence: [.init("that it is there was seen, and that it works was not")] + verdict.evidence
    )
  }

  /// One line, by all judges.
  static func judge(_ line: ClaimLine, in scene: ClaimScene, broken: Int? = nil) -> Claim {
    var verdicts: [(id: String, verdict: ClaimVerdict)] = []
    for judge in BuiltinClaimJudges.all where !line.isWish {
      guard let verdict = judge.judge(line, in: scene) else { continue }
      verdicts.append((judge.manual.id, demoted(verdict, line, judge)))
    }
    func evidence(_ judgement: Claim.Judgement) -> [Claim.Evidence] {
      verdicts.filter { $0.verdict.judgement == judgement }.flatMap(\.verdict.evidence)
    }
    let judgement: Claim.Judgement
    var told: [Claim.Evidence]
    if verdicts.isEmpty {
      judgement = .unproven
      told = [.init("no judge knows what this line speaks of")]
    } else if !evidence(.false).isEmpty {
      judgement = .false
      told = evidence(.false) + evidence(.unproven) + evidence(.true)
    } else if !evidence(.unproven).isEmpty {
      judgement = .unproven
      told = evidence(.unproven) + evidence(.true)
    } else {
      told = evidence(.true)
      let covered = verdicts.reduce(0) { $0 + $1.verdict.covers }
      let parts = line.parts
      judgement = covered >= parts ? .true : .unproven
      if covered < parts {
        told.insert(.init("of the \(parts) things that the line lists, \(covered) could be judged"), at: 0)
      }
    }
    if broken == line.line {
      told.append(.init("the marks of this document are in a broken encoding: save it as UTF-8"))
    }
    var seen: Set<String> = []
    told = told.filter { seen.insert("\($0.place.map(String.init(describing:)) ?? "") \($0.text)").inserted }
    return Claim(
      place: TreePlace(line.document.path, line: line.line), text: line.text, ticked: line.ticked,
      judgement: judgement, evidence: Array(told.prefix(12)), judges: verdicts.map(\.id))
  }
}
