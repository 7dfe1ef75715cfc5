public import GonogoCore

/// A line's proof of isolation, put to the proof: each fault in turn is put into the shadow's schema, and the proof must turn
/// red. `gonogo check --mutate` sets it in the place of the line's own probe.
public struct MutationProbe: Probe {
  public static var descriptor: ProbeDescriptor { IsolationProbe.descriptor }

  let proof: IsolationProbe

  public init(_ arguments: Arguments) throws(InvalidArguments) { proof = try IsolationProbe(arguments) }

  init(_ proof: IsolationProbe) { self.proof = proof }

  /// The proofs of a plan, each to be put to the proof, with ten times its time; all other lines are left out, and lines that
  /// judge some tables where another judges all of the same schema.
  public static func plan(_ plan: Plan) -> Plan {
    func key(_ proof: IsolationProbe) -> String { proof.shadow?.preview(in: plan.scope) ?? "" }
    var whole: Set<String> = []
    _ = plan.replacing { check in
      if let proof = check.probe as? IsolationProbe, proof.tables == nil { whole.insert(key(proof)) }
      return nil
    }
    return plan.replacing { check in
      guard let proof = check.probe as? IsolationProbe else { return nil }
      if proof.tables != nil, proof.shadow != nil, whole.contains(key(proof)) { return nil }
      return check.with(probe: MutationProbe(proof), timeout: min(check.timeout * 10, 3_600_000))
    }
  }

  public var builtinExpectations: [Expectation] {
    [
      Expectation(
        .fact(IsolationProbe.path("mutation.survivors"), .length(.compare(.equal, 0, source: "== 0"))), at: proof.range)
    ]
  }

  public var references: [(name: String, range: SourceRange)] { proof.references }

  public func requests(in scope: Scope) -> [String] {
    [
      proof.shadow.map {
        "\($0.preview(in: scope)): its schema spoiled in one place at a time, and the proof each time"
      }
        ?? "nothing: a live database is never spoiled"
    ]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    guard let shadow = proof.shadow else {
      throw ProbeError(
        .configuration, "a live database is never spoiled, so that nothing is known of this line's proof",
        asked: context.scope.preview(proof.database),
        mend: "bind the line to a scratch copy: `isolation: { shadow: { migrations: … } }`")
    }
    let deadline = PostgresDeadline(milliseconds: context.timeout)
    let source = try shadow.options(in: context)
    let made = try await ShadowDatabase.shared(source, context: context)
    // Lines that ask the same of one shadow share what became of each fault.
    let once = context.resources.resource("mutants \(ObjectIdentifier(made)) \(proof.options)") {
      RunOnce<IsolationResult>()
    }
    let (wanted, environment) = (proof.options, context.scope.environment)
    let result = try await once.get("another control's faults", deadline: deadline) { () throws(ProbeError) in
      var options = wanted
      options.environment = environment
      options.mutates = true
      options.timeout = max(1, deadline.left - min(1000, deadline.left / 10))
      return try IsolationCheck.run(shadow: made, connection: try made.copy(deadline: deadline), options: options)
    }
    let asked = shadow.preview(in: context.scope)
    guard var report = result.mutation else {
      throw ProbeError(.unexpected, "no fault was put in", asked: asked)
    }
    if let tables = proof.tables { report = report.restricted(to: tables) }
    if report.verdict == .undecided { throw Self.undecided(report, facts: result.facts, asked: asked) }
    var observation = Observation(
      facts: result.facts.setting(["mutation"], report.json), witness: ["mutants": report.count(.killed)],
      attachments: [.init(name: "mutants.txt", mediaType: "text/plain", bytes: Array(report.text.utf8))], asked: asked,
      repeatCommand: source.isolationCommand.map { "\($0) --mutate" })
    observation.unmet = report.entries(.survived).map { entry in
      Mismatch(
        path: entry.place ?? entry.table, expected: "the proof turns red on: \(entry.sql)",
        found: "it stays green: \(entry.why)", range: proof.range)
    }
    return observation
  }

  /// Why a run without survivors shows nothing all the same.
  static func undecided(_ report: MutationReport, facts: JSON?, asked: String?) -> ProbeError {
    let open = report.entries(.notRun) + report.entries(.alreadyRed)
    let first = open.first.map { ": \($0.sql): \($0.why)" } ?? ""
    if report.count(.notRun) > 0 {
      return ProbeError(
        .timedOut, "\(report.sentence)\(first)", asked: asked, mend: "give it more time with `timeout:`", facts: facts)
    }
    if report.count(.alreadyRed) > 0 {
      return ProbeError(
        .control, "\(report.sentence)\(first)", asked: asked,
        mend: "mend what leaks or is not proven, then run it again",
        facts: facts)
    }
    return ProbeError(
      .vacuous, "no fault could be put in that a role under test would notice: \(report.sentence)", asked: asked,
      mend: "see that the tables have row security and policies, and that the roles under test are right", facts: facts)
  }
}
