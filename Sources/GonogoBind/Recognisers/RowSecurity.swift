/// Row level security, of the tables that a line names or of all.
enum RowSecurity {
  static let recogniser = Recogniser(
    "row-security", probes: ["postgres"],
    manual: """
      "RLS enabled on all tables", "RLS policies checked": no ordinary table of the schema public is without row security, nor, where
      the line speaks of policies, without a policy. "(60+ tables)" asks that so many were looked at. A line that names tables
      ("missing RLS on billing_keys") asks for theirs. "policies (a → b)" asks that no policy names `a` any more.
      That it is on is not that it works: `isolation` tries that.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- [x] RLS enabled on all tables (60+ tables)",
        #"""
        postgres:
          query: >-
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relrowsecurity
          examined: >-
            SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        expect: { row_count: 0, examined: ">= 60" }
        """#),
      Recogniser.Sample(
        "- [x] RLS policies active on all tables",
        #"""
        postgres:
          query: >-
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND (NOT c.relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
          examined: >-
            SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- ✅ Добавлен RLS на billing_keys",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                billing_keys: { rls: true }
        """#),
      Recogniser.Sample(
        "- [ ] RLS is enabled and forced on `orders`",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                orders: { rls: { enabled: true, forced: true } }
        """#),
      Recogniser.Sample(
        "- ✅ Broken RLS policies mended (people → team_people)",
        #"""
        postgres:
          query: >-
            SELECT schemaname, tablename, policyname FROM pg_policies
            WHERE coalesce(qual, '') ~ '\mpeople\M' OR coalesce(with_check, '') ~ '\mpeople\M'
          examined: SELECT count(*) FROM pg_policies
        expect: { row_count: 0 }
        """#),
    ],
    lookalikes: [
      "- [ ] RLS testing checklist", "- [ ] Apply the RLS fix migration on staging",
      "- [x] RLS verification guide created",
      "- Found 8 tables without RLS",
    ]
  ) { line, _ in
    // What stands in brackets is told beside the claim.
    let claim = brackets.all(in: line.text).compactMap { $0[0] }.reduce(line.text) { $0.replacing($1, with: "") }
    guard security.isFound(in: claim), !paper.isFound(in: claim) else { return nil }
    if let groups = renamed.first(in: line.text), line.says(policies), let old = groups[1] {
      return Draft(
        """
        postgres:
          query: >-
            SELECT schemaname, tablename, policyname FROM pg_policies
            WHERE coalesce(qual, '') ~ '\\m\(old)\\M' OR coalesce(with_check, '') ~ '\\m\(old)\\M'
          examined: SELECT count(*) FROM pg_policies
        expect: { row_count: 0 }
        """, confidence: .high, reason: "no policy names `\(old)` any more", carries: groups[2].map { [$0] } ?? [])
    }
    let names = (line.codes.filter(identifier.isFound) + named.all(in: line.text).compactMap { $0[1] ?? $0[2] }).reduce(
      into: [String]()
    ) { list, name in
      if !list.contains(name) { list.append(name) }
    }
    if !names.isEmpty, !line.says(all) {
      let security = line.says(forced) ? "{ rls: { enabled: true, forced: true } }" : "{ rls: true }"
      let rows = names.map { "        \($0): \(security)" }.joined(separator: "\n")
      return Draft(
        "postgres:\n  schema:\n    tables:\n      at_least:\n\(rows)", confidence: .high,
        reason: "the line names the table; row security is on there\(line.says(forced) ? ", for its owner too" : "")")
    }
    let withPolicies = line.says(policies)
    let off = line.says(forced) ? "NOT (c.relrowsecurity AND c.relforcerowsecurity)" : "NOT c.relrowsecurity"
    let count = Phrase(#"(\d+)\s*\+?\s*(?:tables|таблиц)"#).group(1, in: line.text)
    return Draft(
      """
      postgres:
        query: >-
          SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND \(withPolicies ? "(\(off) OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))" : off)
        examined: >-
          SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      expect: { row_count: 0\(count.map { ", examined: \">= \($0)\"" } ?? "") }
      """, confidence: line.says(all) ? .high : .medium,
      reason:
        "no table of the schema public is without row security\(line.says(forced) ? ", forced" : "")\(withPolicies ? " or without a policy" : "")",
      carries: line.says(forced) ? ["forced"] : [])
  }

  static let security = Phrase(#"\bRLS\b|row[- ]level security"#)
  private static let paper = Phrase(
    #"conflicting|insecure|^update\b|if needed|guide|checklist|report|migration|document|script|without rls|без rls|analysis|deployment|документац|\.md\b|\.sql\b|миграци"#
  )
  private static let forced = Phrase(#"\bforced?\b|принудительн"#)
  private static let brackets = Phrase(#"\([^)]*\)"#)
  private static let policies = Phrase(#"polic|политик"#)
  private static let all = Phrase(#"all tables|every table|всех таблиц|все таблиц"#)
  private static let identifier = Phrase(#"^[a-z_][a-z0-9_]*$"#, ignoringCase: false)
  private static let named = Phrase(
    #"(?:RLS|security)\s+(?:on|for|на|для)\s+(?:table\s+)?([a-z]+(?:_[a-z0-9]+)+)|(?:including|включая)\s+([a-z]+(?:_[a-z0-9]+)+)"#
  )
  private static let renamed = Phrase(#"\(([a-z_]+)\s*(?:→|->|=>)\s*([a-z_]+)\)"#)
}
