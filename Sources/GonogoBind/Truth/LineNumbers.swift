/// A number that a line says, with what stands behind it.
struct LineNumber: Sendable, Equatable {
  /// As the line writes it: `300 ms`, `one year`.
  let text: String
  /// What it may be in a binding: itself, or itself in another unit.
  let values: [Double]

  /// The numbers of a text that say something. Dates, versions of standards, steps and parts of names say nothing that a
  /// binding would have to carry.
  static func all(in text: String) -> [LineNumber] {
    var text = text
    for groups in aside.all(in: text) {
      if let whole = groups[0] { text = text.replacing(whole, with: " ", maxReplacements: 1) }
    }
    var found: [LineNumber] = []
    for groups in percentile.all(in: text) {
      if let digits = groups[1], let value = Double(digits) {
        found.append(LineNumber(text: "p\(digits)", values: [value, value / (digits.count > 2 ? 1000 : 100)]))
      }
    }
    for groups in number.all(in: text) {
      guard let whole = groups[0], groups[1] == nil, let digits = groups[2],
        let value = Double(digits.replacing(",", with: "")), !(2020...2039 ~= value && groups[3] == nil)
      else { continue }
      found.append(LineNumber(text: Inline.trimmed(whole), values: Self.values(value, unit: groups[3] ?? "")))
    }
    for groups in worded.all(in: text) {
      guard let whole = groups[0], let word = groups[2]?.lowercased(), let unit = groups[3],
        let value = words.first(where: { $0.word == word })?.value
      else { continue }
      let shown = groups[1].map { String(whole.dropFirst($0.count)) } ?? whole
      found.append(LineNumber(text: Inline.trimmed(shown), values: Self.values(value, unit: unit)))
    }
    return found
  }

  /// Times in milliseconds, seconds and the units between; shares as such and in percent.
  private static func values(_ value: Double, unit: String) -> [Double] {
    let unit = unit.lowercased()
    if unit == "%" || unit.hasPrefix("percent") || unit.hasPrefix("процент") { return [value, value / 100] }
    guard let seconds = units.first(where: { $0.phrase.isFound(in: unit) })?.seconds else {
      return [value, value / 100]
    }
    let total = value * seconds
    return [value, total, total * 1000, total / 60, total / 3600, total / 86_400]
  }

  /// The number of a heading or of a fix, a date, and how long somebody thinks that the work takes.
  private static let aside = Phrase(
    #"^\d+(\.\d+)*[.)] |^[\p{L} ]+ \d+:|\b\d{4}-\d\d-\d\d\b|\((~|about |≈)?\d[\d.,]*[ -]?(min\w*|мин\w*|h|hours?|час\w*|days?|дн\w*)\)"#
  )
  private static let percentile = Phrase(#"\bp(50|75|90|95|99|999)\b"#)
  private static let unit =
    #"%|percent|ms\b|msec\b|milliseconds?|мс\b|s\b|secs?\b|seconds?|сек\w*|m\b|mins?\b|minutes?|мин\w*|h\b|hrs?\b|hours?|час\w*|d\b|days?|дн\w+|день|дня|w\b|weeks?|недел\w+|months?|месяц\w*|years?|yrs?\b|год\w*|лет\b|процент\w*"#
  private static let number = Phrase(
    #"(\b(?:phase|step|tier|part|stage|sprint|top|soc|iso|wcag|dss|rfc|section|chapter|issue|pr|ticket|priority|level|appendix|utf|sha|ipv|base|microsoft|office|этап|шаг|фаза|часть|раздел|пункт)[ -]?)?(?<![\w.#/–§№$-])(?<!\w:)(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\d.]*\.\d)(?!\.\d|,\d)\+?[ -]?("#
      + unit + #")?(?![\w/]|-\d|:\d)"#)
  private static let worded = Phrase(
    #"((?:at least|at most|within|under|over|than|every|for|по меньшей мере|не менее|минимум) )?\b(an?|one|two|three|four|five|six|seven|ten|twelve|один|одного|одной|два|двух|три|тр[её]х|год|сутки)[ -](ms|seconds?|minutes?|hours?|days?|weeks?|months?|years?|секунд\w*|минут\w*|час\w*|день|дня|дней|недел\w+|месяц\w*|год\w*)\b"#
  )
  private static let words: [(word: String, value: Double)] = [
    ("a", 1), ("an", 1), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7),
    ("ten", 10), ("twelve", 12), ("один", 1), ("одного", 1), ("одной", 1), ("два", 2), ("двух", 2), ("три", 3),
    ("трех", 3), ("трёх", 3),
  ]
  private static let units: [(phrase: Phrase, seconds: Double)] = [
    (Phrase(#"^(ms|milli|мс)"#), 0.001), (Phrase(#"^(mo|месяц)"#), 2_592_000), (Phrase(#"^(s|сек)"#), 1),
    (Phrase(#"^(m|мин)"#), 60), (Phrase(#"^(h|час)"#), 3600), (Phrase(#"^(d|дн|день|дня)"#), 86_400),
    (Phrase(#"^(w|недел)"#), 604_800), (Phrase(#"^(y|год|лет)"#), 31_536_000),
  ]
}
