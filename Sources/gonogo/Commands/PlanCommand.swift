import GonogoCore
import GonogoSystem

/// `gonogo plan`: what a check would do.
enum PlanCommand {
  static let command = Command(
    name: "plan", summary: "prints every request that a check would make, and touches nothing", operands: "FILE",
    arity: 1...1,
    options: DocumentLoader.selectionOptions + [
      DocumentLoader.environmentOption, DocumentLoader.allowOption,
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ],
    discussion: "No network, no process, no file but the document. Exit status 2 where the document has errors.",
    examples: [("gonogo plan GO-LIVE.md --only 'DB-*'", "what would be asked for the lines of the database")],
    run: { run($0) })

  static func run(_ invocation: Invocation) -> Int32 {
    guard let document = DocumentLoader.read(invocation.operands[0]), let planned = document.plan(invocation) else {
      return ExitStatus.notRun
    }
    let plan = planned.plan
    // The process ends with the command: taking ten thousand lines apart again would be a tenth of its time.
    _ = Unmanaged.passRetained(Whole(document: document, planned: planned))
    if invocation.value("output") == "json" {
      Terminal.out(json(plan).pretty + "\n")
    } else {
      Terminal.out(text(plan))
    }
    return ExitStatus.go
  }

  private final class Whole {
    let document: DocumentLoader
    let planned: DocumentLoader.Planned
    init(document: DocumentLoader, planned: DocumentLoader.Planned) {
      self.document = document
      self.planned = planned
    }
  }

  static func requests(_ check: Check, _ plan: Plan) -> [String] {
    var scope = plan.scope
    for (name, value) in check.columns { scope.set(name, value) }
    return check.allowed.flatMap { requests($0, plan).map { "control: \($0)" } } + check.probe.requests(in: scope)
  }

  static func json(_ plan: Plan) -> JSON {
    [
      "schema": "gonogo.plan/1", "file": .string(plan.checklist.file.name),
      "environment": JSON(orNull: plan.environment?.name), "excluded": JSON(plan.excluded),
      "steps": .array(
        plan.steps.map { step in
          var object: [String: JSON] = [
            "id": .string(step.control.id), "line": JSON(step.control.range.start.line),
            "severity": .string(step.blocking ? "blocking" : "advisory"),
            "needs": JSON(step.needs.map { plan.steps[$0].control.id }),
          ]
          switch step.action {
          case .skip(let reason):
            object["skip"] = ["reason": .string(reason.name), "message": .string(reason.message)]
          case .run(let checks):
            object["checks"] = .array(
              checks.map { check in
                var item: [String: JSON] = [
                  "probe": .string(check.probeName), "effect": .string(check.effect.rawValue),
                  "requests": JSON(requests(check, plan)), "timeout_ms": JSON(check.timeout),
                ]
                if let label = check.label { item["case"] = .string(label) }
                return .object(item)
              })
          }
          return .object(object)
        }),
    ]
  }

  static func text(_ plan: Plan) -> String {
    let style = Style(enabled: ProcessEnvironment.wantsColour(1))
    var text = ""
    var requestCount = 0
    for step in plan.steps {
      text += "\(style.bold(step.control.id))  \(step.control.title)\n"
      switch step.action {
      case .skip(let reason): text += "    \(style.dim("skipped: \(reason.message)"))\n"
      case .run(let checks):
        for check in checks {
          let label = check.label.map { " (\($0))" } ?? ""
          for request in requests(check, plan) {
            requestCount += 1
            text += "    \(check.probeName)\(label): \(request)\n"
          }
        }
      }
    }
    text += "\n\(plan.steps.count.counting("control")), \(requestCount.counting("request"))"
    if plan.excluded > 0 { text += ", \(plan.excluded.counting("control")) left out by the selection" }
    if let environment = plan.environment { text += "; environment \(environment.name)" }
    return text + "\n"
  }
}
