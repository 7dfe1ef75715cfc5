import GonogoCore

/// The help texts, made from the table of commands.
enum Help {
  static func overview(_ commands: [Command]) -> String {
    var text = """
      gonogo \(GonogoTool.version): a production checklist that checks itself

      usage: gonogo COMMAND [OPTIONS] [OPERANDS]

      commands:

      """
    for command in commands { text += "  \(pad(command.name, 12)) \(command.summary)\n" }
    text += """

      exit status: 0 GO, 1 NO-GO, 2 nothing was run (usage, document, configuration), 3 UNDECIDED

      Begin with a Markdown checklist, any:
        gonogo init                 write a first one, from what is in the repository
        gonogo bind CHECKLIST.md    or propose bindings for one that was written for people
        gonogo list GO-LIVE.md      what it asks, and what of it is bound
        gonogo probes               what can be looked at
        gonogo check GO-LIVE.md     look, and answer

      `gonogo COMMAND --help` tells more of each; `gonogo explain WORD` of any message or probe.

      """
    return text
  }

  static func of(_ command: Command) -> String {
    var text = "usage: gonogo \(command.name) [OPTIONS] \(command.operands)\n\n\(command.summary)\n"
    if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
    text += "\noptions:\n"
    for option in command.options {
      let head =
        (option.short.map { "-\($0), " } ?? "    ") + "--\(option.long)" + (option.value.map { " \($0)" } ?? "")
      let tail = option.variable.map { " [\($0)]" } ?? ""
      let lines = wrap(option.help + tail, 72)
      if head.count <= 26 {
        text += "  \(pad(head, 26)) \(lines[0])\n"
      } else {
        text += "  \(head)\n  \(pad("", 26)) \(lines[0])\n"
      }
      for line in lines.dropFirst() { text += "  \(pad("", 26)) \(line)\n" }
    }
    if !command.examples.isEmpty {
      text += "\nexamples:\n"
      for (example, meaning) in command.examples { text += "  \(example)\n      \(meaning)\n" }
    }
    return text
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    return lines + [line]
  }
}
