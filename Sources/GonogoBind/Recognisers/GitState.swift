/// What Git keeps, and what it must not keep.
enum GitState {
  static let recogniser = Recogniser(
    "git-state", probes: ["command"],
    manual: """
      "All code committed and pushed", "no uncommitted changes", "release tagged", "`.env` in .gitignore", "`config.ts` not committed", "remove `x` from the repository": asked of Git in the repository
      where the check runs. Nothing is fetched: what was pushed is what this clone knows of.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] All code committed and pushed to repository",
        #"""
        command:
          run: git status --porcelain
        expect: { exit: 0, stdout: "" }
        """#,
        #"""
        command:
          run: git log --oneline @{upstream}..
        expect: { exit: 0, stdout: "" }
        """#),
      Recogniser.Sample(
        "- [ ] No uncommitted changes",
        #"""
        command:
          run: git status --porcelain
        expect: { exit: 0, stdout: "" }
        """#),
      Recogniser.Sample(
        "- [ ] Previous version tagged in git",
        #"""
        command:
          run: git tag --list
        jq: '[.lines[] | select(. != "")] | length >= 1'
        """#),
      Recogniser.Sample(
        "- [ ] `.env` is in `.gitignore`",
        #"""
        command:
          run: git check-ignore -q .env
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `.gitignore` properly configured to exclude sensitive files",
        #"""
        command:
          run: git check-ignore -q .env
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- Remove `config.ts` from repository",
        #"""
        command:
          run: git ls-files -- :(glob)**/config.ts
        expect: { exit: 0, stdout: "" }
        """#),
      Recogniser.Sample(
        "- [ ] `.env.local` not committed",
        #"""
        command:
          run: git ls-files -- :(glob)**/.env.local
        expect: { exit: 0, stdout: "" }
        """#),
    ],
    lookalikes: [
      "- [ ] The team is committed", "- [ ] Push notifications work", "- [ ] `.env` created from `.env.example`",
      "- [ ] Branch protection", "- [ ] Images tagged with alt texts", "- [ ] Remove the banner from the site",
    ]
  ) { line, context in
    guard line.isItem else { return nil }
    let files = line.codes.filter(file.isFound) + bare.all(in: line.text).compactMap { $0[1] }
    let names = files.filter { $0 != ".gitignore" }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let directory = context.root.isEmpty ? "" : "\n  directory: \(context.root)"
    func git(_ arguments: String) -> String { "command:\n  run: git \(arguments)\(directory)" }
    if line.says(ignored), !line.says(outside) {
      let wanted = names.isEmpty ? [".env"] : names
      return Draft(
        blocks: wanted.map { git("check-ignore -q \($0)") + "\nexpect: { exit: 0 }" },
        confidence: names.isEmpty ? .medium : .high,
        reason: names.isEmpty ? "Git leaves .env out, which stands for what is sensitive" : "Git leaves the file out")
    }
    if !names.isEmpty, line.says(untracked) {
      return Draft(
        git("ls-files -- \(names.map(anywhere).joined(separator: " "))") + "\nexpect: { exit: 0, stdout: \"\" }",
        confidence: .high,
        reason: "Git does not keep the file; its history may")
    }
    if line.says(pushed) {
      return Draft(
        git("status --porcelain") + "\nexpect: { exit: 0, stdout: \"\" }",
        git("log --oneline @{upstream}..") + "\nexpect: { exit: 0, stdout: \"\" }", confidence: .high,
        reason: "nothing is left that was not committed or, by what this clone knows, not pushed", carries: ["pushed"])
    }
    if line.says(clean) {
      return Draft(
        git("status --porcelain") + "\nexpect: { exit: 0, stdout: \"\" }", confidence: .high,
        reason: "nothing is left that was not committed")
    }
    if line.says(tagged) {
      let version = line.codes.first(where: tag.isFound)
      return Draft(
        git("tag --list\(version.map { " \($0)" } ?? "")") + "\njq: '[.lines[] | select(. != \"\")] | length >= 1'",
        confidence: version == nil ? .medium : .high,
        reason: version == nil ? "the repository has a tag; which, the line does not say" : "the repository has the tag"
      )
    }
    return nil
  }

  /// A name without a directory is meant wherever the file is: asked for at the root alone, it would seem not to be there.
  private static func anywhere(_ name: String) -> String { name.contains("/") ? name : ":(glob)**/\(name)" }

  private static let file = Phrase(
    #"^[\w./-]*\.(env[\w.-]*|gitignore|ts|js|json|ya?ml|key|pem|p12|jks|properties|local|tfstate|tfvars|plist|php|py|rb)$|^config/master\.key$|^\.env[\w.-]*$"#
  )
  private static let bare = Phrase(#"(?:^|[\s(])(\.env[\w.-]*)(?=[\s,):]|$)"#)
  private static let ignored = Phrase(
    #"^add `?\.env[\w.]*`? to|добавлен в `?\.gitignore|\b(in|added to|listed in|covered by|excluded by|include[sd]? in) (the )?`?\.?gitignore|\.?gitignore`? (is )?(properly |correctly )?(configured|set up|updated|includes?|contains?|covers?|excludes?)|git-?ignored|в \.gitignore"#
  )
  private static let outside = Phrase(#"dockerignore"#)
  private static let untracked = Phrase(
    #"^never commit\b|^do not commit\b|\b(not|never|isn't|aren't) (be )?(committed|tracked|checked in|in (git|the repo\w*|version control|source control))|^(remove|delete|untrack)\b.* from (the |your )?(git|repo(sitory)?|version control|source control|tracking)|не (закоммичен|в (git|репозитории))"#
  )
  private static let pushed = Phrase(
    #"(code|changes|commits|work)\b.*\b(committed and pushed|pushed to|merged (in)?to (main|master))|all (commits|changes) (are )?pushed|^(push|commit) all (code|changes)|(код|изменения) .*(запушен|закоммичен)"#
  )
  private static let clean = Phrase(
    #"(no|without) (uncommitted|unstaged|pending) changes|(working (tree|directory)|git status)( is)? clean|all (code|changes) (is |are )?committed"#
  )
  private static let tagged = Phrase(
    #"\b(version|release|commit|build)\b.*\b(is |was |has been )?tagged\b|git tag (created|pushed|exists)|(create|push) (a )?(git|release|version) tag|tagged in git"#
  )
  private static let tag = Phrase(#"^v?\d+\.\d+[\w.-]*$"#)
}
