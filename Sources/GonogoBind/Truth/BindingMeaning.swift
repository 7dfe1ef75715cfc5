/// What blocks look at, as far as their text tells it: enough to hold it against what a line says.
struct BindingMeaning {
  /// What is looked at and expected, in lower case; without how long it may take and what it may do.
  let text: String
  let numbers: Set<Double>

  init(_ blocks: [String]) {
    let lines = blocks.flatMap { $0.split(separator: "\n") }.filter { !Self.aside.isFound(in: String($0)) }
    text = lines.joined(separator: "\n").lowercased()
    // A class of digits in a pattern is no number.
    let plain = Self.digits.all(in: text).compactMap { $0[0] }.reduce(text) { $0.replacing($1, with: "") }
    numbers = Set(Self.number.all(in: plain).compactMap { $0[0].flatMap { Double($0) } })
  }

  /// A person decides: whatever the line says is theirs to look at.
  var isAttested: Bool { text.hasPrefix("attest:") }
  /// It is content with something that is not there, is refused, or is nothing.
  var denies: Bool { Self.denial.isFound(in: text) }
  /// It is content with one of several.
  var takesOne: Bool { !Self.every.isFound(in: text) && Self.one.isFound(in: text) }
  /// A tool looks at whatever it looks at, and says whether that is well.
  var isCommand: Bool { text.hasPrefix("command:") }

  /// It looks at one thing, and at nothing of it but that it is there.
  enum Bare: Equatable { case file, answer, variable, command, name }
  var bare: Bare? {
    if Self.file.isFound(in: text) { return .file }
    if Self.answer.isFound(in: text) { return .answer }
    if Self.variable.isFound(in: text) { return .variable }
    if text.hasPrefix("command:"), !text.contains("jq:"), !Self.output.isFound(in: text) { return .command }
    if text.hasPrefix("dns:"), text.contains("records: { length:") { return .name }
    return nil
  }

  /// Whether a name of the line stands in it: the words of it, whatever stands between them.
  func mentions(_ name: String) -> Bool {
    // Of a URL its path is looked at; where it is asked, the target says.
    let name = Self.address.all(in: name).compactMap { $0[0] }.reduce(name) { $0.replacing($1, with: "") }
    let lower = name.lowercased()
    if text.contains(lower) { return true }
    // Of a property the last part is its own.
    if let own = Self.property.group(1, in: lower), text.contains(own) { return true }
    let words = Self.word.all(in: Self.ending.first(in: lower)?[1] ?? lower).compactMap { $0[0] }.filter {
      $0.count > 1
    }
    if words.isEmpty { return true }
    // Of a command one word is enough: how it is called is not what it looks at.
    if lower.contains(" "), !lower.hasPrefix("{"), !lower.hasPrefix("[") {
      return lower.split(separator: " ").contains { $0.count > 3 && text.contains($0) }
    }
    return words.allSatisfy(text.contains)
  }

  func carries(_ number: LineNumber) -> Bool {
    // A status that is one of several that will do is not the one that the line names.
    if let status = Self.status.group(1, in: number.text),
      Self.choices.all(in: text).contains(where: { groups in
        (groups[1] ?? "").split(whereSeparator: { !$0.isNumber }).contains { $0 == status }
      }), !text.contains("status: \(status)")
    {
      return false
    }
    if number.values.contains(where: { value in numbers.contains { abs($0 - value) <= abs(value) * 1e-9 } }) {
      return true
    }
    // A version may be compared part by part.
    let parts = number.text.split { !$0.isNumber && $0 != "." }.first.map { $0.split(separator: ".") } ?? []
    return parts.count > 1 && parts.allSatisfy { part in Double(part).map(numbers.contains) ?? false }
  }

  private static let status = Phrase(#"^([1-5]\d\d)$"#)
  private static let choices = Phrase(#"status: \{ one_of: \[([^\]]*,[^\]]*)\]"#)
  private static let aside = Phrase(#"^\s*(timeout|effect|no_control|mend|severity):"#)
  private static let number = Phrase(#"\d+(?:\.\d+)?"#)
  private static let digits = Phrase(#"\[\^?[\w-]*\d-\d[\w-]*\]|\{\d+,?\d*\}"#)
  private static let word = Phrase(#"[\p{L}\p{N}_]+"#)
  private static let address = Phrase(#"https?://[\w.$<>{}:-]+(?=/)"#)
  private static let property = Phrase(#"^[a-z]\w*(?:\.[\w-]+)+\.([\w-]{5,})$"#)
  /// A migration is known by its name without it.
  private static let ending = Phrase(#"^(.+)\.(sql|py|service)$"#)
  private static let denial = Phrase(
    #"(?m)exists: false|no_match|forbidden|\babsent\b|\bnot:|length: 0|row_count: 0|(?<!exit)[:{,] ?0( |,|\}|$)|one_of: \[4\d\d|[=!><]= ?0\b|status: "?4\d\d|: "?(false|off|no|disabled)"?( |,|\}|$)|!=|== false|\bno\b(?!:)|one_of: \[(info|warn|warning|error)\b|\(info\||one_of: \["(false|0|off|no)"|\| not\b|\bnull\b|migrations:|isolation:|results:|shadow:|append_only:|redis_keys:|pooled:|locks:|\b429\b|equals: "?(false|0|off|no|none)"?|no-store|noeviction|nosniff|nxdomain|: ""|none\b|check-ignore|--error-exitcode|"inactive"|masked|detailed-exitcode|\bdisallow|< "?\d"#
  )
  private static let one = Phrase(#"(?m)\bany\(|\bsome:|\bmatches: |^(http|files):"#)
  private static let every = Phrase(
    #"(?m)\ball\(|\beach:|row_count: 0|no_match|length: 0|includes:|count: |missing|\bmin\b|cases:|^(isolation|results|postgres|env|command|shadow|redis|attest):|all_of: \[\{"#
  )
  private static let file = Phrase(
    #"^files: [^{\n]+$(?!\n)|^files: [^{\n]+(\nfiles: [^{\n]+)*$|^files: \{ path: [^}]*\}(\nexpect: \{ (exists: true|count: [^}]*) \})?$"#
  )
  private static let answer = Phrase(
    #"^http: \{ [^}]*(\$\{[^}]*\}[^}]*)*\}\nexpect: \{ status: (\d+|\{ one_of: \[[^\]]*\] \}|"[^"]*") \}$"#)
  private static let variable = Phrase(#"^env:\n(  from: .*\n)?  variables:(\n    \w+: (required|optional))+$"#)
  private static let output = Phrase(#"expect: \{[^\n]*(stdout|lines|json|stderr)"#)
}
