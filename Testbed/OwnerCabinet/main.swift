import GonogoSystem

// Before any other thread is made, so that all of them leave the signals to one.
Signals.block([15, 2])
Signals.ignorePipe()
await Testbed.run(Array(CommandLine.arguments.dropFirst()))
