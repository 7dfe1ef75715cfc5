import GonogoCore

/// "Calls to other systems have timeouts".
enum TimeoutClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "outbound-timeouts", title: "Calls to other systems have timeouts",
    what: """
      False where product code on the server calls an address outside with no signal and no timeout in the whole file, within the \
      file or part that the line names; true where the file named gives each of its calls a signal. That they fire was not tried.
      """, rules: ["code-call-no-timeout"])

  static let vocabulary = ClaimVocabulary(
    "timeout* time out external outbound api apis http call* request* fetch third party внешн* вызов* запрос* таймаут* тайм аут*",
    contradicting: "system* service* seconds", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("timeout", "time-out", "time out", "таймаут", "тайм-аут"), !line.isDenial else { return nil }
    guard
      line.says("api", "external", "outbound", "http", "call", "внешн", "fetch", "request", "запрос")
        || line.words.count == 1
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line)
    if !found.isEmpty { return .falsely(found) }
    let scope = scene.scope(of: line)
    let calls = scene.code(#"\bfetch\(\s*[`'"]https?://"#, in: scope).filter { isServer($0.file, in: scene) }
    let bare = calls.filter {
      !scene.mentions($0.file, #"\bsignal\b|AbortSignal|AbortController|timeout"#, ignoringCase: true)
    }
    if !bare.isEmpty {
      return .falsely(bare.map { .init("a call to another system without a timeout", at: $0.place) })
    }
    guard !scope.files.isEmpty else { return .unproven("that every call has a timeout was not shown") }
    var evidence: [Claim.Evidence] = []
    for path in scope.files.sorted() {
      guard let file = scene.tree[path], ProductCode.isProduct(file) else { continue }
      let all = scene.lines(of: file, matching: scene.context.pattern(#"\b(fetch|axios(\.\w+)?|got)\("#))
      let signals = scene.lines(
        of: file, matching: scene.context.pattern(#"\bsignal\b\s*[:,}]|\btimeout\s*:|AbortSignal\.timeout"#))
      if !all.isEmpty, signals.count < all.count {
        return .unproven("\(all.count) calls and \(signals.count) timeouts stand in '\(path)'", at: all[0].place)
      }
      evidence += signals.prefix(3).map {
        .init("the call is given a signal or a timeout; that it fires was not tried", at: $0.place)
      }
    }
    return evidence.isEmpty ? .unproven("no call to another system was found in the file named") : .truly(evidence)
  }

  static func isServer(_ file: TreeFile, in scene: ClaimScene) -> Bool {
    let path = "/" + file.path.lowercased()
    if ["/components/", "/hooks/", "/client/", "/frontend/", "/ui/"].contains(where: path.contains) { return false }
    return !path.hasSuffix(".tsx") && !path.hasSuffix(".jsx") && !scene.mentions(file, #"^['"]use client['"]"#)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Timeouts for external APIs (`src/ai.ts`)",
      in: ["src/ai.ts": "await fetch('https://api.example.com/v1', { signal: AbortSignal.timeout(3000) })\n"],
      "a signal"),
    .judges(
      .false, "- ✅ Timeouts для external APIs",
      in: [
        "src/ai.ts": "await fetch('https://api.example.com/v1', { signal: AbortSignal.timeout(3000) })\n",
        "src/crm.ts": "await fetch(`https://crm.example.com/token`)\n",
      ], "one call has none"),
    .judges(
      .unproven, "- ✅ Timeouts для external APIs",
      in: [
        "src/components/a.tsx": "await fetch('https://crm.example.com/token')\n", "src/b.ts": "await fetch(url)\n",
      ], "a page's own call"),
  ]
}
