public import GonogoCore

/// One secret that stands in for another.
public struct SharedSecret: AuditRule {
  public static let manual = RuleManual(
    id: "secret-shared", severity: .medium, family: "environment",
    title: "One secret falls back to another",
    what: """
      Looks for a read of a secret that the project makes itself (…_SECRET, …_SECRET_KEY, ENCRYPTION_KEY, SIGNING_KEY …) that \
      falls back to another one. Two names of one secret (AUTH_SECRET and NEXTAUTH_SECRET), keys that a provider issues, tests \
      and scripts pass.
      """,
    why: "who learns one secret has both, and neither can be changed without the other",
    mend: "refuse to start without the variable, and give each purpose a secret of its own",
    falsifies: "every purpose has a secret of its own")

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for variable in context.facts(EnvironmentVariables.self).variables where SecretNames.isOwn(variable.name) {
      var places: [String: [TreePlace]] = [:]
      for read in variable.reads where read.purpose == .application {
        guard case .variable(let other) = read.fallback, SecretNames.isOwn(other), !Self.isOne(variable.name, other)
        else {
          continue
        }
        places[other, default: []].append(read.place)
      }
      for (other, places) in places.sorted(by: { $0.key < $1.key }) {
        findings.add(
          "\(variable.name) falls back to \(other)", at: places[0], subject: "\(variable.name) \(other)",
          related: places.dropFirst().prefix(20).map { .init($0, "and here") })
      }
    }
  }

  /// Words that only tell where a secret comes from or which framework reads it.
  private static let names: Set<Substring> = [
    "NEXT", "NEXTAUTH", "AUTH", "AUTHJS", "BETTER", "NUXT", "VITE", "PUBLIC", "APP", "APPLICATION", "KEY", "SECRET",
    "NEXT_PUBLIC",
    "OLD", "NEW", "LEGACY", "PREVIOUS", "CURRENT", "LIVE", "TEST", "PROD", "DEV", "SUPABASE", "V1", "V2", "JWT",
    "SERVER",
  ]

  /// Whether two names are one secret's: only words differ that say nothing of its purpose.
  static func isOne(_ left: String, _ right: String) -> Bool {
    let a = Set(left.split(separator: "_"))
    let b = Set(right.split(separator: "_"))
    let difference = a.symmetricDifference(b)
    if left.contains("AUTH"), right.contains("AUTH") { return true }
    // A token's own secret beside a framework's is another purpose: that is what the first name says.
    if difference.contains("JWT"), difference.contains(where: { $0.hasPrefix("NEXTAUTH") || $0 == "SESSION" }) {
      return false
    }
    // The older name of one thing: CAPTCHA and HCAPTCHA.
    if difference.count == 2, let one = difference.min(by: { $0.count < $1.count }), one.count > 3,
      difference.allSatisfy({ $0.hasSuffix(one) })
    {
      return true
    }
    return difference.allSatisfy { names.contains($0) }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:1:23", "src/a.py:2:23",
      in: [
        "src/a.ts": "const a = process.env.BOTLINK_SECRET || process.env.JWT_SECRET\n",
        "src/a.py": "import os\ncsrf = os.environ.get(\"CSRF_SECRET_KEY\") or os.environ[\"SESSION_SECRET\"]\n",
      ], "a link's secret falls back to the tokens'"),
    .silent(
      "two names of one secret, issued keys, a value",
      [
        "src/a.ts": """
        const a = process.env.AUTH_SECRET || process.env.NEXTAUTH_SECRET
        const b = process.env.GEMINI_API_KEY || process.env.GOOGLE_API_KEY
        const c = process.env.BOTLINK_SECRET ?? ''
        const e = process.env.CAPTCHA_SECRET_KEY || process.env.HCAPTCHA_SECRET_KEY
        const d = process.env.WEBHOOK_SECRET_V2 ?? process.env.WEBHOOK_SECRET
        """,
        "tests/a.ts": "const a = process.env.BOTLINK_SECRET || process.env.JWT_SECRET\n",
      ]),
  ]
}
