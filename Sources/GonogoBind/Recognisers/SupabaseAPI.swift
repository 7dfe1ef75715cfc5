/// The project's settings by Supabase's Management API (https://supabase.com/docs/reference/api).
enum SupabaseAPI {
  static func get(_ path: String, expect: String) -> String {
    """
    http:
      GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}\(path.isEmpty ? "" : "/" + path)
      bearer: ${SUPABASE_ACCESS_TOKEN}
    \(expect)
    """
  }
}

/// Edge functions that are deployed, and the settings of Supabase's own sign-in.
enum SupabaseProject {
  static let recogniser = Recogniser(
    "supabase-project", probes: ["http"],
    manual: """
      Of documents about Supabase: functions by name under a heading that speaks of functions, "30+ edge functions deployed", "JWT
      verification enabled on edge functions", leaked-password protection, automatic confirmation of addresses, and that there is a
      project. Asked through the Management API with SUPABASE_PROJECT_REF and SUPABASE_ACCESS_TOKEN.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "## Edge Functions\n\n- [x] `mail-sync` - sync",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/functions
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { some: { slug: mail-sync, status: ACTIVE } } }
        """#),
      Recogniser.Sample(
        "- [x] 30+ edge functions deployed",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/functions
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { length: ">= 30", each: { status: ACTIVE } } }
        """#),
      Recogniser.Sample(
        "- [x] All edge functions deployed",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/functions
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { length: ">= 1", each: { status: ACTIVE } } }
        """#),
      Recogniser.Sample(
        "- [x] JWT verification enabled on edge functions",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/functions
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { each: { verify_jwt: true } } }
        """#),
      Recogniser.Sample(
        "Supabase.\n\n- [ ] Enable leaked password protection",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/config/auth
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body.password_hibp_enabled: true }
        """#),
      Recogniser.Sample(
        "Supabase.\n\n- [ ] Disable auto-confirm email",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/config/auth
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body.mailer_autoconfirm: false }
        """#),
      Recogniser.Sample(
        "Supabase.\n\n- [x] Auto-confirm email enabled for non-production",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/config/auth
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body.mailer_autoconfirm: true }
        """#),
      Recogniser.Sample(
        "- [ ] Создать Supabase проект",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body.status: ACTIVE_HEALTHY }
        """#),
    ],
    lookalikes: [
      "## Functions\n\n- [x] `mail-sync` - sync", "- [ ] 30+ functions deployed", "- [ ] Enable password protection",
      "- [x] Supabase documented",
    ]
  ) { line, context in
    guard context.isSupabase else { return nil }
    if line.isAbout(edge), line.raw.hasPrefix("`"), let name = line.codes.first, slug.isFound(in: name) {
      return Draft(
        SupabaseAPI.get(
          "functions", expect: "expect: { status: 200, body: { some: { slug: \(name), status: ACTIVE } } }"),
        confidence: .high, reason: "the line names an edge function; it is deployed and active")
    }
    let kept = Set((context.facts?.files ?? []).compactMap { folder.group(1, in: $0) }).filter { !$0.hasPrefix("_") }
      .sorted()
    if line.says(deployed), line.says(all), !kept.isEmpty {
      let each = kept.map { "{ some: { slug: \($0), status: ACTIVE } }" }.joined(separator: ", ")
      return Draft(
        SupabaseAPI.get("functions", expect: "expect: { status: 200, body: { all_of: [\(each)] } }"), confidence: .high,
        reason: "every function of the repository is deployed and active")
    }
    if line.says(deployed) {
      let count = Phrase(#"(\d+)\s*\+?\s*edge functions"#).group(1, in: line.text) ?? "1"
      return Draft(
        SupabaseAPI.get(
          "functions",
          expect: "expect: { status: 200, body: { length: \">= \(count)\", each: { status: ACTIVE } } }"),
        confidence: count == "1" ? .medium : .high,
        reason: "every function of the project is active\(count == "1" ? "" : ", and they are at least \(count)")")
    }
    if line.says(verification) {
      return Draft(
        SupabaseAPI.get("functions", expect: "expect: { status: 200, body: { each: { verify_jwt: true } } }"),
        confidence: .high, reason: "every deployed function says whether it verifies tokens")
    }
    if line.says(leaked) {
      return Draft(
        SupabaseAPI.get("config/auth", expect: "expect: { status: 200, body.password_hibp_enabled: true }"),
        confidence: .high, reason: "the setting of the project's sign-in")
    }
    if line.says(confirm) {
      let test = line.says(nonProduction) && !line.says(disable)
      return Draft(
        SupabaseAPI.get("config/auth", expect: "expect: { status: 200, body.mailer_autoconfirm: \(test) }"),
        confidence: test ? .medium : .high,
        reason: test
          ? "the setting of the project that SUPABASE_PROJECT_REF names, which should be that of tests"
          : "the setting of the project's sign-in, off in production")
    }
    if line.says(project) {
      return Draft(
        SupabaseAPI.get("", expect: "expect: { status: 200, body.status: ACTIVE_HEALTHY }"), confidence: .medium,
        reason: "the project is there, and healthy")
    }
    return nil
  }

  private static let folder = Phrase(#"(?:^|/)supabase/functions/([^/]+)/"#)
  private static let all = Phrase(#"\ball\b|все "#)
  private static let edge = Phrase(#"edge functions"#)
  private static let slug = Phrase(#"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"#, ignoringCase: false)
  private static let deployed = Phrase(#"edge functions deployed|edge functions? .*задеплоен"#)
  private static let verification = Phrase(#"(jwt|token) verification .*edge functions"#)
  private static let leaked = Phrase(#"leaked[- ]password protection"#)
  private static let confirm = Phrase(#"auto-?confirm (email|address)|auto-?confirm.*enabled"#)
  private static let nonProduction = Phrase(#"non-production|staging|development"#)
  private static let disable = Phrase(#"disable"#)
  private static let project = Phrase(
    #"(создать|create|created|set up)\b.*supabase (project|проект)|supabase (project|проект) (created|создан)"#)
}
