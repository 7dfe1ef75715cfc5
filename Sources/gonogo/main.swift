import Glibc

// Nothing else stands in main.swift: a closure written here would be bound to the main actor.
exit(await GonogoTool.main(Array(CommandLine.arguments.dropFirst())))
