/// `` `NAME` - what it is (optional) ``.
enum EnvironmentVariable {
  static let recogniser = Recogniser(
    "environment-variable", probes: ["env"],
    manual: """
      A line that begins with the name of an environment variable in backticks, alone or with a value, or without them where it says that
      it is set, and `NAME=value` in a fenced block of an environment that is not a developer's. "(optional)" and "default"
      make it one that may be missing; "falls back to X", "comma-separated", "at least 32 characters", "32+ chars" and the like
      become rules, as do the schemes of connection strings. Names that sound like secrets must have the entropy of one. It is read
      from the process's environment, or from the target `env` where one is named.
      """, conditional: true,
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
        "- `SMTP_HOST`, `SMTP_PASS` - mail",
        #"""
        env:
          variables:
            SMTP_HOST: required
            SMTP_PASS: required
        """#),
      Recogniser.Sample(
        "| Variable | Meaning |\n|---|---|\n| `AUTH_SECRET` / `NEXTAUTH_SECRET` | signs |",
        #"""
        env:
          one_of: [[AUTH_SECRET, NEXTAUTH_SECRET]]
        """#),
      Recogniser.Sample(
        "- `MAIL_API_KEY` - of the live account (prefix `re_`)",
        #"""
        env:
          variables:
            MAIL_API_KEY: { starts_with: re_, secret: true }
        """#),
      Recogniser.Sample(
        "- GitHub Secrets are added:\n  - `DEPLOY_KEY`",
        #"""
        command: gh secret list --json name
        expect: { exit: 0, json: { some: { name: DEPLOY_KEY } } }
        """#),
      Recogniser.Sample(
        "- [ ] DB_USERNAME set to non-root user",
        #"""
        env:
          variables:
            DB_USERNAME: { matches: '/^(?!(root|postgres|sa|admin)$)/' }
        """#),
      Recogniser.Sample(
        "```env\nAPP_DEBUG=false  # never true\n```",
        #"""
        env:
          variables:
            APP_DEBUG: { equals: "false" }
        """#),
      Recogniser.Sample(
        "- [ ] REDIS_PASSWORD set if using Redis",
        #"""
        env:
          variables:
            REDIS_PASSWORD: { required: false, secret: true }
        when: { set: [REDIS_PASSWORD] }
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
      "## Local development\n\n```env\nAPP_DEBUG=true\n```", "- API_KEY rotation is discussed",
      "- `ENABLE_ADMIN` - leave unset or `false` in production",
      "## Rules\n\nMust be unset in production:\n\n- `SLACK_CHANNEL_ID`",
    ]
  ) { line, context in
    guard line.isItem || line.kind == .assignment, !EnvironmentForbidden.isMeant(line),
      let (name, value) = head(of: line), !line.says(unsetOrFalse)
    else { return nil }
    // A developer's values are not production's.
    if line.kind == .assignment, line.isAbout(development) { return nil }
    if line.parents.contains(where: secretStore.isFound) {
      return Draft(
        "command: gh secret list --json name\nexpect: { exit: 0, json: { some: { name: \(name) } } }",
        confidence: .high, reason: "the workflows' secrets have one of that name; its value nobody can read")
    }
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
    let others = value == nil && !isOptional ? Self.others(line, after: name) : []
    if let either = others.first(where: { $0.isAlternative }) {
      yaml += "  one_of: [[\(([name] + others.filter(\.isAlternative).map(\.name)).joined(separator: ", "))]]"
      return Draft(yaml, confidence: .high, reason: "the line names \(name) and \(either.name), one or the other")
    }
    yaml += "  variables:\n    \(name): \(rule)"
    for other in others {
      let rules = Self.rules(other.name, value: nil, line: line)
      yaml += "\n    \(other.name): \(rules.isEmpty ? "required" : "{ \(rules.joined(separator: ", ")) }")"
    }
    if isOptional {
      yaml += context.targets["env"] == nil ? "\nwhen: { set: [\(name)] }" : "\nseverity: advisory"
    }
    return Draft(
      yaml, confidence: .high,
      reason:
        "the line names the variable\(rules.isEmpty ? "" : " and says what it must be")\(isOptional ? "; it applies where it is set" : "")"
        + (context.facts.map { $0.knowsEnvironment && !$0.variables.contains(name) } == true
          ? "; nothing in the repository reads or declares it" : "")
    )
  }

  /// The name that the line begins with, and what it says that the value is.
  private static func head(of line: ChecklistLine) -> (name: String, value: String?)? {
    if let groups = start.first(in: line.raw), let name = groups[1] {
      return (name, groups[2] ?? assigned.first(in: line.raw)?[1])
    }
    if let groups = told.first(in: line.raw), let name = groups[1] { return (name, groups[2]) }
    if let groups = plain.first(in: line.text), let name = groups[1] { return (name, groups[2]) }
    guard let groups = bare.first(in: line.text), let whole = groups[0], let name = groups[1],
      groups[2] != nil || state.isFound(in: String(line.text.dropFirst(whole.count)))
    else { return nil }
    return (name, groups[2] ?? stated.group(1, in: line.raw))
  }
  private static let assigned = Phrase(
    #"^(?:\*\*)?`[A-Z][A-Z0-9_]{2,}`(?:\*\*)?\s*(?:=|(?:is |must be )?set to)\s*`([^`]+)`"#)
  private static let told = Phrase(
    #"^(?i:added|add|set|use|добавил\w*|добавить|задать|установить)\b[^`]{0,20}`([A-Z][A-Z0-9_]{2,})\s*=\s*([^`]+)`"#,
    ignoringCase: false)
  private static let plain = Phrase(#"^([A-Z][A-Z0-9_]{2,})=([^\s,;()]+)(?=$|[\s,;(])"#, ignoringCase: false)
  private static let stated = Phrase(#"^[A-Z][A-Z0-9_]+ (?:is |must be )?set to `([^`]+)`"#)
  private static let bare = Phrase(
    #"^(?:(?i:set|check|verify|ensure|confirm|configure|secure|strong|generate|generate new|generate a new) (?:that )?(?:the )?)?([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:\s*=\s*([^\s,;()]+))?(?=$|[\s,.:;(])"#,
    ignoringCase: false)
  private static let state = Phrase(
    #"\b(set|configured|generated|present|defined|exists|provided|filled|correct|enabled|starts? with|begins? with)\b|задан|настроен|установлен|указан|^ ?$|^ (env(ironment)?|variable|in|on|to|for)\b"#
  )
  private static let development = Phrase(
    #"\b(development|dev|local|localhost|test|testing|example|sample)\b|разработк|локальн"#)
  private static let placeholder = Phrase(
    #"your|<|>|\*\*\*|x{3,}|\.\.\.|…|change[-_]?me|replace|example|placeholder|\$\(|\$\{|[-_ ]here$|[-_]from[-_]"#)

  /// The names that stand beside the first, at the head of the line.
  private static func others(_ line: ChecklistLine, after first: String) -> [(name: String, isAlternative: Bool)] {
    guard let head = names.first(in: line.raw)?[0] else { return [] }
    return another.all(in: head).compactMap { groups in
      guard let name = groups[2], name != first else { return nil }
      return (name, ["/", "or", "или"].contains(groups[1] ?? ""))
    }
  }
  private static let names = Phrase(
    #"^(?:\*\*)?`[A-Z][A-Z0-9_]{2,}`(?:\s*(?:,|/|and|or|и|или)\s*`[A-Z][A-Z0-9_]{2,}`)+"#, ignoringCase: false)
  private static let another = Phrase(#"(,|/|and|or|и|или)\s*`([A-Z][A-Z0-9_]{2,})`"#, ignoringCase: false)
  /// A binding that wants a value would be green where the line is false.
  private static let unsetOrFalse = Phrase(
    #"(leave|keep|stay|be|is) (it )?(unset|empty|off|disabled)\b|not be set|\b(is|are|must be) not set|не (задавать|устанавливать)|оставить пуст"#
  )
  private static let secretStore = Phrase(#"(github|actions|repository) secrets"#)
  private static let prefix = Phrase(
    #"(?:prefix|begins? with|starts? with|префикс) `?([a-z]{2,}[_-](?:[a-z]+[_-])?)"#, ignoringCase: false)

  static let start = Phrase(#"^(?:\*\*)?`([A-Z][A-Z0-9_]{2,})(?:=([^`]*))?`"#, ignoringCase: false)
  private static let variables = Phrase(#"\benv(ironment)?\b|variables?|переменн"#)
  private static let optional = Phrase(
    #"\(optional|\boptional\b|\(?\bif (you )?(use|using|enabled|needed|applicable|required)\b|\bdefaults? to\b|\(default|необязательн|по умолчанию"#
  )
  private static let condition = Phrase(#"^(if|when|если|когда)\b"#)
  private static let allowed = Phrase(#"^allowed\b|^разрешен"#)
  private static let fallback = Phrase(#"(?:falls? back to|fallback:?|или берется из) `?([A-Z][A-Z0-9_]+)"#)
  private static let simple = Phrase(#"^(true|false|\d+)$"#)
  private static let account = Phrase(#"USER(NAME)?$"#, ignoringCase: false)
  private static let unprivileged = Phrase(#"non-?root|not root|unprivileged|least privilege"#)
  private static let scoped = Phrase(
    #"\b(scoped|restricted|limited) to\b|\bonly (required|approved|trusted|your)\b|\b(no|not a?) wildcard"#)
  private static let onlyEncrypted = Phrase(
    #"\(with `?https://|\bhttps (base )?(urls?|origins?)\b|(no|not|never)\b[^.]*`?http://"#)
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
      } else if value.hasSuffix("…"), value.count > 2 {
        rules.append("starts_with: \(YAMLText.scalar(String(value.dropLast())))")
      } else if !placeholder.isFound(in: value), !value.isEmpty,
        !secretName.isFound(in: name) || publicName.isFound(in: name) || simple.isFound(in: value)
      {
        return ["equals: \(YAMLText.quoted(value))"]
      }
    }
    if name == "DATABASE_URL" || Phrases.postgres.isFound(in: text), Phrases.connection.isFound(in: name) {
      if Phrases.postgres.isFound(in: text) { return rules + ["schemes: [postgres, postgresql]"] }
    }
    if name.contains("REDIS"), urlName.isFound(in: name) { return rules + ["schemes: [redis, rediss]"] }
    if urlName.isFound(in: name), name != "DATABASE_URL" {
      let encrypted = name.hasSuffix("DSN") || onlyEncrypted.isFound(in: text)
      rules.append(encrypted ? "schemes: [https]" : "schemes: [https, http]")
    }
    if account.isFound(in: name), unprivileged.isFound(in: text) {
      rules.append("matches: '/^(?!(root|postgres|sa|admin)$)/'")
    }
    if scoped.isFound(in: text) { rules.append("matches: '/^(?!\\*$)/'") }
    if list.isFound(in: text) {
      rules.append("type: list")
      // Schemes are of the elements, which are URLs then.
      if rules.contains(where: { $0.hasPrefix("schemes:") }) { rules.append("items: url") }
      if numbers.isFound(in: text) { rules.append("items: integer") }
    }
    if name == "TELEGRAM_BOT_TOKEN" {
      // Bot API: "a unique authentication token … looks something like 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11".
      rules.append("matches: '/^[0-9]+:[A-Za-z0-9_-]{30,}$/'")
    } else if secretName.isFound(in: name), !publicName.isFound(in: name), !name.hasSuffix("_URL") {
      rules.append("secret: true")
    }
    if let number = length.group(1, in: text) { rules.append("length: \">= \(number)\"") }
    if let prefix = prefix.group(1, in: text) { rules.insert("starts_with: \(prefix)", at: 0) }
    if let other = fallback.group(1, in: text), other != name, other == other.uppercased() {
      rules.append("fallback: \(other)")
    }
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
