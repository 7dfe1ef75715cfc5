import Glibc
import GonogoAudit
import GonogoCore
import GonogoReport
import GonogoSystem

/// `gonogo audit`: what is true of a repository.
enum AuditCommand {
  static let command = Command(
    name: "audit", summary: "tells what is in a repository, and what is wrong with it on the day of going live",
    operands: "[DIR]", arity: 0...1,
    options: [
      OptionSpec("at", value: "COMMIT", "Look at a commit instead of the files as they are."),
      OptionSpec("only", value: "RULE", repeatable: true, "Only these rules; `container-*` is several of them."),
      OptionSpec(
        "severity", value: "LEVEL", choices: FindingSeverity.allCases.map(\.rawValue),
        "Tell only findings of this weight and above, and those that make the exit status 1 (default low)."),
      OptionSpec(
        "fail-on", value: "LEVEL", choices: FindingSeverity.allCases.map(\.rawValue),
        "The weight from which a finding makes the exit status 1, and one to review makes it 3 (default high)."),
      OptionSpec(
        "precision", value: "LEVEL", choices: FindingPrecision.allCases.map(\.rawValue),
        "high: what is to be reviewed is counted, and neither told nor weighed (default medium)."),
      OptionSpec(
        "output", short: "o", value: "FORMAT[=PATH]", repeatable: true, choices: AuditFormats.all.map { $0.name },
        "text (default), json, jsonl, junit, tap, sarif, github, markdown, html. May be repeated."),
      OptionSpec(
        "with", value: "TOOL", repeatable: true, choices: BuiltinRules.tools.map(\.name),
        "An outside tool that must have looked: missing, it is an error and no note of the inventory. May be repeated."),
      OptionSpec(
        "replay",
        "Run the migrations in a PostgreSQL of their own: what does not apply is a finding, and claims about them are judged."
      ),
      OptionSpec("rules", "List the rules."),
      OptionSpec("judges", "List what judges the claims of checklists."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Reads what git lists in DIR (default: here), never what it ignores, and changes nothing. Exit status: 0 no finding at or \
      above `--fail-on`, and no ticked line that is false today; 1 at least one; 3 none, but something as heavy is to be reviewed, or something could not be looked at; 2 nothing was run: usage, or no such directory, commit or file to look at. \
      What a rule of medium precision sees (`--rules` says which) is told apart, *to review*: somebody has to look before it counts. \
      `gonogo explain RULE` tells of a rule. The ticked lines of checklists (files whose names speak of going live, and such \
      sections of README files) are judged by the tree of the commit that last changed them, or by that of `--at`: ticked and false, \
      ticked and not proven, true and not ticked. Where the files of today contradict a line that was not false when it was ticked, \
      it is *false today*. A ticked line that is false today weighs as much as a high finding: it makes the exit status 1 unless \
      `--fail-on` is critical; one that was false and is not today is told, and does not. A line that says what a rule's own \
      sentence says ("every service has a health check") is judged by that rule. With `--replay` the migrations are run in a PostgreSQL of \
      their own: those that do not apply are findings, and what checklists say of migrations and row security is judged by it; it runs \
      the repository's SQL, and so only when asked. A finding is excused in a checklist by `audit: { suppress: [{ rule, path, reason, until }] }` in the front \
      matter, or by a block marked `yaml gonogo audit`.
      """,
    examples: [
      ("gonogo audit", "the repository around you"),
      ("gonogo audit . --at v1.4.0 --output json=audit.json --output text", "a release, told twice"),
      ("gonogo audit --only 'container-*' --fail-on medium", "one family, more strictly"),
      ("gonogo audit --at HEAD --replay", "the ticks of today's checklists, by today's code and its migrations"),
    ], run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    if invocation.flag("rules") {
      var family = ""
      for rule in BuiltinRules.all {
        if rule.manual.family != family {
          family = rule.manual.family
          Terminal.out("\(family)\n")
        }
        let manual = rule.manual
        let review = manual.precision == .high ? "" : "review"
        Terminal.out(
          "  \(Help.pad(manual.id, 38)) \(Help.pad(manual.severity.rawValue, 9)) \(Help.pad(review, 7)) \(manual.title)\n"
        )
      }
      return ExitStatus.go
    }
    if invocation.flag("judges") {
      for judge in BuiltinClaimJudges.all { Terminal.out("  \(Help.pad(judge.manual.id, 26)) \(judge.manual.title)\n") }
      return ExitStatus.go
    }
    var options = Audit.Options()
    options.replay = invocation.flag("replay")
    if let text = invocation.value("severity"), let level = FindingSeverity(rawValue: text) { options.severity = level }
    options.wanted = Set(invocation.list("with"))
    if let text = invocation.value("precision"), let level = FindingPrecision(rawValue: text) {
      options.precision = level
    }
    if let text = invocation.value("fail-on"), let level = FindingSeverity(rawValue: text) { options.failOn = level }
    let wanted = invocation.list("only")
    if !wanted.isEmpty {
      for pattern in wanted
      where !BuiltinRules.all.contains(where: { FileSystem.globMatches(pattern, $0.manual.id) }) {
        let near = Suggestion.nearest(to: pattern, in: BuiltinRules.all.map { $0.manual.id })
        Terminal.complain(
          "there is no rule '\(pattern)'",
          mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo audit --rules` lists all")
        return ExitStatus.notRun
      }
      options.rules = BuiltinRules.all.filter { rule in
        wanted.contains { FileSystem.globMatches($0, rule.manual.id) }
      }
      // Claims rest on every rule.
      options.claims = options.rules.count == BuiltinRules.all.count
    }
    for name in options.wanted.sorted() where !options.rules.contains(where: { $0.tool?.name == name }) {
      // A tool that nothing would run has not looked.
      let tools = BuiltinRules.tools.map(\.name)
      let why = tools.contains(name) ? "--only leaves out the rule that runs '\(name)'" : "there is no tool '\(name)'"
      Terminal.complain(
        why, mend: tools.contains(name) ? nil : "one of: \(tools.joined(separator: ", "))")
      return ExitStatus.notRun
    }
    guard let targets = AuditTarget.parse(invocation.all("output")) else { return ExitStatus.notRun }
    Signals.handle(GonogoTool.endingSignals) { number in
      Terminal.error("gonogo: stopped before the audit was over: no report was written\n")
      Subprocess.killAll()
      Leftovers.removeAll()
      _exit(128 + number)
    }
    let result: AuditResult
    do throws(CouldNotLook) {
      result = try await Audit(options: options, version: GonogoTool.version)
        .run(directory: invocation.operands.first ?? ".", commit: invocation.value("at"))
    } catch {
      Terminal.complain("could not look: \(error.message)", mend: error.mend)
      return ExitStatus.notRun
    }
    var written = true
    for target in targets where !target.write(result) { written = false }
    return written ? result.exitStatus : ExitStatus.notRun
  }
}

/// One `--output FORMAT[=PATH]` of an audit.
private struct AuditTarget {
  let format: any AuditFormat.Type
  /// `nil` is standard output.
  let path: String?

  /// `nil` where one is not right, which has then been told.
  static func parse(_ texts: [String]) -> [AuditTarget]? {
    var targets: [AuditTarget] = []
    for text in texts {
      let name = String(text.prefix { $0 != "=" })
      let path = text.contains("=") ? String(text.drop { $0 != "=" }.dropFirst()) : nil
      guard let format = AuditFormats.named(name) else {
        let names = AuditFormats.all.map { $0.name }
        let near = Suggestion.nearest(to: name, in: names)
        Terminal.complain(
          "an audit has no format '\(name)'",
          mend: near.map { "did you mean '\($0)'?" } ?? "formats are \(names.joined(separator: ", "))")
        return nil
      }
      if let path, path != "-" {
        let folder = FileSystem.directory(of: path)
        if path.isEmpty || !FileSystem.isWritable(folder) || (try? FileSystem.status(path))?.isDirectory == true {
          Terminal.complain(
            "the report '\(text)' cannot be written there", mend: "name a file in a folder that may be written")
          return nil
        }
        if targets.contains(where: { $0.path == path }) {
          Terminal.complain("two reports would be written to '\(path)'", mend: "give each a path of its own")
          return nil
        }
      }
      targets.append(AuditTarget(format: format, path: path == "-" ? nil : path))
    }
    if targets.filter({ $0.path == nil }).count > 1 {
      Terminal.complain("only one report can go to standard output", mend: "give the others a path")
      return nil
    }
    return targets.isEmpty ? [AuditTarget(format: AuditTextReport.self, path: nil)] : targets
  }

  /// - Returns: whether it was written; where not, that has been told.
  func write(_ result: AuditResult) -> Bool {
    guard let path else {
      let options = ReportOptions(colour: ProcessEnvironment.wantsColour(1), width: ProcessEnvironment.columns(1))
      if Terminal.out(format.init(options: options).render(result)) || errno == EPIPE { return true }
      Terminal.complain("the \(format.name) report: \(SystemError("write", "standard output"))")
      return false
    }
    do throws(SystemError) {
      try FileSystem.writeAtomically(format.init(options: ReportOptions()).render(result), to: path)
      return true
    } catch {
      Terminal.complain(
        "the \(format.name) report: \(error.description)", mend: "free some room, or write it elsewhere")
      return false
    }
  }
}
