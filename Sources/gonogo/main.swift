import Glibc
import GonogoSystem

// Nothing else stands in main.swift: a closure written here would be bound to the main actor.
// _exit: nothing is buffered, and exit handlers of C libraries must not run beside a probe's abandoned threads.
Allocator.growInSteps(1 << 20)
let status = await GonogoTool.main(Array(CommandLine.arguments.dropFirst()))
Subprocess.killAll()
Leftovers.removeAll()
_exit(status)
