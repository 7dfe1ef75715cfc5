/// That the database is there, answers, and is set as the line says.
enum DatabaseServer {
  static let recogniser = Recogniser(
    "database-server", probes: ["postgres", "command"],
    manual: """
      "Database connection tested", "database created": PostgreSQL answers a query; Laravel's and Django's own tools are asked where the document speaks of another database. "`pgvector` extension enabled": it is. "Database connections use SSL": the server has it on and the
      connection uses it. "Point-in-time recovery": WAL is archived. "Application does not use the superuser": the role that connects is none.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Database connection tested",
        #"""
        postgres: { query: SELECT 1 AS answers }
        expect: { row_count: 1 }
        """#),
      Recogniser.Sample(
        "MySQL and `php artisan`.\n\n- [ ] Database created",
        #"""
        command: php artisan db:show --json
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `pgvector` extension enabled",
        #"""
        postgres: { query: "SELECT extversion FROM pg_extension WHERE extname = 'vector'" }
        expect: { row_count: 1 }
        """#),
      Recogniser.Sample(
        "- [ ] Database connections use SSL",
        #"""
        postgres: { query: "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()" }
        expect: { rows: { some: { ssl: true } } }
        """#),
      Recogniser.Sample(
        "PostgreSQL.\n\n- [ ] The application does not connect as a superuser",
        #"""
        postgres: { query: "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)", examined: "SELECT count(*) FROM pg_roles" }
        expect: { row_count: 0 }
        """#),
    ],
    lookalikes: [
      "MySQL.\n\n- [ ] Database created", "- [ ] Database connection pooling configured",
      "- [ ] Database indexes reviewed",
      "- [ ] Browser extension enabled", "- [ ] Database connection string documented",
    ]
  ) { line, context in
    guard line.isItem, !line.says(other), !Absence.isMeant(line) || line.says(superuser) else { return nil }
    if let name = extensionName.first(in: line.text).flatMap({ $0[1] ?? $0[2] })?.lowercased() {
      let name = name == "pgvector" ? "vector" : name == "uuid" ? "uuid-ossp" : name
      return Draft(
        "postgres: { query: \"SELECT extversion FROM pg_extension WHERE extname = '\(name)'\" }\nexpect: { row_count: 1 }",
        confidence: .high, reason: "the database has the extension", carries: ["pgvector"])
    }
    if line.says(encrypted), isPostgres(context) {
      return Draft(
        "postgres: { query: \"SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()\" }\nexpect: { rows: { some: { ssl: true } } }",
        confidence: .medium,
        reason: "the connection that asks is encrypted; that another would be refused, pg_hba.conf says")
    }
    if line.says(superuser), isPostgres(context) {
      return Draft(
        "postgres: { query: \"SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)\", examined: \"SELECT count(*) FROM pg_roles\" }\nexpect: { row_count: 0 }",
        confidence: .medium, reason: "the role that connects is no superuser: let it be the application's")
    }
    guard line.says(answers) else { return nil }
    if isPostgres(context) {
      return Draft(
        "postgres: { query: SELECT 1 AS answers }\nexpect: { row_count: 1 }", confidence: .medium,
        reason: "the database is there and answers")
    }
    if context.mentions(artisan) {
      return Draft(
        "command: php artisan db:show --json\nexpect: { exit: 0 }", confidence: .medium,
        reason: "Laravel reaches its database")
    }
    if context.mentions(manage) {
      return Draft(
        "command: python manage.py check --database default\nexpect: { exit: 0 }", confidence: .medium,
        reason: "Django reaches its database")
    }
    return nil
  }

  private static func isPostgres(_ context: BindContext) -> Bool {
    context.isSupabase || !context.mentions(elsewhere) || context.mentions(only)
  }
  private static let elsewhere = Phrase(
    #"\b(mysql|mariadb|mongo(db|ose)?|sqlite|dynamodb|firestore|firebase|sql server|oracle)\b"#)
  private static let only = Phrase(#"DATABASE_URL=postgres|postgres(ql)?://|\bpsql\b"#)
  private static let other = Phrase(
    #"external|public|pool|index|documented|string|backup|monitor|alert|tested with|diagram|schema|seed|replica|credential|migrat|performance|\bquer(y|ies)\b|role-based"#
  )
  private static let answers = Phrase(
    #"^(production |primary |the )*(database|db|postgres(ql)?) (server |cluster |instance )?(connection|connectivity|is reachable|reachable|accessible|is accessible|created|is created|provisioned|is running|running|is up|available|accepts connections)\b|^(test|verify|check) (the )?(database|db) connect\w+|подключение к (базе|бд)|база данных (создана|доступна|подключена)"#
  )
  private static let extensionName = Phrase(
    #"\b(pgvector|postgis|pgcrypto|uuid-ossp|pg_stat_statements|pg_trgm|pg_cron|citext|hstore|timescaledb)\b.*(enabled|installed|available|extension|tested|включен)|(?:enable|install) (?:the )?(pgvector|postgis|pgcrypto|uuid-ossp|pg_stat_statements|pg_trgm|pg_cron)\b"#
  )
  private static let encrypted = Phrase(
    #"(database|db|postgres(ql)?)\b.*\b(connections?|traffic)\b.*\b(ssl|tls|encrypted)\b|\b(ssl|tls)\b.*\b(database|db|postgres(ql)?) connections?|^(database|db|postgres(ql)?) (ssl|tls)( is)? (required|enabled|enforced)|sslmode=(require|verify)"#
  )
  private static let superuser = Phrase(
    #"(not|no|non|never)\b.*(superuser|root (user|account)).*|(database|db|application) (user|role)\b.*(non-?superuser|least privilege|not (a )?superuser|limited privileges|minimal privileges?)|minimal privileges?\b.*\b(database|db)\b"#
  )
  private static let artisan = Phrase(#"php artisan|laravel"#)
  private static let manage = Phrase(#"manage\.py|django"#)
}
