import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// What `gonogo plan` would print for one binding.
enum PlanLines {
  static func of(_ yaml: String, front: String, sink: DiagnosticSink) -> [String] {
    let indented = yaml.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    let document = "---\ngonogo: 1\n\(front)\n---\n- [ ] **T-1** the line\n  ```yaml gonogo\n\(indented)\n  ```\n"
    let checklist = ChecklistParser().parse(Array(document.utf8), name: "test.md", sink: sink)
    let planner = Planner(
      registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: JQEngine()),
      processEnvironment: [:])
    let plan = planner.plan(checklist, options: Planner.Options(allowed: [.writes]), sink: sink)
    guard case .run(let checks)? = plan.steps.first?.action else { return [] }
    return checks.flatMap { $0.probe.requests(in: plan.scope) }
  }
}
