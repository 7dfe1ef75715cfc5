/// `` `NAME` - what it is (optional) ``.
enum EnvironmentVariable {
  static let recogniser = Recogniser(
    "environment-variable", probes: ["env"],
    manual: """
      A line that begins with the name of an environment variable in backticks, alone or with a value. "(optional)" and "default"
      make it one that may be missing; "falls back to X", "comma-separated", "at least 32 characters", "32+ chars" and the like
      become rules, as do the schemes of connection strings. Names that sound like secrets must have the entropy of one. It is read
      from the process's environment, or from the target `env` where one is named.
      """,
    samples: [
      Recogniser.Sample(
        "- `JWT_SECRET` - signs sessions, must be 32+ chars",
        #"""
        env:
          variables:
            JWT_SECRET: { secret: true, length: ">= 32" }
        """#),
      Recogniser.Sample(
        "- `LINK_SECRET` - signs links (falls back to JWT_SECRET)",
        #"""
        env:
          variables:
            LINK_SECRET: { secret: true, fallback: JWT_SECRET }
        """#),
      Recogniser.Sample(
        "- `SENTRY_DSN` - Sentry DSN (optional)",
        #"""
        env:
          variables:
            SENTRY_DSN: { required: false, schemes: [https] }
        when: { set: [SENTRY_DSN] }
        """#),
      Recogniser.Sample(
        "- `ADMIN_USER_IDS` - comma-separated numeric user IDs",
        #"""
        env:
          variables:
            ADMIN_USER_IDS: { type: list, items: integer }
        """#),
      Recogniser.Sample(
        "- `MODE=production`",
        #"""
        env:
          variables:
            MODE: { equals: "production" }
        """#),
      Recogniser.Sample(
        "- `PAY_SECRET_KEY=sk_live_...`",
        #"""
        env:
          variables:
            PAY_SECRET_KEY: { starts_with: sk_live_, secret: true }
        """#),
      Recogniser.Sample(
        "- `ORIGINS=[\"https://<your-domain>\"]`",
        #"""
        env:
          variables:
            ORIGINS: { type: list, separator: json, items: url, schemes: [https] }
        """#),
      Recogniser.Sample(
        "| Variable | Meaning |\n|---|---|\n| `REDIS_URL` | Redis |",
        #"""
        env:
          variables:
            REDIS_URL: { schemes: [redis, rediss] }
        """#),
    ],
    lookalikes: [
      "- `README.md` - how it is set up", "- `orders` - normalized entities",
      "- Set `API_KEY` before you begin to write",
      "## Rules\n\nMust be unset in production:\n\n- `SLACK_CHANNEL_ID`",
    ]
  ) { line, context in
    guard [.bullet, .task, .step, .row].contains(line.kind), !EnvironmentForbidden.isMeant(line),
      let groups = start.first(in: line.raw), let name = groups[1]
    else { return nil }
    let value = groups[2]
    guard name.contains("_") || value != nil || line.isAbout(variables) else { return nil }
    let conditional = line.parents.contains { EnvironmentVariable.condition.isFound(in: $0) }
    let allowed = line.parents.last.map { EnvironmentVariable.allowed.isFound(in: $0) } ?? false
    let isOptional = line.says(optional) || conditional || allowed
    var rules = Self.rules(name, value: value, line: line)
    if isOptional { rules.insert("required: false", at: 0) }
    let rule =
      rules.isEmpty ? "required" : isOptional && rules.count == 1 ? "optional" : "{ \(rules.joined(separator: ", ")) }"
    var yaml = "env:\n"
    if context.targets["env"] != nil { yaml += "  from: ${env}\n" }
    yaml += "  variables:\n    \(name): \(rule)"
    if isOptional {
      yaml += context.targets["env"] == nil ? "\nwhen: { set: [\(name)] }" : "\nseverity: advisory"
    }
    return Draft(
      yaml, confidence: .high,
      reason:
        "the line names the variable\(rules.isEmpty ? "" : " and says what it must be")\(isOptional ? "; it applies where it is set" : "")"
    )
  }

  static let start = Phrase(#"^(?:\*\*)?`([A-Z][A-Z0-9_]{2,})(?:=([^`]*))?`"#, ignoringCase: false)
  private static let variables = Phrase(#"\benv(ironment)?\b|variables?|переменн"#)
  private static let optional = Phrase(#"\(optional|\boptional\b|\bdefaults? to\b|\(default|необязательн|по умолчанию"#)
  private static let condition = Phrase(#"^(if|when|если|когда)\b"#)
  private static let allowed = Phrase(#"^allowed\b|^разрешен"#)
  private static let fallback = Phrase(#"(?:falls? back to|fallback:?|или берется из) `?([A-Z][A-Z0-9_]+)"#)
  private static let list = Phrase(#"comma[- ]separated|через запятую"#)
  private static let numbers = Phrase(#"\b(telegram|numeric|integer|number)\b.*\bids?\b|числов"#)
  private static let length = Phrase(
    #"(?:at least|min(?:imum)?(?: of)?|must be|не менее|минимум)?\s*(\d+)\s*(?:\+|or more)?\s*(?:chars?|characters|символ)"#
  )
  private static let secretName = Phrase(#"SECRET|PASSWORD|TOKEN|(^|_)KEY$|_KEY$|SALT"#, ignoringCase: false)
  private static let publicName = Phrase(#"PUBLIC|PUBLISHABLE|_KEY_ID$"#, ignoringCase: false)
  private static let urlName = Phrase(#"_(URL|ORIGIN|DSN|URI|ENDPOINT)$"#, ignoringCase: false)

  private static func rules(_ name: String, value: String?, line: ChecklistLine) -> [String] {
    var rules: [String] = []
    let text = line.text
    if let value {
      if value.hasPrefix("["), value.contains("http") {
        return ["type: list, separator: json, items: url, schemes: [https]"]
      }
      if Phrases.isoInstant.isFound(in: value) { return ["type: instant", "future: true"] }
      if value.hasSuffix("..."), value.count > 3 {
        rules.append("starts_with: \(YAMLText.scalar(String(value.dropLast(3))))")
      } else if !value.hasPrefix("<"), !value.contains("..."), !value.contains("<"), !value.isEmpty {
        return ["equals: \(YAMLText.quoted(value))"]
      }
    }
    if name == "DATABASE_URL" || Phrases.postgres.isFound(in: text), Phrases.connection.isFound(in: name) {
      if Phrases.postgres.isFound(in: text) { return rules + ["schemes: [postgres, postgresql]"] }
    }
    if name.contains("REDIS"), urlName.isFound(in: name) { return rules + ["schemes: [redis, rediss]"] }
    if urlName.isFound(in: name), name != "DATABASE_URL" {
      rules.append(name.hasSuffix("DSN") ? "schemes: [https]" : "schemes: [https, http]")
    }
    if list.isFound(in: text) {
      rules.append("type: list")
      if numbers.isFound(in: text) { rules.append("items: integer") }
    }
    if name == "TELEGRAM_BOT_TOKEN" {
      // Bot API: "a unique authentication token … looks something like 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11".
      rules.append("matches: '/^[0-9]+:[A-Za-z0-9_-]{30,}$/'")
    } else if secretName.isFound(in: name), !publicName.isFound(in: name), !name.hasSuffix("_URL") {
      rules.append("secret: true")
    }
    if let number = length.group(1, in: text) { rules.append("length: \">= \(number)\"") }
    if let other = fallback.group(1, in: text), other != name { rules.append("fallback: \(other)") }
    if name == "LOG_LEVEL" { rules.append("one_of: [trace, debug, info, warn, warning, error, fatal, critical]") }
    return rules
  }
}

/// Words that several recognisers look for.
enum Phrases {
  static let isoInstant = Phrase(#"iso[- ]?8601|rfc[- ]?3339"#)
  static let postgres = Phrase(#"postgres|neon\b|supabase"#)
  static let connection = Phrase(#"_(URL|URI|DSN)$"#, ignoringCase: false)
  static let markdownFile = Phrase(#"\.md\b"#)
}
