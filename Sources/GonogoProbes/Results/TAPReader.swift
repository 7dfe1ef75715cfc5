import GonogoCore
import GonogoDocument

/// Reads the Test Anything Protocol, versions 12 to 14 (https://testanything.org/tap-version-14-specification.html).
///
/// Only the top level is counted: a subtest's verdict is the test line that ends it.
struct TAPReader {
  static func isTAP(_ line: String) -> Bool {
    line.hasPrefix("TAP version ") || line.hasPrefix("ok ") || line.hasPrefix("not ok") || line == "ok"
      || line == "ok\r"
      || line.hasPrefix("Bail out!") || plan(line) != nil
  }

  static func read(_ bytes: [UInt8]) throws(ResultFault) -> ResultSummary {
    if let offset = EncodingCheck.firstFault(in: bytes) {
      let place = SourceFile(name: "", bytes: bytes).position(of: offset)
      throw ResultFault(message: "not TAP: bytes that are not UTF-8", line: place.line, column: place.column)
    }
    var summary = ResultSummary(format: .tap)
    var planned: (count: Int, line: Int)?
    var numbers: Set<Int> = []
    var isYAML = false
    var lastFailed: (name: String, message: String)?
    func flush() {
      if let last = lastFailed {
        summary.add(.init(name: last.name, suite: "", kind: "failed", message: last.message))
      }
      lastFailed = nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })
    for (index, raw) in lines.enumerated() {
      let line = String(index == 0 && raw.hasPrefix("\u{FEFF}") ? raw.dropFirst() : raw)
      if isYAML {
        if line == "  ..." {
          isYAML = false
        } else if let value = Self.member("message", line) {
          lastFailed?.message = value
        }
        continue
      }
      if line == "  ---" {
        isYAML = true
        continue
      }
      // Anything else that is indented is a subtest's, or a harness's own words.
      if line.first == " " || line.first == "\t" {
        let inner = line.drop { $0 == " " || $0 == "\t" }
        if inner.hasPrefix("Bail out!") { throw bail(inner, index) }
        continue
      }
      if line.hasPrefix("Bail out!") { throw bail(line[...], index) }
      if let (count, directive) = Self.plan(line) {
        if planned != nil {
          throw ResultFault(message: "not TAP: a second plan", line: index + 1, column: 1)
        }
        planned = (count, index + 1)
        if count == 0, directive?.lowercased().hasPrefix("skip") == true { continue }
        continue
      }
      guard let test = Self.test(line) else { continue }
      flush()
      summary.tests += 1
      if let number = test.number, !numbers.insert(number).inserted { summary.inconsistent = true }
      if let number = test.number, let planned, number > planned.count { summary.inconsistent = true }
      switch test.directive {
      case .skip: summary.skipped += 1
      case .todo:
        summary.skipped += 1
        summary.todo += 1
      case nil:
        if !test.good {
          summary.failed += 1
          lastFailed = (test.description.isEmpty ? "test \(test.number ?? summary.tests)" : test.description, "")
        }
      }
    }
    flush()
    let end = max(1, lines.count)
    if isYAML { throw ResultFault(message: "not TAP: a diagnostic is never closed", line: end, column: 1) }
    guard let planned else {
      throw ResultFault(
        message: "there is no plan (`1..N`), so nobody knows whether the run came to its end", line: end, column: 1)
    }
    if planned.count != summary.tests {
      throw ResultFault(
        message: "\(planned.count) tests were planned and \(summary.tests) reported", line: planned.line, column: 1)
    }
    summary.suites = [
      .init(name: "", tests: summary.tests, failed: summary.failed, errored: 0, skipped: summary.skipped)
    ]
    return summary
  }

  private static func bail(_ line: Substring, _ index: Int) -> ResultFault {
    let reason = line.dropFirst("Bail out!".count).drop { $0 == " " }
    return ResultFault(
      message: "the run was given up" + (reason.isEmpty ? "" : ": \(reason)"), line: index + 1, column: 1,
      bailedOut: true)
  }

  /// `1..N`, with what stands behind `#`.
  private static func plan(_ line: String) -> (Int, String?)? {
    guard line.hasPrefix("1..") else { return nil }
    let rest = line.dropFirst(3)
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    let tail = rest[digits.endIndex...].drop { $0 == " " || $0 == "\r" }
    if tail.isEmpty { return (count, nil) }
    return tail.first == "#" ? (count, String(tail.dropFirst().drop { $0 == " " })) : nil
  }

  private enum Directive { case skip, todo }

  private static func test(_ line: String) -> (good: Bool, number: Int?, description: String, directive: Directive?)? {
    let good: Bool
    var rest: Substring
    if line.hasPrefix("not ok") {
      good = false
      rest = line.dropFirst(6)
    } else if line.hasPrefix("ok") {
      good = true
      rest = line.dropFirst(2)
    } else {
      return nil
    }
    guard rest.isEmpty || rest.first == " " || rest.first == "\t" else { return nil }
    rest = rest.drop { $0 == " " || $0 == "\t" }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    var number: Int?
    let after = rest[digits.endIndex...]
    if !digits.isEmpty, after.isEmpty || after.first == " " || after.first == "#" {
      number = Int(digits)
      rest = after.drop { $0 == " " }
    }
    if rest.hasPrefix("- ") { rest = rest.dropFirst(2) }
    var description = ""
    var directive: Directive?
    var index = rest.startIndex
    while index < rest.endIndex {
      let character = rest[index]
      let next = rest.index(after: index)
      if character == "\\", next < rest.endIndex, rest[next] == "#" || rest[next] == "\\" {
        description.append(rest[next])
        index = rest.index(after: next)
        continue
      }
      if character == "#", index == rest.startIndex || rest[rest.index(before: index)].isWhitespace {
        let words = rest[next...].drop { $0 == " " }.lowercased()
        if words.hasPrefix("skip") { directive = .skip }
        if words.hasPrefix("todo") { directive = .todo }
        if directive != nil { break }
      }
      description.append(character)
      index = next
    }
    while description.last?.isWhitespace == true { description.removeLast() }
    return (good, number, description, directive)
  }

  /// The text of a member in a YAML diagnostic, where it stands on one line.
  private static func member(_ name: String, _ line: String) -> String? {
    let text = line.drop { $0 == " " }
    guard text.hasPrefix("\(name):") else { return nil }
    var value = String(text.dropFirst(name.count + 1).drop { $0 == " " })
    if value.count >= 2, let first = value.first, first == "\"" || first == "'", value.last == first {
      value = String(value.dropFirst().dropLast())
    }
    return value == "|" || value == ">" || value == "|-" || value == ">-" ? nil : value
  }
}
