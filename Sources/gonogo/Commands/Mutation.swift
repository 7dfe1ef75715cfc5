import GonogoCore
import GonogoProbes
import GonogoReport

/// `--mutate` of `gonogo check`: the proofs of isolation, put to the proof.
enum Mutation {
  static let option = OptionSpec(
    "mutate",
    "Put the proofs to the proof: for each line bound to `isolation` with a `shadow:`, spoil the schema in one place at a time, and require the proof to turn red."
  )

  static let discussion = """
    --mutate looks at the lines bound to `isolation` alone, keeps no evidence and sets no box. Each gets ten times its time.
    1: a fault was not noticed, and is listed; 3: a line could not be put to the proof, such as one of a live database, which
    is never spoiled.
    """

  /// The plan with the proofs alone, each to be put to the proof; `nil` where there is none, which has then been told.
  static func plan(_ plan: Plan, _ path: String, writes: Bool) -> Plan? {
    if writes {
      Terminal.complain("--mutate says nothing of the boxes, so that --write has nothing to write")
      return nil
    }
    let proofs = MutationProbe.plan(plan)
    if !proofs.steps.isEmpty { return proofs }
    Terminal.complain(
      "\(path): no line that is to be looked at is bound to `isolation`, so that there is no proof to put to the proof",
      mend: "bind one: `isolation: { shadow: { migrations: … } }`")
    return nil
  }

  /// What became of each fault, above the report for people; the other formats have it in the facts.
  static func tell(_ report: Report, _ targets: [ReportTarget]) {
    guard targets.contains(where: { $0.path == nil && $0.format == TextReport.self }) else { return }
    for result in report.results {
      for attachment in result.checks.flatMap(\.attachments) where attachment.name == "mutants.txt" {
        Terminal.out("\(result.control.id)\n\(String(decoding: attachment.bytes, as: UTF8.self))\n")
      }
    }
  }
}
