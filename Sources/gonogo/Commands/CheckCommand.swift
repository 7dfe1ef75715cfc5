import Glibc
import GonogoCore
import GonogoDocument
import GonogoReport
import GonogoStore
import GonogoSystem
import Synchronization

/// `gonogo check`: look, and answer.
enum CheckCommand {
  static let command = Command(
    name: "check", summary: "looks at everything the checklist asks, and answers GO or NO-GO", operands: "FILE",
    arity: 1...1,
    options: DocumentLoader.selectionOptions + [
      DocumentLoader.environmentOption, DocumentLoader.allowOption,
      OptionSpec(
        "output", short: "o", value: "FORMAT[=PATH]", repeatable: true,
        "A report: \(ReportFormats.all.map { $0.name }.joined(separator: ", ")). May be repeated; at most one goes to standard output (default: text)."
      ),
      OptionSpec(
        "jobs", short: "j", value: "N", variable: "GONOGO_JOBS", "How many controls are looked at together (default 8)."
      ),
      OptionSpec(
        "timeout", value: "DURATION", variable: "GONOGO_TIMEOUT",
        "How long an attempt may take where the document does not say (default 10s)."),
      OptionSpec("write", short: "w", "Set the boxes of the document to the truth; no other byte changes."),
      StoreLocation.option,
      OptionSpec("no-store", "Keep no evidence."),
      OptionSpec("quiet", short: "q", "No progress; only the report."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Exit status: 0 GO; 1 NO-GO, at least one blocking control failed; 2 nothing was run; 3 UNDECIDED, at least one
      blocking control could not be decided and none failed.

      Ctrl-C ends the run cleanly: what was found is reported and kept, and the rest counts as not looked at. A second one
      ends at once; even then nothing that was found is lost.
      """,
    examples: [
      ("gonogo check GO-LIVE.md", "the verdict, with evidence"),
      ("gonogo check GO-LIVE.md -o junit=report.xml -o text", "the same, and a file for CI"),
      ("gonogo check GO-LIVE.md --environment production --only 'tag:smoke'", "a part, on production"),
    ],
    run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    let path = invocation.operands[0]
    guard let settings = Settings(invocation) else { return ExitStatus.notRun }
    guard let document = DocumentLoader.read(path),
      let planned = document.plan(invocation, timeout: settings.timeout)
    else { return ExitStatus.notRun }
    let plan = planned.plan
    if settings.write, (try? FileSystem.read(path)) != plan.checklist.file.bytes {
      Terminal.complain(
        "\(path) is not UTF-8, so no box can be set", mend: "iconv -f UTF-16 -t UTF-8 \(path) > utf8.md, and check that"
      )
      return ExitStatus.notRun
    }
    if plan.steps.isEmpty {
      Terminal.complain(
        plan.checklist.controls.isEmpty
          ? "there is no control in \(path)" : "\(path): the selection leaves nothing to check",
        mend: plan.checklist.controls.isEmpty
          ? "write task items: `- [ ] …`" : "`gonogo list \(path)` prints every id")
      return ExitStatus.notRun
    }
    let keeper: EvidenceKeeper?
    do throws(StoreError) {
      keeper = try EvidenceKeeper.make(invocation, document: document.checklist, plan: plan, path: path)
    } catch {
      Terminal.complain(error.description, mend: (error.mend.map { "\($0); " } ?? "") + "--no-store keeps no evidence")
      return ExitStatus.notRun
    }
    var streams: [EventStream] = []
    for target in settings.targets where EventStream.streams(target) {
      guard let stream = EventStream(target, file: plan.checklist.file.name, keeper: keeper) else {
        return ExitStatus.notRun
      }
      streams.append(stream)
    }
    let outcome = await look(
      plan, queries: planned.queries, settings: settings, keeper: keeper, streams: streams, path: path)
    let streamed = streams.allSatisfy(\.isWhole)
    if !streamed { Terminal.complain("the event log could not be written whole", mend: "free some room on the disk") }
    let status = tell(
      outcome, document: document, plan: plan, settings: settings, keeper: keeper, invocation: invocation)
    return streamed || status != ExitStatus.go ? status : ExitStatus.undecided
  }

  // MARK: Settings

  struct Settings {
    let jobs: Int
    let timeout: Int
    let targets: [OutputTarget]
    let progress: Progress.Mode
    let write: Bool

    /// `nil` where an option is not right, which has then been told.
    init?(_ invocation: Invocation) {
      guard let jobs = Int(invocation.value("jobs") ?? "8"), (1...1000).contains(jobs) else {
        Terminal.complain("--jobs is a whole number from 1 to 1000")
        return nil
      }
      guard let timeout = Quantity.milliseconds(invocation.value("timeout") ?? "10s"), timeout >= 1, timeout < 1e9
      else {
        Terminal.complain("--timeout takes a duration with its unit", mend: "write 500ms, 10s or 5m")
        return nil
      }
      guard let targets = OutputTarget.parse(invocation.all("output"), document: invocation.operands[0]) else {
        return nil
      }
      if invocation.flag("write"), invocation.operands[0] == "-" {
        Terminal.complain("--write needs a file, not standard input")
        return nil
      }
      self.jobs = jobs
      self.timeout = Int(timeout)
      self.targets = targets
      write = invocation.flag("write")
      progress = invocation.flag("quiet") ? .quiet : ProcessEnvironment.isTerminal(2) ? .live : .plain
    }
  }

  // MARK: Looking

  struct Outcome {
    let results: [ControlResult]
    let interrupted: Bool
    let started: Int64
    let milliseconds: Int
  }

  private static func look(
    _ plan: Plan, queries: JQEngine, settings: Settings, keeper: EvidenceKeeper?, streams: [EventStream],
    path: String
  ) async -> Outcome {
    let interruption = Interruption()
    let progress = Progress(mode: settings.progress)
    Signals.handle(GonogoTool.endingSignals) { number in
      if interruption.isRequested {
        progress.stop()
        Subprocess.killAll()
        _exit(128 + number)
      }
      progress.note("gonogo: stopping; what was found is kept (once more to end at once)")
      interruption.request()
    }
    progress.start()
    let finished = Mutex<Outcome?>(nil)
    let runner = Runner(
      jobs: settings.jobs, clock: SystemClock(), queries: queries, redactor: Redactor(), executor: ProbeExecutor(),
      shared: ProbeExecutor(limit: 2),
      interruption: interruption, directory: DocumentLoader.directory(of: path))
    // Kept first: what a person has seen, no kill can lose.
    let keep: @Sendable ([Runner.Placed]) -> Void = { keeper?.keep($0) }
    await runner.run(plan, keep: keep) { event in
      progress.handle(event)
      for stream in streams { stream.send(event) }
      if case .runFinished(let results, _, let interrupted, let started, let milliseconds) = event {
        finished.withLock {
          $0 = Outcome(results: results, interrupted: interrupted, started: started, milliseconds: milliseconds)
        }
      }
    }
    progress.stop()
    return finished.withLock { $0 } ?? Outcome(results: [], interrupted: true, started: 0, milliseconds: 0)
  }

  // MARK: Telling

  private static func tell(
    _ outcome: Outcome, document: DocumentLoader, plan: Plan, settings: Settings, keeper: EvidenceKeeper?,
    invocation: Invocation
  ) -> Int32 {
    let verdict = Verdict.decide(outcome.results)
    keeper?.finish(verdict, interrupted: outcome.interrupted)
    let report = Report(
      file: document.checklist.file, title: plan.frontMatter.title, environment: plan.environment?.name,
      results: outcome.results, verdict: verdict, excluded: plan.excluded, interrupted: outcome.interrupted,
      started: outcome.started, milliseconds: outcome.milliseconds, run: keeper?.run, digests: keeper?.digests ?? [],
      version: GonogoTool.version)
    var whole = true
    for target in settings.targets where !EventStream.streams(target) { whole = target.write(report) && whole }
    if settings.targets.contains(where: { $0.format == GitHubReport.self }) {
      whole = appendStepSummary(report) && whole
    }
    if settings.write {
      whole = write(outcome.results, to: invocation.operands[0], file: document.checklist.file) && whole
    }
    if let failure = keeper?.failure {
      Terminal.complain("the evidence was not kept: \(failure.description)", mend: failure.mend)
      whole = false
    }
    // A GO whose evidence, report or boxes were lost is no GO that anybody could rely on.
    return verdict == .go && !whole ? ExitStatus.undecided : verdict.exitStatus
  }

  /// Appends the Markdown report to the page of the workflow's step, where GitHub runs this.
  private static func appendStepSummary(_ report: Report) -> Bool {
    guard let path = ProcessEnvironment.all["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return true }
    let used = (try? FileSystem.status(path)).map { Int($0.size) } ?? 0
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    defer { if descriptor >= 0 { close(descriptor) } }
    if descriptor >= 0, FileSystem.writeAll(GitHubStepSummary.render(report, used: used), to: descriptor) {
      return true
    }
    Terminal.complain("the step summary: \(SystemError("write", path))", mend: "see GITHUB_STEP_SUMMARY")
    return false
  }

  private static func write(_ results: [ControlResult], to path: String, file: SourceFile) -> Bool {
    let changes = BoxWriter.changes(results)
    do {
      let bytes = try FileSystem.read(path)
      guard bytes == file.bytes, let written = BoxWriter.apply(changes, to: bytes) else {
        Terminal.complain(
          "\(path) changed while the run went on, or is not UTF-8; no box was set",
          mend: "run `gonogo check --write` again")
        return false
      }
      if !changes.isEmpty { try FileSystem.writeAtomically(written, to: path) }
    } catch {
      Terminal.complain("no box was set: \(error.description)")
      return false
    }
    let ticked = changes.filter(\.change.ticked).count
    let left = results.filter { result in
      guard result.control.tick != nil else { return false }
      switch result.outcome {
      case .errored, .skipped: return true
      default: return false
      }
    }.count
    Terminal.error(
      "\(path): \(ticked) boxes ticked, \(changes.count - ticked) cleared, \(left) left as they were (not decided)\n")
    return true
  }
}
