import GonogoCore

/// A policy names a function or a column that no migration has made.
struct PolicyNamesMissing: AuditRule {
  static let manual = RuleManual(
    id: "migration-policy-names-missing", severity: .high, precision: .high, family: "migrations",
    title: "A policy names a function or a column that no migration has made",
    what: """
      Replays the migrations and looks in CREATE POLICY for functions with a schema of the migrations' own that \
      none has created until then, and for columns outside of subqueries that the policy's table has not. \
      Functions without a schema, schemas of Supabase's platform, tables whose columns are not all known, and names \
      that a block with a text of its own may have made, pass. One finding for each missing name, at the first policy.
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
      var byName: [String: [Replay.Observation]] = [:]
      var order: [String] = []
      for observation in replay.observations {
        let name: String
        switch observation.kind {
        // A function is missing for all tables alike.
        case .missingFunction: name = observation.name
        case .missingColumn: name = "\(observation.table) \(observation.name)"
        default: continue
        }
        if byName[name] == nil { order.append(name) }
        byName[name, default: []].append(observation)
      }
      for name in order {
        guard let list = byName[name], let first = list.first else { continue }
        let more = list.count == 1 ? "" : " (named in \(list.count) places)"
        let what =
          first.kind == .missingFunction
          ? "calls '\(first.name)', which no migration has created"
          : "names the column '\(first.name)', which the table has not"
        findings.add(
          "a policy of '\(first.table)' \(what)\(more)", at: first.place, subject: "\(first.table) \(first.name)",
          related: list.dropFirst().prefix(40).map { .init($0.place, "a policy of '\($0.table)' names it, too") })
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/1_a.sql:4:37",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE SCHEMA IF NOT EXISTS private;\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE POLICY p ON a FOR ALL USING (private.may());\nCREATE POLICY q ON b FOR ALL USING (private.may());\n"
      ], "a function that two policies call, told once"),
    .silent(
      "a stand-in for the platform's schemas",
      [
        "supabase/migrations/1_a.sql":
          "CREATE SCHEMA IF NOT EXISTS auth;\nCREATE SCHEMA IF NOT EXISTS storage;\nCREATE TABLE notes (id int, owner uuid);\nCREATE POLICY p ON notes USING (owner = auth.uid());\nCREATE POLICY q ON storage.objects USING (storage.filename(name) = 'x');\n"
      ]),
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
