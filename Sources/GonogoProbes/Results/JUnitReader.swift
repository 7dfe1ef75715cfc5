import GonogoCore

/// Reads JUnit XML, of which there is no standard: what Ant, Surefire, pytest, Jest and Gradle have in common.
///
/// Cases are counted; the counts in the suites' attributes are only compared with them.
struct JUnitReader {
  private struct Open {
    var suite: ResultSummary.Suite
    var claimed: [String: Int]
    /// Counts of this suite and those inside it.
    var tests = 0
    var failed = 0
    var errored = 0
    var skipped = 0
    let isRoot: Bool
  }

  private struct Case {
    let name: String
    let className: String
    var kind: String?
    var message = ""
    var skipped = false
    var flaky = false
  }

  static func read(_ bytes: [UInt8]) throws(ResultFault) -> ResultSummary {
    do throws(XMLFault) { return try parse(bytes) } catch {
      throw ResultFault(message: "not JUnit XML: \(error.message)", line: error.line, column: error.column)
    }
  }

  private static func parse(_ bytes: [UInt8]) throws(XMLFault) -> ResultSummary {
    var reader = try XMLReader(bytes)
    var summary = ResultSummary(format: .junit)
    var stack: [Open] = []
    var current: Case?
    var path: [String] = []
    var message = ""
    var caseTime = 0.0
    var rootTime: Double?
    var suiteTime: Double?
    while let event = try reader.next() {
      switch event {
      case .start(let name, let attributes):
        if path.isEmpty, name != "testsuites", name != "testsuite" {
          throw reader.fault("the root is <\(name)>, not <testsuites> or <testsuite>")
        }
        path.append(name)
        switch name {
        case "testsuite", "testsuites":
          if current != nil { throw reader.fault("<\(name)> inside <testcase>") }
          stack.append(
            Open(
              suite: .init(name: attributes["name"] ?? attributes["package"] ?? ""), claimed: counts(attributes),
              isRoot: name == "testsuites"))
          if let instant = attributes["timestamp"].flatMap(instant), instant.0 < summary.instant?.milliseconds ?? .max {
            summary.instant = (instant.0, instant.1)
          }
          if let time = attributes["time"].flatMap(seconds) {
            if path.count == 1 { rootTime = time }
            // What an inner suite took, the one around it took as well.
            if path.count == 2 { suiteTime = (suiteTime ?? 0) + time }
          }
        case "testcase":
          if current != nil { throw reader.fault("<testcase> inside <testcase>") }
          if stack.isEmpty { throw reader.fault("<testcase> outside <testsuite>") }
          current = Case(name: attributes["name"] ?? "", className: attributes["classname"] ?? "")
          caseTime += attributes["time"].flatMap(seconds) ?? 0
          // Some writers say it in an attribute.
          if attributes["status"]?.lowercased() == "skipped" || attributes["status"] == "notrun" {
            current?.skipped = true
          }
        case "failure", "error":
          message = attributes["message"] ?? attributes["type"] ?? ""
          if current != nil {
            // An error weighs more than a failure: the case did not come to its end.
            if current?.kind != "errored" { current?.kind = name == "failure" ? "failed" : "errored" }
          }
        case "skipped", "disabled": if current != nil { current?.skipped = true }
        case "flakyFailure", "flakyError": current?.flaky = true
        default: break
        }
      case .text(let text):
        if path.last == "failure" || path.last == "error",
          message.isEmpty || !message.contains(where: { !$0.isWhitespace })
        {
          message = text
        }
      case .end(let name):
        path.removeLast()
        switch name {
        case "failure", "error":
          if current != nil {
            if current?.message.isEmpty == true { current?.message = message }
          } else if let suite = stack.last?.suite.name {
            // A suite that broke before or after its cases: a test more than it says, and one that was run.
            summary.tests += 1
            let failed = name == "failure"
            let top = stack.count - 1
            stack[top].suite.tests += 1
            if failed {
              summary.failed += 1
              stack[top].suite.failed += 1
              stack[top].failed += 1
            } else {
              summary.errored += 1
              stack[top].suite.errored += 1
              stack[top].errored += 1
            }
            summary.add(.init(name: "(suite)", suite: suite, kind: failed ? "failed" : "errored", message: message))
          }
          message = ""
        case "testcase":
          if let done = current { finish(done, &summary, &stack[stack.count - 1]) }
          current = nil
        case "testsuite", "testsuites": close(&summary, &stack)
        default: break
        }
      }
    }
    summary.milliseconds = (rootTime ?? suiteTime ?? caseTime) * 1000
    return summary
  }

  private static func finish(_ done: Case, _ summary: inout ResultSummary, _ open: inout Open) {
    summary.tests += 1
    open.tests += 1
    open.suite.tests += 1
    if done.flaky { summary.flaky += 1 }
    guard let kind = done.kind else {
      if done.skipped {
        summary.skipped += 1
        open.skipped += 1
        open.suite.skipped += 1
      }
      return
    }
    if kind == "failed" {
      summary.failed += 1
      open.failed += 1
      open.suite.failed += 1
    } else {
      summary.errored += 1
      open.errored += 1
      open.suite.errored += 1
    }
    let name = done.className.isEmpty ? done.name : "\(done.className).\(done.name)"
    summary.add(.init(name: name, suite: open.suite.name, kind: kind, message: done.message))
  }

  /// Compares a suite's attributes with its cases, and counts them towards what it stands in.
  private static func close(_ summary: inout ResultSummary, _ stack: inout [Open]) {
    let done = stack.removeLast()
    for (key, found) in [
      ("tests", done.tests), ("failures", done.failed), ("errors", done.errored), ("skipped", done.skipped),
    ] {
      guard let claimed = done.claimed[key], claimed != found else { continue }
      // Some writers leave skipped cases out of the number of tests.
      if key == "tests", claimed == done.tests - done.skipped { continue }
      summary.inconsistent = true
    }
    let claimed = (done.claimed["failures"] ?? 0) + (done.claimed["errors"] ?? 0)
    // What an inner suite claims, an outer one claims again.
    summary.unlisted = max(summary.unlisted, claimed - done.failed - done.errored)
    if !done.isRoot || done.suite.tests > 0 { summary.suites.append(done.suite) }
    if !stack.isEmpty {
      stack[stack.count - 1].tests += done.tests
      stack[stack.count - 1].failed += done.failed
      stack[stack.count - 1].errored += done.errored
      stack[stack.count - 1].skipped += done.skipped
    }
  }

  private static func counts(_ attributes: [String: String]) -> [String: Int] {
    var result: [String: Int] = [:]
    for key in ["tests", "failures", "errors", "skipped"] {
      if let value = attributes[key].flatMap({ Int($0) }) { result[key] = value }
    }
    if result["skipped"] == nil, let value = attributes["skip"].flatMap({ Int($0) }) { result["skipped"] = value }
    return result
  }

  /// `1.5`, and `1,234.5` as Surefire writes it.
  private static func seconds(_ text: String) -> Double? {
    guard let value = Double(text.filter { $0 != "," }), value.isFinite, value >= 0, value < 1e9 else { return nil }
    return value
  }

  /// An instant; one without an offset is taken for UTC and is not exact.
  private static func instant(_ text: String) -> (Int64, Bool)? {
    if let exact = Timestamp.parse(text) { return (exact, true) }
    return Timestamp.parse("\(text)Z").map { ($0, false) }
  }
}
