import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// What was decided for a line: blocks to put under it.
public struct Decision: Sendable, Equatable {
  /// The line's number.
  public let line: Int
  public let blocks: [String]
  public init(line: Int, blocks: [String]) {
    self.line = line
    self.blocks = blocks
  }
}

/// The user's text, byte for byte, with front matter before it, blocks under its items, and behind it a section for lines that
/// cannot hold a block: rows of tables, headings, paragraphs, and what stands inside fences.
public struct BoundCopy {
  public let bytes: [UInt8]
  /// Lines that went into the section at the end.
  public let appended: [Int]
  /// Lines whose block did not fit the document as a whole, and why; these were left out.
  public let left: [(line: Int, message: String)]

  /// - Returns: `nil` where the file is not UTF-8, so that no copy could keep its bytes, or where front matter that is somebody
  ///   else's stands at its head.
  public init?(_ raw: [UInt8], binder: Binder, decisions: [Decision]) {
    guard !binder.reader.isForeign else { return nil }
    if binder.front.existing.isEmpty, Self.startsWithFence(raw) { return nil }
    var open = decisions
    var left: [(line: Int, message: String)] = []
    while true {
      let draft = Draft(raw, binder, open)
      guard let fault = draft.fault() else {
        bytes = draft.bytes
        appended = draft.appended
        self.left = left
        return
      }
      guard let line = fault.line, open.contains(where: { $0.line == line }) else { return nil }
      left.append((line, fault.message))
      open.removeAll { $0.line == line }
    }
  }

  private static func startsWithFence(_ raw: [UInt8]) -> Bool {
    let text = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? raw.dropFirst(3) : raw[...]
    return LineReader.hasFrontMatter(Array(text))
  }

  /// A copy before it was tried.
  private struct Draft {
    var bytes: [UInt8] = []
    var appended: [Int] = []
    /// How many lines of the copy come before each decision's first, and whose decision it is; in order.
    private var owners: [(before: Int, line: Int)] = []
    private let end: String

    init(_ raw: [UInt8], _ binder: Binder, _ decisions: [Decision]) {
      let mark = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      let file = SourceFile(name: "", bytes: raw)
      end = file.lineCount > 1 && raw[..<file.lineStarts[1]].contains(0x0D) ? "\r\n" : "\n"
      let lines = Dictionary(binder.lines.map { ($0.line.number, $0.line) }, uniquingKeysWith: { first, _ in first })
      var under: [Int: [(line: ChecklistLine, blocks: [String])]] = [:]
      var behind: [(line: ChecklistLine, blocks: [String])] = []
      var targets: Set<String> = []
      var principals: Set<String> = []
      for decision in decisions {
        guard let line = lines[decision.line] else { continue }
        // A tab before the text would need another; such lines are few, and go to the end.
        if line.indent != nil, !file.line(line.number).prefix(line.indent ?? 0).contains(0x09) {
          under[line.lastLine, default: []].append((line, decision.blocks))
        } else {
          behind.append((line, decision.blocks))
        }
        for block in decision.blocks {
          targets.formUnion(TargetCatalogue.needed(by: block))
          principals.formUnion(TargetCatalogue.principals(of: block))
        }
      }
      bytes = Array(raw.prefix(mark))
      let head = binder.front.lines(targets: targets, principals: principals, given: binder.options.targets)
      put(head)
      for number in stride(from: binder.front.existing.count + 1, through: file.lineCount, by: 1) {
        let start = max(file.lineStarts[number - 1], mark)
        let stop = number < file.lineCount ? file.lineStarts[number] : raw.count
        if start < stop { bytes += raw[start..<stop] }
        guard let here = under[number] else { continue }
        closeLine()
        for (line, blocks) in here {
          owners.append((lineCount, line.number))
          put(Self.fenced(blocks, indent: line.indent ?? 0))
        }
      }
      if !behind.isEmpty { append(behind, raw, binder) }
    }

    private var lineCount: Int { bytes.count { $0 == 0x0A } }

    private mutating func put(_ lines: [String]) {
      for line in lines { bytes += Array((line + end).utf8) }
    }

    /// What is put in begins on a line of its own.
    private mutating func closeLine() {
      if let last = bytes.last, last != 0x0A, last != 0x0D { bytes += Array(end.utf8) }
    }

    private mutating func append(
      _ behind: [(line: ChecklistLine, blocks: [String])], _ raw: [UInt8], _ binder: Binder
    ) {
      let controls = ChecklistParser().parse(raw, name: "", sink: DiagnosticSink()).controls
      let rows = Dictionary(controls.map { ($0.range.start.line, $0.id) }, uniquingKeysWith: { first, _ in first })
      closeLine()
      // A copy that is bound again has the section already, at its end.
      if !binder.lines.contains(where: { $0.line.section.last == AppendedSection.title }) {
        put(["", "## \(AppendedSection.title)", ""])
      }
      appended = behind.map(\.line.number)
      // A row with a box is a control already: its blocks name it. They stand before the list, whose items would take them.
      for (line, blocks) in behind {
        guard line.kind == .row, line.ticked != nil, let id = rows[line.number] else { continue }
        owners.append((lineCount, line.number))
        put(Self.fenced(blocks.map { "control: \(YAMLText.quoted(id))\n" + $0 }, indent: 0) + [""])
      }
      for (line, blocks) in behind where line.kind != .row || line.ticked == nil || rows[line.number] == nil {
        owners.append((lineCount, line.number))
        let box = line.ticked == true || line.mark == .done ? "[x]" : "[ ]"
        put(["- \(box) \(AppendedSection.text(of: line)) (line \(line.number))"] + Self.fenced(blocks, indent: 2))
      }
    }

    private static func fenced(_ blocks: [String], indent: Int) -> [String] {
      blocks.flatMap { block in
        YAMLText.indented("```yaml gonogo\n\(block)\n```", by: indent).split(
          separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
      }
    }

    /// What the parser or the planner finds wrong with the copy first, and by whose decision.
    func fault() -> (line: Int?, message: String)? {
      let sink = DiagnosticSink()
      let checklist = ChecklistParser().parse(bytes, name: "copy", sink: sink)
      _ = Planner(
        registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: JQEngine()),
        processEnvironment: [:]
      ).plan(checklist, options: Planner.Options(), sink: sink)
      guard let error = sink.sorted.first(where: { $0.severity == .error }) else { return nil }
      let place = error.range?.start.line ?? 0
      return (owners.last { $0.before < place }?.line, error.message)
    }
  }
}

/// The section of a bound copy for lines that cannot hold a block: they stand there again, as items.
enum AppendedSection {
  static let title = "Lines above that cannot hold a binding themselves"

  static func text(of line: ChecklistLine) -> String {
    let words = line.raw.split(whereSeparator: \.isWhitespace)
    return line.kind == .statement ? "`\(words.prefix(16).joined(separator: " "))`" : words.joined(separator: " ")
  }

  /// What the lines say that stand there, with a binding of their own.
  static func texts(_ lines: [ChecklistLine]) -> Set<String> {
    Set(
      lines.filter { $0.isBound && $0.section.last == title }.compactMap {
        number.first(in: $0.raw)?[1]
      })
  }

  private static let number = Phrase(#"^(.*) \(line \d+\)$"#)
}
