import Glibc
import GonogoCore
import GonogoSystem

/// The command line tool: finds the command, and runs it.
enum GonogoTool {
  static let version = "0.1.0"

  /// What ends a command; `check` ends its run cleanly first.
  static let endingSignals: [Int32] = [SIGINT, SIGTERM]

  /// The commands, in the order of the help: the one list.
  static let commands: [Command] = [
    CheckCommand.command, GapCommand.command, PlanCommand.command, ListCommand.command,
    RunsCommand.runs, RunsCommand.show, RunsCommand.diff, RunsCommand.verify,
    ExplainCommand.command, ExplainCommand.probes, DoctorCommand.command, SchemaCommand.schema,
    SchemaCommand.completions,
    SchemaCommand.man,
    IsolationCommand.command, AuditCommand.command, BindCommand.command, InitCommand.command,
  ]

  static func main(_ arguments: [String]) async -> Int32 {
    Signals.ignorePipe()
    Signals.handle(endingSignals) { number in
      Subprocess.killAll()
      Leftovers.removeAll()
      _exit(128 + number)
    }
    if arguments == ["--version"] || arguments == ["-V"] || arguments == ["version"] {
      Terminal.out("gonogo \(version)\n")
      return ExitStatus.go
    }
    if arguments.isEmpty || arguments == ["--help"] || arguments == ["-h"] || arguments == ["help"] {
      let help = Help.overview(commands)
      if arguments.isEmpty { Terminal.error(help) } else { Terminal.out(help) }
      return arguments.isEmpty ? ExitStatus.notRun : ExitStatus.go
    }
    let arguments = arguments.first == "help" ? Array(arguments.dropFirst()) + ["--help"] : arguments
    do {
      let parser = CommandLineParser(commands: commands, environment: ProcessEnvironment.all)
      guard let invocation = try parser.parse(arguments) else { return ExitStatus.notRun }
      if invocation.flag("help") {
        Terminal.out(Help.of(invocation.command))
        return ExitStatus.go
      }
      return await invocation.command.run(invocation)
    } catch {
      Terminal.complain(error.message, mend: error.mend)
      return ExitStatus.notRun
    }
  }
}
