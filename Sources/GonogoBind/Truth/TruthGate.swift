/// Holds what a recogniser proposes against what its line says, whatever recogniser that was: a binding must not be green
/// where its line is false.
///
/// What looks at the opposite is withheld. What looks at a part is lowered to a guess, and its reason says which part nobody
/// looks at.
enum TruthGate {
  enum Judgement: Sendable, Equatable {
    case proposed(Draft)
    /// Not proposed, and why.
    case withheld(String)
  }

  static func judge(
    _ draft: Draft, of line: ChecklistLine, by recognisers: [Recogniser], in context: BindContext
  ) -> Judgement {
    let meaning = BindingMeaning(draft.blocks)
    // SQL and commands that stand in a block of their own are no sentences; a person's word is of the whole line.
    if meaning.isAttested || line.kind == .statement || line.kind == .command { return .proposed(draft) }
    if let why = opposite(line, meaning) { return .withheld(why) }
    if let name = Halves.inverted(line, draft.blocks).first {
      return .withheld("the line has two halves, and of `\(name)` this looks at the opposite of what its own half says")
    }
    let left = unlooked(line, draft, meaning, recognisers, context)
    if left.isEmpty { return .proposed(draft) }
    var part = Draft(
      blocks: draft.blocks, confidence: .low,
      reason: "\(draft.reason); not looked at: \(left.joined(separator: ", "))", carries: draft.carries)
    part.left = left
    return .proposed(part)
  }

  // MARK: The opposite

  private static func opposite(_ line: ChecklistLine, _ meaning: BindingMeaning) -> String? {
    if meaning.denies { return nil }
    switch Polarity(of: line.text) {
    case .affirmed: return nil
    case .denied(let words):
      // What a command that the line names finds wrong is for its exit status to say.
      if meaning.isCommand,
        finding.isFound(in: line.text) || line.codes.contains(where: { $0.contains(" ") && meaning.mentions($0) })
      {
        return nil
      }
      return "the line says “\(words)”, and this would be green where that is false"
    case .restricted(let words):
      guard
        meaning.bare == .answer || meaning.text.contains("open: true")
          || meaning.text.hasPrefix("http:") && !meaning.text.contains("as: ")
      else {
        return nil
      }
      return "the line says “\(words)”, and this would be green where everybody may"
    }
  }

  // MARK: What is left out

  /// What the line says and the binding does not look at, as the line writes it.
  private static func unlooked(
    _ line: ChecklistLine, _ draft: Draft, _ meaning: BindingMeaning, _ recognisers: [Recogniser],
    _ context: BindContext
  ) -> [String] {
    var left: [String] = []
    func carried(_ text: String) -> Bool {
      draft.carries.contains { text.contains($0) || $0.contains(text) }
    }
    let prose = prose(line)
    for number in LineNumber.all(in: prose) where !meaning.carries(number) && !carried(number.text) {
      left.append("“\(number.text)”")
    }
    for name in names(line) where !meaning.mentions(name) && !carried(name) { left.append("`\(name)`") }
    if let groups = quantifier.first(in: Polarity.mainClause(prose)), let words = groups[0], meaning.takesOne,
      !carried(words)
    {
      left.append("“\(Inline.trimmed(words))”, for one is enough")
    }
    if let rest = exception.first(in: prose)?[0].map(Inline.trimmed), !carried(rest) { left.append("“\(rest)”") }
    func said(_ part: String) -> Bool {
      left.contains { part.contains($0.dropFirst().prefix { !"”`".contains($0) }) }
    }
    for clause in second(line, meaning, recognisers, context) where !carried(clause) && !said(clause) {
      left.append("“\(clause)”")
    }
    if let rest = predicate(line, meaning), !carried(rest), !said(rest), !left.contains(where: { $0.contains(rest) }) {
      left.append("“\(rest)”")
    }
    if let part = first(line, draft), !said(part) { left.append("“\(part)”") }
    for words in Qualifiers.left(of: line.text, meaning) where !left.contains(where: { $0.contains(words) }) {
      left.append("“\(words)”")
    }
    if let words = Qualifiers.alternative(in: line, draft.blocks) {
      left.append("“\(words)”, for both are demanded")
    }
    for item in Enumeration.left(of: line.text, meaning)
    where !carried(item) && !left.contains(where: { $0.contains(item) }) {
      left.append("“\(item)”")
    }
    return left
  }

  /// The line without what stands in backticks, and without its remarks.
  private static func prose(_ line: ChecklistLine) -> String {
    var raw = line.raw
    for code in line.codes { raw = raw.replacing("`\(code)`", with: " ") }
    return Inline.plain(raw)
  }

  /// What the line names, and a binding must name as well: what stands in backticks, paths, hosts and addresses.
  private static func names(_ line: ChecklistLine) -> [String] {
    // What stands under "if" is when it applies, not what it applies to.
    let condition = Polarity.subordinate.all(in: line.raw).compactMap { $0[0] }.joined(separator: " ")
    var names = line.codes.filter {
      $0.count > 1 && !open.isFound(in: $0) && !condition.contains("`\($0)`")
    }.map { $0.split(separator: "=", maxSplits: 1).first.map(String.init) ?? $0 }
    let prose = example.all(in: prose(line)).compactMap { $0[0] }.reduce(prose(line)) { $0.replacing($1, with: " ") }
    names +=
      identifier.all(in: prose).compactMap { $0[0] } + path.all(in: prose).compactMap { $0[1] }
      + host.all(in: prose).compactMap { $0[0] }
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// What is said of the one thing that is only looked whether it is there.
  private static func predicate(_ line: ChecklistLine, _ meaning: BindingMeaning) -> String? {
    guard let bare = meaning.bare else { return nil }
    let said = Polarity.mainClause(remark.first(in: line.text)?[1] ?? line.text)
    let phrase: Phrase
    switch bare {
    case .file:
      // A file that something is done with, for or by is not what is done.
      if let rest = withFile.group(1, in: said) { return Inline.trimmed(rest) }
      phrase = ofFile
    case .variable: phrase = ofVariable
    case .command: phrase = ofCommand
    case .name: phrase = ofName
    case .answer:
      let names = (path.all(in: said) + host.all(in: said)).compactMap { $0[0] }
      let words = SecondClauses.words(names.reduce(said) { $0.replacing($1, with: " ") })
      let rest = words.filter { !ofAnswer.isFound(in: $0) && !meaning.text.contains($0) }
      return rest.isEmpty ? nil : rest.joined(separator: " ")
    }
    guard let rest = phrase.group(1, in: said).map(Inline.trimmed), !rest.isEmpty, !presence.isFound(in: rest) else {
      return nil
    }
    return rest
  }

  /// What a line says first and affirms, where only what it then denies is looked at.
  private static func first(_ line: ChecklistLine, _ draft: Draft) -> String? {
    guard line.isItem, line.kind != .row, draft.blocks.allSatisfy({ BindingMeaning([$0]).denies }) else { return nil }
    let parts = SecondClauses.of(remark.first(in: line.text)?[1] ?? line.text)
    guard parts.count > 1, let part = parts.first, SecondClauses.saysSomething(part), Polarity(of: part) == .affirmed,
      parts.dropFirst().contains(where: { if case .denied = Polarity(of: $0) { true } else { false } })
    else { return nil }
    let text = BindingMeaning(draft.blocks).text
    let words = SecondClauses.words(part).filter { !aFile.isFound(in: $0) }
    return words.isEmpty || words.contains { text.contains(stem($0)) } ? nil : part
  }

  /// Parts that say something of their own, for which neither this recogniser alone has a binding nor this binding a word.
  private static func second(
    _ line: ChecklistLine, _ meaning: BindingMeaning, _ recognisers: [Recogniser], _ context: BindContext
  ) -> [String] {
    guard line.kind != .row, line.kind != .paragraph, line.kind != .heading else { return [] }
    let parts = SecondClauses.of(remark.first(in: line.text)?[1] ?? line.text)
    guard parts.count > 1 else { return [] }
    return parts.dropFirst().filter { part in
      guard
        SecondClauses.saysSomething(part)
          || meaning.bare == .file && SecondClauses.begins(part) && !presence.isFound(in: part)
      else { return false }
      // Warnings leave the exit status as it is, unless the command is told otherwise.
      if meaning.bare == .command, warnings.isFound(in: part), !meaning.text.contains("warn") { return true }
      if meaning.isCommand, finding.isFound(in: part) { return false }
      // A variable's value is held against what templates have in its place.
      if meaning.text.hasPrefix("env:"), placeholder.isFound(in: part) { return false }
      let numbers = LineNumber.all(in: part)
      if !numbers.isEmpty, numbers.allSatisfy(meaning.carries) { return false }
      if let heavy = SecondClauses.heavy(part), !meaning.text.contains(stem(heavy)) { return true }
      let words = SecondClauses.words(part)
      if words.contains(where: { meaning.text.contains(stem($0)) }) { return false }
      if without.isFound(in: part), meaning.bare == .answer, !meaning.text.contains("as: ") { return false }
      let alone = line.saying(part)
      return !recognisers.contains { $0.recognise(alone, context) != nil }
    }
  }

  private static func stem(_ word: String) -> String { word.count > 5 ? String(word.prefix(word.count - 2)) : word }

  /// What a tool looks for, and tells by its exit status.
  private static let finding = Phrase(
    #"\b(no|zero|without|free of|without any)\b[^.]*\b(errors?|warnings?|vulnerabilit\w+|issues|failures|problems|findings|secrets|leaks|violations|conflicts|outdated)\b|(нет|без)\b.*(ошиб|уязвимост|предупрежд)\w*"#
  )
  private static let placeholder = Phrase(#"^(is |are )?not (the |a )?(default|placeholder|example|empty|blank)\b"#)
  private static let warnings = Phrase(#"^(with no|without|with zero|без)( any)? (warnings?|предупрежд\w*)"#)
  private static let aFile = Phrase(#"^(files?|файл\w*|director(y|ies)|below|under)$"#)
  /// A name that stands for others, or that is to be filled in.
  private static let open = Phrase(#"[<>…]|\.\.\.|^[⌘⌥⇧]|^\s*$"#)
  private static let identifier = Phrase(
    #"(?<![\w/.$-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/(.-])"#, ignoringCase: false)
  private static let example = Phrase(#"\((e\.g\.|for example|such as|like|например|напр\.)[^)]*\)"#)
  private static let path = Phrase(#"(?:^|[\s("'“])(/[A-Za-z_][\w./-]*\w)"#)
  private static let host = Phrase(
    #"(?<![\w@.-])(?<![\w:]/)(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|example|ru|de|eu|co|ai|cloud|internal|invalid|test|me|uk|us|biz)\b(?!/)|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"#
  )
  /// What is left out of the claim: a binding of the whole does not know of it.
  private static let exception = Phrase(
    #"\b(except( for)?|apart from|other than|excluding|with the exception of)\b[^.,;)]+|(?<!\w)(кроме|за исключением)(?!\w)[^.,;)]+"#
  )
  private static let quantifier = Phrase(
    #"\b(every|each|all|both|any) (?!(is |are |set|good|done|ok|environment variables))(of )?(the |our |\d+ )?[\w-]+|(?<!\w)(все|всех|всем|кажд\w+|любо\w+|оба|обе) \w+"#
  )
  /// The head of the line, before a remark on it.
  private static let remark = Phrase(#"^(.{3,}?)(?: [-–—] |: (?=[^`/]))"#)
  private static let without = Phrase(
    #"^(without|with no|без) .*(auth|login|token|session|credential|токен|авториз|вход)"#)

  private static let presence = Phrase(
    #"^(is |are |was |has been |have been |be )?(now |already |properly |correctly )?(there|present|exists?|committed|created|complete[d]?|added|in place|available|written|ready|set( up)?|configured|provided|defined|declared|required|given|filled|installed|passes|passing|green|updated|documented|есть|созда\w+|готов\w*|добавлен\w*|настроен\w*|задан\w*|указан\w*|установлен\w*)\b(?! (to|as|with|and|that|in (?!production|place|the (repo|env))))"#
  )
  private static let withFile = Phrase(
    #"^(.*\b(?:\w{3,}ed|runs?|running|set up|works?|настроен\w*|запуска\w+)\b[^:(]*) (?:for|by|via|through|with|from|into|через|для) `?\S+\.\w+`?$"#
  )
  private static let ofFile = Phrase(
    #"\S+\.\w+/?\s+((?:is|are|has|have|documents?|describes?|explains?|lists?|mentions?|contains?|covers?|includes?|says?|names?|sets?|pins?|uses?|defines?|declares?|exports?|allows?|enables?|configures?|validates?|matches|points?|references?|requires?|shows?|tells?|begins?|starts?|ends?|описывает|содержит|перечисляет|упоминает|актуал\w*)\b.*)$"#
  )
  private static let ofVariable = Phrase(
    #"\b[A-Z][A-Z0-9_]{2,}\s+((?:is|are|must|should|has|contains?|points?|starts?|begins?|ends?|differs?|matches|содержит|указывает|должн\w+)\b.*)$"#
  )
  private static let ofCommand = Phrase(
    #"\b((?:shows?|reports?|prints?|lists?|returns?|outputs?|says?|finds?|выводит|показывает)\b(?! (ok|success|0|zero|no (known |open |critical |high )?(error|problem|issue|fail|vulnerabilit|secret|leak)\w*)\b).*)$"#
  )
  private static let ofName = Phrase(#"\b((?:points?|resolves?|leads?) to .*|указывает на .*)$"#)
  private static let ofAnswer = Phrase(
    #"^(never|does|under|below|within|less|than|least|most|more|over|above|latency|time|duration|fast|quick\w*|milliseconds?|minute|second|get|post|put|patch|delete|head|return\w*|respon\w+|answer\w*|work\w*|health\w*|readiness|liveness|live|ready|check\w*|endpoint\w*|route\w*|page\w*|path|serve[sd]?|load\w*|open\w*|reachable|accessible|available|running|status|code|http\w*|verify|ensure|confirm|production|staging|site|website|webapp|apps?|application|services?|server|front\w*|backend|home\w*|main|landing|success\w*|deploy\w*|public|probe\w*|validat\w+|system|full|setup|here|exists?|curl|test\w*|lives?|vercel|netlify|railway|firebase|heroku|render|cloudflare|hosting|hosted|after|core|through|root|domain|responding|configured|implemented|added|exposed|отвеч\w+|возвращ\w+|доступ\w+|провер\w+|страниц\w*|главн\w+|загруж\w+|открыва\w+|сервис\w*|эндпоинт\w*|работает|работают|сайт\w*|админк\w*|развернут\w*|запущен\w*|здоров\w+)$"#
  )
}

extension ChecklistLine {
  /// The same line, if it said only this.
  func saying(_ part: String) -> ChecklistLine {
    ChecklistLine(
      kind: kind, number: number, lastLine: lastLine, raw: part, text: part, ticked: ticked, mark: mark,
      section: section, parents: parents, lead: lead, cells: [part], indent: indent)
  }
}
