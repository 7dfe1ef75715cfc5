/// Commands of which a line says what they show, and several commands in one line.
enum CommandResults {
  static let recogniser = Recogniser(
    "command-result", probes: ["command"],
    manual: """
      "`terraform plan` shows no changes": by its detailed exit status. "`kubectl get pods` shows 3 replicas": so many pods are ready. "`go vet ./...` and `go test ./...` pass": each
      command of the line ends with 0.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `terraform plan` shows no changes",
        #"""
        command:
          run: terraform plan -detailed-exitcode -input=false -lock=false
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] `kubectl get pods` shows 3 replicas",
        #"""
        command: kubectl get pods -o json
        jq: '[.json.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True"))] | length == 3'
        """#),
      Recogniser.Sample(
        "- [ ] `go vet ./...` and `go test ./...` pass",
        #"""
        command:
          run: go vet ./...
        expect: { exit: 0 }
        timeout: 5m
        """#,
        #"""
        command:
          run: go test ./...
        expect: { exit: 0 }
        timeout: 5m
        """#),
    ],
    lookalikes: [
      "- [ ] `npm test` passes", "- [ ] `kubectl get pods` works", "- [ ] `terraform apply` shows no errors",
      "- [ ] `npm test` and `README.md` are there", "- [ ] `make deploy` and `make seed` pass",
    ]
  ) { line, context in
    if line.kind == .command || line.kind == .statement { return nil }
    let directory = context.root.isEmpty ? "" : "\n  directory: \(context.root)"
    if let command = line.codes.first(where: { $0.hasPrefix("terraform plan") }), line.says(unchanged),
      line.codes.count == 1, !command.contains("-out")
    {
      let rest = command.dropFirst("terraform plan".count)
      return Draft(
        "command:\n  run: terraform plan\(rest) -detailed-exitcode -input=false -lock=false\(directory)\nexpect: { exit: 0 }\ntimeout: 5m",
        confidence: .high, reason: "with that option its exit status is 2 where something would change",
        carries: ["shows", "no changes"])
    }
    if let groups = pods.first(in: line.raw), let call = groups[1], let number = groups[2] {
      return Draft(
        "command: \(call) -o json\njq: '[.json.items[] | select(any(.status.conditions[]?; .type == \"Ready\" and .status == \"True\"))] | length == \(number)'",
        confidence: .high, reason: "so many pods are ready", carries: ["shows", "replicas"])
    }
    let commands = line.codes.filter(tool.isFound)
    guard commands.count >= 2, commands.count == line.codes.count, line.says(pass),
      !commands.contains(where: acts.isFound)
    else { return nil }
    return Draft(
      blocks: commands.map {
        "command:\n  run: \(YAMLText.plainCommand($0))\(directory)\nexpect: { exit: 0 }\ntimeout: 5m"
      }, confidence: .high, reason: "each command that the line names ends with 0")
  }

  private static let unchanged = Phrase(
    #"no (changes|diff\w*|drift)|nothing to (change|do)|нет изменений|без изменений"#)
  private static let pods = Phrase(
    #"`(kubectl (?:-n \S+ |--namespace[= ]\S+ )?get (?:pods?|po)(?: [^`|;&>]*)?)` (?:shows?|lists?|reports?|показывает) (\d+) (?:\w+ )?(?:replicas?|pods?|подов|реплик\w*)"#
  )
  private static let tool = Phrase(
    #"^(npm (run |test)|pnpm |yarn |npx |make [a-z]|go (test|vet|build)|cargo (test|clippy|fmt|build|check)|pytest|ruff |mypy |eslint |tsc\b|swift (test|build)|poetry run |uv run |bundle exec |mvn |gradle|\./gradlew|dotnet (test|build)|phpunit|golangci-lint |staticcheck |govulncheck )"#
  )
  private static let pass = Phrase(#"\b(pass(es)?|succeeds?|are green|is green|exit 0|run clean)\b|проход|успешн"#)
  private static let acts = Phrase(
    #"[|&;><*]|deploy|\b(up|down|apply|push|rm|delete|destroy|start|stop|install|rollback|seed|reset|restore|publish|scale|drop|migrate)\b"#
  )
}
