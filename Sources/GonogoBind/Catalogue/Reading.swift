/// What one recogniser makes of a line, as it came and as the line bears it out.
struct Reading {
  let recogniser: Recogniser
  let draft: Draft
  /// After ``TruthGate``.
  let judged: Draft

  init(_ recogniser: Recogniser, _ draft: Draft, judged: Draft) {
    self.recogniser = recogniser
    self.draft = draft
    self.judged = judged
  }

  /// The surest reading, and the others; of readings that are claims of their own beside each other, all as one.
  static func choose(
    _ readings: [Reading], of line: ChecklistLine, in context: BindContext, minimum: Confidence
  ) -> (Proposal?, [Proposal]) {
    var open = readings
    var joined: Reading?
    let together = readings.filter(\.recogniser.combines).reduce(into: [Reading]()) { list, reading in
      if !list.contains(where: { $0.draft.blocks == reading.draft.blocks }) { list.append(reading) }
    }
    if together.count > 1, let all = join(together, of: line, in: context) {
      let first = open.firstIndex { $0.recogniser.combines } ?? 0
      open.removeAll(where: \.recogniser.combines)
      open.insert(all, at: first)
      joined = all
    }
    open = open.filter { $0.judged.confidence >= minimum }
    guard let best = open.map(\.judged.confidence).max(),
      let index = open.firstIndex(where: { $0.judged.confidence == best })
    else { return (nil, []) }
    func proposal(_ reading: Reading) -> Proposal {
      let names = reading.recogniser.name == joined?.recogniser.name ? together.map(\.recogniser.name) : []
      return Proposal(
        recogniser: names.isEmpty ? reading.recogniser.name : names.joined(separator: ", "),
        blocks: reading.judged.blocks, confidence: reading.judged.confidence, reason: reading.judged.reason,
        left: reading.judged.left)
    }
    let others = open.enumerated().filter { $0.offset != index }.map { proposal($0.element) }
    return (proposal(open[index]), others)
  }

  /// Several claims of one line, which are held against it together: what one leaves out another may look at.
  private static func join(_ readings: [Reading], of line: ChecklistLine, in context: BindContext) -> Reading? {
    let draft = Draft(
      blocks: readings.flatMap(\.draft.blocks), confidence: readings.map(\.draft.confidence).min() ?? .low,
      reason: readings.map(\.draft.reason).joined(separator: "; "), carries: readings.flatMap(\.draft.carries))
    guard
      case .proposed(let judged) = TruthGate.judge(draft, of: line, by: readings.map(\.recogniser), in: context)
    else { return nil }
    return Reading(readings[0].recogniser, draft, judged: judged)
  }
}
