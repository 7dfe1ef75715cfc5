import GonogoCore

/// What is wrong with a command line, and how to mend it.
struct UsageError: Error, Sendable {
  let message: String
  let mend: String?
  let command: Command?
}

/// Reads a command line by the table of commands.
struct CommandLineParser {
  let commands: [Command]
  let environment: [String: String]

  func parse(_ arguments: [String]) throws(UsageError) -> Invocation? {
    var rest = arguments[...]
    guard let first = rest.popFirst() else { return nil }
    guard let command = commands.first(where: { $0.name == first }) else {
      if first.hasPrefix("-") {
        throw UsageError(
          message: "the option '\(first)' stands before a command", mend: "write `gonogo COMMAND \(first)`",
          command: nil)
      }
      let near = Suggestion.nearest(to: first, in: commands.map(\.name))
      let file = first.hasSuffix(".md") ? "did you mean `gonogo check \(first)`?" : nil
      throw UsageError(
        message: "there is no command '\(first)'",
        mend: near.map { "did you mean '\($0)'?" } ?? file ?? "`gonogo help` lists all",
        command: nil)
    }
    var operands: [String] = []
    var values: [String: [String]] = [:]
    var onlyOperands = false
    while let word = rest.popFirst() {
      if onlyOperands || word == "-" || !word.hasPrefix("-") {
        operands.append(word)
      } else if word == "--" {
        onlyOperands = true
      } else if word.hasPrefix("--") {
        let name = String(word.dropFirst(2).prefix { $0 != "=" })
        let attached = word.contains("=") ? String(word.drop { $0 != "=" }.dropFirst()) : nil
        try take(name, shown: "--\(name)", attached: attached, &rest, &values, command)
      } else {
        let letters = Array(word.dropFirst())
        for (index, letter) in letters.enumerated() {
          guard let option = command.options.first(where: { $0.short == letter }) else {
            throw unknown("-\(letter)", command)
          }
          if option.value != nil, index + 1 < letters.count {
            try take(
              option.long, shown: "-\(letter)", attached: String(letters[(index + 1)...]), &rest, &values, command)
            break
          }
          try take(option.long, shown: "-\(letter)", attached: nil, &rest, &values, command)
        }
      }
    }
    if values["help"] == nil {
      if operands.count < command.arity.lowerBound {
        throw UsageError(
          message: "`gonogo \(command.name)` needs \(command.operands)",
          mend: "`gonogo \(command.name) --help` shows how",
          command: command)
      }
      if operands.count > command.arity.upperBound {
        throw UsageError(
          message: "'\(operands[command.arity.upperBound])' is one operand too many",
          mend: "usage: gonogo \(command.name) [OPTIONS] \(command.operands)", command: command)
      }
    }
    for option in command.options where values[option.long] == nil {
      if let variable = option.variable, let value = environment[variable], !value.isEmpty {
        if option.value == nil {
          if !["0", "false", "no"].contains(value.lowercased()) { values[option.long] = [""] }
        } else {
          values[option.long] = [value]
        }
      }
    }
    for option in command.options where !option.choices.isEmpty && !option.repeatable {
      if let value = values[option.long]?.last, !option.choices.contains(value) {
        let near = Suggestion.nearest(to: value, in: option.choices)
        throw UsageError(
          message: "--\(option.long) is one of \(option.choices.joined(separator: ", ")), not '\(value)'",
          mend: near.map { "did you mean '\($0)'?" }, command: command)
      }
    }
    return Invocation(command: command, operands: operands, values: values)
  }

  private func take(
    _ name: String, shown: String, attached: String?, _ rest: inout ArraySlice<String>,
    _ values: inout [String: [String]],
    _ command: Command
  ) throws(UsageError) {
    guard let option = command.options.first(where: { $0.long == name }) else { throw unknown(shown, command) }
    guard let meta = option.value else {
      if attached != nil {
        throw UsageError(message: "\(shown) takes no value", mend: nil, command: command)
      }
      values[name, default: []].append("")
      return
    }
    guard let value = attached ?? rest.popFirst() else {
      throw UsageError(message: "\(shown) needs a value: \(shown) \(meta)", mend: nil, command: command)
    }
    if !option.repeatable, values[name] != nil {
      throw UsageError(message: "\(shown) is given twice", mend: "give it once", command: command)
    }
    values[name, default: []].append(value)
  }

  private func unknown(_ shown: String, _ command: Command) -> UsageError {
    let near = Suggestion.nearest(to: shown, in: command.options.map { "--\($0.long)" })
    return UsageError(
      message: "`gonogo \(command.name)` has no option \(shown)",
      mend: near.map { "did you mean \($0)?" } ?? "`gonogo \(command.name) --help` lists all", command: command)
  }
}
