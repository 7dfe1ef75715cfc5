import GonogoCore

/// What a tree's product code calls to turn requests away, by the kind of thing that it asks about: a name beside it that nobody calls is a spare.
struct GuardsInForce {
  /// The kinds by the words of their names, the narrower first: who requires an admin requires somebody who is logged in as well, and not the other way round.
  private static let kinds: [(kind: String, words: [String])] = [
    ("rate", ["ratelimit", "rate_limit", "throttle", "limiter"]), ("csrf", ["csrf"]),
    ("signature", ["signature", "webhook"]), ("admin", ["admin"]), ("owner", ["owner"]), ("tenant", ["tenant"]),
    ("member", ["member"]), ("right", ["permission", "role", "access"]), ("login", ["auth"]),
  ]

  /// A call that asks for something: its name begins with a word of guards.
  private static let asking = [
    "require", "ensure", "enforce", "assert", "check", "verify", "authorize", "validate", "with", "is", "has", "can",
    "guard", "protect", "only", "get", "use", "current", "auth",
  ]

  /// The files in which something of a kind is called that they do not define.
  private var calls: [String: Set<TreeFile>] = [:]

  init(in context: AuditContext) {
    let call = context.pattern(
      #"(?<!function )(?<!def )(?<!func )\b(\w*(rate_?limit|throttle|limiter|csrf|signature|webhook|admin|owner|tenant|member|permission|role|access|auth)\w*)\s*\(|@\w*(rate_?limit|limiter|throttle|permission|role|login_required|auth)\w*|hmac\.Equal|timingSafeEqual|compare_digest|constructEvent"#,
      ignoringCase: true)
    for file in context.tree.files where CodeScope.isLookedAt(file) {
      guard let code = CodeText(file, in: context) else { continue }
      for hit in (try? call.lineMatches(in: code.code, limit: 2_000))?.hits ?? [] {
        let line = String(decoding: code.code[hit.lineRange], as: UTF8.self)
        // A definition of a method or of a function has its name before a parenthesis as well.
        if line.trimmed.hasSuffix("{"), !line.contains("=>"), !line.contains("if "), !line.contains("= ") { continue }
        let text = String(decoding: code.code[hit.match], as: UTF8.self).lowercased()
        if ["hmac.equal", "timingsafeequal", "compare_digest", "constructevent"].contains(text) {
          calls["signature", default: []].insert(file)
          continue
        }
        let name = text.filter { $0.isLetter || $0.isNumber || $0 == "_" }
        for (kind, words) in Self.kinds where words.contains(where: name.contains) {
          guard kind == "rate" || kind == "csrf" || text.hasPrefix("@") || Self.asking.contains(where: name.hasPrefix)
          else { continue }
          calls[kind, default: []].insert(file)
        }
      }
    }
  }

  /// Whether another file calls something of the kind of a definition.
  func has(_ match: CodeMatch) -> Bool {
    let name = match["NAME"].lowercased()
    guard let kind = Self.kinds.first(where: { $0.words.contains(where: name.contains) })?.kind else { return false }
    return calls[kind]?.contains { $0 != match.file } == true
  }
}
