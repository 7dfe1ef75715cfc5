/// That an audit log is kept, and that nobody may change it.
enum AuditLog {
  static let recogniser = Recogniser(
    "audit-log", probes: ["postgres"],
    manual: """
      "Audit logging enabled": there is a table with `audit` in its name, and rows in it. "(WORM-style)", "append-only", "immutable":
      nobody but the owner may update or delete there, or row security or a trigger keeps them from it. "X table populated": the
      table whose name has the words of the line has rows.
      """,
    samples: [
      Recogniser.Sample(
        "- [x] Audit logging enabled",
        #"""
        postgres:
          query: >-
            SELECT c.relname, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM (SELECT FROM %s LIMIT 1) x',
            c.oid::regclass), false, true, '')))[1]::text::bigint AS rows FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname ~ 'audit'
        expect: { rows: { some: { rows: ">= 1" } } }
        """#),
      Recogniser.Sample(
        "- [x] Audit logs configured (WORM-style)",
        #"""
        postgres:
          query: >-
            SELECT c.oid::regclass::text AS "table" FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relname ~ 'audit'
            AND c.relnamespace = 'public'::regnamespace
            AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner AND a.privilege_type IN ('UPDATE', 'DELETE'))
            AND (NOT c.relrowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('w', 'd', '*')))
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgtype & 2 = 2
            AND t.tgtype & 24 > 0)
          examined: >-
            SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ 'audit'
            AND relnamespace = 'public'::regnamespace
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [x] Price list table populated",
        #"""
        postgres:
          query: >-
            SELECT c.relname, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM (SELECT FROM %s LIMIT 1) x',
            c.oid::regclass), false, true, '')))[1]::text::bigint AS rows FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname ~ 'price.*list'
        expect: { rows: { some: { rows: ">= 1" } } }
        """#),
    ],
    lookalikes: [
      "- [x] Security audit completed", "- [ ] Audit log retention policy", "- `owner_audit_log` - audit trail",
    ]
  ) { line, _ in
    if let groups = populated.first(in: line.text), let words = groups[1] {
      let parts = words.lowercased().split(whereSeparator: { $0 == " " || $0 == "_" }).map {
        $0.hasSuffix("y") ? String($0.dropLast()) : String($0)
      }.filter { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } && $0 != "the" }
      if parts.isEmpty { return nil }
      return Draft(
        counted("c.relname ~ '\(parts.joined(separator: ".*"))'"), confidence: .medium,
        reason: "the table whose name has these words has rows")
    }
    guard line.says(audit), !line.says(other) else { return nil }
    if line.says(worm) {
      return Draft(
        """
        postgres:
          query: >-
            SELECT c.oid::regclass::text AS "table" FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relname ~ 'audit'
            AND c.relnamespace = 'public'::regnamespace
            AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner AND a.privilege_type IN ('UPDATE', 'DELETE'))
            AND (NOT c.relrowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('w', 'd', '*')))
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgtype & 2 = 2
            AND t.tgtype & 24 > 0)
          examined: >-
            SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ 'audit'
            AND relnamespace = 'public'::regnamespace
        expect: { row_count: 0 }
        """, confidence: .medium,
        reason: "nobody but the owner may change or delete a row of an audit table, by grant, policy or trigger")
    }
    return Draft(
      counted("c.relname ~ 'audit'"), confidence: .medium, reason: "an audit table is there, and has rows")
  }

  /// The rows of every table that fulfils the condition, counted.
  private static func counted(_ condition: String) -> String {
    """
    postgres:
      query: >-
        SELECT c.relname, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM (SELECT FROM %s LIMIT 1) x',
        c.oid::regclass), false, true, '')))[1]::text::bigint AS rows FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND \(condition)
    expect: { rows: { some: { rows: ">= 1" } } }
    """
  }

  private static let audit = Phrase(
    #"audit (logging|logs?|trail)\b.*(enabled|configured|active|capture|implemented|compliance|включен|настроен)|audit logging for|immutable audit (logs?|trails?)"#
  )
  private static let other = Phrase(#"retention|report|guide|missing|volume|completed"#)
  private static let worm = Phrase(#"worm|append-only|immutable|tamper"#)
  private static let populated = Phrase(#"^(.+?) table (?:is )?populated"#)
}
