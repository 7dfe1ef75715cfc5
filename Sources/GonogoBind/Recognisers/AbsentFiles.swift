/// Files that must not be there: in the repository, in the working tree.
enum AbsentFiles {
  static let recogniser = Recogniser(
    "absent-file", probes: ["command", "files"],
    manual: """
      "No `.env` file is committed", "`id_rsa` is not in git": Git knows no such file, examples of it left out. "`x.yaml` does not exist", "`secrets.json` has been
      removed", "is gone": the file is not there. Of "`a` is gone, `b` is there" each name
      has the word of its own half. "Not in the image", "not deployed" and "not served" are said of other places, and are not taken.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] No `.env` file is committed",
        #"""
        command:
          run: [git, ls-files, "--", ":(glob)**/.env", ":(glob)**/.env.*", ":(glob,exclude)**/*.example", ":(glob,exclude)**/*.sample", ":(glob,exclude)**/*.template", ":(glob,exclude)**/*.dist"]
        expect: { exit: 0, lines: { length: 0 } }
        """#),
      Recogniser.Sample(
        "- [ ] `deploy/id_rsa` is not tracked by git",
        #"""
        command:
          run: [git, ls-files, "--", deploy/id_rsa]
        expect: { exit: 0, lines: { length: 0 } }
        """#),
      Recogniser.Sample(
        "- [ ] File `chart/values-prod.yaml` does not exist",
        #"""
        files: chart/values-prod.yaml
        expect: { exists: false }
        """#),
      Recogniser.Sample(
        "- [ ] Файл `secrets.json` удалён",
        #"""
        files: secrets.json
        expect: { exists: false }
        """#),
    ],
    lookalikes: [
      "- [ ] `.env.example` is committed", "- [ ] `config/local.yaml` is not deployed",
      "- [ ] `debug.log` must not be in the image", "- [ ] `.env` is not reachable over the web",
      "- [ ] `docs/guide.md` is not empty", "- [ ] `app.ts` does not log passwords", "- [ ] `/old-page` is removed",
      "- [ ] `a.ts` and the cache in it are removed",
    ]
  ) { line, context in
    if line.kind == .command || line.kind == .statement || line.says(elsewhere) { return nil }
    guard case .denied = Polarity(of: line.text) else { return nil }
    let said = Halves.names(of: line)
    let isMixed = Halves.areMixed(said)
    func halves(_ word: Halves.Word) -> [String] { said.filter { $0.word == word }.map(\.name) }
    let all = names(line)
    // Of a line with two halves each name has the word of its own; what is said otherwise is not taken.
    let names = isMixed ? all.filter(halves(.denied).contains) : all
    let there = isMixed ? halves(.there).filter(name.isFound) : []
    if names.isEmpty { return nil }
    if line.says(committed) {
      let specs = names.flatMap { name -> [String] in
        if name == ".env" || name == ".env*" || name == ".env.*" {
          return [":(glob)**/.env", ":(glob)**/.env.*"]
            + ["example", "sample", "template", "dist"].map { ":(glob,exclude)**/*.\($0)" }
            + there.filter { Phrase(#"(^|/)\.env\."#).isFound(in: $0) }.map { ":(exclude)\(context.path($0))" }
        }
        return [name.contains("/") ? context.path(name) : ":(glob)**/\(name)"]
      }
      let directory = context.root.isEmpty ? "" : "\n  directory: \(context.root)"
      let known = there.map {
        "command:\n  run: [git, ls-files, --error-unmatch, \"--\", \(YAMLText.scalar(context.path($0)))]\(directory)\nexpect: { exit: 0 }"
      }
      return Draft(
        blocks: [
          "command:\n  run: [git, ls-files, \"--\", \(specs.map(YAMLText.scalar).joined(separator: ", "))]\(directory)\nexpect: { exit: 0, lines: { length: 0 } }"
        ] + known, confidence: .high,
        reason: "git knows no such file; what its history holds is another matter"
          + (known.isEmpty ? "" : "; what the line says is there, git knows"),
        carries: names + there + ["committed", "tracked"])
    }
    guard line.says(gone) else { return nil }
    let blocks = names.map { name -> String in
      let path = context.path(name)
      return
        "files: \(path.hasSuffix("/") ? YAMLText.quoted(path + "**") : YAMLText.scalar(path))\nexpect: { exists: false }"
    }
    let present = there.map { "files: \(YAMLText.scalar(context.path($0)))" }
    return Draft(
      blocks: blocks + present, confidence: .high,
      reason: "the file that the line names is not there"
        + (present.isEmpty ? "" : "; what the line says is there, is"))
  }

  private static func names(_ line: ChecklistLine) -> [String] {
    let coded = line.codes.filter { name.isFound(in: $0) }
    if !coded.isEmpty { return coded.count == line.codes.count ? coded : [] }
    return line.codes.isEmpty ? bare.all(in: line.text).compactMap { $0[1] } : []
  }

  /// A name with an ending, or a hidden one; a path of a site begins with a slash and has none.
  private static let name = Phrase(
    #"^(?!https?:|/[\w-]+(/[\w-]+)*$)[\w.@/*-]*(\.[A-Za-z0-9]{1,12}|/|\b(id_rsa|id_ed25519|Dockerfile|Makefile|LICENSE|NOTICE|README|CODEOWNERS|Procfile))$"#
  )
  private static let bare = Phrase(
    #"(?:^|\s)(\.env[\w.*-]*|[\w./-]+\.(?:pem|key|p12|pfx|jks|json|ya?ml|sql|log|bak|zip|tar|gz|sh|env))(?=[\s,.]|$)"#)
  private static let committed = Phrase(
    #"\bcommitted\b|\btracked\b|checked in\b|\b(in|from) (the )?(repo(sitory)?|git|version control|source control|vcs|codebase)\b|закоммич|в (репозитории|гите?|git)(?!\w)"#
  )
  private static let gone = Phrase(
    #"\b(does|do|must|should) not exist\b|\b(is|are|has been|have been|was|were) (removed|deleted|gone|absent)\b|\b(removed|deleted)$|^(remove|delete)\b|\bno longer (exists?|there|present)\b|(is|are) not (there|present)\b|удал[её]н|не существует|отсутствует|^удалить(?!\w)|\.\w+ нет(?=$|[.,;])|^there (is|are) no\b"#
  )
  private static let elsewhere = Phrase(
    #"\b(web|http|internet|browser|image|bundle|deployed|served|reachable|accessible|public|backups?|logs?|mount\w*|container|build|artifact|docker|cache|line|key|value|secret manager|vault)\b|\bexcludes?\b|образ|веб|доступ"#
  )
}
