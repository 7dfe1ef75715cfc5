/// Commands that a line or a fenced block names.
enum CommandLines {
  static let recogniser = Recogniser(
    "command", probes: ["command"],
    manual: """
      A command in backticks or in a fenced block of shell, whose program is one of those that projects are worked with (npm, pnpm, yarn, make, uv,
      python, go, cargo, docker, kubectl, curl, …): it ends with 0. Tests, linters, builds and checks read; what deploys, migrates, removes or
      starts something `disrupts`, and needs to be allowed. Commands that ask for a value (`<…>`) are not proposed. With `--against`, a script that
      the repository does not define is said to be missing.
      """,
    samples: [
      Recogniser.Sample(
        "1. Validate: `uv run python scripts/validate.py --environment production`",
        #"""
        command:
          run: uv run python scripts/validate.py --environment production
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] `npm test` passes",
        #"""
        command:
          run: npm test
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "```bash\nmake deploy\n```",
        #"""
        command:
          run: make deploy
        expect: { exit: 0 }
        timeout: 5m
        effect: disrupts
        """#),
    ],
    lookalikes: ["- `npm` is installed", "- `making` it so", "- Run `curl https://<host>/x`", "- `⌘K` opens palette"]
  ) { line, context in
    if line.says(smoke), let known = context.facts?.commands.first(where: { $0.contains("smoke") }) {
      return Draft(
        "command:\n  run: \(known)\(context.root.isEmpty ? "" : "\n  directory: \(context.root)")\nexpect: { exit: 0 }\ntimeout: 5m",
        confidence: .high, reason: "the repository has a script of that name")
    }
    guard let command = line.codes.first(where: program.isFound), !command.contains("<"), !command.contains("$") else {
      return nil
    }
    if migration.isFound(in: command) { return nil }
    let disrupts = acts.isFound(in: command)
    let shell = Phrase(#"[|&;><*~(]"#).isFound(in: command)
    let script = script(command)
    var reason = "the line names the command"
    if let facts = context.facts, let script, !facts.commands.contains(script) {
      reason += "; no script or target of the repository is called so"
    }
    return Draft(
      "command:\n  \(shell ? "shell" : "run"): \(YAMLText.plainCommand(command))\(context.root.isEmpty ? "" : "\n  directory: \(context.root)")\nexpect: { exit: 0 }\ntimeout: 5m\(disrupts ? "\neffect: disrupts" : "")",
      confidence: .high, reason: reason + (disrupts ? "; it does something, and so must be allowed" : ""))
  }

  private static func script(_ command: String) -> String? {
    let words = command.split(separator: " ").map(String.init)
    if words.count == 2, words[0] == "make" { return command }
    if words.first == "npm", words.count >= 2 {
      return words[1] == "run" ? words.prefix(3).joined(separator: " ") : "npm run \(words[1])"
    }
    return nil
  }

  private static let smoke = Phrase(#"\bsmoke[- ]?tests?\b"#)
  private static let program = Phrase(
    #"^(npm (run |test|ci|audit)|npx |pnpm |yarn |bun |make [a-z]|uv run |poetry run |python3? |pytest|go (test|vet|build)|cargo |swift |bundle exec |rake |mvn |gradle|\./|docker |docker-compose |kubectl |helm |terraform |curl |psql |redis-cli |bash |sh |git |supabase |vercel |railway )"#,
    ignoringCase: false)
  private static let migration = Phrase(#"alembic upgrade|prisma migrate deploy|migrate up|db push|rake db:migrate"#)
  private static let acts = Phrase(
    #"deploy|\b(up|down|apply|push|rm|delete|destroy|restart|start|stop|install|rollback|seed|reset|restore|publish|scale|drop)\b|curl .*-X ?(POST|PUT|DELETE|PATCH)"#
  )
}

extension YAMLText {
  static func plainCommand(_ text: String) -> String {
    let special =
      text.contains(": ") || text.contains(" #") || text.contains("\"") || text.contains("'") || text.contains("${")
    return special || "-?:,[]{}#&*!|>'\"%@`".contains(text.first ?? "-") ? quoted(text) : text
  }
}
