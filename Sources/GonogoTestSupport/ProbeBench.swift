public import GonogoCore
import GonogoDocument
public import GonogoProbes
import GonogoSystem

/// Runs a checklist in memory through the real planner and runner: the shortest way from a binding to its outcome.
public enum ProbeBench {
  public struct Ran: Sendable {
    /// What the document's reader and planner had to say; where there are errors, nothing ran.
    public let diagnostics: [Diagnostic]
    public let results: [ControlResult]

    /// The first control's outcome.
    public var outcome: Outcome? { results.first?.outcome }
    /// The facts of the first control's first check.
    public var facts: JSON { results.first?.checks.first?.facts ?? .null }
    public var witness: [String: Int] { results.first?.checks.first?.witness ?? [:] }
    public var repeatCommand: String? { results.first?.checks.first?.repeatCommand }
    public var error: ProbeError? {
      if case .errored(let error) = outcome { return error }
      return nil
    }
    public var mismatches: [Mismatch] {
      if case .failed(let mismatches) = outcome { return mismatches }
      return []
    }
    public func result(_ id: String) -> ControlResult? { results.first { $0.control.id == id } }
  }

  /// One line with one binding. `yaml` is the binding's text, without its fence.
  public static func run(
    binding yaml: String, frontMatter: String = "", environment: [String: String] = [:], allow: Set<Effect> = [],
    directory: String = "/tmp"
  ) async -> Ran {
    let indented = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(
      separator: "\n")
    let head = frontMatter.isEmpty ? "" : "---\ngonogo: 1\n\(frontMatter)\n---\n"
    return await run(
      document: "\(head)- [ ] **T-1** the line\n  ```yaml gonogo\n\(indented)\n  ```\n", environment: environment,
      allow: allow, directory: directory)
  }

  /// A whole document.
  public static func run(
    document: String, environment: [String: String] = [:], allow: Set<Effect> = [], directory: String = "/tmp",
    registry: ProbeRegistry = BuiltinProbes.registry
  ) async -> Ran {
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(Array(document.utf8), name: "test.md", sink: sink)
    let queries = JQEngine()
    let planner = Planner(
      registry: registry, engines: Engines(patterns: PCREngine(), queries: queries), processEnvironment: environment)
    let plan = planner.plan(checklist, options: Planner.Options(allowed: allow), sink: sink)
    if sink.hasErrors { return Ran(diagnostics: sink.sorted, results: []) }
    let runner = Runner(
      jobs: 8, clock: SystemClock(), queries: queries, redactor: Redactor(), executor: ProbeExecutor(),
      interruption: Interruption(), directory: directory)
    let results = await runner.run(plan) { _ in }
    return Ran(diagnostics: sink.sorted, results: results)
  }
}
