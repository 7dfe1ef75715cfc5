import CSystem
import GonogoCore
import GonogoDocument

/// The findings that documents excuse: `audit: { suppress: […] }` of a checklist's front matter, and blocks marked
/// `yaml gonogo audit` with `suppress: […]`.
struct Suppressions {
  var active: [Suppression] = []
  /// Those that are not well formed, as findings.
  var faults: [Finding] = []

  static let manual = RuleManual(
    id: "suppression", severity: .medium, precision: .high, family: "suppressions",
    title: "A suppression has run out, excuses nothing any more, or is not complete",
    what: """
      A finding is excused in a checklist, by `audit: { suppress: [...] }` in its front matter or by a block marked `yaml gonogo \
      audit`, with `rule`, `path` (a glob), `reason` (two words at least) and `until` (a date, 366 days ahead at most). A checklist is a \
      Markdown file with Gonogo's front matter, with boxes to tick, or whose name or headings speak of going live; changelogs, and \
      what stands in a comment of HTML or among the files of others, are none. One whose day is over excuses nothing; one that \
      matches no finding is to be taken out. Every format lists what is suppressed, with the reason.
      """,
    why: "an excuse that outlives its reason hides the next fault of the same kind",
    mend: "mend the fault and take the suppression out, or give it a reason and a new date",
    falsifies: "every known risk is accepted by somebody, for a time")

  static func read(in context: AuditContext) -> Suppressions {
    var result = Suppressions()
    for file in context.tree.files(in: .markdown) {
      guard let text = context.tree.text(file) else { continue }
      if Checklists.isOthers(file) { continue }
      for (node, _) in blocks(text, file, context) {
        guard let list = node["suppress"] else { continue }
        let isChecklist = Checklists.isChecklist(file, text, context)
        for item in list.elements ?? [list] { result.add(item, file, isChecklist, now: context.now) }
      }
    }
    return result
  }

  /// The days that a suppression may hold: long enough for a yearly review, and no longer.
  private static let longest = 366

  private mutating func add(_ item: Node, _ file: TreeFile, _ isChecklist: Bool, now: Int64) {
    let place = TreePlace(file.path, item.range.start)
    var missing: [String] = []
    func text(_ key: String) -> String {
      let value = item[key]?.text?.trimmed ?? ""
      if value.isEmpty { missing.append(key) }
      return value
    }
    let suppression = Suppression(
      place: place, rule: text("rule"), path: text("path"), reason: text("reason"), until: text("until"))
    if !missing.isEmpty {
      return fault("a suppression without \(missing.joined(separator: " and ")) excuses nothing", suppression)
    }
    guard let end = Timestamp.parse("\(suppression.until)T00:00:00Z") else {
      return fault(
        "a suppression until '\(suppression.until)', which is no date, excuses nothing", suppression,
        mend: "write until: 2027-01-31")
    }
    let days = 24 * 3_600_000 * Int64(Self.longest)
    let words = suppression.reason.split { !$0.isLetter && !$0.isNumber }.filter { $0.contains(where: \.isLetter) }
    if !isChecklist {
      fault(
        "a suppression in '\(file.path)', which is no checklist, excuses nothing", suppression,
        mend: "move it into a checklist: a Markdown file that begins with '---', 'gonogo: 1', '---'")
    } else if words.count < 2 {
      fault(
        "a suppression of '\(suppression.rule)' with the reason '\(suppression.reason)' excuses nothing", suppression,
        mend: "say in two words at least why the risk is taken: reason: behind the company's firewall")
    } else if end > now + days {
      fault(
        "a suppression of '\(suppression.rule)' until \(suppression.until) excuses nothing: it is more than \(Self.longest) days ahead",
        suppression,
        mend:
          "write a day on which somebody looks at it again, until: \(Timestamp.format(now + days).prefix(10)) at most")
    } else {
      active.append(suppression)
    }
  }

  private mutating func fault(_ message: String, _ suppression: Suppression, mend: String? = nil) {
    faults.append(Self.finding(message, suppression, mend: mend))
  }

  private static func finding(_ message: String, _ suppression: Suppression, mend: String? = nil) -> Finding {
    var findings = Findings(manual)
    findings.add(message, at: suppression.place, subject: "\(suppression.rule) \(suppression.path)", mend: mend)
    return findings.found[0]
  }

  /// - Parameters:
  ///   - ran: the rules that looked: a suppression of another is not judged.
  ///   - unlooked: rules that could not look at everything, whose suppressions are not called idle.
  func apply(
    to findings: [Finding], ran: Set<String>, unlooked: Set<String>, now: Int64
  ) -> (findings: [Finding], suppressed: [AuditResult.Suppressed]) {
    var kept: [Finding] = faults
    var suppressed: [AuditResult.Suppressed] = []
    var used: Set<Int> = []
    let globs = active.map { Glob($0.path) }
    let today = String(Timestamp.format(now).prefix(10))
    for finding in findings {
      let match = active.indices.first { index in
        active[index].rule == finding.rule && globs[index].matches(finding.place.path)
      }
      guard let match else {
        kept.append(finding)
        continue
      }
      used.insert(match)
      // Dates of this form are in the order of their texts. The day itself still counts.
      if active[match].until < today {
        kept.append(finding)
      } else {
        suppressed.append(.init(finding, by: active[match]))
      }
    }
    for (index, suppression) in active.enumerated() {
      if BuiltinRules.named(suppression.rule) == nil {
        kept.append(Self.finding("a suppression names the rule '\(suppression.rule)', which there is not", suppression))
      } else if !ran.contains(suppression.rule) {
        continue
      } else if !used.contains(index), !unlooked.contains(suppression.rule) {
        kept.append(
          Self.finding(
            "a suppression of '\(suppression.rule)' in '\(suppression.path)' matches no finding", suppression,
            mend: "take it out"))
      } else if used.contains(index), suppression.until < today {
        kept.append(
          Self.finding("a suppression of '\(suppression.rule)' ended on \(suppression.until)", suppression))
      }
    }
    return (kept, suppressed)
  }

  /// The YAML that speaks to the audit, with places in the file.
  private static func blocks(_ text: SourceFile, _ file: TreeFile, _ context: AuditContext) -> [(Node, Int)] {
    var result: [(Node, Int)] = []
    func read(_ lines: Range<Int>, indent: Int) -> Node? {
      var bytes: [UInt8] = []
      for number in lines {
        let line = text.line(number)
        bytes += line.dropFirst(min(indent, line.prefix { $0 == 0x20 }.count)) + [0x0A]
      }
      let sink = DiagnosticSink()
      let places = YAMLReader.Places(
        lines: lines.map { ($0, min(indent, text.line($0).prefix { $0 == 0x20 }.count)) })
      let node = YAMLReader(places: places, sink: sink).read(bytes)
      if let error = sink.sorted.first(where: { $0.severity == .error }) {
        context.couldNotLook(
          .unparsed(file, "YAML", error.message, error.range?.start ?? SourcePosition(line: 1, column: 1)))
        return nil
      }
      return node
    }
    var number = 1
    if text.line(1).elementsEqual("---".utf8) {
      var close = 2
      while close <= text.lineCount, !text.line(close).elementsEqual("---".utf8) { close += 1 }
      if close <= text.lineCount, close > 2 {
        // Other tools have front matter as well: only ours is ours to judge.
        let ours = (2..<close).contains { text.line($0).starts(with: "gonogo:".utf8) }
        if ours, let node = read(2..<close, indent: 0)?["audit"] { result.append((node, 2)) }
        number = close + 1
      }
    }
    var isComment = false
    while number <= text.lineCount {
      let line = text.line(number)
      let indent = line.prefix { $0 == 0x20 }.count
      // What is commented out says nothing.
      let wasComment = isComment
      isComment = Self.endsInComment(line, isComment)
      if wasComment || isComment {
        number += 1
        continue
      }
      let body = line.dropFirst(indent)
      let marks = body.prefix { $0 == UInt8(ascii: "`") }.count
      number += 1
      guard marks >= 3 else { continue }
      let words = String(decoding: body.dropFirst(marks), as: UTF8.self).split { $0 == " " || $0 == "\t" }
      let start = number
      while number <= text.lineCount {
        let end = text.line(number).drop { $0 == 0x20 }
        let closing = end.prefix { $0 == UInt8(ascii: "`") }.count
        if closing >= marks, end.dropFirst(closing).allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { break }
        number += 1
      }
      let isYAML = words.first == "yaml" || words.first == "yml"
      if isYAML, words.count == 3, words[1] == "gonogo", words[2] == "audit",
        let node = read(start..<number, indent: indent)
      {
        result.append((node, start))
      }
      number += 1
    }
    return result
  }
}

extension Suppressions {
  /// Whether a comment of HTML is open at a line's end.
  private static func endsInComment(_ line: ArraySlice<UInt8>, _ isOpen: Bool) -> Bool {
    var isOpen = isOpen
    line.withUnsafeBytes { line in
      guard let base = line.baseAddress else { return }
      var start = 0
      while start < line.count {
        let (mark, length): (StaticString, Int) = isOpen ? ("-->", 3) : ("<!--", 4)
        guard let hit = memmem(base + start, line.count - start, mark.utf8Start, length) else { return }
        start = UnsafeRawPointer(hit) - base + length
        isOpen.toggle()
      }
    }
    return isOpen
  }
}

/// Which Markdown files are checklists, for what only a checklist may say.
private enum Checklists {
  private static let others: Set<String> = [
    "node_modules", "vendor", "vendored", "third_party", "third-party", "testdata", "fixtures", "__fixtures__",
  ]
  private static let records = [
    "changelog", "changes", "history", "release-notes", "release_notes", "releases", "news",
  ]

  /// Whether it is somebody else's.
  static func isOthers(_ file: TreeFile) -> Bool {
    file.directory.split(separator: "/").contains { others.contains($0.lowercased()) }
  }

  static func isChecklist(_ file: TreeFile, _ text: SourceFile, _ context: AuditContext) -> Bool {
    let name = file.name.lowercased()
    if records.contains(where: { name.hasPrefix($0) }) { return false }
    if text.hasLine(beginning: "gonogo:") { return true }
    if context.facts(ClaimDocuments.self).contains(where: { $0.file == file }) { return true }
    let words = "(checklist|go[-_ ]?live|production|readiness|launch|release[-_ ]criteria|чек-?лист|готовност)"
    func stands(_ pattern: String, in bytes: [UInt8]) -> Bool {
      (try? context.pattern(pattern, ignoringCase: true).lineMatches(in: bytes, limit: 1))?.hits.isEmpty == false
    }
    return stands(words, in: Array(name.utf8))
      || stands(#"^\s*([-*+]|\d+[.)])\s+\[[ xX]\]\s|^#{1,6}\s.*"# + words, in: text.bytes)
  }
}

extension StringProtocol {
  /// Without blanks and line ends at both ends.
  var trimmed: String {
    let quick = utf8.withContiguousStorageIfAvailable { text -> String? in
      var start = 0
      var end = text.count
      func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
      while start < end, isBlank(text[start]) { start += 1 }
      while end > start, isBlank(text[end - 1]) { end -= 1 }
      // What joins a blank makes another character of it.
      guard SimpleText.begins(at: start, in: text), SimpleText.ends(at: end, in: text) else { return nil }
      return String(decoding: text[start..<end], as: UTF8.self)
    }
    if let quick = quick.flatMap({ $0 }) { return quick }
    let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
    let start = drop { blanks.contains($0) }
    return String(start.reversed().drop { blanks.contains($0) }.reversed())
  }
}
