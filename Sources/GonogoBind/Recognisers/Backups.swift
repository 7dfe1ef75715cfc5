/// That there is a backup, and a fresh one.
enum Backups {
  static let recogniser = Recogniser(
    "backups", probes: ["files", "http", "postgres"],
    manual: """
      "Backup schedule configured", "database backup verified": the newest backup is not older than a day (or than the line says: "daily", "every 6 hours", "weekly").
      Of documents about Supabase the project's own list is asked, elsewhere the files of `${backups}`. That a backup can be restored is for a rehearsal.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Database backup schedule configured",
        #"""
        files: { path: "${backups}", size: ">= 1" }
        jq: '[.files[].age_ms] | length >= 1 and min < 86400000'
        """#),
      Recogniser.Sample(
        "- [ ] Backups run every 6 hours",
        #"""
        files: { path: "${backups}", size: ">= 1" }
        jq: '[.files[].age_ms] | length >= 1 and min < 21600000'
        """#),
      Recogniser.Sample(
        "Supabase.\n\n- [ ] Database backup verified",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/database/backups
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200 }
        jq: '.body.pitr_enabled == true or ([.body.backups[] | select(.status == "COMPLETED") | .inserted_at[0:19] + "Z" | fromdate] | length >= 1 and max > now - 93600)'
        """#),
    ],
    lookalikes: [
      "- [ ] Backup restoration tested", "3. Restore database from backup", "- [x] Backup strategy defined",
      "- [ ] Off-site backup storage configured", "- [ ] Backup notifications configured",
    ]
  ) { line, context in
    guard line.says(backup), line.says(state), !line.says(other) else { return nil }
    let hours =
      Phrase(#"every (\d+) ?h"#).group(1, in: line.text).flatMap { Int($0) }
      ?? (line.says(Phrase(#"weekly|еженедельн"#)) ? 168 : line.says(Phrase(#"hourly"#)) ? 1 : 24)
    if context.isSupabase {
      return Draft(
        SupabaseAPI.get(
          "database/backups",
          expect:
            "expect: { status: 200 }\njq: '.body.pitr_enabled == true or ([.body.backups[] | select(.status == \"COMPLETED\") | .inserted_at[0:19] + \"Z\" | fromdate] | length >= 1 and max > now - \(hours * 3600 + 7200))'"
        ),
        confidence: .medium,
        reason: "the project has a completed backup of the last \(hours) hours, or point-in-time recovery")
    }
    return Draft(
      "files: { path: \"${backups}\", size: \">= 1\" }\njq: '[.files[].age_ms] | length >= 1 and min < \(hours * 3_600_000)'",
      confidence: .medium,
      reason: "the newest backup is not older than \(hours) hours, and none is empty")
  }

  private static let backup = Phrase(#"\bback-?ups?\b|резервн\w+ копи|бэкап"#)
  private static let state = Phrase(
    #"^(configure|set up)\b|configured|schedule|enabled?\b|verified|run(ning)?\b|taken|complet|in place|recent|daily|hourly|weekly|automated|настро|включен|every"#
  )
  private static let other = Phrase(
    #"restor|strategy|plan\b|from backup|procedure|document|systems tested|\b(disk|storage|location|bucket|destination|notification\w*|monitor\w*|manual\w*|codes?|encrypt\w*|retention|off-?site)\b|recovery"#
  )
}
