import GonogoCore
import GonogoProbes

/// `gonogo schema`, `completions` and `man`: what other programs need to know of Gonogo.
enum SchemaCommand {
  static let schema = Command(
    name: "schema", summary: "prints the JSON Schema of bindings or of the front matter",
    operands: "binding|front-matter",
    arity: 1...1, options: [DocumentLoader.helpOption],
    discussion:
      "Draft 2020-12, made from the probes' descriptors, so that editors complete and check what authors write.",
    examples: [("gonogo schema binding > binding.schema.json", "for an editor")],
    run: { invocation in
      let schema = JSONSchema(registry: BuiltinProbes.registry)
      switch invocation.operands[0] {
      case "binding": Terminal.out(schema.binding.pretty + "\n")
      case "front-matter": Terminal.out(schema.frontMatter.pretty + "\n")
      default:
        Terminal.complain("there is no schema '\(invocation.operands[0])'", mend: "binding or front-matter")
        return ExitStatus.notRun
      }
      return ExitStatus.go
    })

  static let completions = Command(
    name: "completions", summary: "prints the completions for a shell", operands: "bash|zsh|fish", arity: 1...1,
    options: [DocumentLoader.helpOption], discussion: "",
    examples: [("source <(gonogo completions bash)", "for this shell")],
    run: { invocation in
      let shell = invocation.operands[0]
      guard Completions.shells.contains(shell) else {
        Terminal.complain("there are no completions for '\(shell)'", mend: Completions.shells.joined(separator: ", "))
        return ExitStatus.notRun
      }
      Terminal.out(Completions.render(shell, GonogoTool.commands))
      return ExitStatus.go
    })

  static let man = Command(
    name: "man", summary: "prints the manual page, for man(1)", operands: "", arity: 0...0,
    options: [DocumentLoader.helpOption], discussion: "", examples: [("gonogo man | man -l -", "reads it")],
    run: { _ in
      Terminal.out(ManPage.render(GonogoTool.commands))
      return ExitStatus.go
    })
}
