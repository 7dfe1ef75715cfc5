import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite struct ResultsProbeTests {
  static func run(_ report: String, _ options: String = "", name: String = "report", more: String = "") async throws
    -> ProbeBench.Ran
  {
    let directory = try TemporaryDirectory()
    try directory.write(report, to: name)
    return await ProbeBench.run(
      binding: "results: { path: \(name)\(options.isEmpty ? "" : ", \(options)") }\(more)", directory: directory.path)
  }

  // MARK: JUnit

  static let junit = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- written by a test runner -->
    <testsuites name="all" tests="5" failures="1" errors="1" skipped="1" time="1,002.5">
      <testsuite name="a" tests="3" failures="1" errors="0" timestamp="2020-01-01T00:00:00Z" time="1.5"
                 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:name="x">
        <properties><property name="k" value="&lt;v&gt;&#x20AC;"/></properties>
        <testcase name="one" classname="A" time="0.5"/>
        <testcase name="two" classname="A"><failure message="expected 1 &amp; got 2" type="X"><![CDATA[<trace>]]></failure></testcase>
        <testcase name="three"><skipped/></testcase>
        <system-out>\u{1B}[31mred\u{1B}[0m</system-out>
      </testsuite>
      <testsuite name="b" tests="2">
        <testsuite name="c" tests="2"><testcase name="four"><error>
          broken
          more</error></testcase><testcase name="five"></testcase></testsuite>
      </testsuite>
    </testsuites>
    """

  @Test func `JUnit cases are counted`() async throws {
    let ran = try await Self.run(Self.junit, name: "r.xml")
    #expect(ran.mismatches.map(\.path) == ["failed", "errored"], "\(ran.error?.message ?? "")")
    let facts = ran.facts
    #expect(facts["format"] == "junit")
    #expect(facts["tests"] == 5)
    #expect(facts["executed"] == 4)
    #expect(facts["passed"] == 2)
    #expect(facts["skipped"] == 1)
    #expect(facts["duration_ms"] == 1_002_500)
    #expect(facts["inconsistent"] == false)
    #expect(facts["timestamp_source"] == "report")
    #expect(facts["suites"]?[0] == ["name": "a", "tests": 3, "failed": 1, "errored": 0, "skipped": 1])
    #expect(
      facts["failures"] == [
        ["name": "A.two", "suite": "a", "kind": "failed", "message": "expected 1 & got 2"],
        ["name": "four", "suite": "c", "kind": "errored", "message": "broken"],
      ])
    #expect(ran.witness == ["tests": 4])
  }

  @Test func `a green report passes, and its bounds can be moved`() async throws {
    let green = "<testsuite name='a' tests='2'><testcase name='x'/><testcase name='y'/></testsuite>"
    #expect(try await Self.run(green).outcome == .passed)
    #expect(try await Self.run(green, "min_tests: 2, max_age: 1h, format: junit").outcome == .passed)
    #expect(try await Self.run(green, "min_tests: 3").mismatches.map(\.path) == ["executed"])
    #expect(try await Self.run(Self.junit, "max_failed: 1, max_errored: 1").outcome == .passed)
    #expect(
      try await Self.run(Self.junit, "max_failed: 1, max_errored: 1, max_age: 24h").mismatches.map(\.path) == ["age_ms"]
    )
    #expect(try await Self.run(green, more: "\nexpect: { tests: 3 }").mismatches.map(\.path) == ["tests"])
    #expect(
      try await Self.run(Self.junit, more: "\nexpect: { tests: 5 }").mismatches.map(\.path) == ["failed", "errored"],
      "an author's expectation must not take the probe's own away")
  }

  @Test func `a report in which nothing ran proves nothing`() async throws {
    for report in [
      "<testsuites/>", "<testsuite tests='7'/>", "<testsuite><testcase name='a'><skipped/></testcase></testsuite>",
      "1..0 # SKIP no network\n", "1..1\nok 1 # SKIP not here\n", "{\"version\": \"2.1.0\", \"runs\": []}",
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": []}]}",
    ] {
      #expect(try await Self.run(report).error?.kind == .vacuous, "\(report)")
    }
  }

  @Test func `numbers that disagree with the cases`() async throws {
    let fewer = try await Self.run("<testsuite tests='3' failures='0'><testcase name='a'/></testsuite>")
    #expect(fewer.outcome == .passed)
    #expect(fewer.facts["inconsistent"] == true)
    #expect(fewer.facts["tests"] == 1)
    let hidden = try await Self.run("<testsuite tests='1' failures='2'><testcase name='a'/></testsuite>")
    #expect(hidden.mismatches.map(\.path) == ["unlisted_failures"])
    let broken = try await Self.run(
      "<testsuite name='s' errors='1'><error message='setup'/><testcase name='a'/></testsuite>")
    #expect(broken.mismatches.map(\.path) == ["errored"])
    #expect(broken.facts["failures"]?[0]?["name"] == "(suite)")
    let skips = try await Self.run(
      "<testsuite tests='1' skipped='1'><testcase name='a'/><testcase name='b'><skipped/></testcase></testsuite>")
    #expect(skips.facts["inconsistent"] == false)
  }

  static let bomb = """
    <?xml version="1.0"?>
    <!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
    <testsuite><testcase name="&lol2;"/></testsuite>
    """

  @Test(arguments: [
    ("<testsuite><testcase name='a'/>", "1:32"), ("<testsuite><testcase name='a'", "1:30"),
    ("<testsuite><testcase name='a", "1:27"), ("<testsuite>\n<testcase></testsuite>", "2:11"), (bomb, "2:1"),
    ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><testsuite/>", "1:1"), ("<testsuite>&xxe;</testsuite>", "1:12"),
    ("<testsuite>&#0;</testsuite>", "1:12"), ("<testsuite>& </testsuite>", "1:12"), ("<html></html>", "1:7"),
    ("<testsuite a='1' a='2'/>", "1:18"), ("<testsuite a=1/>", "1:14"), ("<testsuite/><testsuite/>", "1:13"),
    ("<testsuite/>text", "1:17"), ("<testsuite><!-- x", "1:12"), ("<testsuite><![CDATA[x", "1:12"),
    ("<testsuite><1/></testsuite>", "1:13"), ("<testsuite", "1:11"), ("<testsuite a='<'/>", "1:15"),
    ("<?xml version='1.0' encoding='koi8-r'?><testsuite name='é'/>", "1:1"),
  ]) func `what is no XML to be trusted is refused at its place`(text: String, place: String) async throws {
    let ran = try await Self.run(text, name: "r.xml")
    #expect(ran.error?.kind == .malformed)
    #expect(ran.error?.message.hasPrefix("r.xml:\(place): ") == true, "\(ran.error?.message ?? "no error")")
  }

  @Test func `depth, encodings and size are bounded`() async throws {
    let deep = String(repeating: "<testsuite>", count: 100_000)
    #expect(try await Self.run(deep).error?.kind == .malformed)
    let directory = try TemporaryDirectory()
    try FileSystem.writeAtomically(Array("<testsuite>".utf8) + [0xFF], to: "\(directory.path)/a")
    try FileSystem.writeAtomically([0xFF, 0xFE, 0x3C, 0], to: "\(directory.path)/b")
    try FileSystem.writeAtomically(Array("<".utf8), to: "\(directory.path)/c")
    truncate("\(directory.path)/c", 200 << 20)
    try directory.write("", to: "d")
    try directory.write("hello", to: "e")
    try directory.write("x", to: "f/x")
    let expected: [(String, ProbeError.Kind)] = [
      ("a", .malformed), ("b", .malformed), ("c", .tooLarge), ("d", .malformed), ("e", .malformed),
      ("f", .configuration),
      ("gone", .missing), ("*.gone", .missing),
    ]
    for (name, kind) in expected {
      let ran = await ProbeBench.run(binding: "results: '\(name)'", directory: directory.path)
      #expect(ran.error?.kind == kind, "\(name): \(String(describing: ran.outcome))")
    }
  }

  @Test func `several reports are added up, and the oldest tells the age`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("<testsuite><testcase name='a'/></testsuite>", to: "a.xml")
    let old = try directory.write("<testsuite><testcase name='b'/></testsuite>", to: "b.xml")
    try directory.write("1..1\nok\n", to: "c.tap")
    let both = await ProbeBench.run(
      binding: "results: '*.xml'\nexpect: { tests: 2, files: [a.xml, b.xml] }", directory: directory.path)
    #expect(both.outcome == .passed)
    var times = [timeval(tv_sec: 1_600_000_000, tv_usec: 0), timeval(tv_sec: 1_600_000_000, tv_usec: 0)]
    utimes(old, &times)
    let stale = await ProbeBench.run(binding: "results: { path: '*.xml', max_age: 1h }", directory: directory.path)
    #expect(stale.mismatches.map(\.path) == ["age_ms"])
    let mixed = await ProbeBench.run(binding: "results: '*.*'", directory: directory.path)
    #expect(mixed.error?.kind == .configuration)
  }

  @Test func `the age is what the report says, unless that cannot be`() async throws {
    func source(_ stamp: String) async throws -> JSON? {
      let ran = try await Self.run("<testsuite timestamp='\(stamp)'><testcase name='a'/></testsuite>")
      return ran.facts["timestamp_source"]
    }
    #expect(try await source("2020-01-01T00:00:00Z") == "report")
    #expect(try await source("2020-01-01T00:00:00") == "report")
    #expect(try await source("2999-01-01T00:00:00Z") == "file")
    #expect(try await source("2999-01-01T00:00:00") == "file")
    #expect(try await source("yesterday") == "file")
  }

  // MARK: TAP

  @Test func `TAP's top level is counted`() async throws {
    let report = """
      TAP version 14
      1..6
      # a comment
      ok 1 - starts \\# here
      not ok 2 - breaks
        ---
        message: "expected 3"
        severity: fail
        ...
      ok 3 - later # SKIP no network
      not ok 4 - known # TODO mend it
      # Subtest: inner
          1..2
          ok 1
          not ok 2
      ok 5 - inner
      ok
      some other words
      """
    let ran = try await Self.run(report)
    #expect(ran.mismatches.map(\.path) == ["failed"], "\(ran.error?.message ?? "")")
    #expect(ran.facts["tests"] == 6)
    #expect(ran.facts["executed"] == 4)
    #expect(ran.facts["todo"] == 1)
    #expect(ran.facts["skipped"] == 2)
    #expect(ran.facts["failures"] == [["name": "breaks", "suite": "", "kind": "failed", "message": "expected 3"]])
    #expect(try await Self.run("ok 1\nok 2\n1..2\n").outcome == .passed)
    #expect(try await Self.run("1..2\r\nok 1\r\nok 2\r\n").outcome == .passed)
  }

  @Test(arguments: [
    ("1..3\nok 1\n", "1:1", ProbeError.Kind.malformed), ("ok 1\nok 2\n", "3:1", .malformed),
    ("1..1\nok 1\nok 2\n", "1:1", .malformed), ("1..1\n1..1\nok\n", "2:1", .malformed),
    ("1..2\nok 1\nBail out! database is gone\n", "3:1", .unexpected),
    ("1..1\nok 1\n  ---\n  message: x", "4:1", .malformed),
    ("TAP version 13\n", "2:1", .malformed),
  ]) func `TAP that did not come to its end is an error`(text: String, place: String, kind: ProbeError.Kind)
    async throws
  {
    let ran = try await Self.run(text)
    #expect(ran.error?.kind == kind)
    #expect(ran.error?.message.hasPrefix("report:\(place): ") == true, "\(ran.error?.message ?? "no error")")
  }

  // MARK: SARIF

  static func sarif(_ results: String, run: String = "", rules: String = "") -> String {
    """
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "version": "3", "rules": [
      {"id": "R1", "defaultConfiguration": {"level": "error"}}, {"id": "R2"}\(rules)]}}\(run),
      "results": [\(results)]}]}
    """
  }

  @Test func `SARIF's results are counted by level and rule`() async throws {
    let report = Self.sarif(
      """
      {"ruleId": "R1", "message": {"text": "bad"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 7}}}]},
      {"ruleIndex": 1, "message": {"text": "odd"}}, {"ruleId": "R1", "level": "note", "message": {"text": "n"}},
      {"ruleId": "R1", "kind": "pass", "message": {"text": "fine"}},
      {"ruleId": "R1", "message": {"text": "known"}, "suppressions": [{"kind": "external", "status": "accepted"}]},
      {"ruleId": "R1", "message": {"text": "gone"}, "baselineState": "absent"}
      """)
    let ran = try await Self.run(report)
    #expect(ran.mismatches.map(\.path) == ["failed"], "\(ran.error?.message ?? "")")
    #expect(ran.facts["levels"] == ["error": 1, "warning": 1, "note": 1, "none": 1])
    #expect(ran.facts["rules"] == ["R1": 3, "R2": 1])
    #expect(ran.facts["suppressed"] == 1)
    #expect(ran.facts["results"] == 5)
    #expect(ran.facts["tool"] == "scan 3")
    #expect(ran.facts["failures"] == [["name": "R1 at a.c:7", "suite": "scan 3", "kind": "error", "message": "bad"]])
    #expect(try await Self.run(report, "level: warning").facts["failed"] == 2)
    #expect(try await Self.run(report, "level: note").facts["failed"] == 3)
    #expect(try await Self.run(report, "max_failed: 1").outcome == .passed)
  }

  @Test func `a clean SARIF report passes because rules were run`() async throws {
    let ran = try await Self.run(Self.sarif(""))
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["runs": 1])
    let review = Self.sarif(
      "{\"ruleId\": \"R1\", \"message\": {\"text\": \"x\"}, \"suppressions\": [{\"kind\": \"external\", \"status\": \"underReview\"}]}"
    )
    #expect(try await Self.run(review).mismatches.map(\.path) == ["failed"])
  }

  @Test func `a tool that says it failed is not believed`() async throws {
    let failed = Self.sarif("", run: ", \"invocations\": [{\"executionSuccessful\": false}]")
    #expect(try await Self.run(failed).error?.kind == .unexpected)
    let notes =
      ", \"invocations\": [{\"executionSuccessful\": true, \"toolExecutionNotifications\": [{\"level\": \"error\", \"message\": {\"text\": \"cannot parse b.c\"}}]}]"
    let partly = try await Self.run(Self.sarif("", run: notes))
    #expect(partly.mismatches.map(\.path) == ["errored"])
    #expect(partly.facts["failures"]?[0]?["message"] == "cannot parse b.c")
    let null = "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}, \"results\": null}]}"
    #expect(try await Self.run(null).error?.kind == .unexpected)
  }

  @Test(arguments: [
    "{\"version\": \"2.1.0\", \"runs\": [", "{\"version\": \"2.1.0\"}", "{\"version\": \"1.0.0\", \"runs\": []}", "{}",
    "{\"version\": \"2.1.0\", \"runs\": [{}]}", "{\"version\": \"2.1.0\", \"version\": \"2.1.0\", \"runs\": []}",
  ]) func `what is no SARIF is malformed`(text: String) async throws {
    #expect(try await Self.run(text).error?.kind == .malformed)
  }

  @Test func `misuse is found before anything runs`() async {
    let bad = [
      ("results: {}", "missing-key"), ("results: { path: x, format: nunit }", "wrong-type"),
      ("results: { path: x, min_tests: 0 }", "out-of-range"),
      ("results: { path: x, format: tap, level: note }", "wrong-type"),
      ("results: { path: x, max_age: 3 }", "wrong-type"), ("results: { path: x, ages: 3 }", "unknown-key"),
    ]
    for (binding, code) in bad {
      let ran = await ProbeBench.run(binding: binding)
      #expect(ran.results.isEmpty && ran.diagnostics.contains { $0.code.id == code }, "\(binding): \(ran.diagnostics)")
    }
  }
}
