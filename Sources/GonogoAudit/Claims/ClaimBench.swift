import GonogoCore
import GonogoSystem

/// The claims of the tree's documents, judged.
///
/// Judges know one thing each, and lines say more than one: which service, how much, where, and what else. So no verdict holds
/// by itself. *True* needs judges that together understood every word of the line; *false* a contradiction of what the line
/// speaks of, and not of its neighbour.
enum ClaimBench {
  /// - Parameter documents: all of the tree's where none are given.
  static func claims(in scene: ClaimScene, documents: [ClaimDocument]? = nil) -> [Claim] {
    var result: [Claim] = []
    for document in documents ?? scene.context.facts(ClaimDocuments.self) {
      for line in document.lines { result.append(judge(line, in: scene, broken: document.broken)) }
    }
    return result
  }

  /// As ``claims(in:documents:)``, several lines at a time, in the same order.
  static func claims(in scene: ClaimScene, documents: [ClaimDocument], threads: Int) async -> [Claim] {
    let lines = documents.flatMap { document in document.lines.map { ($0, document.broken) } }
    // A thread takes what is next, not a share: a line may cost what a hundred others do.
    let size = 8
    let starts = Array(stride(from: 0, to: lines.count, by: size))
    return await each(starts, threads: threads) { start in
      lines[start..<min(start + size, lines.count)].map { judge($0.0, in: scene, broken: $0.1) }
    }.flatMap { $0 }
  }

  /// Something for each of several elements, so many at a time, in their order.
  static func each<Element: Sendable, Result: Sendable>(
    _ elements: [Element], threads: Int, _ body: @escaping @Sendable (Element) async -> Result
  ) async -> [Result] {
    // Judges block on files and programs: they get threads of their own.
    let executor = ProbeExecutor(limit: threads)
    return await withTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      for (index, element) in elements.enumerated() {
        if index >= threads, let (done, result) = await group.next() { results[done] = result }
        group.addTask(executorPreference: executor) { (index, await body(element)) }
      }
      for await (done, result) in group { results[done] = result }
      return elements.indices.compactMap { results[$0] }
    }
  }

  private struct Opinion {
    let judge: any ClaimJudge.Type
    var verdict: ClaimVerdict

    func words(in scene: ClaimScene, of line: ClaimLine) -> ClaimWords {
      let vocabulary = judge.vocabulary
      var words = vocabulary.words
      words.formUnion(ClaimWords(verdict.reads))
      if vocabulary.scope != .none { words.formUnion(scene.parts(named: line)) }
      if vocabulary.scope == .compose {
        words.formUnion(ClaimWords("dev development staging stage prod production"))
      }
      return words
    }
  }

  /// One line, by all judges.
  static func judge(_ line: ClaimLine, in scene: ClaimScene, broken: Int? = nil) -> Claim {
    var opinions: [Opinion] = []
    for judge in BuiltinClaimJudges.all where !line.isWish || judge == RuleClaims.self {
      guard let verdict = judge.judge(line, in: scene) else { continue }
      opinions.append(Opinion(judge: judge, verdict: demoted(verdict, line, judge)))
    }
    let judges = opinions.map { $0.judge.manual.id }
    let clauses = ClaimClauses(line)
    narrow(&opinions, clauses, line, scene)
    func evidence(_ judgement: Claim.Judgement, silent: Bool = false) -> [Claim.Evidence] {
      opinions.filter { $0.verdict.judgement == judgement && $0.verdict.isSilent == silent }.flatMap(\.verdict.evidence)
    }
    var judgement = Claim.Judgement.unproven
    var told: [Claim.Evidence]
    if opinions.isEmpty {
      told = [.init("no judge knows what this line speaks of")]
    } else if !evidence(.false).isEmpty {
      judgement = .false
      let contradictions = evidence(.false)
      // What is seen of the very places that contradict the line adds nothing.
      opinions.removeAll { $0.verdict.judgement == .unproven && isEcho($0.verdict.evidence, of: contradictions) }
      told = contradictions + evidence(.unproven) + evidence(.true)
    } else if !evidence(.unproven).isEmpty || evidence(.true).isEmpty {
      told = evidence(.unproven) + evidence(.true) + evidence(.unproven, silent: true)
    } else {
      told = evidence(.true)
      let rest = unread(by: opinions, clauses, line, scene)
      if let place = scene.passedOver(rules(of: opinions, line), in: line).first {
        told.insert(.init("here it is not so, in a file that nothing runs", at: place), at: 0)
      } else if rest.isEmpty {
        judgement = .true
      } else {
        told.insert(.init("the line also says \(quoted(rest)), which was not looked at"), at: 0)
      }
    }
    if broken == line.line {
      told.append(.init("the marks of this document are in a broken encoding: save it as UTF-8"))
    }
    var seen: Set<String> = []
    told = told.filter { seen.insert("\($0.place.map(String.init(describing:)) ?? "") \($0.text)").inserted }
    if judgement == .false { told = withoutEchoes(told) }
    return Claim(
      place: TreePlace(line.document.path, line: line.line), text: line.text, ticked: line.ticked,
      judgement: judgement, evidence: Array(told.prefix(12)), judges: judges)
  }

  /// The rules by whose findings some judges judge a line: of the judge of all rules, those whose sentence the line says.
  private static func rules(of opinions: [Opinion], _ line: ClaimLine) -> [String] {
    opinions.flatMap { opinion in
      opinion.judge == RuleClaims.self
        ? RuleSentence.said(by: line).flatMap(\.rules) : opinion.judge.manual.rules
    }
  }

  /// Whether each place of some evidence is told already, in the same words but for more or fewer of them.
  private static func isEcho(_ evidence: [Claim.Evidence], of told: [Claim.Evidence]) -> Bool {
    let placed = evidence.filter { $0.place != nil }
    return !placed.isEmpty
      && placed.allSatisfy { echo in
        told.contains { $0.place == echo.place && ($0.text.contains(echo.text) || echo.text.contains($0.text)) }
      }
  }

  /// Without what two judges say of one place, one of them in more words; the shorter text is kept.
  private static func withoutEchoes(_ told: [Claim.Evidence]) -> [Claim.Evidence] {
    told.filter { evidence in
      !told.contains { other in
        evidence.place != nil && other.place == evidence.place && evidence.text != other.text
          && evidence.text.contains(other.text)
      }
    }
  }

  private static func quoted(_ words: [String]) -> String { Fold.list(words.map { "'\($0)'" }, 5) }

  /// What is there is no proof that it works: only judges that tried, or that only count, may call such a line true.
  private static func demoted(_ verdict: ClaimVerdict, _ line: ClaimLine, _ judge: any ClaimJudge.Type) -> ClaimVerdict
  {
    guard verdict.judgement == .true, line.isAboutWorking || line.hasWord("ui", "console"), !judge.seesWorking else {
      return verdict
    }
    return ClaimVerdict(
      judgement: .unproven, evidence: [.init("that it is there was seen, and that it works was not")] + verdict.evidence
    )
  }

  /// The words of the line that no judge who calls it true understood. A part of a list has to be one judge's: what two of them
  /// understood of one phrase may be two other things.
  private static func unread(
    by opinions: [Opinion], _ clauses: ClaimClauses, _ line: ClaimLine, _ scene: ClaimScene
  ) -> [String] {
    let known = opinions.filter { $0.verdict.judgement == .true }.map { opinion in
      var words = ClaimWords.common
      words.formUnion(opinion.words(in: scene, of: line))
      return words
    }
    var seen: Set<String> = []
    return clauses.clauses.flatMap { clause in
      known.map { words in clause.words.filter { !words.contains($0) } }.min { $0.count < $1.count } ?? clause.words
    }.filter { seen.insert($0).inserted }
  }

  /// Takes back each *false* that rests on something else than what the line speaks of.
  ///
  /// Words that no judge understood narrow what is meant ("for the CRM", "in staging", "except"), where they do not stand in a
  /// part of the list that is a matter of its own. What contradicts a narrowed line has to name the same words.
  private static func narrow(
    _ opinions: inout [Opinion], _ clauses: ClaimClauses, _ line: ClaimLine, _ scene: ClaimScene
  ) {
    guard opinions.contains(where: { $0.verdict.judgement == .false }) else { return }
    var known = ClaimWords.common
    known.formUnion(.quantifiers)
    known.formUnion(.limits)
    known.formUnion(.working)
    let common = known
    for opinion in opinions {
      known.formUnion(opinion.words(in: scene, of: line))
      known.formUnion(opinion.judge.vocabulary.contradicting)
    }
    for index in opinions.indices where opinions[index].verdict.judgement == .false {
      var own = opinions[index].words(in: scene, of: line)
      own.formUnion(opinions[index].judge.vocabulary.contradicting)
      let words =
        narrowing(clauses, common: common, known: known, own: own, scene) + scene.narrowingHeading(of: line)
      if words.isEmpty { continue }
      let verdict = opinions[index].verdict
      let fitting = verdict.evidence.filter { evidence in
        let said = Set(ClaimLine.words(of: evidence.text))
        return words.allSatisfy(said.contains)
      }
      opinions[index].verdict =
        fitting.contains { $0.place != nil }
        ? .falsely(fitting)
        : ClaimVerdict(
          judgement: .unproven,
          evidence: [.init("the line says \(quoted(words)), and what was found is not known to be of that")]
            + verdict.evidence)
    }
  }

  private static func narrowing(
    _ clauses: ClaimClauses, common: ClaimWords, known: ClaimWords, own: ClaimWords, _ scene: ClaimScene
  ) -> [String] {
    let parts = scene.partNames
    let all = clauses.clauses
    // Common words are no sign that the judge's matter is spoken of here.
    var isOwn = all.map { clause in clause.words.contains { own.contains($0) && !ClaimWords.common.contains($0) } }
    for index in all.indices.dropLast() where isOwn[index] && !all[index].isInParentheses {
      // What stands before a list in parentheses is its title.
      let list = Array(zip(all, isOwn))[(index + 1)...].prefix { $0.0.isInParentheses }
      if list.count > 1, list.contains(where: \.1) { isOwn[index] = false }
    }
    var result: [String] = []
    for (index, clause) in all.enumerated() {
      let rest = clause.words.filter { word in
        // Where the judge's own matter is spoken of, another judge's words are more than that.
        if common.contains(word) || (isOwn[index] ? own : known).contains(word) { return false }
        // "200ms", "60d": how much, and not of what.
        let unit = word.drop(while: \.isNumber)
        return !(unit.count < word.count && !unit.isEmpty && ClaimWords.limits.contains(String(unit)))
      }
      let isBehind = index > 0 && isOwn[index - 1] && clause.isInParentheses && !all[index - 1].isInParentheses
      let isNarrow =
        isOwn[index] || !isOwn.contains(true) || clause.words.contains(where: ClaimWords.prepositions.contains)
        || isBehind && !(index + 1 < all.count && all[index + 1].isInParentheses)
      // A matter of its own in the list narrows nothing, unless it names where.
      result += isNarrow ? Self.withoutAmounts(rest, clause) : rest.filter(parts.contains)
      result += clause.words.filter { ClaimWords.exceptions.contains($0) && !known.contains($0) }
    }
    var seen: Set<String> = []
    return result.filter { seen.insert($0).inserted }
  }

  /// A number before a unit is how much, and not of what.
  private static func withoutAmounts(_ rest: [String], _ clause: ClaimClauses.Clause) -> [String] {
    rest.filter { word in
      guard word.allSatisfy(\.isNumber), let index = clause.words.firstIndex(of: word), index + 1 < clause.words.count
      else { return true }
      return !ClaimWords.limits.contains(clause.words[index + 1])
    }
  }
}
