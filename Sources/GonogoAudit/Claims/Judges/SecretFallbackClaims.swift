import GonogoCore

/// "Fallback secrets are removed".
enum SecretFallbackClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "no-secret-fallback", title: "No secret falls back to a literal",
    what: """
      False where a secret of product code still has a literal to fall back to, refused in production or not: "removed" is \
      claimed. True where the file named reads the secret and has none.
      """, rules: ["secret-fallback"])

  static let vocabulary = ClaimVocabulary(
    "fallback* default* secret* jwt password* секрет* дефолтн* removed remov* eliminat* убран* удален* удалён* no без исправл*",
    scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    let isDone = line.says("remov", "удал", "убран", "no fallback", "без fallback", "eliminat", "исправ")
    guard line.says("fallback", "default secret", "дефолтн"),
      line.says("secret", "jwt", "секрет", "password"),
      isDone
    else { return nil }
    let scope = scene.scope(of: line)
    let isToken = line.hasWord("jwt")
    func concerns(_ text: String) -> Bool { !isToken || text.lowercased().contains("jwt") }
    // A rule's finding may be one of a variable that only tests read; it has weighed that.
    let found = scene.contradicting(manual.rules, in: line).filter { concerns($0.message + $0.subject) }
    let own = scene.code(
      #"(env\.\w*(SECRET|_KEY|TOKEN|PASSWORD)\w*|env\[['"]\w*(SECRET|_KEY|TOKEN|PASSWORD)\w*['"]\]|\b\w*[sS]ecret\w*)\s*(\|\||\?\?)\s*['"`][^'"`\s$]{6,}['"`]|getenv\(\s*['"]\w*(SECRET|TOKEN|PASSWORD)\w*['"]\s*,\s*['"][^'"]{6,}['"]"#,
      in: scope
    ).filter { concerns($0.text) && !$0.text.contains("header") }
    var evidence: [Claim.Evidence] = found.map { .init($0.message, at: $0.place) }
    for hit in own.prefix(5)
    where !evidence.contains(where: { $0.place?.path == hit.place.path && $0.place?.line == hit.place.line }) {
      evidence.append(.init("a secret falls back to a literal here", at: hit.place))
      let guards = scene.lines(
        of: hit.file, matching: scene.context.pattern(#"NODE_ENV\s*===?\s*['"]production['"]"#))
      if let first = guards.first {
        evidence.append(
          .init("only where the environment is called production is something else done", at: first.place))
      }
    }
    if !evidence.isEmpty { return .falsely(evidence) }
    if let file = scope.files.sorted().compactMap({ scene.tree[$0] }).first(where: ProductCode.isProduct),
      let read = scene.lines(
        of: file, matching: scene.context.pattern(#"env(\.|\[['"])\w*(SECRET|TOKEN|KEY|PASSWORD)"#)
      ).first
    {
      return .truly("the secret is read here, without a literal behind it", at: read.place)
    }
    return .unproven("no fallback was found, which does not prove that there is none")
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Fallback JWT secret removed: `src/auth.ts`",
      in: ["src/auth.ts": "const s = process.env.JWT_SECRET\nif (!s) throw new Error('unset')\n"], "read and refused"),
    .judges(
      .false, "- [x] Fallback secrets удалены",
      in: [
        "src/auth.ts": "const jwtSecret = process.env.JWT_SECRET || 'dev-only-secret'\n"
      ], "it still falls back"),
    .judges(
      .unproven, "- [x] Fallback secrets removed",
      in: [
        "tests/auth.ts": "const jwtSecret = process.env.JWT_SECRET || 'dev-only-secret'\n",
        "src/a.ts": "const secret = process.env.CRON_SECRET || ''\n",
      ], "a test has one"),
  ]
}
