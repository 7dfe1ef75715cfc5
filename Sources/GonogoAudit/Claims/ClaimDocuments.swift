import GonogoCore

/// The lines of the tree's checklists that claim something.
struct ClaimDocument: Sendable {
  let file: TreeFile
  let lines: [ClaimLine]
  /// The first line whose marks were written in a broken encoding; `nil` where there is none.
  let broken: Int?
}

/// The checklists of the tree: Markdown files whose names say that they are about going live, and such sections of README
/// files. Documents that Gonogo runs are none of it: `gonogo check` judges those.
enum ClaimDocuments: Collector {
  static func collect(in context: AuditContext) -> [ClaimDocument] {
    context.tree.files(in: .markdown).compactMap { read($0, in: context) }
  }

  /// The claims of a Markdown file; `nil` where it makes none.
  static func read(_ file: TreeFile, in context: AuditContext) -> ClaimDocument? {
    guard file.kind == .regular, let kind = kind(of: file), let text = context.tree.text(file) else { return nil }
    if isBound(text) { return nil }
    if String(validating: text.bytes, as: UTF8.self) == nil {
      context.couldNotLook(
        CouldNotLook(
          "the checklist is not in UTF-8: its lines may be read wrongly", at: TreePlace(file.path),
          mend: "save it as UTF-8"))
    }
    var reader = ClaimReader(file: file, text: text, tree: context.tree)
    reader.read()
    if let line = reader.long {
      context.couldNotLook(
        CouldNotLook(
          "the line is longer than \(ClaimReader.lineLimit) bytes: what it claims was not judged",
          at: TreePlace(file.path, line: line), mend: "say one thing a line"))
    }
    let lines = kind == .whole ? reader.lines : reader.lines.filter { isSection($0.headings) }
    if lines.isEmpty { return nil }
    return ClaimDocument(file: file, lines: lines, broken: reader.broken)
  }

  private enum Kind { case whole, sections }

  private static let names: Set<String> = [
    "checklist", "checklists", "readiness", "production", "prod", "deploy", "deployment", "golive", "launch",
    "preflight", "hardening", "remediation", "prelaunch", "чеклист", "готовность", "готовности", "продакшен",
    "продакшн", "деплой", "развертывание", "развёртывание", "запуск",
  ]
  private static let others: Set<String> = [
    "template", "templates", "archive", "archived", "node_modules", "vendor", "example", "examples", "changelog",
    "fixtures", "testdata", "test", "tests",
  ]

  private static func kind(of file: TreeFile) -> Kind? {
    let words = file.path.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if words.contains(where: others.contains) { return nil }
    let name = file.name.lowercased()
    // A package's own file tells of the package.
    if name.hasPrefix("readme") { return file.directory.isEmpty ? .sections : nil }
    if words.contains(where: names.contains) || name.contains("go-live") || name.contains("go_live") { return .whole }
    return nil
  }

  private static func isSection(_ headings: [String]) -> Bool {
    headings.contains { heading in
      let lower = heading.lowercased()
      return [
        "production", "deploy", "readiness", "checklist", "go-live", "security", "продакш", "готовност", "деплой",
        "чеклист", "безопасност",
      ]
      .contains { lower.contains($0) }
    }
  }

  /// Whether the document speaks to Gonogo.
  private static func isBound(_ text: SourceFile) -> Bool {
    text.hasLine(beginning: "gonogo:") || text.hasLine(beginning: "```yaml gonogo")
      || text.hasLine(beginning: "  ```yaml gonogo")
  }
}

/// Reads a document line by line.
struct ClaimReader {
  let file: TreeFile
  let text: SourceFile
  let tree: SourceTree
  private(set) var lines: [ClaimLine] = []
  private(set) var broken: Int?
  /// The first line that is too long to be a claim.
  private(set) var long: Int?
  private var headings: [(level: Int, text: String)] = [] {
    didSet { advice = nil }
  }
  /// The last line that introduces a list.
  private var introduction = "" {
    didSet { advice = nil }
  }
  /// Whether they speak of what should be; `nil` where that was not looked at yet.
  private var advice: Bool?

  init(file: TreeFile, text: SourceFile, tree: SourceTree) {
    self.file = file
    self.text = text
    self.tree = tree
  }

  /// The longest line that is read, in bytes.
  static let lineLimit = 8_000

  /// Empty where it is too long.
  private func line(_ number: Int) -> String {
    let bytes = text.line(number)
    return bytes.count > Self.lineLimit ? "" : String(decoding: bytes, as: UTF8.self)
  }

  mutating func read() {
    var fence: (mark: Character, count: Int, isList: Bool)?
    for number in 1...max(1, text.lineCount) {
      let raw = line(number)
      if raw.isEmpty, long == nil, text.line(number).count > Self.lineLimit { long = number }
      let indent = raw.prefix { $0 == " " || $0 == "\t" }.count
      let body = raw.dropFirst(indent)
      if let open = fence {
        if body.prefix(while: { $0 == open.mark }).count >= open.count {
          fence = nil
        } else if open.isList {
          item(body, number, indent, inFence: true)
        }
        continue
      }
      if body.hasPrefix("```") || body.hasPrefix("~~~") {
        let mark: Character = body.hasPrefix("`") ? "`" : "~"
        let count = body.prefix { $0 == mark }.count
        let language = body.dropFirst(count).prefix { $0.isLetter }.lowercased()
        fence = (mark, count, ["", "bash", "sh", "text", "txt"].contains(language))
        continue
      }
      if body.hasPrefix("#") {
        heading(body, number)
      } else if body.hasPrefix("|") {
        row(body, number)
      } else {
        item(body, number, indent, inFence: false)
      }
    }
  }

  private mutating func heading(_ body: Substring, _ number: Int) {
    let level = body.prefix { $0 == "#" }.count
    guard level <= 6, body.dropFirst(level).first == " " else { return }
    let title = body.dropFirst(level + 1).drop { $0 == " " }
    headings.removeAll { $0.level >= level }
    introduction = ""
    if let (mark, rest) = ClaimMarks.leading(title), mark.ticked, !isAdvice {
      var end = number + 1
      while end <= text.lineCount, !line(end).hasPrefix("#") { end += 1 }
      add(number, rest, true, Array(number + 1..<end), mark)
    }
    headings.append((level, Self.plain(title)))
  }

  private mutating func row(_ body: Substring, _ number: Int) {
    let cells = body.split(separator: "|").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
    let marked = cells.indices.filter { ClaimMarks.leading(cells[$0]) != nil }
    guard marked.count == 1, let first = marked.first, let (mark, rest) = ClaimMarks.leading(cells[first]), !isAdvice
    else { return }
    var texts = cells.enumerated().filter { $0.offset != first }.map { String($0.element).trimmed }
    let word = String(rest).trimmed
    if !word.isEmpty { texts.append(word) }
    guard let head = texts.first, head.contains(where: \.isLetter) else { return }
    add(number, Substring(texts.joined(separator: ": ")), mark.ticked, [], mark)
  }

  private mutating func item(_ body: Substring, _ number: Int, _ indent: Int, inFence: Bool) {
    var rest = body
    var isItem = false
    if let first = rest.first, "-*+•".contains(first), rest.dropFirst().first == " " {
      rest = rest.dropFirst(2).drop { $0 == " " }
      isItem = true
    } else {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let mark = rest.dropFirst(digits.count).first
      if !digits.isEmpty, digits.count < 4, mark == "." || mark == ")", rest.dropFirst(digits.count + 1).first == " " {
        rest = rest.dropFirst(digits.count + 2).drop { $0 == " " }
        isItem = true
      }
    }
    if isItem || inFence, let (ticked, text) = ClaimMarks.box(rest) {
      // A mark behind the box says the same again.
      let plain = ClaimMarks.leading(text.drop { $0 == " " })?.rest ?? text
      add(number, plain, ticked, deeper(number, indent), nil)
      return
    }
    if inFence { return }
    if !isItem {
      if body.contains(where: \.isLetter) { introduction = String(body) }
      // A line of its own may begin with a mark as well; a sentence with one in it is none.
      guard let (mark, text) = ClaimMarks.leading(rest), !isAdvice else { return }
      add(number, text, mark.ticked, [], mark)
      return
    }
    if isAdvice { return }
    var head = rest
    while head.hasPrefix("*") || head.hasPrefix("_") { head = head.dropFirst() }
    if let (mark, text) = ClaimMarks.leading(head) {
      add(number, text, mark.ticked, deeper(number, indent), mark)
    } else if let (mark, text) = ClaimMarks.trailing(rest.last == " " ? rest.dropLast() : rest) {
      add(number, text, mark.ticked, deeper(number, indent), mark)
    }
  }

  /// Under a heading or a line that speaks of what should be, of examples and of signs, a mark claims nothing.
  private var isAdvice: Bool {
    mutating get {
      if let advice { return advice }
      let known = Self.isAdvice(headings.map(\.text), introduction)
      advice = known
      return known
    }
  }

  private static func isAdvice(_ headings: [String], _ introduction: String) -> Bool {
    let text = (headings + [introduction]).joined(separator: " \n ").lowercased()
    let words = Set(text.split { !$0.isLetter }.map(String.init))
    return !words.isDisjoint(with: adviceWords) || adviceTexts.contains { text.contains($0) }
  }

  private static let adviceWords: Set<String> = [
    "recommendation", "recommendations", "recommended", "рекомендации", "рекомендуется", "example", "examples",
    "пример",
    "примеры", "template", "шаблон", "legend", "легенда", "expected", "ожидаемый", "ожидаемые", "criteria", "критерии",
    "should",
    "advantages", "benefits", "преимущества", "limitations", "features", "возможности", "option", "options", "вариант",
    "варианты", "alternatives", "troubleshooting", "plan", "план", "goal", "goals", "цель", "цели", "proposed",
    "target",
    "roadmap", "comparison", "сравнение", "before", "requirements", "требования", "how", "tips", "pros", "cons",
    "плюсы",
    "минусы", "needed", "нужно", "todo", "must", "rules", "do", "don", "dos", "donts", "нельзя", "можно",
  ]
  private static let adviceTexts = [
    "best practice", "next step", "следующие шаги", "что получ", "results in", "you get", "что должно", "if you see",
    "если ", "как ",
  ]

  /// The lines under an item that stand deeper than it.
  private func deeper(_ number: Int, _ indent: Int) -> [Int] {
    var result: [Int] = []
    var next = number + 1
    // All of them: a line belongs to as many items as it stands deep, and depth costs its own blanks.
    while next <= text.lineCount {
      let raw = line(next)
      let own = raw.prefix { $0 == " " || $0 == "\t" }.count
      if raw.dropFirst(own).isEmpty || own <= indent { break }
      result.append(next)
      next += 1
    }
    return result
  }

  private mutating func add(_ number: Int, _ text: Substring, _ ticked: Bool, _ body: [Int], _ mark: ClaimMarks.Mark?) {
    let plain = Self.plain(text)
    guard plain.contains(where: \.isLetter) else { return }
    if mark?.isBroken == true, broken == nil { broken = number }
    let body = body.map(line)
    let claim = ClaimLine(
      document: file, line: number, text: plain, ticked: ticked, headings: headings.map(\.text), body: body,
      files: files(String(text), body))
    // A green light before "medium priority" is a colour.
    if mark != nil, claim.says("priority", "приоритет", "severity") { return }
    // A mark before an instruction is a bullet; a box before one is ticked when it was followed.
    if mark != nil, claim.isInstruction { return }
    lines.append(claim)
  }

  /// Without emphasis and what is struck out.
  static func plain(_ text: Substring) -> String {
    var parts = String(text).split(separator: "~~", omittingEmptySubsequences: false).map(String.init)
    if parts.count >= 3 { parts = parts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
    var result = parts.joined(separator: " ")
    for mark in ["**", "__"] { result = result.split(separator: mark, omittingEmptySubsequences: true).joined() }
    while let (_, rest) = ClaimMarks.leading(Substring(result.trimmed)) { result = String(rest) }
    // What was taken out leaves one blank.
    return result.split(separator: " ").joined(separator: " ").trimmed
  }

  // MARK: The files concerned

  private func files(_ own: String, _ body: [String]) -> [String] {
    var named = Self.quoted(own)
    var isList = false
    for line in body {
      let lower = line.lowercased()
      let label = ["файл", "file", "path", "путь", "location", "где"].contains { word in
        lower.drop { !$0.isLetter }.hasPrefix(word)
      }
      let quoted = Self.quoted(line)
      if label || isList && line.contains("`") { named += quoted }
      isList = (label && quoted.isEmpty) || (isList && !quoted.isEmpty)
    }
    var result: [String] = []
    for name in named { if let path = resolve(name), !result.contains(path) { result.append(path) } }
    return result
  }

  /// The texts between back quotes.
  static func quoted(_ text: String) -> [String] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  /// The path in the tree that a document means; `nil` where it means none, or more than one.
  private func resolve(_ name: String) -> String? {
    var wanted = name
    while wanted.hasPrefix("/") { wanted.removeFirst() }
    if let path = TreePaths.join("", wanted), tree[path] != nil { return path }
    if let path = TreePaths.join(String(file.directory), name), tree[path] != nil { return path }
    guard !wanted.contains("/"), wanted.contains(".") else { return nil }
    let named = tree.files(named: wanted)
    return named.count == 1 ? named[0].path : nil
  }
}
