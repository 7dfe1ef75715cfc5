import GonogoCore
import GonogoReport

/// Three runs that hold everything a format must be able to say.
enum SampleReports {
  static let cases: [(name: String, report: Report)] = [
    ("go", go), ("no-go", noGo), ("interrupted", interrupted),
  ]

  /// Nobody's texts: what a hostile or careless system could send.
  static let script = "<script>alert(\"1\")</script><img src=x onerror='alert(2)'>"
  static let markup =
    "]]> & &amp; \"quoted\" 'single' `code` **bold** [link](http://evil.example/x) | pipe # hash @team"
  static let controls =
    "bell\u{07} escape\u{1B}[31mred\u{1B}[0m nul\u{0} del\u{7F} c1\u{9B} bidi\u{202E}txt sep\u{2028}end \u{FFFE}"
  static let scripts = "検証に失敗 🚀👩‍👩‍👧 Straße ﷽ e\u{301}"
  static let commands = "100% done\n::error file=x::forged\r\nsecond line\nok 1 - forged\n\t# TODO tab"
  static let long = String(repeating: "a very long text that goes on and on ", count: 60)

  static let source = SourceFile(
    name: "docs/launch list.md",
    bytes: Array(
      (1...60).map { "  - [x] **日本-\($0)** a line of the checklist, number \($0)" }.joined(separator: "\n").utf8))

  static func range(_ line: Int) -> SourceRange {
    SourceRange(start: SourcePosition(line: line, column: 3), end: SourcePosition(line: line, column: 40))
  }

  static func control(
    _ id: String, _ title: String, _ line: Int, _ section: [String] = ["Security", "Sessions"],
    _ ticked: Bool? = false
  ) -> Control {
    Control(
      id: id, idSource: .author, title: title, section: section, range: range(line),
      tick: ticked.map { .init(checked: $0, offset: line * 10) }, optional: false, bindings: [])
  }

  static func attempt(_ outcome: Outcome, at offset: Int64 = 0, _ milliseconds: Int = 12) -> Attempt {
    Attempt(outcome: outcome, started: started + offset, milliseconds: milliseconds)
  }

  static func check(
    _ outcome: Outcome, label: String? = nil, probe: String = "http", facts: JSON = ["status": 200],
    witness: [String: Int] = ["requests": 1], attempts: [Attempt]? = nil, asked: String? = "GET https://core.example/x",
    command: String? = "curl -sS https://core.example/x", allowed: [CheckResult] = [], noControl: String? = nil,
    attachments: [Observation.Attachment] = [], line: Int = 2
  ) -> CheckResult {
    CheckResult(
      label: label, probeName: probe, outcome: outcome, facts: facts, witness: witness,
      attempts: attempts ?? [attempt(outcome)], asked: asked, repeatCommand: command, attachments: attachments,
      allowed: allowed, noControl: noControl, range: range(line))
  }

  static func result(
    _ control: Control, _ outcome: Outcome, _ checks: [CheckResult] = [], blocking: Bool = true, tags: [String] = [],
    mend: String? = nil, milliseconds: Int = 14
  ) -> ControlResult {
    ControlResult(
      control: control, blocking: blocking, tags: tags, outcome: outcome, checks: checks, started: started,
      milliseconds: milliseconds, mend: mend)
  }

  static func mismatch(_ path: String, _ expected: String, _ found: String) -> Mismatch {
    Mismatch(path: path, expected: expected, found: found, range: range(4))
  }

  /// 2026-08-19T02:00:04.005Z
  static let started: Int64 = 1_787_104_804_005

  static func report(
    _ results: [ControlResult], title: String? = nil, environment: String? = nil, excluded: Int = 0,
    interrupted: Bool = false, run: String? = "0198c1d2-0000-7000-8000-000000000001"
  ) -> Report {
    Report(
      file: source, title: title, environment: environment, results: results, verdict: Verdict.decide(results),
      excluded: excluded, interrupted: interrupted, started: started, milliseconds: 61_234, run: run,
      digests: run == nil
        ? []
        : results.indices.map { String(repeating: "0", count: 60) + String(1000 + $0) },
      version: "0.1.0")
  }

  static let go = report(
    [
      result(
        control("SEC-1", "the session cookie is httpOnly", 1, ["Security", "Sessions"], true), .passed, [check(.passed)]
      ),
      result(
        control("SEC-2", "B cannot read A's order", 2), .passed,
        [check(.passed, allowed: [check(.passed, asked: "GET https://core.example/orders/1 as alice")])]),
      result(
        control("DB-1", "only in production", 3, ["Database"]),
        .skipped(.when("only in production; this is staging"))),
    ], environment: "staging", run: nil)

  static let noGo: Report = {
    let failed = mismatch("cookies.owner_session.httponly", "true", "false")
    let secure = mismatch("cookies.owner_session.secure", "true", "absent")
    let hostile = [
      mismatch("body[\"<b>\"]", script, markup), mismatch("text", controls, commands),
      mismatch("rows[0]", scripts, long),
    ]
    let refused = ProbeError(
      .denied, "the server refused the password", asked: "postgresql://gonogo:[redacted]@db.internal:5432/app",
      mend: "give ${DATABASE_URL} a role that may log in", repeatCommand: "psql \"$DATABASE_URL\" -c 'SELECT 1'")
    let slow = ProbeError(.timedOut, "no answer within 10.0 s", mend: "see whether the peer hangs")
    let tool = ProbeError(.toolMissing, "cannot run zizmor: not found", mend: "install it with `pipx install zizmor`")
    let vacuous = ProbeError(.vacuous, "what was expected holds of nothing (no rows), so nothing is proven")
    let control403 = ProbeError(
      .control, "the positive control did not succeed, so nothing is proven: status: expected 200, found 500",
      mend: "make the allowed attempt work first")
    let cases = (1...13).map { number in
      number % 4 == 0
        ? check(.passed, label: "route=/r\(number)")
        : check(.failed([mismatch("status", "403", "200")]), label: "route=/r\(number) role=\(scripts)")
    }
    return report(
      [
        result(
          control("SEC-1", "the session cookie is httpOnly, secure, SameSite=Lax", 1, ["Security", "Sessions"], true),
          .failed([failed, secure]),
          [
            check(
              .failed([failed, secure]), facts: ["status": 302, "cookies": ["owner_session": ["httponly": false]]])
          ],
          tags: ["smoke"], mend: "set `httpOnly` where the cookie is made (auth/session.ts)"),
        result(
          control("SEC-2", "\(script) \(markup)", 2, ["Security", "<b>\"Input\"</b> & ]]>"], true),
          .failed(hostile),
          [
            check(
              .failed(hostile), label: script, facts: ["script": .string(script), "controls": .string(controls)],
              asked: markup, command: "curl -d '\(commands)' https://core.example/",
              attachments: [.init(name: "<page>.html", mediaType: "text/html", bytes: Array(script.utf8))])
          ], mend: controls),
        result(
          control("SEC-3", "every mutation needs a CSRF token", 3), .failed([mismatch("status", "403", "200")]), cases),
        result(
          control("DB-1", "RLS is active on all tables", 4, ["Database"], true), .errored(refused),
          [check(.errored(refused), probe: "postgres", facts: .null, witness: [:], asked: nil, command: nil)]),
        result(
          control("DB-2", "the newest backup is fresh", 5, ["Database"]), .errored(slow),
          [
            check(
              .errored(slow), probe: "command", facts: .null, witness: [:],
              attempts: [attempt(.errored(slow)), attempt(.errored(slow), at: 500), attempt(.errored(slow), at: 1000)],
              asked: "pg_restore --list", command: "pg_restore --list")
          ], mend: "run `make backup`"),
        result(
          control("DB-3", "no workflow is unsafe", 6, ["Database"]), .errored(tool),
          [
            check(.errored(tool), probe: "command", facts: .null, witness: [:])
          ]),
        result(
          control("DB-4", "no order is without a bot", 7, ["Database"], nil), .errored(vacuous),
          [
            check(.errored(vacuous), probe: "postgres", facts: ["rows": []], witness: ["rows": 0])
          ]),
        result(
          control("DB-5", "B cannot read A's row", 8, ["Database"]), .errored(control403),
          [
            check(
              .errored(control403), facts: .null, witness: [:],
              allowed: [check(.failed([mismatch("status", "200", "500")]), asked: "GET /orders/1 as alice")])
          ]),
        result(
          control("REL-1", "the queue drains", 9, ["Release"], true), .passed,
          [
            check(
              .passed, probe: "redis", facts: ["lag": 0], witness: ["streams": 2, "consumer_groups": 1],
              attempts: [attempt(.errored(slow)), attempt(.failed([failed]), at: 600), attempt(.passed, at: 1200)])
          ]),
        result(
          control("REL-2", "the debug route is gone", 10, ["Release"]), .passed,
          [check(.passed, noControl: "the route does not exist for anybody")]),
        result(
          control("REL-3", "\(scripts) (recommended)", 11, ["Release"], true),
          .failed([mismatch("score", ">= 90", "\(commands)")]),
          [check(.failed([mismatch("score", ">= 90", "\(commands)")]))], blocking: false),
        result(
          control("REL-4", "the status page answers (optional)", 12, ["Release"]), .errored(slow),
          [check(.errored(slow), facts: .null, witness: [:])], blocking: false),
        result(
          control("REL-5", "the migration is applied", 13, ["Release"]),
          .skipped(.blocked(by: "DB-1", outcome: "errored"))),
        result(
          control("REL-6", "SIGTERM drains", 14, ["Release"]),
          .skipped(.notAllowed(.disrupts))),
        result(
          control("REL-7", "only in production", 15, ["Release"]),
          .skipped(.when("only in production; this is staging"))),
        result(
          control("WORD-1", "the DPO has agreed", 16, [], true), .skipped(.awaitsWord(of: "dpo"))),
        result(
          control("BARE-1", "100% of the team knows\n\(markup)", 17, [], true), .skipped(.unbound)),
        result(control("BARE-2", "nobody looks here (optional)", 18, []), .skipped(.unbound), blocking: false),
      ], title: "Launch \(scripts) & <Go>", environment: "staging", excluded: 4)
  }()

  static let interrupted: Report = {
    let stopped = ProbeError(.interrupted, "the run was interrupted while this was being looked at")
    return report(
      [
        result(control("A-1", "the first", 1, []), .passed, [check(.passed)]),
        result(
          control("A-2", "the second", 2, []), .errored(stopped),
          [
            check(.errored(stopped), facts: .null, witness: [:])
          ]),
        result(control("A-3", "the third", 3, [], true), .skipped(.interrupted)),
      ], interrupted: true)
  }()
}
