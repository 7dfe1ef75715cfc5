import GonogoCore
import GonogoReport
import GonogoSystem

/// `gonogo gap`: what lies between the checklist and go-live.
enum GapCommand {
  static let command = Command(
    name: "gap",
    summary: "looks, and tells by section what is proven, false, waiting for a person, or looked at by nothing",
    operands: "FILE", arity: 1...1,
    options: DocumentLoader.selectionOptions + [
      DocumentLoader.environmentOption, DocumentLoader.allowOption,
      OptionSpec(
        "output", short: "o", value: "FORMAT[=PATH]", repeatable: true,
        "A form: \(GapFormats.all.map { $0.name }.joined(separator: ", ")). May be repeated; at most one goes to standard output (default: text)."
      ),
    ] + CheckCommand.runOptions + [
      Repository.atOption, StoreLocation.option, CheckCommand.noStoreOption, CheckCommand.quietOption,
      DocumentLoader.helpOption,
    ],
    discussion: """
      Every form ends with the SHA-256 of the same table, so that two of one run can be held side by side. Of the CSV it is
      the digest of all lines but the last: `head -n -1 gap.csv | sha256sum`.

      Exit status: that of `gonogo check`.
      """,
    examples: [
      ("gonogo gap GO-LIVE.md", "by section, on the terminal"),
      ("gonogo gap GO-LIVE.md -o csv=gap.csv -o html=gap.html", "for the auditor"),
      ("gonogo gap GO-LIVE.md --at v1.0.5", "the ticks of that day, held against the files of that day"),
    ],
    run: { await run($0) })

  static func run(_ invocation: Invocation) async -> Int32 {
    guard
      let targets = OutputTarget.parse(
        invocation.all("output"), formats: GapFormats.all.map { ($0.name, $0) }, document: invocation.operands[0]),
      let settings = CheckCommand.Settings(invocation)
    else { return ExitStatus.notRun }
    return await CheckCommand.look(invocation, settings: settings, targets: []) { run in
      let gap = Gap(run.report) { Digest.hex(Digest.sha256($0)) }
      var whole = true
      for target in targets { whole = target.write { target.format.init(options: $0).render(gap) } && whole }
      return run.status(isWhole: whole)
    }
  }
}
