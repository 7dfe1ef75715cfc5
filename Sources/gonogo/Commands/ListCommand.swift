import GonogoCore
import GonogoSystem

/// `gonogo list`: every control of a document.
enum ListCommand {
  static let command = Command(
    name: "list", summary: "prints every control of a checklist: id, place, tick, binding", operands: "FILE",
    arity: 1...1,
    options: [
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ],
    discussion: "Reads the document and touches nothing else. `-` reads standard input.",
    examples: [("gonogo list GO-LIVE.md", "what the checklist asks, and what of it is bound")],
    run: { run($0) })

  static func run(_ invocation: Invocation) -> Int32 {
    guard let document = DocumentLoader.read(invocation.operands[0]) else { return ExitStatus.notRun }
    document.tell()
    let controls = document.checklist.controls
    if invocation.value("output") == "json" {
      Terminal.out(json(document.checklist).pretty + "\n")
    } else if controls.isEmpty {
      Terminal.error(
        "\(document.checklist.file.name): no control: the document has no task item (`- [ ] …`) and no bound line\n")
    } else {
      Terminal.out(text(document.checklist))
    }
    return document.sink.hasErrors ? ExitStatus.notRun : ExitStatus.go
  }

  static func json(_ checklist: Checklist) -> JSON {
    [
      "schema": "gonogo.list/1", "file": .string(checklist.file.name),
      "controls": .array(
        checklist.controls.map { control in
          [
            "id": .string(control.id), "id_source": .string(control.idSource.rawValue), "title": .string(control.title),
            "section": JSON(control.section), "line": JSON(control.range.start.line),
            "column": JSON(control.range.start.column), "ticked": control.tick.map { .bool($0.checked) } ?? .null,
            "bound": .bool(!control.bindings.isEmpty), "bindings": JSON(control.bindings.count),
            "severity": .string(severity(control)),
          ]
        }),
    ]
  }

  private static func severity(_ control: Control) -> String {
    for binding in control.bindings { if let text = binding.node["severity"]?.text { return text } }
    return control.optional ? "advisory" : "blocking"
  }

  static func text(_ checklist: Checklist) -> String {
    let style = Style(enabled: ProcessEnvironment.wantsColour(1))
    var text = ""
    var section: [String] = []
    for control in checklist.controls {
      if control.section != section {
        section = control.section
        if !text.isEmpty { text += "\n" }
        if !section.isEmpty { text += style.bold(section.joined(separator: " › ")) + "\n" }
      }
      let box = control.tick.map { $0.checked ? "[x]" : "[ ]" } ?? " - "
      let bound = control.bindings.isEmpty ? style.dim("unbound") : style.green("bound")
      let place = "\(checklist.file.name):\(control.range.start.line):\(control.range.start.column)"
      text += "\(box) \(control.id)  \(style.dim(place))  \(bound)\n"
      text += "      \(control.title)\n"
    }
    let ticked = checklist.controls.filter { $0.tick?.checked == true }.count
    let bound = checklist.controls.filter { !$0.bindings.isEmpty }.count
    text += "\n\(checklist.controls.count.counting("control")), \(ticked) ticked, \(bound) bound\n"
    return text
  }
}
