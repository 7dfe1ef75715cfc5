import GonogoCore

/// How sure a recogniser is that its binding checks what the line says.
public enum Confidence: String, Sendable, Comparable, CaseIterable {
  /// A guess at what is meant, or at how the system is built: to be read before it is used.
  case low
  /// What is meant is clear; how it is looked at rests on a usual way of doing it.
  case medium
  /// The line names what is looked at.
  case high

  public static func < (left: Confidence, right: Confidence) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }
}

/// What a recogniser makes of a line, before it was tried.
public struct Draft: Sendable, Equatable {
  /// The YAML of one fenced block each.
  public let blocks: [String]
  public let confidence: Confidence
  /// Why this binding stands for the line, and what it takes for granted.
  public let reason: String
  /// What the line says in words that the binding looks at in others: what ``TruthGate`` need not find there.
  let carries: [String]
  /// What the line says and the blocks do not look at, as ``TruthGate`` found it.
  var left: [String] = []

  init(_ blocks: String..., confidence: Confidence, reason: String, carries: [String] = []) {
    self.init(blocks: blocks, confidence: confidence, reason: reason, carries: carries)
  }

  init(blocks: [String], confidence: Confidence, reason: String, carries: [String] = []) {
    self.blocks = blocks
    self.confidence = confidence
    self.reason = reason
    self.carries = carries
  }
}

/// One way of reading a line: one file, with its manual, its samples, and one line in ``Recognisers/all``.
public struct Recogniser: Sendable {
  /// A document whose last line is recognised, and the blocks that it gives.
  public struct Sample: Sendable {
    public let markdown: String
    public let blocks: [String]
    init(_ markdown: String, _ blocks: String...) {
      self.markdown = markdown
      self.blocks = blocks
    }
  }

  public let name: String
  /// The probes that it binds to, for "the nearest probes" of a line that nothing takes.
  public let probes: [String]
  /// What it takes, what it gives, and what it takes for granted.
  public let manual: String
  /// It is one claim of several that a line may make: its blocks stand beside those of others like it.
  public let combines: Bool
  public let samples: [Sample]
  /// Documents whose last line looks alike and is not recognised.
  public let lookalikes: [String]
  public let recognise: @Sendable (ChecklistLine, BindContext) -> Draft?

  /// - Parameter presence: It looks that something is there. A line that says that it must not be is not shown to it: the
  ///   binding would be green where the line is false.
  /// - Parameter conditional: It makes something of "if", "when" and "unless". Others are not shown lines that begin so: the
  ///   binding would be red where the condition does not hold.
  /// - Parameter denials: It makes something of lines that forbid or remove. Others are not shown lines that begin so: what is
  ///   forbidden would be looked for as if it were asked for.
  init(
    _ name: String, probes: [String], manual: String, combines: Bool = false, presence: Bool = false,
    conditional: Bool = false, denials: Bool = false, samples: [Sample], lookalikes: [String],
    recognise: @escaping @Sendable (ChecklistLine, BindContext) -> Draft?
  ) {
    self.name = name
    self.probes = probes
    self.manual = manual
    self.combines = combines
    self.samples = samples
    self.lookalikes = lookalikes
    self.recognise = { line, context in
      if presence, Absence.isMeant(line) { return nil }
      if !conditional, line.isItem, line.says(Reservations.condition) { return nil }
      if !denials, line.isItem, Absence.isForbidden(line) { return nil }
      return recognise(line, context)
    }
  }
}
