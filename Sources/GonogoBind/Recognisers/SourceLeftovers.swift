/// What is left in the code from its making.
enum SourceLeftovers {
  static let recogniser = Recogniser(
    "source-leftovers", probes: ["files"],
    manual: """
      "No console.log", "no debug statements", "no TODO or FIXME", "no hardcoded localhost URLs": no line of the code has one, tests aside. "`console.error` kept" is another matter.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] No debug statements or console.log in code",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx", "**/*.py", "**/*.php", "**/*.rb", "**/*.go", "**/*.java"]
          exclude: [node_modules, vendor, dist, build, .next, "*.test.*", "*.spec.*", tests, test, __tests__]
          no_match:
            - '/^\s*(console\.(log|debug|trace)\(|debugger\b|var_dump\(|dd\(|dump\(|binding\.(pry|irb)\b|byebug\b|breakpoint\(\)|import pdb|pdb\.set_trace)/'
        """#),
      Recogniser.Sample(
        "- [ ] No TODO comments left",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx", "**/*.py", "**/*.php", "**/*.rb", "**/*.go", "**/*.java"]
          exclude: [node_modules, vendor, dist, build, .next, "*.test.*", "*.spec.*", tests, test, __tests__]
          no_match:
            - '/(\/\/|#|\*)\s*(TODO|FIXME|HACK|XXX)\b/'
        """#),
      Recogniser.Sample(
        "- [ ] All console.logs removed",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx", "**/*.py", "**/*.php", "**/*.rb", "**/*.go", "**/*.java"]
          exclude: [node_modules, vendor, dist, build, .next, "*.test.*", "*.spec.*", tests, test, __tests__]
          no_match:
            - '/^\s*(console\.(log|debug|trace)\(|debugger\b|var_dump\(|dd\(|dump\(|binding\.(pry|irb)\b|byebug\b|breakpoint\(\)|import pdb|pdb\.set_trace)/'
        """#),
      Recogniser.Sample(
        "- [ ] No hardcoded localhost URLs",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx", "**/*.py", "**/*.php", "**/*.rb", "**/*.go", "**/*.java"]
          exclude: [node_modules, vendor, dist, build, .next, "*.test.*", "*.spec.*", tests, test, __tests__]
          no_match:
            - '/["''`]https?:\/\/(localhost|127\.0\.0\.1)\b/'
        """#),
    ],
    lookalikes: [
      "- [ ] No console errors", "- [ ] TODO list written", "- [ ] Debug mode disabled",
      "- [ ] Logs removed after a month",
      "- [ ] console.log used for tracing",
    ]
  ) { line, context in
    guard line.isItem, line.says(gone) else { return nil }
    var patterns: [String] = []
    if line.says(debugging) {
      patterns += [
        #"'/^\s*(console\.(log|debug|trace)\(|debugger\b|var_dump\(|dd\(|dump\(|binding\.(pry|irb)\b|byebug\b|breakpoint\(\)|import pdb|pdb\.set_trace)/'"#
      ]
    }
    if line.says(notes) { patterns.append(#"'/(\/\/|#|\*)\s*(TODO|FIXME|HACK|XXX)\b/'"#) }
    if line.says(local) { patterns.append(#"'/["''`]https?:\/\/(localhost|127\.0\.0\.1)\b/'"#) }
    if patterns.isEmpty { return nil }
    let root = context.root
    let code = ["ts", "tsx", "js", "jsx", "py", "php", "rb", "go", "java"].map { "\"\(root)**/*.\($0)\"" }.joined(
      separator: ", ")
    return Draft(
      "files:\n  path: [\(code)]\n  exclude: [node_modules, vendor, dist, build, .next, \"*.test.*\", \"*.spec.*\", tests, test, __tests__]\n  no_match:\n"
        + patterns.map { "    - \($0)" }.joined(separator: "\n"), confidence: .high,
      reason: "no line of the code has one, tests aside")
  }

  private static let gone = Phrase(
    #"^(no|zero|without|remove|нет|убрать|удалить)\b|\b(removed|cleaned up|deleted|absent|none)\b|удален|удалён"#)
  private static let debugging = Phrase(
    #"console\.logs?|debug (statements|code|output|prints?)|print statements|debugger statements|var_dump|\bdd\(\)"#)
  private static let notes = Phrase(#"\b(TODO|FIXME)s?\b(?! list)"#, ignoringCase: false)
  private static let local = Phrase(#"hard-?coded (localhost|local)( urls?)?|localhost urls?"#)
}
