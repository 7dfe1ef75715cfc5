import GonogoCore

/// "Requests are limited".
enum RateLimitClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "rate-limiting", title: "Requests are limited",
    what: """
      True where a limiter is applied in product code; false where a rule found that the one that the line, or the file \
      named for it, means is called nowhere. What the limit is, and that it holds, was not tried.
      """, rules: ["code-guard-never-called"])

  static let vocabulary = ClaimVocabulary(
    "rate limit* limiting ratelimit* throttl* request* лимит* ограничени* запрос*", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("rate limit", "rate-limit", "ratelimit", "throttl", "лимит запросов", "ограничение запросов"),
      !line.isDenial
    else { return nil }
    let scope = scene.scope(of: line)
    let uses = scene.code(
      #"\w*[lL]imiter\w*\.(limit|check|consume)\(|\.use\(\s*\w*([rR]ate|[lL]imiter)\w*|register\(\s*(rateLimit|import\(['"]@fastify/rate-limit)|@limiter\.limit\(|add_middleware\(\s*\w*(Limit|Throttl)\w*|@UseGuards\(\s*ThrottlerGuard|await (check)?[rR]ateLimit\w*\("#,
      in: scope)
    // One limiter that nothing calls says nothing of others, which may be settings of a framework.
    let idle = scene.contradicting(manual.rules, in: line).filter { $0.message.lowercased().contains("limit") }
    let meant = idle.filter { !scope.files.isEmpty || line.hasWord($0.subject.lowercased()) }
    if !meant.isEmpty { return ClaimVerdict.falsely(meant).reading(meant.map { $0.subject.lowercased() }) }
    if let one = idle.first { return .unproven("of the limiters \(one.message)", at: one.place) }
    // A rule that could not look has been told already, and shows no spare.
    let spares = ((try? GuardNeverCalled.spares(in: scene.context)) ?? []).filter { spare in
      ["limit", "throttl"].contains(where: spare["NAME"].lowercased().contains) && scope.contains(spare.file.path)
    }
    if let one = spares.first {
      return .unproven("of the limiters '\(one["NAME"])' is defined and called nowhere", at: one.place)
    }
    if let first = uses.first, line.text.contains("/") {
      return .unproven(
        "a limiter is applied; whether it holds for what the line names was not followed", at: first.place)
    }
    if let first = uses.first {
      return .truly("a limiter is applied here; that it holds was not tried", at: first.place)
    }
    return .unproven("no place that applies a limiter was found")
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Rate limiting", in: ["src/a.ts": "const { success } = await apiLimiter.limit(ip)\n"], "applied"),
    .judges(.unproven, "- [x] Rate limiting", in: ["src/a.ts": "export const apiLimiter = make()\n"], "only made"),
    .judges(.unproven, "- [x] Rate limiting", in: ["tests/a.ts": "await apiLimiter.limit(ip)\n"], "in a test"),
    .judges(
      .unproven, "- [x] Rate limiting",
      in: [
        "src/a.ts": "await checkRateLimit(ip)\n",
        "src/login.ts": "export function rateLimitByUser(id: string) {\n  return store.hit(id)\n}\n",
      ], "a second one that nothing calls"),
    .judges(
      .true, "- [x] Rate limiting",
      in: [
        "src/a.ts": "await checkRateLimit(ip)\nawait rateLimitByUser(user)\n",
        "src/login.ts": "export function rateLimitByUser(id: string) {\n  return store.hit(id)\n}\n",
      ], "a second one that is called"),
  ]
}
