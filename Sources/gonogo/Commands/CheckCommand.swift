import Glibc
import GonogoCore
import GonogoDocument
import GonogoReport
import GonogoStore
import GonogoSystem
import Synchronization

/// `gonogo check`: look, and answer.
enum CheckCommand {
  /// How a run goes: of every command that looks.
  static let runOptions: [OptionSpec] = [
    OptionSpec(
      "jobs", short: "j", value: "N", variable: "GONOGO_JOBS", "How many controls are looked at together (default 8)."
    ),
    OptionSpec(
      "timeout", value: "DURATION", variable: "GONOGO_TIMEOUT",
      "How long an attempt may take where the document does not say (default 10s)."),
  ]
  static let noStoreOption = OptionSpec("no-store", "Keep no evidence.")
  static let quietOption = OptionSpec("quiet", short: "q", "No progress; only the report.")

  static let command = Command(
    name: "check", summary: "looks at everything the checklist asks, and answers GO or NO-GO", operands: "FILE",
    arity: 1...1,
    options: DocumentLoader.selectionOptions + [
      DocumentLoader.environmentOption, DocumentLoader.allowOption,
      OptionSpec(
        "output", short: "o", value: "FORMAT[=PATH]", repeatable: true,
        "A report: \(ReportFormats.all.map { $0.name }.joined(separator: ", ")). May be repeated; at most one goes to standard output (default: text)."
      ),
    ] + runOptions + [
      Repository.atOption,
      OptionSpec("write", short: "w", "Set the boxes of the document to the truth; no other byte changes."),
      Mutation.option,
      StoreLocation.option,
      noStoreOption, quietOption,
      DocumentLoader.helpOption,
    ],
    discussion: """
      Exit status: 0 GO; 1 NO-GO, at least one blocking control failed; 2 nothing was run; 3 UNDECIDED, at least one
      blocking control could not be decided and none failed.

      Ctrl-C ends the run cleanly: what was found is reported and kept, and the rest counts as not looked at. A second one
      ends at once; even then nothing that was found is lost.

      \(Mutation.discussion)
      """,
    examples: [
      ("gonogo check GO-LIVE.md", "the verdict, with evidence"),
      ("gonogo check GO-LIVE.md -o junit=report.xml -o text", "the same, and a file for CI"),
      ("gonogo check GO-LIVE.md --environment production --only 'tag:smoke'", "a part, on production"),
    ],
    run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    guard let targets = ReportTarget.parse(invocation.all("output"), document: invocation.operands[0]),
      let settings = Settings(invocation)
    else { return ExitStatus.notRun }
    return await look(invocation, settings: settings, targets: targets) { run in
      if invocation.flag("mutate") { Mutation.tell(run.report, targets) }
      return tell(run, settings, targets)
    }
  }

  /// One run, from the document to what its caller makes of it.
  ///
  /// - Returns: the caller's exit status, or that of a run that could not begin, which has then been told.
  static func look(
    _ invocation: Invocation, settings: Settings, targets: [ReportTarget], then tell: (Run) -> Int32
  ) async -> Int32 {
    let path = invocation.operands[0]
    guard let document = DocumentLoader.read(invocation) else { return ExitStatus.notRun }
    defer { document.close() }
    guard let planned = document.plan(invocation, timeout: settings.timeout) else { return ExitStatus.notRun }
    var plan = planned.plan
    let mutates = invocation.flag("mutate")
    if mutates {
      guard let proofs = Mutation.plan(plan, path, writes: settings.write) else { return ExitStatus.notRun }
      plan = proofs
    }
    if settings.write, (try? FileSystem.read(path)) != plan.checklist.file.bytes {
      Terminal.complain(
        "\(path) is not UTF-8, so no box can be set",
        mend: "iconv -f UTF-16 -t UTF-8 \(path) > utf8.md, and check that")
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
      // How a proof fares on a spoiled schema is no evidence of the line.
      keeper =
        mutates ? nil : try EvidenceKeeper.make(invocation, document: document.checklist, plan: plan, path: path)
    } catch {
      Terminal.complain(error.description, mend: (error.mend.map { "\($0); " } ?? "") + "--no-store keeps no evidence")
      return ExitStatus.notRun
    }
    var streams: [EventStream] = []
    for target in targets where EventStream.streams(target) {
      guard let stream = EventStream(target, file: plan.checklist.file.name, keeper: keeper) else {
        return ExitStatus.notRun
      }
      streams.append(stream)
    }
    // git is asked while the probes look: it costs a report no time.
    let git = ProbeExecutor(limit: 1)
    let provenance = Task(executorPreference: git) { [commit = document.commit] in
      Repository(of: path)?.provenance(at: commit)
    }
    let outcome = await look(
      plan, queries: planned.queries, settings: settings, keeper: keeper, streams: streams,
      directory: document.directory)
    let streamed = streams.allSatisfy(\.isWhole)
    if !streamed { Terminal.complain("the event log could not be written whole", mend: "free some room on the disk") }
    let verdict = Verdict.decide(outcome.results)
    keeper?.finish(verdict, interrupted: outcome.interrupted)
    let report = Report(
      file: document.checklist.file, title: plan.frontMatter.title, environment: plan.environment?.name,
      results: outcome.results, verdict: verdict, excluded: plan.excluded, interrupted: outcome.interrupted,
      started: outcome.started, milliseconds: outcome.milliseconds, run: keeper?.run, digests: keeper?.digests ?? [],
      version: GonogoTool.version, provenance: await provenance.value)
    let status = tell(Run(report: report, keeper: keeper, path: path))
    return streamed || status != ExitStatus.go ? status : ExitStatus.undecided
  }

  /// A run that has ended.
  struct Run {
    let report: Report
    let keeper: EvidenceKeeper?
    let path: String

    /// A GO whose evidence, report or boxes were lost is no GO that anybody could rely on.
    func status(isWhole: Bool) -> Int32 {
      var whole = isWhole
      if let failure = keeper?.failure {
        Terminal.complain("the evidence was not kept: \(failure.description)", mend: failure.mend)
        whole = false
      }
      return report.verdict == .go && !whole ? ExitStatus.undecided : report.verdict.exitStatus
    }
  }

  // MARK: Settings

  struct Settings {
    let jobs: Int
    let timeout: Int
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
      if invocation.flag("write"), invocation.operands[0] == "-" {
        Terminal.complain("--write needs a file, not standard input")
        return nil
      }
      if invocation.flag("write"), invocation.value("at") != nil {
        Terminal.complain(
          "--write sets boxes of the working tree, and --at reads a commit", mend: "leave one of them out")
        return nil
      }
      self.jobs = jobs
      self.timeout = Int(timeout)
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
    directory: String
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
      interruption: interruption, directory: directory)
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

  private static func tell(_ run: Run, _ settings: Settings, _ targets: [ReportTarget]) -> Int32 {
    let report = run.report
    var whole = true
    for target in targets where !EventStream.streams(target) { whole = target.write(report) && whole }
    if targets.contains(where: { $0.format == GitHubReport.self }) { whole = appendStepSummary(report) && whole }
    if settings.write { whole = write(report.results, to: run.path, file: report.file) && whole }
    return run.status(isWhole: whole)
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
      "\(path): \(ticked) \(ticked == 1 ? "box" : "boxes") ticked, \(changes.count - ticked) cleared, \(left) left as they were (not decided)\n"
    )
    return true
  }
}
