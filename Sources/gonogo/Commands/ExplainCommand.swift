import GonogoCore
import GonogoProbes
import GonogoSystem

/// `gonogo explain` and `gonogo probes`: what Gonogo knows of itself.
enum ExplainCommand {
  static let command = Command(
    name: "explain", summary: "explains a message, a probe, a matcher, a format or a word", operands: "WORD",
    arity: 0...1,
    options: [
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "markdown"], "text (default) or markdown."),
      DocumentLoader.helpOption,
    ],
    discussion: "Without WORD it lists everything it knows.",
    examples: [
      ("gonogo explain http", "the manual page of a probe"),
      ("gonogo explain denial-without-control", "why a document was refused"),
    ], run: { run($0) })

  static func run(_ invocation: Invocation) -> Int32 {
    guard let word = invocation.operands.first else {
      var kinds: [String] = []
      for topic in Topic.all where !kinds.contains(topic.kind) { kinds.append(topic.kind) }
      for kind in kinds {
        Terminal.out("\(kind)\n")
        for topic in Topic.all where topic.kind == kind {
          Terminal.out("  \(Help.pad(topic.name, 24)) \(topic.summary)\n")
        }
        Terminal.out("\n")
      }
      return ExitStatus.go
    }
    guard let topic = Topic.named(word) else {
      let near = Suggestion.nearest(to: word, in: Topic.all.map(\.name))
      Terminal.complain(
        "nothing is known of '\(word)'", mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo explain` lists all")
      return ExitStatus.notRun
    }
    if invocation.value("output") == "markdown" || topic.kind == "probe" {
      Terminal.out(topic.kind == "probe" ? topic.text : "# \(topic.name)\n\n\(topic.summary)\n\n\(topic.text)\n")
    } else {
      let style = Style(enabled: ProcessEnvironment.wantsColour(1))
      Terminal.out("\(style.bold(topic.name)) (\(topic.kind)): \(topic.summary)\n\n")
      for line in Help.wrap(topic.text, 92) { Terminal.out("\(line)\n") }
    }
    return ExitStatus.go
  }

  static let probes = Command(
    name: "probes", summary: "lists the probes", operands: "", arity: 0...0,
    options: [
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ], discussion: "`gonogo explain PROBE` prints the manual page of one.", examples: [],
    run: { invocation in
      if invocation.value("output") == "json" {
        Terminal.out(
          JSON.object([
            "schema": "gonogo.probes/1",
            "probes": .array(
              BuiltinProbes.all.map { type in
                let descriptor = type.descriptor
                return [
                  "name": .string(descriptor.name), "summary": .string(descriptor.summary),
                  "effect": .string(descriptor.effect.rawValue), "parameters": JSON(descriptor.parameters.map(\.name)),
                  "facts": .array(
                    descriptor.facts.map {
                      ["path": .string($0.path), "type": .string($0.type), "meaning": .string($0.summary)]
                    }), "witness": JSON(descriptor.witness.map(\.name)),
                ]
              }),
          ]).pretty + "\n")
        return ExitStatus.go
      }
      for type in BuiltinProbes.all {
        Terminal.out("\(Help.pad(type.descriptor.name, 12)) \(type.descriptor.summary)\n")
      }
      return ExitStatus.go
    })
}
