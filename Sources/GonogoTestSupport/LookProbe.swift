import Glibc
public import GonogoCore
import GonogoDocument
import GonogoSystem
import Synchronization

/// A probe that sees what its binding says: for the tests of everything around a probe.
public struct LookProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "look", summary: "sees what it is told to see", discussion: "For tests.",
    parameters: [
      .init("facts", .any, "What it sees."), .init("witness", .integer, "The count of its witness (default 1)."),
      .init("blocks", .duration, "Holds its thread that long, deaf to cancellation."),
      .init("waits", .duration, "Waits that long, without a thread."),
      .init("error", .choice(ProbeError.Kind.allCases.map(\.rawValue)), "Cannot look, for this reason."),
      .init("fails_first", .integer, "How many attempts see `{}` before one sees the facts."),
      .init("denial", .boolean, "What is expected is a refusal."),
      .init("does", .choice(Effect.allCases.map(\.rawValue)), "Its effect."),
      .init("meter", .string, "The name of the meter that counts it."),
      .init("asked", .string, "What it asked."),
    ],
    shorthand: "facts",
    facts: [
      .init("status", "integer", "A number."), .init("rows", "array", "A list."), .init("text", "string", "A text."),
      .init("map", "object", "A mapping."),
    ],
    witness: [("looks", "how often it looked")], failures: [], examples: [])

  let facts: TemplateValue
  let count: Int
  let blocks: Int
  let waits: Int
  let error: ProbeError.Kind?
  let failsFirst: Int
  let denies: Bool
  public let effect: Effect
  let meter: String
  let asked: Template?

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    facts = try arguments.require("facts", arguments.value("facts"))
    count = arguments.integer("witness") ?? 1
    blocks = arguments.duration("blocks") ?? 0
    waits = arguments.duration("waits") ?? 0
    error = arguments.choice("error", ProbeError.Kind.allCases.map(\.rawValue)).flatMap(ProbeError.Kind.init)
    failsFirst = arguments.integer("fails_first") ?? 0
    denies = arguments.boolean("denial") ?? false
    effect = arguments.choice("does", Effect.allCases.map(\.rawValue)).flatMap(Effect.init) ?? .reads
    meter = arguments.string("meter") ?? ""
    asked = arguments.template("asked")
  }

  public var references: [(name: String, range: SourceRange)] { facts.references + (asked?.references ?? []) }
  public func denial(in expectations: [Expectation]) -> String? { denies ? "a refusal" : nil }
  public func requests(in scope: Scope) -> [String] { [asked.map(scope.preview) ?? "look"] }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let meter = Meter.named(self.meter)
    meter.begin()
    defer { meter.end() }
    if blocks > 0 { usleep(UInt32(blocks) * 1000) }
    if waits > 0 { try? await Task.sleep(nanoseconds: UInt64(waits) * 1_000_000) }
    let line = asked.map { _ in "asked" }
    if let error { throw ProbeError(error, "told to", asked: line) }
    let attempts = context.resources.resource("look \(facts) \(failsFirst)") { Attempts() }
    let seen = attempts.next() > failsFirst ? try context.render(facts) : [:]
    let shown: String? = if let asked { try context.render(asked).display } else { nil }
    return Observation(facts: seen, witness: ["looks": count], asked: shown)
  }

  private final class Attempts: RunResource {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
    func close() async {}
  }

  /// Counts the looks that are under way, and remembers the most.
  public final class Meter: Sendable {
    private struct State {
      var now = 0
      var most = 0
      var total = 0
    }
    private let state = Mutex(State())
    private static let all = Mutex<[String: Meter]>([:])

    public static func named(_ name: String) -> Meter {
      all.withLock { all in
        if let found = all[name] { return found }
        let new = Meter()
        all[name] = new
        return new
      }
    }

    public var most: Int { state.withLock { $0.most } }
    public var total: Int { state.withLock { $0.total } }

    func begin() {
      state.withLock { state in
        state.now += 1
        state.total += 1
        state.most = max(state.most, state.now)
      }
    }
    func end() { state.withLock { $0.now -= 1 } }
  }
}

/// Runs checklists of ``LookProbe``.
public enum LookBench {
  /// A second probe, so that a binding can have one too many.
  public struct GlanceProbe: Probe {
    public static let descriptor = ProbeDescriptor(
      name: "glance", summary: "sees nothing", discussion: "For tests.", parameters: [], facts: [], witness: [],
      failures: [], examples: [])
    public init(_ arguments: Arguments) throws(InvalidArguments) {}
    public func requests(in scope: Scope) -> [String] { [] }
    public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
      Observation(facts: [:], witness: [:])
    }
  }

  public static let registry = ProbeRegistry([LookProbe.self, GlanceProbe.self])

  public struct Ran: Sendable {
    public let diagnostics: [Diagnostic]
    public let results: [ControlResult]
    public let milliseconds: Int
    public func outcome(_ id: String) -> Outcome? { results.first { $0.control.id == id }?.outcome }
    public func error(_ id: String) -> ProbeError? {
      if case .errored(let error) = outcome(id) { return error }
      return nil
    }
    public func skip(_ id: String) -> SkipReason? {
      if case .skipped(let reason) = outcome(id) { return reason }
      return nil
    }
  }

  /// Everything that reading and planning say of a document.
  public static func diagnose(
    _ bytes: [UInt8], environment: [String: String] = [:], options: Planner.Options = Planner.Options()
  ) -> [Diagnostic] {
    let sink = DiagnosticSink()
    _ = plan(bytes, environment: environment, options: options, sink: sink)
    return sink.sorted
  }

  public static func plan(
    _ bytes: [UInt8], environment: [String: String] = [:], options: Planner.Options = Planner.Options(),
    queries: JQEngine = JQEngine(), sink: DiagnosticSink
  ) -> Plan {
    let checklist = ChecklistParser().parse(bytes, name: "test.md", sink: sink)
    let planner = Planner(
      registry: registry, engines: Engines(patterns: PCREngine(), queries: queries), processEnvironment: environment)
    return planner.plan(checklist, options: options, sink: sink)
  }

  public static func run(
    _ document: String, environment: [String: String] = [:], options: Planner.Options = Planner.Options(),
    jobs: Int = 8, interruption: Interruption = Interruption(), handler: @escaping @Sendable (Event) -> Void = { _ in }
  ) async -> Ran {
    let sink = DiagnosticSink()
    let queries = JQEngine()
    let plan = plan(Array(document.utf8), environment: environment, options: options, queries: queries, sink: sink)
    if sink.hasErrors { return Ran(diagnostics: sink.sorted, results: [], milliseconds: 0) }
    let clock = SystemClock()
    let runner = Runner(
      jobs: jobs, clock: clock, queries: queries, redactor: Redactor(), executor: ProbeExecutor(),
      interruption: interruption, directory: "/tmp")
    let begin = clock.ticks()
    let results = await runner.run(plan, handler: handler)
    return Ran(diagnostics: sink.sorted, results: results, milliseconds: Int(clock.ticks() - begin))
  }

  /// A checklist of lines, each a binding under the id `T-1`, `T-2`, ….
  public static func document(_ bindings: [String], frontMatter: String = "") -> String {
    var text = frontMatter.isEmpty ? "" : "---\ngonogo: 1\n\(frontMatter)\n---\n"
    for (index, binding) in bindings.enumerated() {
      text += "- [ ] **T-\(index + 1)** the line\n  ```yaml gonogo\n"
      for line in binding.split(separator: "\n", omittingEmptySubsequences: false) { text += "  \(line)\n" }
      text += "  ```\n"
    }
    return text
  }
}
