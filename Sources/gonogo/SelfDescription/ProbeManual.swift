import GonogoCore

/// A probe's manual page, made from its descriptor: what `gonogo explain` prints, and what stands in its folder.
enum ProbeManual {
  static func markdown(_ type: any Probe.Type) -> String {
    let descriptor = type.descriptor
    var text = "# \(descriptor.name)\n\n\(sentence(descriptor.summary))\n\n\(descriptor.discussion)\n"
    text += "\n**Effect:** \(effect(descriptor.effect))\n"
    text += "\n## Parameters\n\n" + parameters(descriptor.parameters, level: 0)
    if let shorthand = descriptor.shorthand {
      text += "\nA plain value is taken for `\(shorthand)`: `\(descriptor.name): …`.\n"
    }
    if let defaults = type as? any ProbeDefaults.Type {
      text +=
        "\n## In the front matter\n\nUnder `\(descriptor.name):`\n\n" + parameters(defaults.defaultParameters, level: 0)
    }
    if let principal = type as? any ProbePrincipal.Type {
      text += "\n## As a principal\n\nUnder `principals: NAME: \(descriptor.name):`\n\n"
      text += parameters(principal.principalParameters, level: 0)
    }
    text += "\n## Facts\n\nWhat `expect:` may name.\n\n| fact | type | meaning |\n|---|---|---|\n"
    for fact in descriptor.facts { text += "| `\(fact.path)` | \(cell(fact.type)) | \(cell(fact.summary)) |\n" }
    text += "\n## Witness\n\nA pass needs each of these above zero.\n\n"
    for (name, summary) in descriptor.witness { text += "* `\(name)`: \(summary)\n" }
    text += "\n## When it cannot look\n\n| what happens | what is said |\n|---|---|\n"
    for (when, says) in descriptor.failures { text += "| \(cell(when)) | \(cell(says)) |\n" }
    if !descriptor.tools.isEmpty {
      text += "\n## Programs it runs\n\n"
      for tool in descriptor.tools { text += "* `\(tool.program)`: `\(tool.install)`\n" }
    }
    text += "\n## Examples\n"
    for example in descriptor.examples {
      text += "\n\(example.title):\n\n```yaml gonogo\n\(example.yaml)\n```\n"
    }
    return text
  }

  private static func sentence(_ text: String) -> String {
    let first = text.prefix(1).uppercased() + text.dropFirst()
    return first.hasSuffix(".") ? first : first + "."
  }

  private static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("\n", with: " ")
  }

  private static func effect(_ effect: Effect) -> String {
    switch effect {
    case .reads: "reads only, unless a parameter or `effect:` says otherwise."
    case .writes: "writes; it runs only with `--allow writes`."
    case .disrupts: "disrupts; it runs only with `--allow disrupts`."
    }
  }

  private static func parameters(_ list: [ProbeDescriptor.Parameter], level: Int) -> String {
    var text = ""
    for parameter in list {
      let indent = String(repeating: "  ", count: level)
      let needed = parameter.required ? ", required" : ""
      text += "\(indent)* `\(parameter.name)` (\(name(of: parameter.form))\(needed)): \(parameter.summary)\n"
      for inner in members(of: parameter.form) { text += parameters([inner], level: level + 1) }
    }
    return text.isEmpty ? "None.\n" : text
  }

  private static func members(of form: ProbeDescriptor.Form) -> [ProbeDescriptor.Parameter] {
    switch form {
    case .object(let parameters): parameters
    case .list(let inner), .map(let inner): members(of: inner)
    case .either(let forms): forms.flatMap(members)
    default: []
    }
  }

  static func name(of form: ProbeDescriptor.Form) -> String {
    switch form {
    case .string: "text"
    case .choice(let names): names.map { "`\($0)`" }.joined(separator: " or ")
    case .integer: "whole number"
    case .boolean: "true or false"
    case .duration: "duration"
    case .pattern: "pattern"
    case .any: "any value"
    case .list(let element): "list of \(name(of: element))"
    case .map(let value): "mapping to \(name(of: value))"
    case .object: "mapping"
    case .either(let forms): forms.map(name).joined(separator: ", or ")
    }
  }
}
