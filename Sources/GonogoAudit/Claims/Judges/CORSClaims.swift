import GonogoCore

/// "CORS is restricted".
enum CORSClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "cors-restricted", title: "CORS allows known origins only",
    what: """
      False where product code allows any origin, as a literal; true where an origin is given by a list or a variable and \
      nothing allows any. Edge and proxy settings are not seen.
      """, rules: ["code-cors-any-credentials"])

  static let vocabulary = ClaimVocabulary(
    "cors origin* restrict* limited only known allowed allowlist whitelist domain* огранич* настройк*", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.hasWord("cors"), !line.isDenial,
      line.says(
        "restrict", "configur", "настро", "огранич", "limited", "only", "whitelist", "allowlist", "secure", "production"
      )
        || line.words.count <= 3
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line)
    if !found.isEmpty { return .falsely(found) }
    let isTight = line.says("restrict", "огранич", "only", "whitelist", "allowlist", "limited")
    let scope = scene.scope(of: line)
    let open = scene.code(
      #"Access-Control-Allow-Origin['"]?\s*[,:]\s*['"]\*['"]|allow_origins\s*=\s*\[\s*['"]\*['"]|AllowOrigins:?\s*(=|:)\s*\[?\]?(string)?\{?\s*['"]\*['"]|\bcors\(\s*\)"#,
      in: scope)
    if isTight, let first = open.first { return .falsely("any origin is allowed here", at: first.place) }
    let origins = scene.code(
      #"\b(origin|allow_origins|allowedOrigins|AllowOrigins|CORS_ORIGINS?|ALLOWED_ORIGINS)\b\s*[:=]"#, in: scope)
    if open.isEmpty,
      let first = origins.first(where: {
        $0.text.lowercased().contains("origin") && scene.mentions($0.file, "cors", ignoringCase: true)
      })
    {
      return .truly("origins are named here; what a browser is told was not tried", at: first.place)
    }
    return .unproven("no setting that limits the origins was found", at: open.first?.place)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] CORS restricted", in: ["src/a.ts": "app.use(cors({\n  origin: process.env.ORIGIN,\n}))\n"],
      "an origin"),
    .judges(.false, "- [x] CORS restricted to our domains", in: ["src/a.ts": "app.use(cors())\n"], "any origin"),
    .judges(.unproven, "- [x] CORS configured", in: ["src/a.ts": "app.use(cors())\n"], "configured says little"),
  ]
}
