/// How logs are kept: their level and their rotation.
enum LogFiles {
  static let recogniser = Recogniser(
    "log-files", probes: ["env", "files"],
    manual: """
      "Log level set to warning", "application logging level set correctly": LOG_LEVEL is that, or one that is not for debugging. "Log rotation configured": logrotate has a rule for a path of the application's logs, the document's where it names one, on the machine where
      the check runs; Laravel's daily channel and PM2's module are asked for where the document speaks of them.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Application logging level set correctly",
        #"""
        env:
          variables:
            LOG_LEVEL: { matches: '/^(info|notice|warn|warning|error|critical)$/i' }
        """#),
      Recogniser.Sample(
        "- [ ] Log level set to `warning`",
        #"""
        env:
          variables:
            LOG_LEVEL: { matches: '/^(warn|warning)$/i' }
        """#),
      Recogniser.Sample(
        "- [ ] Disable debug logging",
        #"""
        env:
          variables:
            LOG_LEVEL: { matches: '/^(info|notice|warn|warning|error|critical)$/i' }
        """#),
      Recogniser.Sample(
        "- [ ] Log rotation configured",
        #"""
        files: { path: "/etc/logrotate.d/*", matches: '/^\s*["'']?\/\S*(app|www|srv|opt|home|var\/log)\S*/' }
        """#),
    ],
    lookalikes: [
      "- [ ] Logging configured", "- [ ] Logs of the meeting rotated among the team", "- [ ] Log retention agreed",
      "- [ ] Log rotation documented", "- [ ] Debug logging enabled",
    ]
  ) { line, context in
    guard line.isItem, !line.says(Reservations.paper) else { return nil }
    if line.says(noDebug) {
      return Draft(
        "env:\n  variables:\n    LOG_LEVEL: { matches: '/^(info|notice|warn|warning|error|critical)$/i' }",
        confidence: .medium,
        reason: "LOG_LEVEL is one that is not for debugging")
    }
    if Absence.isMeant(line) { return nil }
    if line.says(level) {
      let named = value.group(1, in: line.text)?.lowercased()
      let allowed =
        named.map { $0.hasPrefix("warn") ? "warn, warning" : $0 } ?? "info, notice, warn, warning, error, critical"
      return Draft(
        "env:\n  variables:\n    LOG_LEVEL: { matches: '/^(\(allowed.split(separator: ",").map { Inline.trimmed(String($0)) }.joined(separator: "|")))$/i' }",
        confidence: .medium,
        reason: named == nil ? "LOG_LEVEL is one that is not for debugging" : "LOG_LEVEL is what the line says")
    }
    guard line.says(rotation) else { return nil }
    let place = path.group(1, in: context.text).map(YAMLText.escapedForPattern)
    return Draft(
      "files: { path: \"/etc/logrotate.d/*\", matches: '/^\\s*[\"'']?\(place ?? #"\/\S*(app|www|srv|opt|home|var\/log)\S*"#)/' }",
      confidence: place == nil ? .low : .medium,
      reason:
        "logrotate has a rule for such a path, where the check runs\(place == nil ? "; whose logs they are the document does not say" : "")"
    )
  }

  private static let level = Phrase(
    #"\blog(ging)?[ _-]level\b.*(set|configured|appropriate|correct|production|info|warn|error)|уровень логирования .*(настроен|установлен)"#
  )
  private static let noDebug = Phrase(
    #"(disable|turn off|no) (debug|verbose) log(s|ging)|(debug|verbose) logging( is)? (disabled|off)"#)
  private static let value = Phrase(#"\b(?:to|=|is|:)\s*(warning|warn|error|info|notice|critical)\b"#)
  private static let rotation = Phrase(
    #"\blog rotation\b.*(configured|enabled|set up|in place|active)|logrotate (is )?(configured|set up|installed|enabled)|(configure|set up|enable) log ?rotat\w+|ротаци\w+ логов"#
  )
  private static let path = Phrase(#"(/(?:var|srv|opt|home)/[\w./-]*logs?/?)"#)
}
