import GonogoSystem

Signals.ignorePipe()
await Testbed.run(Array(CommandLine.arguments.dropFirst()))
