import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// A binding that was parsed and planned, and may be put under its line.
public struct Proposal: Sendable, Equatable {
  public let recogniser: String
  public let blocks: [String]
  public let confidence: Confidence
  public let reason: String
  /// What the line says and the blocks do not look at, as the line writes it; empty where they look at all of it.
  public let left: [String]

  /// The blocks as a copy has them: who reads the checklist later sees there what they leave out.
  public var annotated: [String] {
    guard let first = blocks.first, !left.isEmpty else { return blocks }
    let remark = "# not looked at: \(left.joined(separator: ", "))".split(whereSeparator: \.isNewline).joined(
      separator: " ")
    return ["\(remark)\n\(first)"] + blocks.dropFirst()
  }
}

/// What became of a line.
public struct BoundLine: Sendable, Equatable {
  public let line: ChecklistLine
  public let proposal: Proposal?
  /// Other readings of it, each of which would plan as well.
  public let others: [Proposal]
  /// Readings that would be green where the line is false, and why; they are not proposed.
  public let withheld: [(recogniser: String, why: String)]
  /// The probes that come nearest, where nothing was proposed.
  public let nearest: [String]

  public static func == (left: BoundLine, right: BoundLine) -> Bool {
    left.line == right.line && left.proposal == right.proposal && left.others == right.others
      && left.withheld.elementsEqual(right.withheld, by: ==) && left.nearest == right.nearest
  }
}

/// Reads a checklist and proposes a binding for each of its lines. Every proposal has been through the real parser and the
/// real planner; what either of them has anything to say about is not proposed.
public struct Binder {
  public struct Options: Sendable {
    public var facts: RepositoryFacts?
    public var targets: [String: String] = [:]
    public var ownNames: [String] = []
    public var root = ""
    public var minimum = Confidence.low
    public init() {}
  }

  public let reader: LineReader
  public let lines: [BoundLine]
  /// Drafts that were dropped because the parser or the planner had something to say, or because they cannot apply to the
  /// repository: each with its line and what that was.
  public let dropped: [(line: Int, recogniser: String, message: String)]
  let front: FrontMatterText
  let options: Options

  public init(_ raw: [UInt8], options: Options) {
    reader = LineReader(raw)
    self.options = options
    let checklist = ChecklistParser().parse(Array(reader.text.utf8), name: "", sink: DiagnosticSink())
    front = Self.frontMatter(of: checklist, text: reader.isForeign ? reader.text : String(decoding: raw, as: UTF8.self))
    let bound = Set(checklist.controls.filter { !$0.bindings.isEmpty }.map(\.range.start.line))
    var read = reader.lines().map { line in
      var line = line
      line.isBound = bound.contains(line.number)
      return line
    }
    let appended = AppendedSection.texts(read)
    for index in read.indices where !appended.isEmpty && read[index].section.last != AppendedSection.title {
      if appended.contains(AppendedSection.text(of: read[index])) { read[index].isBound = true }
    }
    let context = BindContext(
      lines: read, text: reader.text, facts: options.facts,
      targets: options.targets.merging(front.declared.map { ($0, "") }) { given, _ in given },
      ownNames: options.ownNames, root: options.root)
    var drafts: [(line: Int, reading: Reading)] = []
    var withheld: [Int: [(recogniser: String, why: String)]] = [:]
    for (index, line) in read.enumerated() where !line.isBound && !line.isHistory {
      for recogniser in Recognisers.all {
        guard let draft = recogniser.recognise(line, context) else { continue }
        switch TruthGate.judge(draft, of: line, by: [recogniser], in: context) {
        case .proposed(let judged): drafts.append((index, Reading(recogniser, draft, judged: judged)))
        case .withheld(let why): withheld[index, default: []].append((recogniser.name, why))
        }
      }
    }
    var messages = BindingTrial(drafts.map(\.reading.draft.blocks), front: front, given: options.targets).messages()
    if let facts = options.facts {
      for (index, item) in drafts.enumerated() where messages[index] == nil {
        messages[index] = item.reading.draft.blocks.lazy.compactMap { facts.lacks($0) }.first.map {
          "nothing in the repository uses \($0)"
        }
      }
    }
    dropped = zip(drafts, messages).compactMap { draft, message in
      message.map { (read[draft.line].number, draft.reading.recogniser.name, $0) }
    }
    var byLine: [Int: [Reading]] = [:]
    for (draft, message) in zip(drafts, messages) where message == nil {
      byLine[draft.line, default: []].append(draft.reading)
    }
    lines = read.enumerated().map { index, line in
      let (chosen, others) = Reading.choose(byLine[index] ?? [], of: line, in: context, minimum: options.minimum)
      return BoundLine(
        line: line, proposal: chosen, others: others, withheld: withheld[index] ?? [],
        nearest: chosen == nil && !line.isBound ? NearestProbes.of(line) : [])
    }
  }

  /// What is wrong with blocks, and where.
  public struct Fault: Sendable, Equatable {
    public let message: String
    public let mend: String?
    /// The line, from 1, in the blocks with a line `---` between two; `nil` where none is to blame.
    public let line: Int?
  }

  /// What the parser or the planner would say of these blocks under one line; `nil` where it is nothing.
  public func fault(of blocks: [String]) -> Fault? {
    let trial = BindingTrial([blocks], front: front, given: options.targets)
    guard let message = trial.messages()[0] else { return nil }
    let first = trial.sink.sorted.first
    return Fault(
      message: message, mend: first?.mend,
      line: first?.range.flatMap { BindingTrial.line($0.start.line - (trial.owners.first?.first ?? 0), of: blocks) })
  }

  private static func frontMatter(of checklist: Checklist, text: String) -> FrontMatterText {
    guard let node = checklist.frontMatter else {
      return FrontMatterText(existing: [], declared: [], declaredPrincipals: [])
    }
    // CR LF is one character of a Swift text, and no LF.
    var text = text.replacing("\r\n", with: "\n")
    // The copy begins with the file's own mark.
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.last == "\r" ? String(line.dropLast()) : String(line)
    }
    let close = lines.indices.dropFirst().first { ["---", "..."].contains(Inline.trimmed(lines[$0])) } ?? 0
    var declared: Set<String> = []
    for environment in node["environments"]?.entries ?? [] {
      let names = Set((environment.value.entries ?? []).map(\.name)).subtracting(["protected"])
      declared = declared.isEmpty ? names : declared.intersection(names)
    }
    for key in ["vars", "secrets"] { declared.formUnion((node[key]?.entries ?? []).map(\.name)) }
    return FrontMatterText(
      existing: Array(lines[...close]), declared: declared,
      declaredPrincipals: Set((node["principals"]?.entries ?? []).map(\.name)))
  }
}
