import GonogoCore
import GonogoDocument
import GonogoReport
import GonogoSystem

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
      OptionSpec("quiet", short: "q", "No progress; only the report."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Exit status: 0 GO; 1 NO-GO, at least one blocking control failed; 2 nothing was run; 3 UNDECIDED, at least one
      blocking control could not be decided and none failed.
      """,
    examples: [
      ("gonogo check GO-LIVE.md", "the verdict, with evidence"),
      ("gonogo check GO-LIVE.md -o junit=report.xml -o text", "the same, and a file for CI"),
      ("gonogo check GO-LIVE.md --environment production --only 'tag:smoke'", "a part, on production"),
    ],
    run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    let path = invocation.operands[0]
    guard let document = DocumentLoader.read(path), let planned = document.plan(invocation) else {
      return ExitStatus.notRun
    }
    let plan = planned.plan
    if plan.steps.isEmpty {
      Terminal.complain("\(path) has no control, so there is nothing to check", mend: "write task items: `- [ ] …`")
      return ExitStatus.notRun
    }
    guard let jobs = Int(invocation.value("jobs") ?? "8"), (1...1000).contains(jobs) else {
      Terminal.complain("--jobs is a whole number from 1 to 1000")
      return ExitStatus.notRun
    }
    let interruption = Interruption()
    let runner = Runner(
      jobs: jobs, clock: SystemClock(), queries: planned.queries, redactor: Redactor(), executor: ProbeExecutor(),
      interruption: interruption, directory: DocumentLoader.directory(of: path))
    let clock = SystemClock()
    let started = clock.now()
    let ticks = clock.ticks()
    let results = await runner.run(plan) { _ in }
    let verdict = Verdict.decide(results)
    let report = Report(
      file: document.checklist.file, title: plan.frontMatter.title, environment: plan.environment?.name,
      results: results,
      verdict: verdict, excluded: plan.excluded, interrupted: interruption.isRequested, started: started,
      milliseconds: Int(clock.ticks() - ticks), run: nil, digests: [], version: GonogoTool.version)
    _ = Terminal.out(TextReport(options: ReportOptions(colour: ProcessEnvironment.wantsColour(1))).render(report))
    return verdict.exitStatus
  }
}
