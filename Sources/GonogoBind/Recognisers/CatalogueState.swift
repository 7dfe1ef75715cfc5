/// Constraints, keys, triggers and functions in the state that a checklist takes for granted.
enum CatalogueState {
  static let recogniser = Recogniser(
    "catalogue-state", probes: ["postgres"],
    manual: """
      "All tables have proper constraints" (a primary key each, none left unvalidated), "foreign keys properly defined" (there are some,
      all validated), "triggers functioning" (none is disabled), "security definer functions in place" (there are some, each with a
      search_path of its own), "indexes optimized" (none is invalid, and every foreign key has one).
      """,
    samples: [
      Recogniser.Sample(
        "- [x] All tables have proper constraints",
        #"""
        postgres:
          query: >-
            SELECT c.relname, 'no primary key' AS what FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
            UNION ALL SELECT conname, 'not validated' FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated
          examined: >-
            SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [x] Foreign keys properly defined",
        #"""
        postgres:
          query: >-
            SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f' AND NOT convalidated
          examined: >-
            SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f'
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [x] Triggers functioning correctly",
        #"""
        postgres:
          query: >-
            SELECT tgname, tgrelid::regclass::text AS on_table FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'
          examined: >-
            SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [x] Security definer functions in place",
        #"""
        postgres:
          query: >-
            SELECT oid::regprocedure::text AS function FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=%'
          examined: >-
            SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [x] Indexes optimized for performance",
        #"""
        postgres:
          query: >-
            SELECT k.conname, 'foreign key without an index' AS what FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'f'
            AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])
            UNION ALL SELECT indexrelid::regclass::text, 'invalid' FROM pg_index WHERE NOT indisvalid
          examined: >-
            SELECT count(*) FROM pg_index WHERE indrelid >= 16384
        expect: { row_count: 0 }
        """#),
    ],
    lookalikes: [
      "- [ ] Database indexes reviewed", "- [x] Database functions tested", "- [ ] Trigger one policy event",
    ]
  ) { line, _ in
    let schema = "connamespace = 'public'::regnamespace"
    if line.says(constraints) {
      return query(
        """
        SELECT c.relname, 'no primary key' AS what FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
        UNION ALL SELECT conname, 'not validated' FROM pg_constraint WHERE \(schema) AND NOT convalidated
        """,
        examined: "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
        .medium, "every table has a primary key, and no constraint was left unvalidated")
    }
    if line.says(foreign) {
      return query(
        "SELECT conname FROM pg_constraint WHERE \(schema) AND contype = 'f' AND NOT convalidated",
        examined: "SELECT count(*) FROM pg_constraint WHERE \(schema) AND contype = 'f'", .medium,
        "there are foreign keys, and all are validated")
    }
    if line.says(triggers) {
      return query(
        "SELECT tgname, tgrelid::regclass::text AS on_table FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'",
        examined: "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal", .medium,
        "there are triggers, and none is disabled; what each does is for tests of their own")
    }
    if line.says(definer) {
      return query(
        """
        SELECT oid::regprocedure::text AS function FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=%'
        """, examined: "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
        .medium,
        "there are such functions, and each sets its search_path")
    }
    if line.says(indexes) {
      return query(
        """
        SELECT k.conname, 'foreign key without an index' AS what FROM pg_constraint k WHERE k.\(schema) AND k.contype = 'f'
        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])
        UNION ALL SELECT indexrelid::regclass::text, 'invalid' FROM pg_index WHERE NOT indisvalid
        """, examined: "SELECT count(*) FROM pg_index WHERE indrelid >= 16384", .low,
        "no index is invalid, and every foreign key has one; what is slow only the load shows")
    }
    return nil
  }

  private static func query(_ text: String, examined: String, _ confidence: Confidence, _ reason: String) -> Draft {
    Draft(
      "postgres:\n  query: >-\n\(YAMLText.indented(text, by: 4))\n  examined: >-\n    \(examined)\nexpect: { row_count: 0 }",
      confidence: confidence, reason: reason)
  }

  private static let constraints = Phrase(
    #"no tables? (is )?without (an? )?primary key|every table has (an? )?primary key|tables? (have|has) .*constraints|constraints .*(defined|in place|проверен)"#
  )
  private static let foreign = Phrase(#"foreign keys?.*(defined|in place|valid|enforced)|внешни\w+ ключ"#)
  private static let triggers = Phrase(
    #"\btriggers? (functioning|working|enabled|active|work)|триггеры (работают|включены)"#)
  private static let definer = Phrase(#"security definer functions"#)
  private static let indexes = Phrase(
    #"\bindexes optimi[sz]ed|indexes reviewed and optimi[sz]ed|индексы оптимизированы"#)
}
