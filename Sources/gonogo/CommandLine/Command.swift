/// An option of a command: for the parser, the help, the manual page and the completions alike.
struct OptionSpec: Sendable {
  let long: String
  let short: Character?
  /// What stands for its value in the help; `nil` for a flag.
  let value: String?
  let help: String
  let repeatable: Bool
  /// The variable that gives the value where the option does not.
  let variable: String?
  /// The possible values, for completions.
  let choices: [String]

  init(
    _ long: String, short: Character? = nil, value: String? = nil, repeatable: Bool = false, variable: String? = nil,
    choices: [String] = [], _ help: String
  ) {
    self.long = long
    self.short = short
    self.value = value
    self.help = help
    self.repeatable = repeatable
    self.variable = variable
    self.choices = choices
  }
}

/// A subcommand.
struct Command: Sendable {
  let name: String
  let summary: String
  /// What follows the options: `FILE`, `[RUN [ID]]`.
  let operands: String
  /// The fewest and the most operands.
  let arity: ClosedRange<Int>
  let options: [OptionSpec]
  let discussion: String
  let examples: [(command: String, meaning: String)]
  let run: @Sendable (Invocation) async -> Int32
}

/// A command line, read.
struct Invocation: Sendable {
  let command: Command
  let operands: [String]
  let values: [String: [String]]

  func flag(_ name: String) -> Bool { values[name] != nil }
  func value(_ name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }
  /// Values that may also be given with commas between them.
  func list(_ name: String) -> [String] { all(name).flatMap { $0.split(separator: ",").map(String.init) } }
}
