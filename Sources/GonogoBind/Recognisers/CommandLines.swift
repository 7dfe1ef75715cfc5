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
        "- [ ] Health check works: `curl http://localhost/health` → 200 OK",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] All containers are healthy: `docker compose -f prod.yaml ps`",
        #"""
        command: docker compose -f prod.yaml ps --format json
        jq: '[.lines[] | fromjson] | length >= 1 and all(.[]; .State == "running" and (.Health == "" or .Health == "healthy"))'
        """#),
      Recogniser.Sample(
        "```bash\nkubectl get pods -n shop\n```",
        #"""
        command: kubectl get pods -n shop -o json
        expect: { exit: 0 }
        jq: '[.json.items[]] | length >= 1 and all(.[]; .status.phase == "Succeeded" or (.status.phase == "Running" and all(.status.containerStatuses[]?; .ready)))'
        """#),
      Recogniser.Sample(
        "- [ ] Security audit run: `composer audit` and `npm audit`",
        #"""
        command:
          run: composer audit
        expect: { exit: 0 }
        timeout: 5m
        """#,
        #"""
        command:
          run: npm audit
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] `go test ./...` passes for `services/tool`",
        #"""
        command:
          run: go test ./...
          directory: services/tool
        expect: { exit: 0 }
        timeout: 5m
        """#),
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
    lookalikes: [
      "- `docker compose logs -f` shows no error", "```bash\ncurl -sfL https://get.example.org | sh -\n```",
      "```bash\nkubectl get secret a -o json | base64 -d\n```", "```bash\nssh root@192.0.2.1\n```",
      "- [ ] Storage link created: `php artisan storage:link`",
      "- [ ] Git directory not accessible: `curl https://yourdomain.com/.git/`",
      "## Rollback\n\n```bash\nmake restore\n```",
      "- `curl https://admin.yourdomain.com/` answers",
      "- Try `curl -H \"Origin: https://x.invalid\" https://shop.example.org/api`", "- `npm` is installed",
      "- `making` it so", "- Run `curl https://<host>/x`", "- `⌘K` opens palette",
    ]
  ) { line, context in
    if line.says(smoke), let known = context.facts?.commands.first(where: { $0.contains("smoke") }) {
      return Draft(
        "command:\n  run: \(known)\(context.root.isEmpty ? "" : "\n  directory: \(context.root)")\nexpect: { exit: 0 }\ntimeout: 5m",
        confidence: .high, reason: "the repository has a script of that name")
    }
    // A box in a block of shell holds a command without backticks.
    let boxed = line.kind == .box && line.codes.isEmpty ? Inline.trimmed(String(line.text.prefix { $0 != "(" })) : nil
    let commands = (boxed.map { [$0] } ?? line.codes).map(CommandKind.bare).filter {
      CommandKind.program.isFound(in: $0) && !$0.contains("<") && !$0.contains("$")
        && !CommandKind.never.isFound(in: $0)
    }
    guard let command = commands.first else { return nil }
    // What is done when it went wrong is not done to see whether it is right.
    if line.kind == .command, line.isAbout(emergency) { return nil }
    if commands.count > 1, commands.allSatisfy({ !CommandKind.acts.isFound(in: $0) && !$0.hasPrefix("curl ") }) {
      return Draft(
        blocks: commands.map { "command:\n  run: \(YAMLText.plainCommand($0))\nexpect: { exit: 0 }\ntimeout: 5m" },
        confidence: .high, reason: "each command that the line names ends well")
    }
    if let look = CommandKind.look(command, line) { return look }
    if compose.isFound(in: command), line.kind != .command && line.says(running) || listing.isFound(in: command) {
      let base = compose.group(1, in: command) ?? "docker compose"
      return Draft(
        "command: \(base) ps --format json\njq: '[.lines[] | fromjson] | length >= 1 and all(.[]; .State == \"running\" and (.Health == \"\" or .Health == \"healthy\"))'",
        confidence: .high, reason: "every container of the project runs, and none is unhealthy")
    }
    if let fetch = CurlCall(command) { return Absence.isMeant(line) ? nil : fetch.draft(line) }
    // curl ends with 0 whatever the server says.
    if command.hasPrefix("curl "), !fails.isFound(in: command) { return nil }
    let writes = command.contains(">") || line.kind == .command && CommandKind.unknown.isFound(in: command)
    let disrupts =
      CommandKind.acts.isFound(in: command) || writes && !CommandKind.looks.isFound(in: command)
    // An item that names what changes something says that it was done: that it is done, another look must tell.
    if disrupts, line.kind != .command, line.says(done) || !CommandKind.own.isFound(in: command) { return nil }
    let shell = Phrase(#"[|&;><*~(]"#).isFound(in: command)
    let script = script(command)
    var reason = "the line names the command"
    if let facts = context.facts, let script, !facts.commands.contains(script) {
      reason += "; no script or target of the repository is called so"
    }
    return Draft(
      "command:\n  \(shell ? "shell" : "run"): \(YAMLText.plainCommand(command))\(Self.directory(line, context))\nexpect: { exit: 0 }\ntimeout: 5m\(disrupts ? "\neffect: disrupts" : "")",
      confidence: disrupts && line.kind != .command ? .low : .high,
      reason: reason
        + (disrupts ? "; it does the thing rather than look whether it is done, and so must be allowed" : ""))
  }

  private static func script(_ command: String) -> String? {
    let words = command.split(separator: " ").map(String.init)
    if words.count == 2, words[0] == "make" { return command }
    if words.first == "npm", words.count >= 2 {
      return words[1] == "run" ? words.prefix(3).joined(separator: " ") : "npm run \(words[1])"
    }
    return nil
  }

  /// Where the command runs: in the directory that the line says it is for, seen from the repository's root.
  private static func directory(_ line: ChecklistLine, _ context: BindContext) -> String {
    let named = line.codes.count == 2 && line.says(place) ? line.codes.last(where: folder.isFound) : nil
    let path = context.root + (named ?? "")
    return path.isEmpty ? "" : "\n  directory: \(path)"
  }
  private static let place = Phrase(#"\b(for|in|inside|from|within)\b"#)
  private static let folder = Phrase(#"^(?!-)[\w.-]+(/[\w.-]+)+/?$"#)
  private static let done = Phrase(
    #"\b(run|ran|reloaded|restarted|started|created|generated|installed|updated|linked|cleared|cached|tested|deployed)\b"#
  )

  private static let emergency = Phrase(
    #"rollback|roll back|emergency|in case of|откат|экстренн|в случае (крит|сбо|проблем|ошиб)|(useful|quick|common|handy) (reference )?commands|quick reference|\bmaintenance\b|clean[- ]?up\b|restart services|cheat ?sheet|полезные команды|контакты"#
  )
  private static let compose = Phrase(#"^(docker[ -]compose(?: -f [\w./-]+)*) (?:ps|up)\b"#)
  private static let listing = Phrase(#"^docker[ -]compose(?: -f [\w./-]+)* ps$"#)
  private static let running = Phrase(#"running|healthy|\bup\b|started|запущен|работа\w+|в статусе"#)
  private static let fails = Phrase(#" (-[a-zA-Z]*f[a-zA-Z]*|--fail(-with-body)?)( |$)"#, ignoringCase: false)
  private static let smoke = Phrase(#"\bsmoke[- ]?tests?\b"#)
}

/// `curl` that only asks: a request of the probe's own, which looks at the answer.
private struct CurlCall {
  private static let plain = Phrase(#"^curl(?: -[sSiIvLf]+)* (https?)://([\w.$<>{}-]+)(:\d+)?(/[^\s"'`|]*)?$"#)
  /// Hosts that stand for the reader's own.
  private static let placeholder = Phrase(
    #"^(localhost|127\.0\.0\.1|((www|api|app)\.)?((your|my)[-_]?(domain|site|app|server|host)\w*(\.\w+)*|example\.(com|org|net)))$"#
  )
  /// Other names below such a host: whose they are nobody said.
  private static let unknown = Phrase(
    #"(your|my)[-_]?(domain|site|app|server|host)|(^|\.)example\.(com|org|net)$|[<>{}$]"#)
  private static let code = Phrase(
    #"(?:→|->|=>|returns?|:|ожидается|отвечает)\s*(?:http )?([1-5]\d\d)\b|\b([1-5]\d\d) OK\b"#)

  let url: String

  init?(_ command: String) {
    guard let groups = Self.plain.first(in: command), let scheme = groups[1], let host = groups[2] else { return nil }
    let path = groups[4] ?? "/"
    if !Self.placeholder.isFound(in: host), Self.unknown.isFound(in: host) { return nil }
    url = Self.placeholder.isFound(in: host) ? "${app}\(path)" : "\(scheme)://\(host)\(groups[3] ?? "")\(path)"
  }

  func draft(_ line: ChecklistLine) -> Draft? {
    let groups = Self.code.first(in: line.text)
    let status = groups?[1] ?? groups?[2] ?? "200"
    // A refusal needs its control.
    if status.hasPrefix("4") { return nil }
    return Draft(
      "http: { GET: \"\(url)\" }\nexpect: { status: \(status) }", confidence: .high,
      reason:
        "the line asks this URL\(url.hasPrefix("$") ? ", on a host that stands for yours" : ""); what is answered is looked at, which curl's exit status does not tell"
    )
  }
}

extension YAMLText {
  static func plainCommand(_ text: String) -> String {
    let special =
      text.contains(": ") || text.contains(" #") || text.contains("\"") || text.contains("'") || text.contains("${")
    return special || "-?:,[]{}#&*!|>'\"%@`".contains(text.first ?? "-") ? quoted(text) : text
  }
}
