import Synchronization

/// Runs a plan: a bounded number of controls at once, each with its deadline, results in the plan's order.
public struct Runner: Sendable {
  let jobs: Int
  let clock: any RunClock
  let judge: Judge
  let redactor: Redactor
  let executor: (any TaskExecutor)?
  let shared: (any TaskExecutor)?
  let interruption: Interruption
  let directory: String
  private let deadlines = Deadlines()

  /// - Parameters:
  ///   - jobs: how many controls are looked at together.
  ///   - executor: the threads that probes run on; they may block there.
  ///   - shared: the threads of probes that never block (``Probe/blocks``), which need not be many; without them, they run
  ///     with the others.
  ///   - directory: where relative paths start from.
  public init(
    jobs: Int, clock: any RunClock, queries: any QueryEngine, redactor: Redactor, executor: (any TaskExecutor)?,
    shared: (any TaskExecutor)? = nil, interruption: Interruption, directory: String
  ) {
    self.jobs = max(1, jobs)
    self.clock = clock
    judge = Judge(queries: queries, redactor: redactor)
    self.redactor = redactor
    self.executor = executor
    self.shared = shared ?? executor
    self.interruption = interruption
    self.directory = directory
  }

  /// A result with its place in the plan.
  public typealias Placed = (index: Int, result: ControlResult)

  /// - Parameters:
  ///   - keep: given every result before anything is told of it: those together that ended while the ones before were
  ///     kept, so that keeping them can be one step.
  ///   - handler: told of every event, from one task at a time for the end of controls, from many for attempts.
  @discardableResult
  public func run(
    _ plan: Plan, keep: (@Sendable ([Placed]) -> Void)? = nil, handler: @escaping @Sendable (Event) -> Void
  ) async -> [ControlResult] {
    let started = clock.now()
    let ticks = clock.ticks()
    // Before anything runs: a line may show a variable that a later line is the first to use.
    redactor.add(plan.scope.environmentSecrets(mentionedIn: plan.checklist.file.bytes))
    handler(.runStarted(plan, started: started))
    let resources = RunResources()
    var results: [ControlResult?] = Array(repeating: nil, count: plan.steps.count)
    var waiting = plan.steps.map { Set($0.needs).count }
    var dependents: [[Int]] = Array(repeating: [], count: plan.steps.count)
    for (index, step) in plan.steps.enumerated() { for need in Set(step.needs) { dependents[need].append(index) } }
    // Ready steps, the last in the plan's order first, so that the next is popped from the end.
    var ready = plan.steps.indices.filter { waiting[$0] == 0 }.reversed() as [Int]

    let ended = Ended()
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while true {
        while running < jobs, let index = ready.popLast() {
          let step = plan.steps[index]
          let blocked = step.needs.compactMap { results[$0] }.first { !Self.satisfies($0.outcome) }
          running += 1
          group.addTask {
            ended.append(
              (index, await self.run(step, index: index, blockedBy: blocked, plan: plan, resources: resources, handler))
            )
          }
        }
        guard running > 0, await group.next() != nil else { break }
        running -= 1
        // One task has ended, maybe more; the results of those are not found a second time.
        let batch = ended.take()
        if batch.isEmpty { continue }
        keep?(batch)
        for (index, result) in batch {
          results[index] = result
          handler(.controlFinished(index: index, result))
          for dependent in dependents[index] {
            waiting[dependent] -= 1
            if waiting[dependent] == 0 {
              ready.insert(dependent, at: ready.firstIndex { $0 < dependent } ?? ready.endIndex)
            }
          }
        }
      }
    }
    await resources.close()
    let all = results.compactMap { $0 }
    handler(
      .runFinished(
        all, Verdict.decide(all), interrupted: interruption.isRequested, started: started,
        milliseconds: Int(clock.ticks() - ticks)))
    return all
  }

  /// Results that ended and were not looked at yet.
  private final class Ended: Sendable {
    private let results = Mutex<[Placed]>([])
    func append(_ result: Placed) { results.withLock { $0.append(result) } }
    func take() -> [Placed] {
      results.withLock { results in
        defer { results = [] }
        return results
      }
    }
  }

  /// A control that does not apply does not hold back what needs it.
  private static func satisfies(_ outcome: Outcome) -> Bool {
    switch outcome {
    case .passed: true
    case .skipped(let reason): reason.excuses
    default: false
    }
  }

  private func run(
    _ step: Plan.Step, index: Int, blockedBy blocker: ControlResult?, plan: Plan, resources: RunResources,
    _ handler: @escaping @Sendable (Event) -> Void
  ) async -> ControlResult {
    let started = clock.now()
    let ticks = clock.ticks()
    func finish(_ outcome: Outcome, _ checks: [CheckResult] = []) -> ControlResult {
      ControlResult(
        control: step.control, blocking: step.blocking, tags: step.tags, outcome: outcome, checks: checks,
        started: started, milliseconds: Int(clock.ticks() - ticks), mend: step.mend)
    }
    guard case .run(let checks) = step.action else {
      if case .skip(let reason) = step.action { return finish(.skipped(reason)) }
      return finish(.errored(ProbeError(.unexpected, "a step without an action")))
    }
    if interruption.isRequested { return finish(.skipped(.interrupted)) }
    if let blocker {
      return finish(.skipped(.blocked(by: blocker.control.id, outcome: blocker.outcome.name)))
    }
    handler(.controlStarted(index: index, step.control, started: started))
    var results: [CheckResult] = []
    for check in checks {
      results.append(
        await run(check, plan: plan, resources: resources) { handler(.attemptFinished(index: index, step.control, $0)) }
      )
    }
    return finish(Self.combine(results.map(\.outcome)), results)
  }

  /// All must pass. A failure outweighs an error, because it is known to be bad.
  static func combine(_ outcomes: [Outcome]) -> Outcome {
    var mismatches: [Mismatch] = []
    var error: ProbeError?
    for outcome in outcomes {
      switch outcome {
      case .failed(let found): mismatches += found
      case .errored(let found): error = error ?? found
      case .skipped: error = error ?? ProbeError(.unexpected, "a check was skipped")
      case .passed: break
      }
    }
    if !mismatches.isEmpty { return .failed(mismatches) }
    if let error { return .errored(error) }
    return outcomes.isEmpty ? .errored(ProbeError(.vacuous, "there was nothing to check")) : .passed
  }

  private func run(_ check: Check, plan: Plan, resources: RunResources, attempted: @Sendable (Attempt) -> Void) async
    -> CheckResult
  {
    var scope = plan.scope
    for (name, value) in check.columns { scope.set(name, value) }
    let begin = clock.ticks()
    var attempts: [Attempt] = []
    while true {
      let started = clock.now()
      let ticks = clock.ticks()
      let seen = await attempt(check, scope: scope, plan: plan, resources: resources)
      attempts.append(Attempt(outcome: seen.outcome, started: started, milliseconds: Int(clock.ticks() - ticks)))
      if let last = attempts.last { attempted(last) }
      let spent = clock.ticks() - begin
      let timeLeft = check.retry.within.map { spent + Int64(check.retry.every) < Int64($0) } ?? true
      if seen.outcome == .passed || attempts.count >= check.retry.times || !timeLeft || interruption.isRequested {
        return CheckResult(
          label: check.label, probeName: check.probeName, outcome: seen.outcome,
          facts: seen.observation?.facts ?? .null,
          witness: seen.observation?.witness ?? [:], attempts: attempts, asked: seen.observation?.asked,
          repeatCommand: seen.observation?.repeatCommand, attachments: seen.observation?.attachments ?? [],
          allowed: seen.allowed, noControl: check.noControl, range: check.range)
      }
      await pause(milliseconds: check.retry.every, interruption: interruption)
    }
  }

  private struct Seen {
    let outcome: Outcome
    let observation: Observation?
    var allowed: [CheckResult] = []
  }

  private func attempt(_ check: Check, scope: Scope, plan: Plan, resources: RunResources) async -> Seen {
    var allowed: [CheckResult] = []
    for control in check.allowed {
      var inner = control
      inner = inner.with(columns: check.columns)
      allowed.append(await run(inner, plan: plan, resources: resources) { _ in })
    }
    if let broken = allowed.first(where: { $0.outcome != .passed }) {
      let reason =
        switch broken.outcome {
        case .failed(let mismatches):
          mismatches.first.map { "\($0.path): expected \($0.expected), found \($0.found)" } ?? "it failed"
        case .errored(let error): error.message
        default: broken.outcome.name
        }
      let error = ProbeError(
        .control, "the positive control did not succeed, so nothing is proven: \(reason)", asked: broken.asked,
        mend: "make the allowed attempt work first", repeatCommand: broken.repeatCommand)
      return Seen(outcome: .errored(error), observation: nil, allowed: allowed)
    }
    if check.probe.denial(in: check.expectations) != nil,
      let same = allowed.first(where: { control in
        (try? judge.mismatches(check.expectations, facts: control.facts, scope: scope))?.isEmpty ?? false
      })
    {
      let error = ProbeError(
        .control, "the positive control was refused in the same way, so nothing is proven", asked: same.asked,
        mend: "let `allowed:` be the same attempt by someone who may, and expect what they get",
        repeatCommand: same.repeatCommand)
      return Seen(outcome: .errored(error), observation: nil, allowed: allowed)
    }
    let context = ProbeContext(
      scope: scope, timeout: check.timeout, clock: clock, redactor: redactor, judge: judge, resources: resources,
      directory: directory)
    let result = await race(
      milliseconds: check.timeout, grace: 500, deadlines: deadlines, interruption: interruption,
      executor: check.probe.blocks ? executor : shared
    ) { () async throws(ProbeError) -> Observation in try await check.probe.observe(in: context) }
    switch result {
    case .failure(let error):
      let clean = error.map(redactor.redact)
      let observation = clean.facts.map {
        Observation(facts: $0, witness: [:], asked: clean.asked, repeatCommand: clean.repeatCommand)
      }
      return Seen(outcome: .errored(clean), observation: observation, allowed: allowed)
    case .success(let observation):
      let outcome = judge(check, observation, scope: scope)
      return Seen(outcome: outcome, observation: clean(observation), allowed: allowed)
    }
  }

  /// Judged on the real facts; only what is said of them is redacted.
  private func judge(_ check: Check, _ observation: Observation, scope: Scope) -> Outcome {
    if !observation.unmet.isEmpty { return .failed(observation.unmet.map { $0.map(redactor.redact) }) }
    var scope = scope
    for (name, value) in observation.captures { scope.set(name, value) }
    do throws(ProbeError) {
      let mismatches = try judge.mismatches(check.expectations, facts: observation.facts, scope: scope)
      if !mismatches.isEmpty { return .failed(mismatches.map { $0.map(redactor.redact) }) }
    } catch {
      return .errored(error.map(redactor.redact))
    }
    // Law 2, whatever the words: a line that is content with a refusal needs a control too.
    if check.allowed.isEmpty, check.noControl == nil, let refusal = check.probe.refusal(in: observation.facts) {
      return .errored(
        ProbeError(
          .control, "\(refusal) was accepted, and no positive control shows that the door opens for anyone",
          asked: observation.asked.map(redactor.redact),
          mend: "add `allowed:` with the same attempt by someone who may, or `no_control: WHY`",
          repeatCommand: observation.repeatCommand.map(redactor.redact)))
    }
    // Law 1: a pass needs a witness, and every witness above zero.
    let empty = observation.witness.filter { $0.value <= 0 }.keys.sorted()
    if observation.witness.isEmpty || !empty.isEmpty {
      let what = empty.isEmpty ? "no witness" : "no " + empty.joined(separator: ", no ")
      return .errored(
        ProbeError(
          .vacuous, "what was expected holds of nothing (\(what)), so nothing is proven",
          asked: observation.asked.map(redactor.redact), mend: observation.vacuityMend.map(redactor.redact),
          repeatCommand: observation.repeatCommand.map(redactor.redact)))
    }
    return .passed
  }

  private func clean(_ observation: Observation) -> Observation {
    Observation(
      facts: redactor.redact(observation.facts), witness: observation.witness,
      attachments: observation.attachments.map {
        .init(name: $0.name, mediaType: $0.mediaType, bytes: redactor.redact(bytes: $0.bytes))
      }, asked: observation.asked.map(redactor.redact), repeatCommand: observation.repeatCommand.map(redactor.redact))
  }
}

extension Check {
  /// The same check in a case with these columns.
  func with(columns: [String: Scope.Value]) -> Check {
    Check(
      label: label, probeName: probeName, probe: probe, expectations: expectations, allowed: allowed,
      noControl: noControl, columns: columns, timeout: timeout, retry: retry, effect: effect, range: range)
  }
}
