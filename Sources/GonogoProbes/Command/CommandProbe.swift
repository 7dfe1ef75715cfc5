public import GonogoCore
import GonogoSystem

/// Runs a program and reports how it ended and what it printed.
public struct CommandProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "command",
    summary: "runs a program: its exit status and its output",
    discussion: """
      Runs a program with its arguments, without a shell, in the directory of the document. What it prints is kept as
      evidence (4 MiB of each stream at the most), secrets replaced.

      The program is given no secret on its command line: whoever can list processes can read that. Pass secrets with `env:`
      or `stdin:`.

      A program that Gonogo runs can do anything, and Gonogo cannot see what. Where it does more than look, say so with
      `effect: writes` or `effect: disrupts`.
      """,
    parameters: [
      .init(
        "run", .either([.string, .list(.string)]),
        "The program and its arguments, as a list; a plain text is split at blanks."),
      .init("shell", .string, "A script for `sh -c`, instead of `run`. Values reach it only through `env:`."),
      .init("env", .map(.string), "Variables to set beside those of this process."),
      .init("stdin", .string, "What the program reads."),
      .init("directory", .string, "Where it runs, seen from the document (default: there)."),
    ],
    shorthand: "run",
    facts: [
      .init("exit", "integer or null", "The exit status; null where a signal ended the program."),
      .init("signal", "integer or null", "The signal that ended it."),
      .init("stdout", "string", "What it printed, without the last line end."),
      .init("stderr", "string", "What it printed as errors, without the last line end."),
      .init("lines", "array of strings", "The lines of its standard output."),
      .init("json", "any", "Its standard output read as JSON; absent where it is none."),
      .init("truncated", "boolean", "It printed more than is kept."),
    ],
    witness: [("programs", "the program ran to its end")],
    failures: [
      ("the program is not there", "tool-missing, with where it was looked for"),
      ("it does not end in time", "timed-out; the whole process group is killed"),
    ],
    examples: [
      .init("A suite passes", "command: make smoke\nexpect: { exit: 0 }\ntimeout: 5m"),
      .init(
        "No secret in the history",
        "command:\n  run: [gitleaks, detect, --no-banner, --report-format, json, --report-path, /dev/stdout]\nexpect: { exit: 0, json: { length: 0 } }"
      ),
    ])

  let arguments: [Template]
  let shell: String?
  let variables: [(String, Template)]
  let input: Template?
  let workingDirectory: Template?

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    shell = arguments.string("shell")
    variables = (arguments.map("env") ?? []).compactMap { name, _, node in
      arguments.template(of: node, name).map { (name, $0) }
    }
    input = arguments.template("stdin")
    workingDirectory = arguments.template("directory")
    if shell != nil {
      if arguments.has("run") {
        arguments.fail(.wrongType, "`run` and `shell` are two ways to say the same", at: arguments.keyRange("shell"))
      }
      self.arguments = []
      _ = arguments.node("run")
      return
    }
    let node = try arguments.require("run", arguments.node("run"))
    if let text = node.text {
      self.arguments = text.split(separator: " ").map { word in
        Template(
          Node(.scalar(.init(text: String(word), style: .block, value: .string(String(word)))), at: node.range),
          String(word), sink: arguments.sink)
      }
    } else {
      self.arguments = arguments.templates("run") ?? []
    }
    if self.arguments.isEmpty { arguments.fail(.missingKey, "`run` names no program", at: node.range) }
  }

  public var references: [(name: String, range: SourceRange)] {
    (arguments + variables.map(\.1) + [input, workingDirectory].compactMap { $0 }).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    [
      shell.map { "sh -c \(ShellQuote.quote($0))" }
        ?? arguments.map { ShellQuote.quote(scope.preview($0)) }.joined(separator: " ")
    ]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    var words: [String] = []
    var shown: [String] = []
    for template in arguments {
      let rendered = try context.render(template)
      if !rendered.secrets.isEmpty {
        throw ProbeError(
          .configuration, "a secret on the command line could be read by anyone who lists processes",
          mend: "pass it with `env:` or `stdin:`")
      }
      words.append(rendered.exposed)
      shown.append(ShellQuote.quote(rendered.display))
    }
    if let shell {
      words = ["sh", "-c", shell]
      shown = ["sh", "-c", ShellQuote.quote(shell)]
    }
    var environment = context.scope.environment
    for (name, template) in variables { environment[name] = try context.render(template).exposed }
    var directory = context.directory
    if let workingDirectory { directory = FileSystem.join(directory, try context.render(workingDirectory).exposed) }
    var process = Subprocess(words, environment: environment, directory: directory.isEmpty ? nil : directory)
    if let input { process.input = Array(try context.render(input).exposed.utf8) }
    let command = shown.joined(separator: " ")
    let outcome: Subprocess.Outcome
    do throws(Subprocess.Failure) { outcome = try process.run(milliseconds: context.timeout) } catch {
      switch error {
      case .cannotStart(let program, let code):
        throw ProbeError(
          .toolMissing, "cannot run \(program): \(SystemError("run", program, code: code).reason)", asked: command,
          mend: "install \(program), or put it on the PATH", repeatCommand: command)
      case .timedOut(let milliseconds):
        throw ProbeError(
          .timedOut, "it did not end within \(Quantity.describe(milliseconds: milliseconds)) and was killed",
          asked: command, mend: "give it more time with `timeout:`, or see why it hangs", repeatCommand: command)
      }
    }
    let output = Self.text(outcome.output)
    var facts: [String: JSON] = [
      "exit": JSON(orNull: outcome.status.map(Int.init)), "signal": JSON(orNull: outcome.signal.map(Int.init)),
      "stdout": .string(output), "stderr": .string(Self.text(outcome.error)), "truncated": .bool(outcome.truncated),
      "lines": JSON(
        output.isEmpty ? [] : output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)),
    ]
    if let json = try? JSON.parse(outcome.output) { facts["json"] = json }
    return Observation(
      facts: .object(facts), witness: ["programs": 1], asked: command, repeatCommand: command)
  }

  private static func text(_ bytes: [UInt8]) -> String {
    var text = String(decoding: bytes, as: UTF8.self)
    if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}
