import GonogoCore

/// Where the tree shows that an outbound call without a timeout of its own is ended all the same: by its file, its package, its queue, or whoever calls
/// the function that makes it.
struct EndedCalls {
  private let context: AuditContext
  /// Words on the lines that set a timeout around something, in JavaScript.
  private let raced: Set<String>
  /// Whether the tree limits how long a queue's job may take.
  private let hasJobLimit: Bool
  /// The files that set something for all calls.
  private let defaults: [TreeFile]

  init(in context: AuditContext) {
    self.context = context
    var raced: Set<String> = []
    var hasJobLimit = false
    var defaults: [TreeFile] = []
    for file in context.tree.files where CodeScope.isLookedAt(file) {
      guard let syntax = CodeSyntax(file.language), let forAll = Self.forAll[syntax],
        let code = CodeText(file, in: context)
      else { continue }
      if code.mentions(forAll, in: context) { defaults.append(file) }
      if syntax == .ecmascript { raced.formUnion(Self.raced(in: code, context)) }
      if syntax == .python, !hasJobLimit {
        hasJobLimit = code.mentions(
          #"RQ_DEFAULT_TIMEOUT|TASK_(SOFT_)?TIME_LIMIT|\b(soft_)?time_limit\s*=|\bjob_timeout\s*="#, in: context)
      }
    }
    self.raced = raced
    self.hasJobLimit = hasJobLimit
    self.defaults = defaults
  }

  private static let forAll: [CodeSyntax: String] = [
    // What stands in for `fetch` in tests ends nothing in production.
    .ecmascript:
      #"axios\.defaults\.timeout|setGlobalDispatcher|\b(globalThis|global)\.fetch ?=(?!=)(?! ?(async )?\(?(jest|vi|mock|sinon|fake))"#,
    // `socket.setdefaulttimeout` is none: requests hands its own "none" to the socket.
    .python: #"requests\.(Session\.request|request|get|api\.request) ?=(?!=)"#,
    .go: #"http\.DefaultClient\.Timeout|http\.DefaultClient ?=(?!=)"#,
  ]

  private static func raced(in code: CodeText, _ context: AuditContext) -> Set<String> {
    let around = context.pattern(
      #"Promise\.race\(|\bwith_?(Timeout|Deadline)\w*\(|\b(?!(set|clear)Timeout)\w*Timeout\("#)
    let hits = (try? around.lineMatches(in: code.code, limit: 1_000))?.hits ?? []
    if hits.isEmpty { return [] }
    var result: Set<String> = []
    let lines = code.code.split(separator: 0x0A, omittingEmptySubsequences: false)
    for hit in hits {
      // The call that is raced may stand on a line of its own.
      for line in lines[(hit.line - 1)..<min(lines.count, hit.line + 2)] {
        let text = String(decoding: line, as: UTF8.self)
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) where word.count > 5 {
          result.insert(String(word))
        }
      }
    }
    return result
  }

  /// Whether the file or its package ends all calls, or the call is one of a job that is ended.
  func elsewhere(_ file: TreeFile, _ code: CodeText) -> Bool {
    guard let syntax = CodeSyntax(file.language) else { return false }
    let (own, manifest): (String, String) =
      switch syntax {
      // Defaults for all calls of the file, or a wrapper of fetch's name.
      case .ecmascript: (#"function fetch\b|@tauri-apps|axios-retry"#, "package.json")
      case .python: (#"def request\(|\bwait_for\(|@timeout|\bsignal\.alarm\(|\bTimeout\("#, "pyproject.toml")
      case .go:
        (
          #"context\.WithTimeout|context\.WithDeadline|NewRequestWithContext|\.Timeout\s*=|ResponseHeaderTimeout"#,
          "go.mod"
        )
      default: ("$^", "")
      }
    if code.mentions(own, in: context) { return true }
    if file.language == .python, hasJobLimit,
      file.path.split(separator: "/").contains(where: { part in
        ["tasks", "jobs", "worker", "workers"].contains(String(part.prefix { $0 != "." }).lowercased())
      })
    {
      return true
    }
    let package = CodeScope.package(of: file, manifest, in: context) ?? ""
    let prefix = package.isEmpty ? "" : package + "/"
    return defaults.contains { $0.path.hasPrefix(prefix) && CodeSyntax($0.language) == syntax }
  }

  /// Whether the function that makes the call is one that others set a timeout around.
  func byCaller(_ match: CodeMatch) -> Bool {
    guard CodeSyntax(match.file.language) == .ecmascript, let text = context.tree.text(match.file) else { return false }
    let head = context.pattern(
      #"(?:function\*?\s+|(?:const|let)\s+|^\s*(?:(?:public|private|protected|static|async)\s+)+)([\w$]+)\s*(?::[^=]+)?(?:=\s*(?:async|function|\(|\w+\s*=>)|(?:<[^>]*>)?\()"#
    )
    for number in stride(from: match.place.line, through: max(1, match.place.line - 80), by: -1) {
      let line = String(decoding: text.line(number), as: UTF8.self)
      guard let found = (try? head.firstMatch(in: line)) ?? nil, let name = found.groups.last ?? nil else { continue }
      return raced.contains(name) || name.lowercased().contains("timeout")
    }
    return false
  }
}
