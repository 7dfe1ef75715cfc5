/// Linters, compilers and the last run of CI.
enum CodeChecks {
  static let recogniser = Recogniser(
    "code-checks", probes: ["command"],
    manual: """
      "CI green", "all CI checks pass": GitHub's last run on the main branch succeeded. "No TypeScript errors": `tsc --noEmit`. "Linting passes", "no ESLint errors": the linter that the line or the document names. "Production build succeeds": the build script that the
      document names. "Helm renders": `helm template`. Run in the repository.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] CI pipeline is green on main",
        #"""
        command: gh run list --branch main --status completed --limit 1 --json conclusion
        expect: { exit: 0, json: { some: { conclusion: success } } }
        """#),
      Recogniser.Sample(
        "- [ ] No TypeScript errors",
        #"""
        command:
          run: npx tsc --noEmit
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] No ESLint errors",
        #"""
        command:
          run: npx eslint .
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "`npm test`.\n\n- [ ] Build completes without errors",
        #"""
        command:
          run: npm run build
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] CI/CD pipeline configured",
        #"""
        files: { path: [".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml"] }
        """#),
      Recogniser.Sample(
        "- [ ] GitHub Actions secrets configured",
        #"""
        command: gh secret list --json name
        expect: { exit: 0, json: { length: ">= 1" } }
        """#),
    ],
    lookalikes: [
      "- [ ] Build trust with customers", "- [ ] Lint of the pockets removed", "- [ ] CI minutes bought",
      "- [ ] TypeScript training", "- [ ] Build completes without errors",
    ]
  ) { line, context in
    guard line.isItem, !line.says(other) else { return nil }
    let directory = context.root.isEmpty ? "" : "\n  directory: \(context.root)"
    func run(_ command: String, _ reason: String, _ confidence: Confidence) -> Draft {
      Draft(
        "command:\n  run: \(command)\(directory)\nexpect: { exit: 0 }\ntimeout: 5m", confidence: confidence,
        reason: reason)
    }
    if line.says(green) {
      return Draft(
        "command: gh run list --branch main --status completed --limit 1 --json conclusion\nexpect: { exit: 0, json: { some: { conclusion: success } } }",
        confidence: .medium, reason: "GitHub's last run on main succeeded")
    }
    if line.says(secrets) {
      return Draft(
        "command: gh secret list --json name\nexpect: { exit: 0, json: { length: \">= 1\" } }", confidence: .medium,
        reason: "the workflows have secrets; which, the line does not say")
    }
    if line.says(pipeline) {
      return Draft(
        "files: { path: [\"\(context.root).github/workflows/*.yml\", \"\(context.root).github/workflows/*.yaml\", \"\(context.root).gitlab-ci.yml\"] }",
        confidence: .medium, reason: "the repository has a workflow; what it does is for its runs")
    }
    if line.says(types) { return run("npx tsc --noEmit", "the compiler finds no error of types", .high) }
    if line.says(lint) {
      let linters: [(Phrase, String)] = [
        (Phrase(#"\bruff\b"#), "ruff check ."), (Phrase(#"\bflake8\b"#), "flake8"),
        (Phrase(#"\brubocop\b"#), "bundle exec rubocop"),
        (Phrase(#"\beslint\b"#), "npx eslint ."), (Phrase(#"\bgolangci"#), "golangci-lint run"),
        (Phrase(#"\bphpstan\b"#), "vendor/bin/phpstan analyse"), (Phrase(#"\bnpm run lint\b"#), "npm run lint"),
      ]
      guard
        let linter = linters.first(where: { $0.0.isFound(in: line.text) })
          ?? linters.first(where: { context.mentions($0.0) })
      else {
        return context.mentions(npm) ? run("npm run lint", "the repository's linter finds nothing", .medium) : nil
      }
      return run(linter.1, "the linter finds nothing", .medium)
    }
    if line.says(build), context.mentions(npm) {
      return run("npm run build", "the build ends well", .medium)
    }
    return nil
  }

  private static let other = Phrase(
    #"training|minutes|documented|guide|reviewed|docker|image|mobile|\b(ios|android|expo|eas)\b"#)
  private static let green = Phrase(
    #"\b(ci|ci/cd|pipeline|github actions|build pipeline)\b.*\b(green|passing|passes|pass|succeed\w*|successful)\b|all (ci )?checks (are )?(passing|green|pass)|ci .*(зелен|проход)"#
  )
  private static let secrets = Phrase(
    #"(github( actions)?|ci(/cd)?|repository) secrets (are )?(configured|set|added|in place)"#)
  private static let pipeline = Phrase(
    #"^(ci/cd|ci|github actions)( pipelines?| workflows?)?( is| are)? ?(-|—|:|$|configured|set up|in place|created|automated)|^ci/cd pipeline\b"#
  )
  private static let types = Phrase(
    #"no (typescript|type) errors|typescript (compiles?|compilation|build)\b.*|type[- ]?check(s|ing)? pass\w*|(нет|без) ошибок typescript"#
  )
  private static let lint = Phrase(
    #"\b(lint(ing|er)?|eslint|rubocop|ruff|flake8)\b.*\b(pass(es|ed|ing)?|clean|no errors|without errors|green)\b|no (lint\w*|eslint|ruff|rubocop) (errors|warnings|issues)"#
  )
  private static let build = Phrase(
    #"^(the )?(production )?build (completes?|succeeds?|passes|works|runs|successful|is green)\b.*|(builds?|compiles?) without errors|сборка (проходит|успешн)"#
  )
  private static let npm = Phrase(#"\bnpm (run|test|ci|install)\b|package\.json|next\.?js|\bvite\b"#)
}
