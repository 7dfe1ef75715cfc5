import GonogoAudit
import GonogoBind
import GonogoCore
import GonogoSystem

/// `gonogo init`: a first checklist, from what is in the repository.
enum InitCommand {
  private static let name = "GO-LIVE.md"

  static let command = Command(
    name: "init", summary: "writes a first checklist from what is in a repository, bound and ready to run",
    operands: "[DIR]", arity: 0...1,
    options: [
      OptionSpec("force", "Write although there is a checklist, and over a GO-LIVE.md that is there."),
      OptionSpec("print", "Print the checklist, and write nothing."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Looks at DIR (default: here) as `gonogo audit` does, and writes DIR/GO-LIVE.md: lock files and committed secrets, the
      environment that example files and the code ask for, migrations in a scratch database, services, health endpoints, headers
      and certificates, reports of tests, what the audit finds, and what only a person knows. Every binding was parsed and planned
      before it is written. Addresses and credentials are variables; none is made up.

      Where the repository has a checklist, that is for `gonogo bind`.

      Exit status: 0 written; 2 not, and why.
      """,
    examples: [
      ("gonogo init", "then `gonogo check GO-LIVE.md`"),
      ("gonogo init --print | less", "what it would write"),
    ], run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    let directory = invocation.operands.first ?? "."
    let target = FileSystem.join(directory, name)
    let force = invocation.flag("force") || invocation.flag("print")
    if FileSystem.exists(target), !force {
      Terminal.complain(
        "\(target) is there already", mend: "`gonogo check \(target)` runs it; --force writes over it")
      return ExitStatus.notRun
    }
    let facts: RepositoryFacts
    let result: AuditResult
    do throws(CouldNotLook) {
      facts = try RepositoryReader.read(directory)
      if !force, let path = checklist(facts, in: directory) {
        Terminal.complain(
          "\(path) is a checklist already",
          mend:
            "`gonogo bind \(path) --to \(target) --against \(directory)` binds its lines; --force writes a first one all the same"
        )
        return ExitStatus.notRun
      }
      result = try await Audit(version: GonogoTool.version).run(directory: directory)
    } catch {
      Terminal.complain(
        error.message,
        mend: "a checklist is made from what a repository holds: name its directory; by hand it begins with `- [ ] …`")
      return ExitStatus.notRun
    }
    let first = FirstChecklist(
      facts, findings: result.findings + result.reviews, rules: result.rules, name: title(directory))
    if let fault = first.faults.first {
      Terminal.complain("the checklist would not plan: \(fault)", mend: "report this, with `gonogo init --print`")
      return ExitStatus.notRun
    }
    if invocation.flag("print") {
      Terminal.out(first.text)
      return ExitStatus.go
    }
    do throws(SystemError) { try FileSystem.writeAtomically(Array(first.text.utf8), to: target) } catch {
      Terminal.complain(error.description, mend: "name a directory that may be written")
      return ExitStatus.notRun
    }
    tell(first, result, target)
    return ExitStatus.go
  }

  private static func checklist(_ facts: RepositoryFacts, in directory: String) -> String? {
    ExistingChecklists.find(facts.files) { path in
      (try? FileSystem.read(FileSystem.join(directory, path), limit: 4 << 20)).map {
        String(decoding: $0, as: UTF8.self)
      }
    }.first.map { directory == "." ? $0 : FileSystem.join(directory, $0) }
  }

  private static func title(_ directory: String) -> String {
    FileSystem.realPath(directory).map(FileSystem.lastComponent) ?? FileSystem.lastComponent(of: directory)
  }

  /// What was written, and what comes next.
  private static func tell(_ first: FirstChecklist, _ result: AuditResult, _ target: String) {
    for (line, message) in first.dropped { Terminal.warn("left out '\(line)': \(message)") }
    let lines = first.kinds.reduce(0) { $0 + $1.count }
    var text = "\(target): \(lines) lines, all bound: "
    text += first.kinds.map { "\($0.name) \($0.count)" }.joined(separator: ", ") + "\n"
    for entry in result.inventory { text += "  \(Help.pad(entry.name, 12)) \(entry.count): \(entry.summary)\n" }
    if !result.findings.isEmpty {
      text += "  \(Help.pad("findings", 12)) \(result.findings.count), see `gonogo audit`\n"
    }
    if !result.reviews.isEmpty {
      text += "  \(Help.pad("to review", 12)) \(result.reviews.count), see `gonogo audit`\n"
    }
    for trouble in result.unlooked.prefix(5) {
      text += "  could not look: \(trouble.message)\(trouble.mend.map { " (\($0))" } ?? "")\n"
    }
    text += "next:\n"
    var number = 1
    func step(_ line: String) {
      text += "  \(number). \(line)\n"
      number += 1
    }
    if !first.alone.isEmpty {
      let families = Set(first.alone.map { $0.split(separator: "-").dropLast().joined(separator: "-") }).sorted()
      step(
        "look at what needs nothing outside: gonogo check \(target) \(families.map { "--only '\($0)-*'" }.joined(separator: " "))"
      )
    }
    if !first.variables.isEmpty {
      step(
        "say where it runs: export \(first.variables.map { "\($0)=…" }.joined(separator: " ")), or write it into the head"
      )
    }
    step("read the lines, leave out what does not apply, and put a probe in the place of `attest:` where there is one")
    step("gonogo check \(target)")
    Terminal.error(text)
  }
}
