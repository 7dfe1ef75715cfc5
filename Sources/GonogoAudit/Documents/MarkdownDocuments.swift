import GonogoCore

/// A Markdown document as far as the rules about documents need it: its lines, what is code in them, what they link to.
public struct MarkdownDocument: Sendable {
  public struct Line: Sendable {
    public let number: Int
    /// The text, blanks at both ends included.
    public let text: String
    /// The language of the fence that it stands in; `nil` outside of one.
    public let fence: String?
    /// Whether its box is ticked; `nil` where it has none.
    public let ticked: Bool?
  }

  /// A link's target, or a piece of inline code.
  public struct Span: Sendable {
    public enum Kind: Sendable { case link, code }
    public let kind: Kind
    public let text: String
    public let line: Line
    /// From 1, in bytes.
    public let column: Int
  }

  public let file: TreeFile
  public let lines: [Line]
  public let spans: [Span]
  /// Those of the lines that begin with `#`, outside of fences.
  let headings: [Line]
  /// Whether it tells what was or what may come: plans, decisions, changelogs, archives. What those cite need not be there.
  public let isHistorical: Bool
  /// Whether it is kept in an archive.
  public var isArchived: Bool {
    file.path.lowercased().split { "/.-_ ".contains($0) }.contains {
      ["archive", "archived", "archives", "historical", "complete", "completed", "done"].contains($0)
    }
  }

  /// Whether it pipes a download into a shell: what it tells afterwards is the installer's, which stands elsewhere.
  public var installs: Bool {
    lines.contains { line in
      guard line.fence != nil, line.text.utf8.contains(UInt8(ascii: "|")) else { return false }
      let parts = line.text.split(separator: "|").map { $0.split(separator: " ").filter { $0 != "sudo" } }
      return parts.count > 1 && ["curl", "wget"].contains(parts[0].first { $0 != "$" })
        && parts.dropFirst().contains { ["sh", "bash"].contains($0.first) }
    }
  }

  /// Whether the heading above a line says that what follows is still to be made.
  func isToBeMade(_ line: Line) -> Bool {
    guard let heading = headings.last(where: { $0.number < line.number })?.text.lowercased() else { return false }
    return [
      "create", "new file", "to add", "to build", "proposed", "planned", "future", "roadmap", "todo", "next step",
      "deferred",
      "crear", "sugerid", "propuest", "criar", "à créer", "geplant", "implementation plan", "plan de ",
    ]
    .contains { heading.contains($0) }
  }

  public func place(_ span: Span) -> TreePlace { TreePlace(file.path, line: span.line.number, column: span.column) }
  /// Whether a generator wrote it into every new project: what it tells to run or to open is the generator's
  /// (https://github.com/facebook/create-react-app, https://nextjs.org/docs/app/api-reference/cli/create-next-app).
  public var isGenerators: Bool {
    let text = lines.prefix(20).map(\.text.trimmed).joined(separator: " ").lowercased()
    guard let mark = ["bootstrapped with", "generated with", "was created with"].first(where: text.contains) else {
      return text.contains("getting started with create react app")
    }
    let behind = text.split(separator: mark).dropFirst().first?.prefix(60) ?? ""
    return ["create-", "create ", " cli", "-cli", "vite"].contains { behind.contains($0) }
  }

  /// Where a line stands among the lines, by halving: their numbers rise.
  func index(of line: Line) -> Int? {
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].number < line.number { low = middle + 1 } else { high = middle }
    }
    return low < lines.count && lines[low].number == line.number ? low : nil
  }

  /// What leads to a line: the nearest line of prose above its list or block that ends in a colon, within its section.
  func lead(_ line: Line) -> String {
    guard let at = index(of: line) else { return "" }
    for above in lines[..<at].suffix(20).reversed() {
      let text = above.text.trimmed
      if text.hasPrefix("#") { return "" }
      if above.fence == nil, text.hasSuffix(":") || text.hasSuffix(":**") { return text.lowercased() }
    }
    return ""
  }

  /// Whether it has boxes to tick.
  public var isChecklist: Bool { lines.contains { $0.ticked != nil } }

  /// Whether it is a plan of the product by its own boxes: most of them are open, and neither its name nor its title says that it is a list for going live.
  var isUnfinished: Bool {
    let open = lines.count { $0.ticked == false }
    guard open >= 5, open > lines.count(where: { $0.ticked == true }) else { return false }
    let title = lines.first { $0.fence == nil && $0.text.hasPrefix("#") }?.text ?? ""
    let named = (file.path + " " + title).lowercased()
    return ![
      "checklist", "live", "launch", "production", "readiness", "deploy", "release", "runbook", "operations", "readme",
      "чек",
    ].contains { named.contains($0) }
  }

  /// The files that it tells its reader to make: what a line of prose with such a word names in code.
  var toBeMade: Set<String> {
    Set(
      spans.lazy.filter { span in
        span.kind == .code && span.line.ticked != true
          && span.line.text.prefix(120).lowercased().split(whereSeparator: { !$0.isLetter }).prefix(6).contains {
            ["create", "add", "write", "save", "crea", "crear", "créer", "erstelle"].contains($0)
          }
      }.map { span in span.text.hasPrefix("./") ? String(span.text.dropFirst(2)) : span.text })
  }
}

/// The Markdown of the tree that is its own.
public enum MarkdownDocuments: Collector {
  private static let foreign: Set<String> = [
    "node_modules", "vendor", "third_party", "third-party", "fixtures", "testdata", "templates", "template",
    "issue_template", ".changeset", "examples", "skills", ".agents", "prompts", "__fixtures__", "snapshots",
    // Docusaurus keeps the documents of each release: they speak of the tree as it was then.
    "versioned_docs",
  ]
  private static let historical: Set<String> = [
    "archive", "archived", "archives", "history", "historical", "changelog", "changes", "releases", "release", "plans",
    "plan",
    "rfc", "rfcs", "adr", "adrs", "decisions", "proposals", "proposal", "blog", "posts", "legacy", "old", "handoff",
    "handoffs",
    "memory", "cursor", "claude", "roadmap", "todo", "notes", "news", "postmortems", "postmortem", "reports", "report",
    "audit", "audits", "summary", "migration", "refactor", "spec", "specs", "design", "research", "progress",
    "deprecated", "cleanup", "obsolete", "refactoring",
    "upgrading", "session", "sessions", "backlog", "branch", "implementation", "prompt", "prompts",
    "complete", "completed", "done", "milestone", "milestones", "tarea", "tareas", "analisis", "evaluation",
    "evaluacion", "propuesta", "epic", "epics", "requirements", "certification", "applied", "success", "fix", "fixes",
    "status", "feedback", "investigation", "findings", "comparison", "recapitulatif", "récapitulatif", "synthese",
    "synthèse", "etat", "état", "bilan", "rapport", "situation", "comparaison", "resumen", "informe", "relatorio",
    "relatório", "ledger", "triage", "closeout", "worklog", "retro", "retrospective", "minutes", "resumo",
    "zusammenfassung", "bericht", "отчет", "отчёт", "план", "итоги",
  ]

  /// What a plan says at its top: who is to make it, and until when.
  private static let planned = [
    "timeline:", "duration:", "estimated", "epic", "story points", "sprint", "effort:", "acceptance criteria",
    "status:** draft", "status: draft", "status:** planned", "status: planned", "status:** proposed", "target release",
    "not started", "user story", "milestone",
  ]

  /// Whether its first lines are those of a plan.
  private static func isPlan(_ lines: [MarkdownDocument.Line]) -> Bool {
    let top = lines.prefix(40).map { $0.text.lowercased() }
    return planned.count { mark in top.contains { $0.contains(mark) } } >= 2
  }

  /// Plans, designs and histories in scripts that set no blanks between words.
  private static let plans = ["計画", "设计", "設計", "计划", "仕様", "履歴", "議事録", "更新日志", "계획", "설계"]

  public static func collect(in context: AuditContext) -> [MarkdownDocument] {
    var result: [MarkdownDocument] = []
    for file in context.tree.files(in: .markdown) {
      let parts = file.path.lowercased().split(separator: "/").map(String.init)
      if parts.contains(where: { foreign.contains($0) }) { continue }
      if parts.dropLast().contains(where: isVersion) { continue }
      // Prompts for an assistant, a page to be filled in, and a plan that is cut into tasks.
      if parts.dropLast().contains("commands") || parts.last == "tasks.md" || parts.last == "instructions.md"
        || words(parts.suffix(1)).contains("template")
      {
        continue
      }
      // What stands in a hidden folder speaks to a tool, and so do skills; GitHub's is people's.
      if parts.dropLast().contains(where: { $0.hasPrefix(".") && $0 != ".github" }) || parts.last == "skill.md" {
        continue
      }
      // Pages of a site that is sold or read by others: what they tell to run is the reader's own.
      if file.fileExtension == "mdx", parts.contains("content") { continue }
      guard let read = context.facts(Contents.self, of: file) else { continue }
      let words = words(parts)
      result.append(
        MarkdownDocument(
          file: file, lines: read.lines, spans: read.spans, headings: read.headings,
          isHistorical: read.isPlan || words.contains { historical.contains($0) }
            || plans.contains { file.path.contains($0) }))
    }
    return result
  }

  /// `version-2.8`, `v1.4`: a folder of documents that a release left behind, which speak of the tree as it was then.
  private static func isVersion(_ folder: String) -> Bool {
    let isNamed = folder.hasPrefix("version-")
    let number = isNamed ? folder.dropFirst(8) : folder.hasPrefix("v") ? folder.dropFirst() : ""
    return number.first?.isNumber ?? false && number.allSatisfy { $0.isNumber || $0 == "." || $0 == "x" }
      && (isNamed || number.contains("."))
  }

  private static func words(_ parts: some Sequence<String>) -> [String] {
    parts.flatMap { $0.split { ".-_ ".contains($0) }.map(String.init) }
  }

  private struct Contents: FileCollector {
    let lines: [MarkdownDocument.Line]
    let spans: [MarkdownDocument.Span]
    let headings: [MarkdownDocument.Line]
    let isPlan: Bool

    static func collect(from text: SourceFile, of file: TreeFile) -> Contents { read(text) }
  }

  private static func read(_ text: SourceFile) -> Contents {
    var lines: [MarkdownDocument.Line] = []
    var spans: [MarkdownDocument.Span] = []
    var headings: [MarkdownDocument.Line] = []
    var fence: (mark: UInt8, length: Int, language: String)?
    var comment = false
    for number in 1...max(1, text.lineCount) {
      let bytes = Array(text.line(number))
      let body = bytes.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ">") }
      let mark = body.first ?? 0
      let run = mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") ? body.prefix { $0 == mark }.count : 0
      if let open = fence {
        if mark == open.mark, run >= open.length, body.dropFirst(run).allSatisfy({ $0 == 0x20 }) {
          fence = nil
          continue
        }
        lines.append(
          .init(number: number, text: String(decoding: bytes, as: UTF8.self), fence: open.language, ticked: nil))
        continue
      }
      if run >= 3 {
        let language = String(decoding: body.dropFirst(run), as: UTF8.self).trimmed.prefix { $0 != " " && $0 != "{" }
        fence = (mark, run, language.lowercased())
        continue
      }
      let shown = String(decoding: bytes, as: UTF8.self)
      if shown.contains("<!--") { comment = true }
      defer { if shown.contains("-->") { comment = false } }
      if comment { continue }
      let line = MarkdownDocument.Line(number: number, text: shown, fence: nil, ticked: ticked(body))
      lines.append(line)
      if bytes.first == UInt8(ascii: "#") { headings.append(line) }
      spans += self.spans(bytes, line)
    }
    return Contents(lines: lines, spans: spans, headings: headings, isPlan: isPlan(lines))
  }

  /// `- [x] …`, `1. [ ] …`, and `[x] …` without a bullet.
  private static func ticked(_ body: ArraySlice<UInt8>) -> Bool? {
    var rest = body
    if let first = rest.first, first == 0x2D || first == 0x2A || first == 0x2B {
      rest = rest.dropFirst()
    } else {
      let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      if digits > 0, rest.dropFirst(digits).first == UInt8(ascii: ".") { rest = rest.dropFirst(digits + 1) }
    }
    rest = rest.drop { $0 == 0x20 }
    let box = Array(rest.prefix(4))
    guard box.count >= 3, box[0] == UInt8(ascii: "["), box[2] == UInt8(ascii: "]"), box.count == 3 || box[3] == 0x20
    else {
      return nil
    }
    switch box[1] {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): return true
    case 0x20: return false
    default: return nil
    }
  }

  private static func spans(_ bytes: [UInt8], _ line: MarkdownDocument.Line) -> [MarkdownDocument.Span] {
    var result: [MarkdownDocument.Span] = []
    var index = 0
    func add(_ kind: MarkdownDocument.Span.Kind, _ range: Range<Int>) {
      guard !range.isEmpty else { return }
      result.append(
        .init(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), line: line, column: range.lowerBound + 1)
      )
    }
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "`"):
        let run = bytes[index...].prefix { $0 == UInt8(ascii: "`") }.count
        let start = index + run
        var end = start
        while end < bytes.count {
          let close = bytes[end...].prefix { $0 == UInt8(ascii: "`") }.count
          if close == run { break }
          end += max(1, close)
        }
        if end < bytes.count {
          add(.code, start..<end)
          index = end + run
        } else {
          index = start
        }
      case UInt8(ascii: "]") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "("):
        var start = index + 2
        var end = start
        var open = 0
        if start < bytes.count, bytes[start] == UInt8(ascii: "<") {
          start += 1
          end = start
          while end < bytes.count, bytes[end] != UInt8(ascii: ">") { end += 1 }
        } else {
          while end < bytes.count, bytes[end] != 0x20 {
            if bytes[end] == UInt8(ascii: "(") { open += 1 }
            if bytes[end] == UInt8(ascii: ")") {
              if open == 0 { break }
              open -= 1
            }
            end += 1
          }
        }
        if end < bytes.count { add(.link, start..<end) }
        index = max(end, index + 2)
      default: index += 1
      }
    }
    return result
  }
}
