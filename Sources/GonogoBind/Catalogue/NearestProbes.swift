import GonogoProbes

/// For a line that nothing takes: the probes whose field its words are of.
enum NearestProbes {
  private static let fields: [(probe: String, words: Phrase)] = [
    ("env", Phrase(#"\benv|variable|secret|credential|api key|token|переменн"#)),
    ("http", Phrase(#"endpoint|\bapi\b|\burl\b|page|route|login|auth|session|mfa|2fa|webhook|header|cookie|health"#)),
    (
      "postgres",
      Phrase(#"database|table|column|query|migration|index|row|schema|log(s|ging) capture|audit|база|таблиц|миграц"#)
    ),
    ("isolation", Phrase(#"tenant|isolation|rls|cross-org|permission|изоляц"#)),
    ("redis", Phrase(#"redis|cache|queue|stream|session"#)),
    ("files", Phrase(#"document|guide|readme|config|code|logs?\b|report|file|документ"#)),
    ("command", Phrase(#"\brun\b|script|deploy|build|test|запуст"#)),
    ("results", Phrase(#"\btests?\b|scan|coverage|lint|тест"#)),
    ("tls", Phrase(#"certificate|ssl|tls|https"#)),
    ("dns", Phrase(#"\bdns\b|domain|домен"#)),
  ]

  /// At most three, in the order of the list.
  static func of(_ line: ChecklistLine) -> [String] {
    let own = fields.filter { $0.words.isFound(in: line.text) }.map(\.probe)
    let found = own.isEmpty ? fields.filter { $0.words.isFound(in: line.near) }.map(\.probe) : own
    return Array(found.prefix(3))
  }
}
