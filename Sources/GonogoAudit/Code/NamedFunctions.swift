import GonogoCore

/// The functions of a tree by name, as far as their text is wanted: found by their lines, since whose method a call means is not known without types.
struct NamedFunctions {
  struct Definition {
    let file: TreeFile
    /// Without comments, and without the insides of strings.
    let code: CodeText
  }

  private(set) var definitions: [String: [Definition]] = [:]
  /// The names that stand beside a pattern, a few lines below it at most: `router.post('/x', validate(schema), create)`.
  private(set) var beside: Set<String> = []

  /// - Parameters:
  ///   - names: the functions that are wanted.
  ///   - pattern: what ``beside`` is about; in strings as well.
  init(_ names: Set<String>, beside pattern: String, in context: AuditContext) {
    if names.isEmpty { return }
    let head = context.pattern(
      #"^\s*((export|default|public|private|protected|static|async|override|function\*?|const|let)\s+)*[\w$]+\s*(=\s*(async\b)?\s*(function\b|\(|[\w$]+\s*=>)|:\s*(async\b)?\s*(function\b|\()|(<[^>]*>)?\()"#
    )
    let wanted = context.pattern(pattern, ignoringCase: true)
    for file in context.tree.files
    where CodeSyntax(file.language) == .ecmascript && CodeScope.isLookedAt(file) && !CodeScope.isPage(file) {
      guard let code = CodeText(file, in: context) else { continue }
      let lines = code.code.split(separator: 0x0A, omittingEmptySubsequences: false)
      var near = -10
      var hits: Set<Int>?
      for (number, line) in lines.enumerated() {
        let words = Self.words(of: line)
        let found = words.filter(names.contains)
        if found.isEmpty { continue }
        if hits == nil {
          let all = (try? wanted.lineMatches(in: code.text, limit: 10_000))?.hits ?? []
          hits = Set(all.map { $0.line - 1 })
        }
        for before in max(0, number - 6)...number where hits?.contains(before) == true { near = before }
        let text = String(decoding: line, as: UTF8.self)
        let isHead = ((try? head.firstMatch(in: text)) ?? nil) != nil && !text.trimmed.hasSuffix(";")
        if isHead, let name = words.first(where: { !Self.keywords.contains($0) }), names.contains(name) {
          definitions[name, default: []].append(
            Definition(file: file, code: CodeText(Self.body(lines, from: number), .ecmascript)))
        } else if number - near <= 6 {
          beside.formUnion(found)
        }
      }
    }
  }

  /// The definitions that a call of a method may mean: those in files that are named as its receiver is, or else all; a function of Supabase has none but
  /// those of its like.
  func meant(by call: HandlerBody.Call, in file: TreeFile) -> [Definition] {
    let edge = "supabase/functions/"
    let isEdge = file.path.contains(edge)
    let all = (definitions[call.name] ?? []).filter { $0.file.path.contains(edge) == isEdge }
    let receiver = call.receiver.lowercased().filter { $0 != "_" }
    if receiver.isEmpty || receiver == "this" { return all }
    let named = all.filter { definition in
      let name = definition.file.name.lowercased().filter { $0.isLetter || $0.isNumber }
      return name.contains(receiver)
    }
    return named.isEmpty ? all : named
  }

  private static let keywords: Set<String> = [
    "export", "default", "public", "private", "protected", "static", "async", "override", "function", "const", "let",
  ]

  private static func words(of line: ArraySlice<UInt8>) -> [String] {
    line.split { byte in
      !(byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39 || byte == 0x5F
        || byte == 0x24)
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The lines of a function: to the one that closes it at its own indentation.
  private static func body(_ lines: [ArraySlice<UInt8>], from first: Int) -> [UInt8] {
    let indent = lines[first].prefix { $0 == 0x20 || $0 == 0x09 }
    var result: [UInt8] = []
    for line in lines[first..<min(lines.count, first + 300)] {
      result += line + [0x0A]
      let rest = line.dropFirst(indent.count)
      if result.count > lines[first].count + 1, line.starts(with: indent), rest.first == UInt8(ascii: "}"),
        // `}): Promise<T> {` closes the parameters.
        !line.contains(UInt8(ascii: "{"))
      {
        break
      }
    }
    return result
  }
}
