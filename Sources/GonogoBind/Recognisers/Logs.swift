/// What must not be in the logs.
enum Logs {
  static let recogniser = Recogniser(
    "logs", probes: ["files"],
    manual: """
      "No sensitive data in logs", "PII redaction": no token, password or address in the files of `${logs}`. "Check logs for errors", "no critical
      errors": no line of that level. Logs that are kept elsewhere must be exported first.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Logging: No sensitive data (tokens, passwords) in logs",
        #"""
        files:
          path: ${logs}
          no_match:
            - '/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/'
            - '/(password|passwd|secret|api_?key|authorization)["'']?\s*[:=]\s*["'']?[^\s"'',}\[*]{6,}/i'
          secret: true
        """#),
      Recogniser.Sample(
        "- [x] PII redaction in logs",
        #"""
        files:
          path: ${logs}
          no_match:
            - '/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/'
            - '/(password|passwd|secret|api_?key|authorization)["'']?\s*[:=]\s*["'']?[^\s"'',}\[*]{6,}/i'
            - '/[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}/'
          secret: true
        """#),
      Recogniser.Sample(
        "- Check Vercel logs for errors",
        #"""
        files:
          path: ${logs}
          no_match: '/"(level|severity|lvl)":\s*"(error|fatal|critical|panic)"|\b(ERROR|FATAL|CRITICAL|PANIC)\b/'
        """#),
      Recogniser.Sample(
        "- [ ] No critical errors",
        #"""
        files:
          path: ${logs}
          no_match: '/"(level|severity|lvl)":\s*"(fatal|critical|panic|emerg)"|\b(FATAL|CRITICAL|PANIC|EMERG)\b/'
        """#),
    ],
    lookalikes: ["- [x] Logging configured", "- [x] Audit logging enabled", "- [ ] Error logs documented"]
  ) { line, _ in
    if line.says(sensitive) {
      var patterns = [
        #"'/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/'"#,
        #"'/(password|passwd|secret|api_?key|authorization)["'']?\s*[:=]\s*["'']?[^\s"'',}\[*]{6,}/i'"#,
      ]
      if line.says(personal) { patterns.append(#"'/[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}/'"#) }
      return Draft(
        "files:\n  path: ${logs}\n  no_match:\n" + patterns.map { "    - \($0)" }.joined(separator: "\n")
          + "\n  secret: true",
        confidence: .high,
        reason: "no line of the logs has a token, a password\(line.says(personal) ? ", an e-mail address" : "") in it")
    }
    guard line.says(errors) else { return nil }
    let critical = line.says(Phrase(#"critical|критич"#))
    let words = critical ? "fatal|critical|panic|emerg" : "error|fatal|critical|panic"
    return Draft(
      "files:\n  path: ${logs}\n  no_match: '/\"(level|severity|lvl)\":\\s*\"(\(words))\"|\\b(\(words.uppercased()))\\b/'",
      confidence: .medium, reason: "no line of the logs is of that level")
  }

  private static let sensitive = Phrase(
    #"\blogs? (do not|don't|never|must not|doesn't) (contain|include|expose|leak|have) .*(password|token|secret|sensitive|pii|personal|credential)|(passwords?|tokens?|secrets?|sensitive (data|info\w*)|pii) (are |is )?(not|never) logged|no (sensitive|secret|personal|pii|token).*\blogs?\b|logs?\b.*no (sensitive|secret|token)|(pii|sensitive) .*redact\w*.*logs?|логи?.*без (секрет|персональн)"#
  )
  private static let personal = Phrase(#"\bpii\b|personal|персональн"#)
  private static let errors = Phrase(
    #"(check|monitor|review)\b.*\blogs? (daily |weekly |regularly )?for (critical |any )?(errors|failures|exceptions)|\blogs? (checked|reviewed) for (critical |any )?(errors|failures|exceptions)|no critical errors|логи без ошибок|no errors in (the )?(\w+ )?logs|нет (критических )?ошибок|zero critical errors"#
  )
}
