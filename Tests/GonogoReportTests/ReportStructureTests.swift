import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoReport

/// Each format is read by a parser that is not ours.
@Suite struct ReportStructureTests {
  static let python = Subprocess.find("python3")
  static let reports = SampleReports.cases.map(\.name)

  static func bytes(_ format: String, _ sample: String) throws -> [UInt8] {
    let type = try #require(ReportFormats.named(format))
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    return type.init(options: ReportOptions()).render(report)
  }

  /// Runs a script over the report on its standard input; it prints what is wrong.
  static func complaints(_ script: String, _ bytes: [UInt8], _ arguments: [String] = []) throws -> String {
    var process = Subprocess(
      ["python3", "-c", script] + arguments, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUTF8": "1"])
    process.arguments[0] = python ?? "python3"
    process.environment = ProcessEnvironment.all
    process.environment["PYTHONUTF8"] = "1"
    process.input = bytes
    let outcome = try process.run(milliseconds: 20_000)
    return String(decoding: outcome.output + outcome.error, as: UTF8.self)
  }

  @Test(.enabled(if: python != nil, "python3 is not installed"), arguments: reports)
  func `JUnit is XML whose counts are those of its cases`(sample: String) throws {
    let script = """
      import sys, xml.etree.ElementTree as E
      root = E.fromstring(sys.stdin.buffer.read())
      def check(node, cases):
          for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
              found = sum(1 for c in cases if c.find(tag) is not None)
              if int(node.get(name)) != found: print(node.get("name"), name, node.get(name), found)
          if int(node.get("tests")) != len(cases): print("tests", node.get("tests"), len(cases))
      if root.tag != "testsuites": print(root.tag)
      check(root, list(root.iter("testcase")))
      for suite in root.findall("testsuite"):
          check(suite, suite.findall("testcase"))
          names = {p.get("name") for p in suite.find("properties")}
          if not {"gonogo.verdict", "gonogo.version"} <= names: print("properties", names)
          for case in suite.findall("testcase"):
              if not case.get("name") or not case.get("classname"): print("no name")
              if sum(case.find(t) is not None for t in ("failure", "error", "skipped")) > 1: print("two outcomes")
      last = root.findall("testsuite")[-1]
      if last.get("name") != "verdict": print("no verdict suite")
      """
    #expect(try Self.complaints(script, Self.bytes("junit", sample)) == "")
  }

  @Test(.enabled(if: python != nil, "python3 is not installed"))
  func `JUnit keeps failed, errored and skipped apart`() throws {
    let script = """
      import sys, xml.etree.ElementTree as E
      root = E.fromstring(sys.stdin.buffer.read())
      for case in root.iter("testcase"):
          outcome = [t for t in ("failure", "error", "skipped") if case.find(t) is not None]
          print(case.get("name").split()[0], *outcome)
      """
    let lines = try Self.complaints(script, Self.bytes("junit", "no-go")).split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "SEC-1 failure", "SEC-3 failure", "SEC-2 failure", "DB-1 error", "DB-2 error", "DB-3 error", "DB-4 error",
        "DB-5 error", "REL-1", "REL-2", "REL-3 skipped", "REL-4 skipped", "REL-5 skipped", "REL-6 skipped",
        "REL-7 skipped", "WORD-1 skipped", "BARE-1 skipped", "BARE-2 skipped", "verdict failure",
      ])
  }

  @Test(.enabled(if: python != nil, "python3 is not installed"), arguments: reports)
  func `SARIF has the members that its schema requires`(sample: String) throws {
    let script = """
      import sys, json
      log = json.load(sys.stdin)
      def need(node, *names):
          for name in names:
              if name not in node: print("missing", name)
      need(log, "$schema", "version", "runs")
      if log["version"] != "2.1.0" or len(log["runs"]) != 1: print("version or runs")
      run = log["runs"][0]
      need(run, "tool", "results")
      driver = run["tool"]["driver"]
      need(driver, "name", "rules")
      ids = [rule["id"] for rule in driver["rules"]]
      if len(set(ids)) != len(ids): print("rules twice")
      for rule in driver["rules"]:
          need(rule, "id", "shortDescription")
          if len(rule["properties"]["tags"]) > 20: print("tags")
      for invocation in run["invocations"]:
          need(invocation, "executionSuccessful")
          for note in invocation["toolExecutionNotifications"]: need(note["message"], "text")
      for result in run["results"]:
          need(result, "message", "ruleId", "ruleIndex", "level", "locations", "partialFingerprints")
          if ids[result["ruleIndex"]] != result["ruleId"]: print("rule index")
          if result["level"] not in ("error", "warning", "note", "none"): print("level", result["level"])
          if not result["message"]["text"]: print("no text")
          place = result["locations"][0]["physicalLocation"]
          if place["artifactLocation"]["uri"] != "docs/launch%20list.md": print(place["artifactLocation"]["uri"])
          region = place["region"]
          if region["startLine"] < 1 or region["startColumn"] < 1: print("region")
          if (region["endLine"], region["endColumn"]) <= (region["startLine"], region["startColumn"]): print("empty region")
      """
    #expect(try Self.complaints(script, Self.bytes("sarif", sample)) == "")
  }

  @Test func `SARIF leaves out what code scanning would refuse, the least first, and says so`() throws {
    let control = SampleReports.control
    var results = (1...300).map { number in
      SampleReports.result(control("N-\(number)", "line", 2, [], nil), .skipped(.unbound))
    }
    results.append(
      SampleReports.result(control("BAD-1", "line", 3, [], nil), .failed([SampleReports.mismatch("a", "b", "c")])))
    for (count, size) in [(100, 10_000_000), (10_000, 60_000)] {
      var format = SARIFReport(options: ReportOptions())
      #expect(format.resultLimit <= 25_000 && format.byteLimit < 10_000_000)
      format.resultLimit = count
      format.byteLimit = size
      let bytes = format.render(SampleReports.report(results))
      #expect(bytes.count <= size)
      let run = try JSON.parse(bytes)["runs"]?[0]
      let found = run?["results"]?.arrayValue ?? []
      #expect(found.count <= count && found.count > 20)
      #expect(found.contains { $0["ruleId"] == "BAD-1" })
      let note = run?["invocations"]?[0]?["toolExecutionNotifications"]?[0]?["message"]?["text"]?.stringValue
      #expect(note?.contains("\(301 - found.count) results were left out") == true)
    }
  }

  @Test(arguments: reports) func `JSON holds each result with the evidence that its digest is of`(sample: String) throws
  {
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    let json = try JSON.parse(Self.bytes("json", sample))
    #expect(json["schema"] == "gonogo.report/1")
    #expect(json["verdict"]?["name"]?.stringValue == report.verdict.name)
    #expect(json["verdict"]?["exit_status"]?.integerValue == Int(report.verdict.exitStatus))
    let results = json["results"]?.arrayValue ?? []
    #expect(results.count == report.results.count)
    for (index, (found, result)) in zip(results, report.results).enumerated() {
      var evidence = found.objectValue ?? [:]
      let digest = evidence.removeValue(forKey: "digest")
      #expect(digest == (report.digests.isEmpty ? .null : .string(report.digests[index])))
      #expect(JSON.object(evidence).canonical == Evidence.json(of: result, file: report.file.name).canonical)
    }
  }

  @Test(arguments: reports) func `every line of jsonl is an event, and the last is the verdict`(sample: String) throws {
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    let lines = try Self.bytes("jsonl", sample).split(separator: 0x0A).map { try JSON.parse(Array($0)) }
    #expect(lines.allSatisfy { $0["schema"] == "gonogo.event/1" })
    #expect(lines.first?["event"] == "run-started")
    #expect(lines.first?["controls"]?.integerValue == report.results.count)
    #expect(lines.filter { $0["event"] == "control-finished" }.count == report.results.count)
    #expect(lines.last?["event"] == "run-finished")
    #expect(lines.last?["verdict"]?["name"]?.stringValue == report.verdict.name)
  }

  @Test(arguments: reports) func `TAP has its plan, and a point for the verdict`(sample: String) throws {
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    let lines = String(decoding: try Self.bytes("tap", sample), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines[0] == "TAP version 14")
    #expect(lines.contains("1..\(report.results.count + 1)"))
    let points = lines.filter { $0.hasPrefix("ok ") || $0.hasPrefix("not ok ") }
    #expect(points.count == report.results.count + 1)
    for (index, point) in points.enumerated() {
      #expect(point.hasPrefix("ok \(index + 1) - ") || point.hasPrefix("not ok \(index + 1) - "))
    }
    #expect(points.last?.hasPrefix(report.verdict == .go ? "ok" : "not ok") == true)
    #expect(lines.contains("Bail out! the run was interrupted") == report.interrupted)
  }

  @Test(.enabled(if: python != nil, "python3 is not installed"), arguments: reports)
  func `HTML fetches nothing, runs nothing, and closes what it opens`(sample: String) throws {
    let script = """
      import sys
      from html.parser import HTMLParser
      text = sys.stdin.buffer.read().decode("utf-8")
      VOID = {"meta", "rect", "br", "link", "img"}
      class P(HTMLParser):
          def __init__(self):
              super().__init__(); self.stack = []; self.ids = set(); self.h1 = 0; self.csp = False
          def handle_starttag(self, tag, attributes):
              a = dict(attributes)
              if tag in ("script", "img", "link", "iframe", "object", "a", "form", "b", "i"): print("tag", tag, a)
              for name, value in attributes:
                  if name.startswith("on") or name in ("src", "href", "action", "style"): print("attribute", tag, name)
                  if name == "id":
                      if value in self.ids: print("id twice", value)
                      self.ids.add(value)
              if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
                  self.csp = "default-src 'none'" in a["content"]
              if tag == "h1": self.h1 += 1
              if tag not in VOID: self.stack.append(tag)
          def handle_startendtag(self, tag, attributes): pass
          def handle_endtag(self, tag):
              if not self.stack or self.stack.pop() != tag: print("unbalanced", tag, self.getpos())
      p = P(); p.feed(text); p.close()
      if p.stack: print("open", p.stack)
      if p.h1 != 1: print("h1", p.h1)
      if not p.csp: print("no policy")
      if not text.startswith("<!DOCTYPE html>\\n<html lang="): print("head")
      if "url(" in text.split("</style>")[0] or "@import" in text: print("style fetches")
      if any(ord(c) < 32 and c not in "\\n\\t" for c in text): print("control character")
      """
    #expect(try Self.complaints(script, Self.bytes("html", sample)) == "")
  }

  @Test(arguments: ["text", "tap", "github", "markdown", "nagios", "prometheus", "junit", "html"])
  func `no control character of a system under test reaches the reader`(format: String) throws {
    let text = String(decoding: try Self.bytes(format, "no-go"), as: UTF8.self)
    let hidden = text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x09, 0x0A: false
      case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE...0xFFFF: true
      default: false
      }
    }
    #expect(hidden.isEmpty)
  }

  @Test(arguments: ["text", "tap", "nagios", "github"])
  func `a value cannot forge a line`(format: String) throws {
    let lines = String(decoding: try Self.bytes(format, "no-go"), as: UTF8.self).split(separator: "\n")
    for line in lines {
      let body = line.drop { $0 == " " }
      if format != "github" { #expect(!body.hasPrefix("::")) }
      if format != "text" { #expect(!body.hasPrefix("ok 1 - forged")) }
      #expect(!body.hasPrefix("::error file=x"))
    }
  }

  @Test func `GitHub gets at most ten annotations of a kind, the lies first, and is told of the rest`() {
    let many = (1...30).map { number in
      SampleReports.result(
        SampleReports.control("F-\(number)", "line", number, ["S"], number == 30),
        .failed([SampleReports.mismatch("a", "b", "c")]))
    }
    let text = String(
      decoding: GitHubReport(options: ReportOptions()).render(SampleReports.report(many)), as: UTF8.self)
    let errors = text.split(separator: "\n").filter { $0.hasPrefix("::error ") }
    #expect(errors.count == 10)
    #expect(errors.first?.contains("no-go[F-30]") == true)
    #expect(errors.last?.contains("21 more of this kind") == true)
  }

  @Test func `the text report puts the lies first and the verdict last`() throws {
    let text = String(decoding: try Self.bytes("text", "no-go"), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first == "Ticked and false (3)")
    #expect(lines[1].hasPrefix("docs/launch list.md:1:3: no-go[SEC-1]: the session cookie"))
    #expect(lines.last == "NO-GO: 3 blocking controls failed (SEC-1, SEC-2, SEC-3)")
    #expect(text.contains("undecided[DB-1]: could not look: the server refused the password"))
    #expect(text.contains("4 left out by the selection"))
  }

  @Test(arguments: [40, 60, 200]) func `the text keeps to its width where it may break`(width: Int) {
    let report = SampleReports.report([
      SampleReports.result(
        SampleReports.control("A-1", "short", 1, [], nil),
        .failed([SampleReports.mismatch("path", "words and words and words and words", SampleReports.long)]))
    ])
    let text = String(
      decoding: TextReport(options: ReportOptions(width: width)).render(report), as: UTF8.self)
    for line in text.split(separator: "\n") where line.contains("a very long text") {
      #expect(DisplayWidth.of(line) <= width)
    }
  }
}
