/// "NODE_ENV is production", "DEBUG is off": what a sentence says of a variable's value.
enum EnvironmentSentence {
  static let recogniser = Recogniser(
    "environment-sentence", probes: ["env"],
    manual: """
      A variable's name, in backticks or not, at the head of a sentence: "is `production`", "is set to X", "is at least 32 characters long" and "is set" become rules.
      "is unset", "is not set" forbid it, "must not be empty" asks for a value. "is off", "is disabled" ask for a value that says so.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `NODE_ENV` is `production`",
        #"""
        env:
          variables:
            NODE_ENV: { equals: "production" }
        """#),
      Recogniser.Sample(
        "- [ ] JWT_SECRET is at least 32 characters long",
        #"""
        env:
          variables:
            JWT_SECRET: { secret: true, length: ">= 32" }
        """#),
      Recogniser.Sample(
        "- [ ] `DEBUG` is unset in production",
        #"""
        env:
          forbidden: [DEBUG]
        """#),
      Recogniser.Sample(
        "- [ ] DEBUG is off",
        #"""
        env:
          variables:
            DEBUG: { one_of: ["false", "0", "off", "no"] }
        """#),
      Recogniser.Sample(
        "- [ ] Переменная `NODE_ENV` равна `production`",
        #"""
        env:
          variables:
            NODE_ENV: { equals: "production" }
        """#),
    ],
    lookalikes: [
      "- [ ] `README.md` is `good`", "- [ ] API is off", "- [ ] `orders` is unset", "- [ ] CI is green",
      "- [ ] `DEBUG` is not `true`", "- [ ] MFA is off for robots", "- [ ] `SECRET_KEY` is set and is not the default",
      "- [ ] `FOO_BAR` is `a` or `b`", "- [ ] `NODE_ENV` is documented",
    ]
  ) { line, context in
    guard [.task, .box, .bullet, .step, .row].contains(line.kind), let groups = sentence.first(in: line.raw),
      let name = groups[1], let rest = groups[2], name.contains("_") || name == "DEBUG" || line.codes.contains(name)
    else { return nil }
    let from = context.targets["env"] == nil ? "" : "  from: ${env}\n"
    if let value = value.first(in: rest).flatMap({ $0[1] ?? $0[2] }), !word.isFound(in: value), !open.isFound(in: value)
    {
      return Draft(
        "env:\n\(from)  variables:\n    \(name): { equals: \(YAMLText.quoted(value)) }", confidence: .high,
        reason: "the line says what the variable must be")
    }
    if let number = length.group(1, in: rest) {
      let secret = EnvironmentSentence.secret.isFound(in: name) ? "secret: true, " : ""
      return Draft(
        "env:\n\(from)  variables:\n    \(name): { \(secret)length: \">= \(number)\" }", confidence: .high,
        reason: "the line says how long the variable's value must be")
    }
    if filled.isFound(in: rest) {
      let secret = EnvironmentSentence.secret.isFound(in: name) ? "{ secret: true }" : "required"
      return Draft(
        "env:\n\(from)  variables:\n    \(name): \(secret)", confidence: .high, reason: "the variable must have a value"
      )
    }
    if unset.isFound(in: rest) {
      return Draft("env:\n\(from)  forbidden: [\(name)]", confidence: .high, reason: "the variable must have no value")
    }
    if off.isFound(in: rest) {
      return Draft(
        "env:\n\(from)  variables:\n    \(name): { one_of: [\"false\", \"0\", \"off\", \"no\"] }", confidence: .medium,
        reason: "the variable has a value that says no; where it may be missing, let it be forbidden instead")
    }
    return nil
  }

  private static let sentence = Phrase(
    #"^(?:(?i:the|переменная) )?`?([A-Z][A-Z0-9_]{2,})`? (.+)$"#, ignoringCase: false)
  private static let place = #"(?: in (?:production|prod|the \w+)| на проде| в проде| в production)?\.?$"#
  private static let value = Phrase(
    #"^(?:is|equals|must be|should be|is set to|must be set to|=|==|равна|равно|имеет значение) ?(?:`([^`]+)`|([a-z][\w-]*(?:\.[\w-]+)*|\d+))"#
      + place)
  /// Of a value that is not told in full only its beginning is known.
  private static let open = Phrase(#"…|\.\.\.|[<>*]"#)
  /// A word that says something of the variable, and is no value of it.
  private static let word = Phrase(
    #"^(set|unset|empty|required|optional|present|defined|configured|documented|rotated|strong|long|secret|valid|correct|unique|private|public|there|missing|used|read|off|on|enabled|disabled|provided|green|good|random|known|safe|blank|not|never|no|kept|stored|given)$"#
  )
  private static let length = Phrase(
    #"^(?:is|has|must be|must have|should be|длиной|не короче|имеет)\s*(?:at least|a minimum of|>=?|не менее|минимум)?\s*(\d+)\s*(?:\+ ?|or more )?(?:chars?|characters|символ\w*)(?: long)?"#
      + place)
  private static let filled = Phrase(
    #"^(?:must not|may not|should not|cannot) be (?:empty|blank|unset)"# + place + #"|^is not (?:empty|blank)"# + place
      + #"|^не пуста"# + place + #"|^не должна быть пуст\w+"# + place)
  private static let unset = Phrase(
    #"^(?:is|must be|stays?|remains?|should be) (?:unset|not set|empty)"# + place + #"|^не задана"# + place)
  private static let off = Phrase(
    #"^(?:is|must be|stays?|should be|is turned|is switched) (?:off|disabled)"# + place + #"|^(?:выключен|отключен)а?"#
      + place)
  private static let secret = Phrase(#"SECRET|PASSWORD|TOKEN|(^|_)KEY$|SALT"#, ignoringCase: false)
}
