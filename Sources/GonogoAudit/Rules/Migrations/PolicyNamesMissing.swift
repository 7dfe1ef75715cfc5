import GonogoCore

/// A policy names a function or a column that no migration has made.
struct PolicyNamesMissing: AuditRule {
  static let manual = RuleManual(
    id: "migration-policy-names-missing", severity: .high, family: "migrations",
    title: "A policy names a function or a column that no migration has made",
    what: """
      Replays the migrations and looks in CREATE POLICY for functions with a schema of the migrations' own that \
      none has created until then, and for columns outside of subqueries that the policy's table has not. \
      Functions without a schema, tables whose columns are not all known, and names that a block with a text of \
      its own may have made, pass.
      """,
    why: """
      PostgreSQL refuses the policy, and the rows stay closed, or open to an older one
      """,
    mend: """
      create the function or the column before the policy, or name the one that is there
      """,
    falsifies: "every policy is in force",
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for replay in context.facts(Replays.self) {
      // Without the folder's base, its functions are as unknown as its tables.
      let missing = Set(
        replay.observations.compactMap { observation -> TableName? in
          if case .missing = observation.kind { return observation.table }
          return nil
        })
      if missing.count > 3 { continue }
      var seen: Set<String> = []
      for observation in replay.observations {
        guard [.missingFunction, .missingColumn].contains(observation.kind),
          seen.insert("\(observation.migration) \(observation.table) \(observation.name)").inserted
        else { continue }
        let subject = "\(observation.table) \(observation.name)"
        switch observation.kind {
        case .missingFunction:
          findings.add(
            "a policy of '\(observation.table)' calls '\(observation.name)', which no migration has created",
            at: observation.place, subject: subject)
        case .missingColumn:
          findings.add(
            "a policy of '\(observation.table)' names the column '\(observation.name)', which the table has not",
            at: observation.place, subject: subject)
        default: continue
        }
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/1_a.sql:2:43", "supabase/migrations/1_a.sql:3:34",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int, owner uuid);\nCREATE POLICY p ON orders USING (true AND public.is_member(id));\nCREATE POLICY q ON orders USING (user_id = auth.uid());\n"
      ], "a function and a column"),
    .silent(
      "what is there, and what a platform has",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int, owner uuid);\nCREATE FUNCTION public.is_member(i int) RETURNS bool LANGUAGE sql AS 'SELECT true';\nCREATE POLICY p ON orders USING (public.is_member(id) AND owner = auth.uid() AND now() > '2024-01-01');\nCREATE POLICY q ON orders USING (EXISTS (SELECT FROM auth.users u WHERE u.id = owner AND email = 'x'));\n"
      ]),
  ]
}
