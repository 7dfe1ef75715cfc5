/// That migrations are applied, and that they may be gone back from.
enum Migrations {
  static let recogniser = Recogniser(
    "migrations", probes: ["postgres", "shadow", "files"],
    manual: """
      "All migrations applied", "run migrations: `alembic upgrade head`", "apply `x.sql`": the files of the folder `${migrations}` against
      the database's own record of what was applied. A migration that the line names must be among these. "Backward compatible" looks
      in the files for what a release before would trip over: dropped or renamed tables and columns, changed types.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- Made `db/fix_policies.sql`\n- [ ] Apply the fix migration on staging",
        #"""
        postgres:
          migrations: { folder: "${migrations}" }
        expect: { applied: { some: { contains: fix_policies } } }
        """#),
      Recogniser.Sample(
        "- [x] All migrations applied and verified",
        #"""
        postgres:
          migrations: { folder: "${migrations}" }
        """#),
      Recogniser.Sample(
        "1. Run migrations: `uv run alembic upgrade head`",
        #"""
        postgres:
          migrations: { folder: "${migrations}", style: alembic }
        """#),
      Recogniser.Sample(
        "1. **Core** - ensure DB migrations run (including `007_create_totals`)",
        #"""
        postgres:
          migrations: { folder: "${migrations}" }
        expect: { applied: { some: { contains: "007_create_totals" } } }
        """#),
      Recogniser.Sample(
        "- Apply `fix_roles.sql` на staging",
        #"""
        postgres:
          migrations: { folder: "${migrations}" }
        expect: { applied: { some: { contains: fix_roles } } }
        """#),
      Recogniser.Sample(
        "```bash\npsql $DATABASE_URL -f db/migrations/20240101_roles.sql\n```",
        #"""
        postgres:
          migrations: { folder: "${migrations}" }
        expect: { applied: { some: { contains: "20240101_roles" } } }
        """#),
      Recogniser.Sample(
        "- Check DB migrations are backward compatible",
        #"""
        files:
          path: "${migrations}/**/*.sql"
          no_match: '/\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|ALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE)\b/i'
        """#),
    ],
    lookalikes: [
      "- [ ] Migration plan communicated", "- ✅ 27 SQL миграций",
      "- Создана fix migration: `supabase/migrations/fix.sql`",
      "- [x] RLS fix migration created",
    ]
  ) { line, context in
    let folder = context.facts.flatMap { $0.migrations.count == 1 ? $0.migrations.first : nil }.map {
      context.root + $0
    }
    let place = folder ?? "${migrations}"
    if line.says(compatible) {
      return Draft(
        """
        files:
          path: \(YAMLText.quotedPlace(place + "/**/*.sql"))
          no_match: '/\\b(DROP\\s+(TABLE|COLUMN)|RENAME\\s+(TO|COLUMN)|ALTER\\s+COLUMN\\s+\\w+\\s+(SET\\s+DATA\\s+)?TYPE)\\b/i'
        """, confidence: .medium, reason: "no migration takes away or renames what a release before may read")
    }
    if line.kind == .command, let file = script.group(1, in: line.text) {
      return Draft(
        "postgres:\n  migrations: { folder: \(YAMLText.quotedPlace(place)) }\nexpect: { applied: { some: { contains: \(YAMLText.scalar(file)) } } }",
        confidence: .high, reason: "no file of the folder is pending, unknown or failed, and \(file) was applied")
    }
    // The database's own record is PostgreSQL's to be asked.
    guard line.says(applied), !line.says(paper), !context.mentions(elsewhere) || context.mentions(postgres) else {
      return nil
    }
    let style = line.says(alembic) || context.mentions(alembic) ? ", style: alembic" : ""
    var yaml = "postgres:\n  migrations: { folder: \(YAMLText.quotedPlace(place))\(style) }"
    var named = line.codes.lazy.compactMap { name.group(1, in: $0) }.first
    if named == nil, line.says(fix) {
      // "the fix migration" is the one that the document names.
      let fixes = Set(context.lines.flatMap(\.codes).compactMap { fixFile.group(1, in: $0) })
      named = fixes.count == 1 ? fixes.first : nil
    }
    if let named { yaml += "\nexpect: { applied: { some: { contains: \(YAMLText.scalar(named)) } } }" }
    return Draft(
      yaml, confidence: line.says(all) || named != nil || folder != nil ? .high : .medium,
      reason: "no file of the folder is pending, unknown or failed\(named.map { ", and \($0) was applied" } ?? "")")
  }

  private static let script = Phrase(#"^psql .*-f \S*migrations?/(\w+)\.sql"#)
  private static let elsewhere = Phrase(#"\b(sql server|mysql|mariadb|mongo(db|ose)?|oracle|sqlite)\b"#)
  private static let postgres = Phrase(#"postgres|supabase|\bpsql\b"#)
  private static let applied = Phrase(
    #"migrations? (are |were )?(applied|run\b|up to date|successful|executed)|^database setup (&|and) migrations|(run|apply|execute)\b.*migrations?|^apply `?[\w./-]+\.sql|(запустить|применить|накатить|выполнить)\b.*(миграци|migration)|\bno (pending|unapplied) migrations|\balembic is at head|нет (неприменённых|непримен\w+) миграц|миграции (применены|готовы|накачены)"#
  )
  private static let all = Phrase(
    #"all migrations|no (pending|unapplied) migrations|at head|migrations applied|все миграции|run migrations|запустить миграции"#
  )
  private static let paper = Phrase(#"plan\b|created|создан|guide|document"#)
  private static let compatible = Phrase(
    #"migrations?.*(backward|обратн)\w*.?(compat|совмест)|backwards?[- ]compatible migrations"#)
  private static let fix = Phrase(#"\bfix migration"#)
  private static let fixFile = Phrase(#"(?:^|/)(fix_\w+)\.sql$"#)
  private static let alembic = Phrase(#"\balembic\b"#)
  private static let name = Phrase(#"^(?:.*/)?([A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)(?:\.sql)?$"#)
}

extension YAMLText {
  /// A path or glob, with references in it.
  static func quotedPlace(_ text: String) -> String { "\"\(text)\"" }
}
