/// Variables that must be unset, everywhere or where another has a value.
enum EnvironmentForbidden {
  static let recogniser = Recogniser(
    "environment-forbidden", probes: ["env"],
    manual: """
      Names in backticks, globs included, where the line, the item around it or the paragraph before its list says that they must be
      unset, empty or not set. "When `X=true`" there becomes the condition; then X itself must be set, so that the line does not hold
      because nothing was looked at.
      """, conditional: true, denials: true,
    samples: [
      Recogniser.Sample(
        "When `STRICT=true`:\n\n- Must be unset in production:\n  - `SLACK_ID`, `GITHUB_ACTIONS_*`",
        #"""
        env:
          required: [STRICT]
          when:
            - equals: { STRICT: true }
              then:
                forbidden: [SLACK_ID, "GITHUB_ACTIONS_*"]
        """#),
      Recogniser.Sample(
        "- `DEBUG_TOKEN` must not be set in production",
        #"""
        env:
          forbidden: [DEBUG_TOKEN]
        """#),
      Recogniser.Sample(
        "- [ ] `DEV_ADMIN_EMAIL` пустой",
        #"""
        env:
          forbidden: [DEV_ADMIN_EMAIL]
        """#),
      Recogniser.Sample(
        "- `ROOT_KEY` must be unset when `MODE=live`",
        #"""
        env:
          required: [MODE]
          when:
            - equals: { MODE: live }
              then:
                forbidden: [ROOT_KEY]
        """#),
    ],
    lookalikes: [
      "- `SLACK_ID` is set", "- `LIST` may be empty", "- Must be unset in production:", "- `orders` must be empty",
      "- Must be reset: `the counter`",
    ]
  ) { line, context in
    guard isMeant(line) else { return nil }
    let condition =
      Self.condition.first(in: line.raw) ?? Self.condition.first(in: line.lead)
      ?? line.parents.lazy.compactMap { Self.condition.first(in: $0) }.first
    let names = line.codes.filter { name.isFound(in: $0) && $0 != condition?[1] }
    if names.isEmpty { return nil }
    var yaml = "env:\n"
    if context.targets["env"] != nil { yaml += "  from: ${env}\n" }
    let list = "[" + names.map { $0.contains("*") ? YAMLText.quoted($0) : $0 }.joined(separator: ", ") + "]"
    if let condition, let flag = condition[1] {
      let value = condition[2] ?? "true"
      yaml +=
        "  required: [\(flag)]\n  when:\n    - equals: { \(flag): \(YAMLText.scalarOrWord(value)) }\n      then:\n        forbidden: \(list)"
    } else {
      yaml += "  forbidden: \(list)"
    }
    return Draft(yaml, confidence: .high, reason: "the line is among those that must be unset")
  }

  private static let unset = Phrase(
    #"must (be|stay|remain) (unset|empty)|must not be set|must be unset|(be|is) not set|\bforbidden\b|не должн\w+ быть (задан|установлен)|должн\w+ быть пуст|`? пуст(ой|ая|ое|ые|о)$|^`?[A-Z][A-Z0-9_]+`? (is |stays )?(empty|unset)$"#
  )
  private static let name = Phrase(#"^[A-Z][A-Z0-9_]{2,}\*?$"#, ignoringCase: false)
  private static let condition = Phrase(
    #"\b(?:when|where|if|если|когда) `?([A-Z][A-Z0-9_]{2,})(?:\s*=\s*`?([\w.-]+))?"#)

  static func isMeant(_ line: ChecklistLine) -> Bool {
    unset.isFound(in: line.text) || (line.parents.last.map(unset.isFound) ?? false)
      || line.parents.isEmpty && unset.isFound(in: line.lead)
  }
}

extension YAMLText {
  /// `true` and numbers as YAML has them, everything else as a text.
  static func scalarOrWord(_ text: String) -> String {
    text == "true" || text == "false" || Int(text) != nil ? text : scalar(text)
  }
}
