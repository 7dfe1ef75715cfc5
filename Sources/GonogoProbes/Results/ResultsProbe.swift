public import GonogoCore
import GonogoSystem

/// Reads what another tool reported, so that its run becomes evidence.
public struct ResultsProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "results",
    summary: "another tool's JUnit, TAP or SARIF file: its counts, its failures, its age",
    discussion: """
      Reads one report or all that a glob matches, and adds them up. The line passes only if nothing failed and nothing
      errored; `max_failed`, `max_errored` and `level` move that bound, and `expect:` asks for more.

      A report in which no test was run proves nothing: it is *errored*, as is one that is cut off, that plans more tests
      than it has, or whose tool says that it did not finish. `max_age` refuses a report of last month.

      **JUnit**: cases are counted. Where the suites' own numbers differ, `inconsistent` says so; failures that the numbers
      claim and no case shows are `unlisted_failures`, and must be none. A suite that broke outside its cases is an errored
      test. Document types and entities are refused.

      **TAP**: the top level is counted; `# SKIP` and `# TODO` are skipped, whatever came of them.

      **SARIF**: `failed` is the number of results at `level` (default error) or above that are not suppressed; `errored`
      is what the tool reports as errors of its own run, such as files that it could not read.

      **Age** is that of the oldest report. What the report says goes before the file's time, which a checkout makes new. A
      time without an offset, as most JUnit writers write it, is taken for UTC, and counts only where it makes the report
      older.
      """,
    parameters: [
      .init("path", .string, required: true, "The report, or a glob."),
      .init("format", .choice(["auto"] + ResultFormat.allCases.map(\.rawValue)), "The format (default auto)."),
      .init("max_failed", .integer, "How many may fail (default 0)."),
      .init("max_errored", .integer, "How many may be errored (default 0)."),
      .init("min_tests", .integer, "How many must have been run, skipped ones not counted (default 1)."),
      .init(
        "level", .choice(["error", "warning", "note"]), "From which level on a SARIF result counts (default error)."),
      .init("max_age", .duration, "How old the oldest report may be."),
    ],
    shorthand: "path",
    facts: [
      .init("format", "string", "junit, tap or sarif."),
      .init("files", "array of strings", "The reports that were read."),
      .init("age_ms", "integer", "How long ago the oldest was made."),
      .init("timestamp_source", "string", "What `age_ms` goes by: report or file."),
      .init("tests", "integer", "How many tests, skipped ones counted."),
      .init("executed", "integer", "How many were run."),
      .init("passed", "integer", "How many passed."),
      .init("failed", "integer", "How many failed; in SARIF, results at `level` or above."),
      .init("errored", "integer", "How many broke; in SARIF, errors of the tool's own run."),
      .init("skipped", "integer", "How many were skipped."),
      .init("todo", "integer", "How many of the skipped are TAP's TODO."),
      .init("flaky", "integer", "How many passed only when run again, where the report says so."),
      .init("failures", "array", "The first 50: `name`, `suite`, `kind`, `message`."),
      .init("suites", "array", "`name`, `tests`, `failed`, `errored`, `skipped` of each."),
      .init("duration_ms", "integer or null", "How long the tests took."),
      .init("inconsistent", "boolean", "The report's numbers and its cases disagree."),
      .init("unlisted_failures", "integer", "Failures in its numbers that no case shows."),
      .init("results", "integer", "SARIF: how many results."),
      .init("levels", "object", "SARIF: how many results of each level: error, warning, note, none."),
      .init("rules", "object", "SARIF: how many results of each rule."),
      .init("suppressed", "integer", "SARIF: how many are suppressed; they count nowhere else."),
      .init("runs", "integer", "SARIF: how many runs."),
      .init("tool", "string or null", "SARIF: the tools with their versions."),
    ],
    witness: [
      ("tests", "tests that were run, skipped ones not counted (JUnit, TAP)"),
      ("runs", "runs that have rules, results or an invocation that succeeded (SARIF)"),
    ],
    failures: [
      ("no file matches", "not-found"),
      ("a report is cut off, or is none", "malformed-reply, with line and column"),
      ("no test was run", "vacuous"),
      ("the tool gave up (`Bail out!`, an invocation that did not succeed)", "unexpected, with its reason"),
    ],
    examples: [
      .init("The suite passed today", "results: { path: build/junit/*.xml, max_age: 24h }"),
      .init("Nothing that semgrep calls a warning", "results: { path: semgrep.sarif, level: warning }"),
      .init("At least two hundred tests", "results: { path: report.tap, min_tests: 200 }"),
    ])

  static let sizeLimit = 128 << 20

  let path: Template
  let format: ResultFormat?
  /// The SARIF levels whose results are failures.
  let counted: [String]
  let judged: [Expectation]

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    let path = arguments.template("path")
    format = arguments.choice("format", ["auto"] + ResultFormat.allCases.map(\.rawValue)).flatMap(
      ResultFormat.init(rawValue:))
    let levels = ["error", "warning", "note"]
    let level = arguments.choice("level", levels) ?? "error"
    counted = Array(levels.prefix(through: levels.firstIndex(of: level) ?? 0))
    if arguments.has("level"), let format, format != .sarif {
      arguments.fail(.wrongType, "`level` is about SARIF", at: arguments.keyRange("level"))
    }
    let minimum = arguments.integer("min_tests", in: 1...Int.max) ?? 1
    let failed = arguments.integer("max_failed") ?? 0
    let errored = arguments.integer("max_errored") ?? 0
    let age = arguments.duration("max_age")
    func expectation(_ fact: String, _ matcher: Matcher, _ key: String) -> Expectation {
      Expectation(
        .fact(FactPath(steps: [.key(fact)]), matcher),
        at: arguments.has(key) ? arguments.keyRange(key) : arguments.range)
    }
    func atMost(_ limit: Int) -> Matcher {
      limit == 0 ? .equals(.constant(0)) : .compare(.atMost, Double(limit), source: "<= \(limit)")
    }
    var judged = [
      expectation("failed", atMost(failed), "max_failed"), expectation("errored", atMost(errored), "max_errored"),
    ]
    judged.append(expectation("unlisted_failures", atMost(failed + errored), "max_failed"))
    if let age {
      let text = arguments.node("max_age")?.text ?? "\(age) ms"
      judged.append(expectation("age_ms", .compare(.atMost, Double(age), source: "<= \(text)"), "max_age"))
    }
    if arguments.has("min_tests") {
      judged.append(expectation("executed", .compare(.atLeast, Double(minimum), source: ">= \(minimum)"), "min_tests"))
    }
    self.judged = judged
    self.path = try arguments.require("path", path)
  }

  public var expectations: [Expectation] { judged }
  public var references: [(name: String, range: SourceRange)] { path.references }
  public func requests(in scope: Scope) -> [String] { ["read the report \(scope.preview(path))"] }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let rendered = try context.render(path)
    let asked = "read \(rendered.display)"
    let deadline = Deadline(context)
    let finder = try FileFinder(rendered.exposed, exclude: [], root: context.directory, deadline: deadline)
    if let first = finder.unreadable.first {
      throw ProbeError(.denied, "\(first) may not be read", asked: asked, mend: "run as a user who may read it")
    }
    if finder.found.isEmpty {
      throw ProbeError(
        .missing, "there is no report \(rendered.display)", asked: asked,
        mend: "run the tool first, or correct the path; it starts at the document")
    }
    var total: ResultSummary?
    var oldest = Int64.min
    var source = "file"
    for file in finder.found {
      try deadline.check()
      let summary = try read(file, context)
      if let first = total, first.format != summary.format {
        throw ProbeError(
          .configuration, "\(file.path) is \(summary.format.rawValue), and another report is \(first.format.rawValue)",
          asked: asked, mend: "read them in two bindings")
      }
      if total == nil { total = summary } else { total?.merge(summary) }
      let age = age(of: summary, file, now: context.clock.now())
      if age.milliseconds > oldest { (oldest, source) = age }
    }
    guard let total else { throw ProbeError(.missing, "there is no report \(rendered.display)", asked: asked) }
    var facts = facts(total)
    facts["files"] = JSON(finder.found.map(\.path))
    facts["age_ms"] = .integer(oldest)
    facts["timestamp_source"] = .string(source)
    let witness = total.format == .sarif ? ["runs": total.provenRuns] : ["tests": total.tests - total.skipped]
    return Observation(
      facts: .object(facts), witness: witness, asked: asked,
      repeatCommand: "ls -l \(finder.found.prefix(5).map { ShellQuote.quote($0.path) }.joined(separator: " "))",
      vacuityMend: total.format == .sarif
        ? "see why the tool names neither rules nor a successful invocation"
        : total.tests == 0
          ? "the report has no test: see that the suite finds its tests"
          : "all \(total.tests) tests were skipped: see why")
  }

  private func read(_ file: FileFinder.Found, _ context: ProbeContext) throws(ProbeError) -> ResultSummary {
    let bytes = try LocalFile.read(
      FileSystem.join(context.directory, file.path), shown: file.path, limit: Self.sizeLimit)
    let asked = "read \(file.path)"
    guard let format = format ?? ResultFormat(bytes) else {
      throw ProbeError(
        .malformed, "\(file.path):1:1: \(bytes.isEmpty ? "the file is empty" : "neither JUnit XML, TAP nor SARIF")",
        asked: asked, mend: "name the report, or run the tool again")
    }
    do throws(ResultFault) {
      switch format {
      case .junit: return try JUnitReader.read(bytes)
      case .tap: return try TAPReader.read(bytes)
      case .sarif: return try SARIFReader.read(bytes, counted: counted)
      }
    } catch {
      throw ProbeError(
        error.bailedOut ? .unexpected : .malformed, "\(file.path):\(error.line):\(error.column): \(error.message)",
        asked: asked, mend: error.bailedOut ? "see why the tool did not finish" : "run the tool again, to its end")
    }
  }

  private func age(of summary: ResultSummary, _ file: FileFinder.Found, now: Int64) -> (milliseconds: Int64, String) {
    let ofFile = max(0, now - file.status.modified)
    guard let (instant, exact) = summary.instant else { return (ofFile, "file") }
    let ofReport = now - instant
    // A report from the future, beyond what clocks differ by, is not believed.
    if exact, ofReport > -300_000 { return (max(0, ofReport), "report") }
    return ofReport > ofFile ? (ofReport, "report") : (ofFile, "file")
  }

  private func facts(_ summary: ResultSummary) -> [String: JSON] {
    var facts: [String: JSON] = [
      "format": .string(summary.format.rawValue), "failed": JSON(summary.failed), "errored": JSON(summary.errored),
      "failures": .array(summary.failures.map(\.json)), "unlisted_failures": JSON(summary.unlisted),
    ]
    if summary.format == .sarif {
      facts["results"] = JSON(summary.results)
      facts["levels"] = .object(summary.levels.mapValues { JSON($0) })
      facts["rules"] = .object(summary.rules.mapValues { JSON($0) })
      facts["suppressed"] = JSON(summary.suppressed)
      facts["runs"] = JSON(summary.runs)
      facts["tool"] = .string(summary.tools.joined(separator: ", "))
      return facts
    }
    facts["tests"] = JSON(summary.tests)
    facts["executed"] = JSON(summary.tests - summary.skipped)
    facts["passed"] = JSON(summary.tests - summary.failed - summary.errored - summary.skipped)
    facts["skipped"] = JSON(summary.skipped)
    facts["todo"] = JSON(summary.todo)
    facts["flaky"] = JSON(summary.flaky)
    facts["suites"] = .array(summary.suites.map(\.json))
    facts["duration_ms"] = summary.milliseconds.map { JSON(Int($0)) } ?? .null
    facts["inconsistent"] = .bool(summary.inconsistent)
    return facts
  }
}
