/// Tables, columns, indexes, extensions and roles as one line names them.
enum TableShape {
  static let recogniser = Recogniser(
    "table-shape", probes: ["postgres"],
    manual: """
      "Table `users` has columns `email`, `phone`", "`orders` has an index on `userId`", "a unique index on `email`", "Index on invoices(tenant_id) exists", "Table `x` exists",
      "Table `x` was dropped", "Extension `x` is installed", "Role `x` is not a superuser and has no BYPASSRLS": the catalogue says so. An index of any name
      serves.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Table `users` has columns `email`, `phone`",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                users: { columns: [email, phone] }
        """#),
      Recogniser.Sample(
        "- [ ] `orders` has an index on `userId`",
        #"""
        postgres:
          schema:
            indexes:
              - { table: orders, columns: [userId] }
        """#),
      Recogniser.Sample(
        "- [ ] Table `users` has a unique index on `email`",
        #"""
        postgres:
          schema:
            indexes:
              - { table: users, columns: [email], unique: true }
        """#),
      Recogniser.Sample(
        "- [ ] Index on invoices(tenant_id) exists",
        #"""
        postgres:
          schema:
            indexes:
              - { table: invoices, columns: [tenant_id] }
        """#),
      Recogniser.Sample(
        "- [ ] Table `legacy_users` was dropped",
        #"""
        postgres:
          query: SELECT oid FROM pg_class WHERE relname = 'legacy_users' AND relkind IN ('r', 'p')
          examined: SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        expect: { row_count: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Table `kyc_cases` exists",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                kyc_cases: {}
        """#),
      Recogniser.Sample(
        "- [ ] Extension `pg_stat_statements` is installed",
        #"""
        postgres:
          query: SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements'
        expect: { row_count: 1 }
        """#),
      Recogniser.Sample(
        "- [ ] Role `ledger_app` is not a superuser and has no BYPASSRLS",
        #"""
        postgres:
          query: SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'ledger_app'
        expect: { row_count: 1, rows: { each: { rolsuper: false, rolbypassrls: false } } }
        """#),
    ],
    lookalikes: [
      "- [ ] Table tennis is set up", "- [ ] Tables have owners", "- [ ] `orders` has an owner",
      "- [ ] Table `users` is documented", "- [ ] The index of the guide exists",
      "- [ ] Table `users` has no column `ssn`",
    ]
  ) { line, _ in
    if line.kind == .command || line.kind == .statement { return nil }
    let raw = line.raw
    func schema(_ kind: String, _ entry: String) -> String { "postgres:\n  schema:\n    \(kind):\n      \(entry)" }
    if let groups = role.first(in: raw), let name = groups[1], let rest = groups[2] {
      let wants = [("superuser", "rolsuper"), ("bypassrls", "rolbypassrls")].filter { rest.lowercased().contains($0.0) }
      if wants.isEmpty { return nil }
      let columns = wants.map(\.1)
      return Draft(
        "postgres:\n  query: SELECT \(columns.joined(separator: ", ")) FROM pg_roles WHERE rolname = '\(name)'\nexpect: { row_count: 1, rows: { each: { \(columns.map { "\($0): false" }.joined(separator: ", ")) } } }",
        confidence: .high, reason: "the role is there, and has none of these rights")
    }
    if let name = dropped.group(1, in: raw) {
      return Draft(
        "postgres:\n  query: SELECT oid FROM pg_class WHERE relname = '\(name)' AND relkind IN ('r', 'p')\n  examined: SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace\nexpect: { row_count: 0 }",
        confidence: .high, reason: "no schema has a table of that name, and public has others")
    }
    guard case .affirmed = Polarity(of: line.text) else { return nil }
    if let groups = indexed.first(in: raw), let table = groups[1], let columns = groups[3].map(names), !columns.isEmpty
    {
      let unique = groups[2] == nil ? "" : ", unique: true"
      return Draft(
        schema("indexes", "- { table: \(table), columns: \(YAMLText.list(columns))\(unique) }"), confidence: .high,
        reason: "the table has such an index, whatever its name")
    }
    if let groups = indexOn.first(in: raw), let table = groups[2], let columns = groups[3].map(names), !columns.isEmpty
    {
      let unique = groups[1] == nil ? "" : ", unique: true"
      return Draft(
        schema("indexes", "- { table: \(table), columns: \(YAMLText.list(columns))\(unique) }"), confidence: .high,
        reason: "the table has such an index, whatever its name")
    }
    if let groups = columned.first(in: raw), let table = groups[1], let columns = groups[2].map(names), !columns.isEmpty
    {
      return Draft(
        schema("tables", "at_least:\n        \(table): { columns: \(YAMLText.list(columns)) }"), confidence: .high,
        reason: "the table and its columns by name")
    }
    if let name = extensionName.group(1, in: raw) {
      return Draft(
        "postgres:\n  query: SELECT extversion FROM pg_extension WHERE extname = '\(name)'\nexpect: { row_count: 1 }",
        confidence: .high, reason: "the database has the extension")
    }
    guard let name = exists.group(1, in: raw) else { return nil }
    return Draft(
      schema("tables", "at_least:\n        \(name): {}"), confidence: .high, reason: "the catalogue has the table")
  }

  private static func names(_ text: String) -> [String] { identifier.all(in: text).compactMap { $0[1] } }

  private static let one = #"`?"?([A-Za-z_][A-Za-z0-9_]*)"?`?"#
  private static let list = #"((?:`?[A-Za-z_]\w*`?)(?:(?:, ?(?:and |и )?| and | и | \+ )`?[A-Za-z_]\w*`?)*)"#
  private static let identifier = Phrase(#"\b(?!(?:and|и)\b)([A-Za-z_]\w*)"#)
  private static let columned = Phrase(
    #"^(?:the )?(?:table|таблица) "# + one
      + #" (?:has|contains|имеет|содержит) (?:the )?(?:columns?|колонк\w+|столб\w+) "# + list + #"\.?$"#)
  private static let indexed = Phrase(
    #"^(?:the )?(?:(?:table|таблица) "?`?|`)([A-Za-z_]\w*)`?"? (?:has|имеет) (?:an? )?(unique |уникальный )?(?:index|индекс)\w* (?:on|по|на) \(?"#
      + list + #"\)?\.?$"#)
  private static let indexOn = Phrase(
    #"^(?:an? )?(unique |уникальный )?(?:index|индекс) (?:on|по|на) `?([A-Za-z_]\w*) ?\("# + list
      + #"\)`? ?(?:exists?|is there|есть|создан)?\.?$"#)
  private static let dropped = Phrase(
    #"^(?:the |old )?(?:table|таблица) "# + one
      + #" (?:was|is|has been|does not|no longer|удалена|не) ?(?:dropped|removed|deleted|gone|exists?|существует)?\.?$"#
  )
  private static let exists = Phrase(
    #"^(?:the )?(?:table|таблица) "# + one + #" (?:exists|is there|is present|was created|существует|есть|создана)\.?$"#
  )
  private static let extensionName = Phrase(
    #"^(?:the )?(?:postgres(?:ql)? )?(?:extension|расширение) `?([a-z_][\w-]*)`? (?:is )?(?:installed|enabled|available|установлено|включено)\.?$"#
  )
  private static let role = Phrase(
    #"^(?:the )?(?:database )?(?:role|user|роль) `?([a-z_]\w*)`? ((?:is not|isn't|has no|does not have|не|has neither)\b.*)$"#
  )
}
