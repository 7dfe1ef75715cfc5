import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Synchronization
import Testing

@Suite struct RunnerTests {
  static let passes = "look: { facts: { status: 1 } }\nexpect: { status: 1 }"
  static let fails = "look: { facts: { status: 1 } }\nexpect: { status: 2 }"
  static let errs = "look: { facts: {}, error: unreachable }\nexpect: { status: 1 }"

  @Test func `no more at once than jobs, results in the plan's order`() async {
    let binding = "look: { facts: { status: 1 }, blocks: 20ms, meter: width }\nexpect: { status: 1 }"
    let ran = await LookBench.run(LookBench.document(Array(repeating: binding, count: 12)), jobs: 3)
    #expect(LookProbe.Meter.named("width").most <= 3 && LookProbe.Meter.named("width").total == 12)
    #expect(ran.results.map(\.control.id) == (1...12).map { "T-\($0)" })
    #expect(ran.results.allSatisfy { $0.outcome == .passed })
  }

  @Test func `probes that block their threads do not hold up one another`() async {
    let binding = "look: { facts: { status: 1 }, blocks: 500ms, meter: together }\nexpect: { status: 1 }"
    let ran = await LookBench.run(LookBench.document(Array(repeating: binding, count: 16)), jobs: 16)
    #expect(ran.results.allSatisfy { $0.outcome == .passed })
    // Swift's own pool has a thread a core; the machine may be busy, so nothing is timed.
    #expect(LookProbe.Meter.named("together").most >= 5)
  }

  @Test func `a hung probe is left behind at its deadline`() async {
    let hung = "look: { facts: { status: 1 }, blocks: 1m }\nexpect: { status: 1 }\ntimeout: 50ms"
    let ran = await LookBench.run(LookBench.document([hung, hung, hung, Self.passes]), jobs: 2)
    #expect(ran.milliseconds < 45_000)
    for id in ["T-1", "T-2", "T-3"] { #expect(ran.error(id)?.kind == .timedOut) }
    #expect(ran.outcome("T-4") == .passed)
  }

  @Test func `what needs a control waits for it, and is skipped with its name`() async {
    let ran = await LookBench.run(
      LookBench.document([
        "\(Self.passes)\nneeds: T-3", "\(Self.passes)\nneeds: [T-1, T-4]", Self.passes, Self.fails,
        "\(Self.passes)\nneeds: T-2",
        "\(Self.passes)\nneeds: T-7", "\(Self.passes)\nwhen: { set: NOWHERE_SET }", "\(Self.passes)\nneeds: T-9",
        "attest: cto",
      ]))
    #expect(ran.outcome("T-1") == .passed)
    #expect(ran.skip("T-2") == .blocked(by: "T-4", outcome: "failed"))
    #expect(ran.skip("T-5") == .blocked(by: "T-2", outcome: "skipped"))
    #expect(ran.outcome("T-6") == .passed)
    #expect(ran.skip("T-7") == .when("only where NOWHERE_SET is set"))
    #expect(ran.skip("T-8") == .blocked(by: "T-9", outcome: "skipped"))
    #expect(ran.skip("T-9") == .awaitsWord(of: "cto"))
    #expect(Verdict.decide(ran.results) == .noGo(["T-4"]))
  }

  @Test func `an interruption keeps what is known, also while attempts wait for each other`() async {
    let interruption = Interruption()
    let slow = "look: { facts: { status: 1 }, blocks: 1m }\nexpect: { status: 1 }\ntimeout: 2m"
    let patient = "\(Self.fails)\nretry: 100\nevery: 30s"
    let ran = await LookBench.run(
      LookBench.document([Self.passes, slow, patient, Self.passes]), jobs: 3, interruption: interruption
    ) { event in
      // The last control waits for a thread; once the third has failed once, all that can be known is known.
      if case .attemptFinished(let index, _, _) = event, index == 2 { interruption.request() }
    }
    #expect(ran.milliseconds < 45_000)
    #expect(ran.outcome("T-1") == .passed || ran.error("T-1")?.kind == .interrupted)
    #expect(ran.error("T-2")?.kind == .interrupted)
    #expect(ran.outcome("T-3")?.name == "failed")
    #expect(ran.results.count == 4)
  }

  @Test func `every attempt is recorded`() async {
    let binding = "look: { facts: { status: 1 }, fails_first: 2 }\nexpect: { status: 1 }\nretry: 5\nevery: 1ms"
    let ran = await LookBench.run(LookBench.document([binding]))
    #expect(ran.outcome("T-1") == .passed)
    #expect(ran.results[0].checks[0].attempts.map(\.outcome.name) == ["failed", "failed", "passed"])
    #expect(ran.results[0].passedAfterRetry)
    let tooFew = await LookBench.run(LookBench.document([binding.replacing("retry: 5", with: "retry: 2")]))
    #expect(tooFew.outcome("T-1")?.name == "failed" && tooFew.results[0].checks[0].attempts.count == 2)
  }

  @Test func `within ends the attempts`() async {
    let ran = await LookBench.run(LookBench.document(["\(Self.fails)\nwithin: 2s\nevery: 400ms"]))
    #expect(ran.outcome("T-1")?.name == "failed")
    #expect((2...5).contains(ran.results[0].checks[0].attempts.count))
  }

  @Test func `a positive control that does not succeed proves nothing`() async {
    func denial(_ allowed: String) -> String {
      "look: { facts: { status: 403 }, denial: true }\nexpect: { status: 403 }\nallowed: { \(allowed) }"
    }
    let ran = await LookBench.run(
      LookBench.document([
        denial("look: { facts: { status: 200 } }, expect: { status: 200 }"),
        denial("look: { facts: { status: 403 } }, expect: { status: 200 }"),
        denial("look: { facts: {}, error: unreachable }, expect: { status: 200 }"),
        denial("look: { facts: { status: 200 }, witness: 0 }, expect: { status: 200 }"),
      ]))
    #expect(ran.outcome("T-1") == .passed)
    for id in ["T-2", "T-3", "T-4"] { #expect(ran.error(id)?.kind == .control) }
    #expect(ran.results[1].checks[0].allowed.first?.outcome.name == "failed")
  }

  @Test func `a pass without a witness is vacuous; a failure without one is a failure`() async {
    let ran = await LookBench.run(
      LookBench.document([
        "look: { facts: { status: 1 }, witness: 0 }\nexpect: { status: 1 }",
        "look: { facts: { status: 1 }, witness: 0 }\nexpect: { status: 2 }",
      ]))
    #expect(ran.error("T-1")?.kind == .vacuous)
    #expect(ran.outcome("T-2")?.name == "failed")
  }

  @Test func `what writes or disturbs is refused until allowed, and on protected ground until named`() async {
    let front = "environments: { production: { protected: true } }"
    func skips(_ effect: String, _ options: Planner.Options, front: String = "", stated: Bool = false) async -> String?
    {
      let binding =
        stated
        ? "\(Self.passes)\neffect: \(effect)" : "look: { facts: { status: 1 }, does: \(effect) }\nexpect: { status: 1 }"
      let ran = await LookBench.run(LookBench.document([binding], frontMatter: front), options: options)
      return ran.skip("T-1")?.name ?? ran.outcome("T-1")?.name
    }
    for stated in [true, false] {
      #expect(await skips("reads", .init(), stated: stated) == "passed")
      #expect(await skips("writes", .init(), stated: stated) == "not-allowed")
      #expect(await skips("disrupts", .init(allowed: [.writes]), stated: stated) == "not-allowed")
      #expect(await skips("writes", .init(allowed: [.writes]), stated: stated) == "passed")
      #expect(await skips("writes", .init(allowed: [.disrupts]), stated: stated) == "passed")
      #expect(await skips("writes", .init(allowed: [.writes]), front: front, stated: stated) == "not-allowed")
      #expect(
        await skips("writes", .init(environment: "production", allowed: [.writes]), front: front, stated: stated)
          == "passed")
      #expect(await skips("reads", .init(), front: front, stated: stated) == "passed")
    }
    // The mend said --allow, which had been given.
    let unnamed = await LookBench.run(
      LookBench.document(
        ["look: { facts: { status: 1 }, does: disrupts }\nexpect: { status: 1 }"], frontMatter: front),
      options: .init(allowed: [.disrupts]))
    #expect(unnamed.skip("T-1")?.mend == "run with --environment production --allow disrupts")
    let allowed =
      "look: { facts: { status: 1 } }\nexpect: { status: 1 }\nallowed: { look: { facts: { status: 1 }, does: writes }, expect: { status: 1 } }"
    let ran = await LookBench.run(LookBench.document([allowed]))
    #expect(ran.skip("T-1")?.name == "not-allowed")
  }

  @Test func `several bindings must all pass, and a failure outweighs an error`() async {
    func two(_ a: String, _ b: String) -> String { "\(a)\n```\n\n```yaml gonogo\n\(b)" }
    let ran = await LookBench.run(
      LookBench.document([
        two(Self.passes, Self.passes), two(Self.passes, Self.fails), two(Self.errs, Self.fails),
        two(Self.passes, Self.errs),
      ]))
    #expect(ran.results.map(\.outcome.name) == ["passed", "failed", "failed", "errored"])
  }

  @Test func `events tell of everything once`() async {
    let seen = Mutex<[String]>([])
    _ = await LookBench.run(LookBench.document([Self.passes, "\(Self.passes)\nneeds: T-1"]), jobs: 1) { event in
      let name =
        switch event {
        case .runStarted: "start"
        case .controlStarted(let index, _, _): "begin \(index)"
        case .attemptFinished(let index, _, _): "attempt \(index)"
        case .controlFinished(let index, _): "end \(index)"
        case .runFinished(let results, let verdict, _, _, _): "finish \(results.count) \(verdict.name)"
        }
      seen.withLock { $0.append(name) }
    }
    #expect(
      seen.withLock { $0 } == [
        "start", "begin 0", "attempt 0", "end 0", "begin 1", "attempt 1", "end 1", "finish 2 go",
      ])
  }
}

@Suite struct VerdictTests {
  static let outcomes: [Outcome] = [
    .passed, .failed([]), .errored(ProbeError(.denied, "")), .skipped(.unbound), .skipped(.awaitsWord(of: "x")),
    .skipped(.when("x")),
    .skipped(.blocked(by: "x", outcome: "failed")), .skipped(.notAllowed(.writes)), .skipped(.interrupted),
  ]

  static func result(_ id: Int, _ outcome: Outcome, blocking: Bool) -> ControlResult {
    let control = Control(
      id: "\(id)", idSource: .author, title: "", section: [], range: .beginning, tick: nil, optional: false,
      bindings: [])
    return ControlResult(
      control: control, blocking: blocking, tags: [], outcome: outcome, checks: [], started: 0, milliseconds: 0,
      mend: nil)
  }

  /// Every combination of up to three controls, judged a second way.
  @Test func `by exhaustion`() {
    var kinds: [(outcome: Outcome, blocking: Bool)] = []
    for outcome in Self.outcomes { kinds += [(outcome, true), (outcome, false)] }
    var runs: [[(outcome: Outcome, blocking: Bool)]] = [[]]
    var all = runs
    for _ in 0..<3 {
      runs = runs.flatMap { run in kinds.map { run + [$0] } }
      all += runs
    }
    #expect(all.count == 1 + 18 + 18 * 18 + 18 * 18 * 18)
    for run in all {
      let results = run.enumerated().map { Self.result($0.offset, $0.element.outcome, blocking: $0.element.blocking) }
      let blocking = results.filter(\.blocking)
      let failed = blocking.filter { $0.outcome.name == "failed" }.map(\.control.id)
      let open = blocking.filter { result in
        switch result.outcome {
        case .errored: return true
        case .skipped(.when): return false
        case .skipped: return true
        default: return false
        }
      }.map(\.control.id)
      let verdict = Verdict.decide(results)
      if !failed.isEmpty {
        #expect(verdict == .noGo(failed) && verdict.exitStatus == 1)
      } else if open.isEmpty, blocking.contains(where: { $0.outcome == .passed }) {
        #expect(verdict == .go && verdict.exitStatus == 0)
      } else {
        #expect(verdict == .undecided(open) && verdict.exitStatus == 3)
      }
    }
    #expect(Verdict.decide([]) == .undecided([]))
  }
}

/// Found by the Owner Cabinet's matrix: a vacuous `each` hid the failed length beside it.
@Suite struct MismatchOutweighsTests {
  @Test(arguments: [
    "rows: { length: 2, each: { ok: true } }", "rows: { each: { ok: true } }\n  status: 2",
    "rows: { each: { ok: true }, length: 2 }",
  ])
  func `what is known to be bad is failed, whatever else could not be judged`(expect: String) async {
    let ran = await LookBench.run(
      LookBench.document(["look: { facts: { status: 1, rows: [] } }\nexpect:\n  \(expect)"]))
    #expect(ran.outcome("T-1")?.name == "failed")
  }

  @Test func `with nothing known to be bad it stays errored`() async {
    let ran = await LookBench.run(
      LookBench.document([
        "look: { facts: { status: 1, rows: [] } }\nexpect:\n  status: 1\n  rows: { each: { ok: true } }"
      ]))
    #expect(ran.outcome("T-1")?.name == "errored")
  }
}

/// Found by a stranger: a control that is itself refused, and a misspelt matcher under `not`.
@Suite struct HonestyTests {
  @Test func `a control that was refused in the same way proves nothing`() async {
    let ran = await LookBench.run(
      LookBench.document([
        "look: { facts: { status: 403 }, denial: true }\nexpect: { status: 403 }\nallowed: { look: { facts: { status: 403 } }, jq: '.status > 0' }"
      ]))
    guard case .errored(let error)? = ran.outcome("T-1") else {
      Issue.record("\(String(describing: ran.outcome("T-1")))")
      return
    }
    #expect(error.kind == .control)
  }

  @Test func `not of a misspelt matcher is never fulfilled by a text`() async {
    let ran = await LookBench.run(
      LookBench.document(["look: { facts: { text: 'a version' } }\nexpect: { text: { not: { contians: version } } }"]))
    #expect(ran.outcome("T-1") != .passed)
  }
}
