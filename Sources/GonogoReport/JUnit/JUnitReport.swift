import GonogoCore

/// JUnit XML, in the dialect that Jenkins, GitLab and Azure read: a suite a section, *failure*, *error* and *skipped* apart.
///
/// A last suite, `verdict`, has one case: without it a run whose lines were all skipped would look green. A line that is
/// advisory and not passed is *skipped* with its reason, because it must not turn the build red.
public struct JUnitReport: ReportFormat {
  public static let name = "junit"
  public static let summary = "JUnit XML, for CI servers"

  public init(options: ReportOptions) {}

  private struct Suite {
    let name: String
    var cases: [String] = []
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0
    var milliseconds = 0
  }

  public func render(_ report: Report) -> [UInt8] {
    var suites: [Suite] = []
    for section in report.sections() {
      var suite = Suite(name: section.name.isEmpty ? report.file.name : section.name)
      for telling in section.tellings { add(telling, to: &suite, report: report) }
      suites.append(suite)
    }
    suites.append(verdict(report))

    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let time = Self.seconds(report.milliseconds)
    let stamp = String(Timestamp.format(report.started).prefix(19))
    lines.append(
      "<testsuites name=\"\(Markup.attribute(report.title ?? report.file.name))\" \(Self.counts(suites)) time=\"\(time)\">"
    )
    for suite in suites {
      lines.append(
        "  <testsuite name=\"\(Markup.attribute(suite.name))\" \(Self.counts([suite])) "
          + "time=\"\(Self.seconds(suite.milliseconds))\" timestamp=\"\(stamp)\" hostname=\"gonogo\">")
      lines.append("    <properties>")
      for (name, value) in properties(report) { lines.append(Self.property(name, value, indent: 6)) }
      lines.append("    </properties>")
      lines += suite.cases
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func properties(_ report: Report) -> [(String, String)] {
    var list = [
      ("gonogo.version", report.version), ("gonogo.file", report.file.name), ("gonogo.verdict", report.verdict.name),
      ("gonogo.interrupted", String(report.interrupted)), ("gonogo.excluded", String(report.excluded)),
    ]
    if let environment = report.environment { list.append(("gonogo.environment", environment)) }
    if let run = report.run { list.append(("gonogo.run", run)) }
    return list
  }

  private func add(_ telling: Telling, to suite: inout Suite, report: Report) {
    let result = telling.result
    let control = result.control
    suite.tests += 1
    suite.milliseconds += result.milliseconds
    var lines: [String] = []
    lines.append(
      "    <testcase classname=\"\(Markup.attribute(report.file.name + (telling.section.isEmpty ? "" : " › \(telling.section)")))\""
        + " name=\"\(Markup.attribute("\(control.id) \(control.title)"))\" file=\"\(Markup.attribute(report.file.name))\""
        + " line=\"\(control.range.start.line)\" time=\"\(Self.seconds(result.milliseconds))\">")
    lines.append("      <properties>")
    var properties = [
      ("gonogo.id", control.id), ("gonogo.outcome", result.outcome.name),
      ("gonogo.severity", result.blocking ? "blocking" : "advisory"), ("gonogo.tick", result.tickTruth.rawValue),
      ("gonogo.passed_after_retry", String(result.passedAfterRetry)),
    ]
    if let digest = telling.digest { properties.append(("gonogo.digest", "sha256:\(digest)")) }
    for (name, value) in properties { lines.append(Self.property(name, value, indent: 8)) }
    lines.append("      </properties>")
    let body = Self.body(telling)
    let message = Markup.attribute(Visible.cut(telling.headline, to: 2000))
    switch result.outcome {
    case .passed: break
    case .failed where result.blocking:
      suite.failures += 1
      lines.append("      <failure type=\"no-go\" message=\"\(message)\">\(Markup.escape(body))</failure>")
    case .errored(let error) where result.blocking:
      suite.errors += 1
      lines.append(
        "      <error type=\"\(error.kind.rawValue)\" message=\"\(message)\">\(Markup.escape(body))</error>")
    case .failed, .errored:
      suite.skipped += 1
      lines.append("      <skipped message=\"advisory, \(result.outcome.name): \(message)\"/>")
    case .skipped(let reason):
      suite.skipped += 1
      lines.append("      <skipped message=\"\(reason.name): \(message)\"/>")
    }
    let out = Self.output(telling, body: result.blocking ? "" : body)
    if !out.isEmpty { lines.append("      <system-out>\(Markup.escape(out))</system-out>") }
    lines.append("    </testcase>")
    suite.cases += lines
  }

  private func verdict(_ report: Report) -> Suite {
    var suite = Suite(name: "verdict")
    suite.tests = 1
    let message = Markup.attribute(report.verdictSentence)
    var lines = [
      "    <testcase classname=\"\(Markup.attribute(report.file.name))\" name=\"verdict\""
        + " file=\"\(Markup.attribute(report.file.name))\" time=\"0.000\">"
    ]
    switch report.verdict {
    case .go: lines.append("      <system-out>\(Markup.escape(report.verdictSentence))</system-out>")
    case .noGo:
      suite.failures = 1
      lines.append("      <failure type=\"no-go\" message=\"\(message)\"/>")
    case .undecided:
      suite.errors = 1
      lines.append("      <error type=\"undecided\" message=\"\(message)\"/>")
    }
    lines.append("    </testcase>")
    suite.cases = lines
    return suite
  }

  private static func body(_ telling: Telling) -> String {
    ([telling.place + ": \(telling.word)[\(telling.control.id)]: \(telling.headline)"]
      + telling.details.map { "\($0.label): \($0.text)" }).joined(separator: "\n")
  }

  private static func output(_ telling: Telling, body: String) -> String {
    var lines = body.isEmpty || telling.result.outcome == .passed ? [] : [body]
    if telling.result.outcome == .passed { lines += telling.proof.map { "\($0.label): \($0.text)" } }
    if let digest = telling.digest { lines.append("evidence: sha256:\(digest)") }
    return lines.joined(separator: "\n")
  }

  private static func counts(_ suites: [Suite]) -> String {
    func sum(_ path: KeyPath<Suite, Int>) -> Int { suites.reduce(0) { $0 + $1[keyPath: path] } }
    return
      "tests=\"\(sum(\.tests))\" failures=\"\(sum(\.failures))\" errors=\"\(sum(\.errors))\" skipped=\"\(sum(\.skipped))\""
  }

  private static func property(_ name: String, _ value: String, indent: Int) -> String {
    String(repeating: " ", count: indent) + "<property name=\"\(name)\" value=\"\(Markup.attribute(value))\"/>"
  }

  private static func seconds(_ milliseconds: Int) -> String {
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}
