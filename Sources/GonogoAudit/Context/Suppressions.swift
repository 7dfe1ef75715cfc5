import GonogoCore
import GonogoDocument

/// The findings that documents excuse: `audit: { suppress: […] }` of a checklist's front matter, and blocks marked
/// `yaml gonogo audit` with `suppress: […]`.
struct Suppressions {
  var active: [Suppression] = []
  /// Those that are not well formed, as findings.
  var faults: [Finding] = []

  static let manual = RuleManual(
    id: "suppression", severity: .medium, family: "suppressions",
    title: "A suppression has run out, excuses nothing any more, or is not complete",
    what: """
      A finding is excused in a checklist, by `audit: { suppress: [...] }` in its front matter or by a block marked `yaml gonogo \
      audit`, with `rule`, `path` (a glob), `reason` and `until` (a date). One whose day is over excuses nothing; one that \
      matches no finding is to be taken out.
      """,
    why: "an excuse that outlives its reason hides the next fault of the same kind",
    mend: "mend the fault and take the suppression out, or give it a reason and a new date",
    falsifies: "every known risk is accepted by somebody, for a time")

  static func read(in context: AuditContext) -> Suppressions {
    var result = Suppressions()
    for file in context.tree.files(in: .markdown) {
      guard let text = context.tree.text(file) else { continue }
      for (node, _) in blocks(text, file, context) {
        guard let list = node["suppress"] else { continue }
        for item in list.elements ?? [list] { result.add(item, file) }
      }
    }
    return result
  }

  private mutating func add(_ item: Node, _ file: TreeFile) {
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
      fault("a suppression without \(missing.joined(separator: " and ")) excuses nothing", suppression)
    } else if Timestamp.parse("\(suppression.until)T00:00:00Z") == nil {
      fault(
        "a suppression until '\(suppression.until)', which is no date, excuses nothing", suppression,
        mend: "write until: 2027-01-31")
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
    while number <= text.lineCount {
      let line = text.line(number)
      let indent = line.prefix { $0 == 0x20 }.count
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

extension StringProtocol {
  /// Without blanks and line ends at both ends.
  var trimmed: String {
    let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
    let start = drop { blanks.contains($0) }
    return String(start.reversed().drop { blanks.contains($0) }.reversed())
  }
}
