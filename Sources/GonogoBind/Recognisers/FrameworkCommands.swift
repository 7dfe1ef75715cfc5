/// Commands of frameworks that change something, and how one sees that it was done.
enum FrameworkCommands {
  static let recogniser = Recogniser(
    "framework-commands", probes: ["command", "files"],
    manual: """
      A line that names a command of Laravel, Django, Rails, Prisma, Flyway or Composer which changes something is answered by what it leaves: `artisan config:cache` by the file that it writes, `artisan migrate --force` by
      `artisan migrate:status`, `manage.py migrate` by `migrate --check`, `rails db:migrate` by `db:abort_if_pending_migrations`, `prisma migrate deploy` by `prisma migrate status`. `check --deploy`
      of Django is run as it is. Nothing is changed.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `php artisan config:cache`",
        #"""
        files: { path: "bootstrap/cache/config.php" }
        """#),
      Recogniser.Sample(
        "- [ ] Migrations run: `php artisan migrate --force`",
        #"""
        command: php artisan migrate:status
        expect: { exit: 0, stdout: { not: { matches: '/\bPending\b|\| No +\|/' } } }
        """#),
      Recogniser.Sample(
        "- [ ] Storage link created: `php artisan storage:link`",
        #"""
        command: test -L public/storage
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `composer install --optimize-autoloader --no-dev`",
        #"""
        files: { path: "vendor/composer/installed.json" }
        jq: '.document.dev == false'
        """#),
      Recogniser.Sample(
        "- [ ] Apply migrations: `python manage.py migrate`",
        #"""
        command: python manage.py migrate --check
        expect: { exit: 0 }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] `python manage.py check --deploy` passes",
        #"""
        command: python manage.py check --deploy --fail-level WARNING
        expect: { exit: 0 }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] `python manage.py collectstatic --noinput`",
        #"""
        command: python manage.py collectstatic --dry-run --noinput
        expect: { exit: 0, stdout: { matches: '/(?m)^0 static files? copied/' } }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] Run `bin/rails db:migrate`",
        #"""
        command: bin/rails db:abort_if_pending_migrations
        expect: { exit: 0 }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] `npx prisma migrate deploy`",
        #"""
        command: npx prisma migrate status
        expect: { exit: 0 }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] `RAILS_ENV=production rails assets:precompile`",
        #"""
        files: { path: ["public/assets/.manifest.json", "public/assets/.sprockets-manifest*.json"] }
        """#),
    ],
    lookalikes: [
      "- [ ] `php artisan down`", "- [ ] Seeders run if needed: `php artisan db:seed --force`",
      "## If issues occur\n\n- [ ] `php artisan config:clear`", "- [ ] Artisan bread bought",
      "```bash\npython manage.py createsuperuser\n```",
    ]
  ) { line, context in
    guard line.isItem || line.kind == .command, !line.isHistory, !line.says(Reservations.thought),
      !line.isAbout(reference)
    else {
      return nil
    }
    let text = line.codes.isEmpty ? line.text : line.codes.joined(separator: "\n")
    let made = claims.filter { $0.phrase.isFound(in: text) && !($0.except?.isFound(in: text) ?? false) }
    guard let first = made.first else { return nil }
    let directory = context.root.isEmpty ? "" : context.root
    let blocks = made.flatMap(\.blocks).map { block in
      directory.isEmpty
        ? block : block.replacing("files: { path: \"", with: "files: { path: \"\(directory)")
    }
    return Draft(
      blocks: blocks, confidence: .high, reason: made.count == 1 ? first.reason : "what each command leaves is there")
  }

  private static let reference = Phrase(
    #"rollback|roll back|quick reference|useful commands|cheat ?sheet|development|локальн"#)
  private static let claims: [Claim] = [
    Claim(
      #"artisan config:cache"#, "files: { path: \"bootstrap/cache/config.php\" }",
      reason: "the file that it writes is there"),
    Claim(
      #"artisan route:cache"#, "files: { path: \"bootstrap/cache/routes-*.php\" }",
      reason: "the file that it writes is there"),
    Claim(
      #"artisan event:cache"#, "files: { path: \"bootstrap/cache/events.php\" }",
      reason: "the file that it writes is there"),
    Claim(
      #"artisan view:cache"#, "files: { path: \"storage/framework/views/*.php\" }",
      reason: "the files that it writes are there"),
    Claim(
      #"artisan storage:link"#, "command: test -L public/storage\nexpect: { exit: 0 }",
      reason: "the link that it makes is there"),
    Claim(
      #"artisan migrate( --force)?( |$)"#, except: "rollback|fresh|refresh|status",
      "command: php artisan migrate:status\nexpect: { exit: 0, stdout: { not: { matches: '/\\bPending\\b|\\| No +\\|/' } } }",
      reason: "Laravel lists no migration that is pending"),
    Claim(
      #"composer install .*--no-dev"#,
      "files: { path: \"vendor/composer/installed.json\" }\njq: '.document.dev == false'",
      reason: "Composer's record says that it left development's packages out"),
    Claim(
      #"manage\.py check --deploy"#,
      "command: python manage.py check --deploy --fail-level WARNING\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Django's own check of a deployment has nothing to say"),
    Claim(
      #"manage\.py migrate\b"#, except: "--check|--plan|showmigrations",
      "command: python manage.py migrate --check\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Django has no migration that is not applied"),
    Claim(
      #"manage\.py makemigrations"#,
      "command: python manage.py makemigrations --check --dry-run\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Django's models have no change without a migration"),
    Claim(
      #"manage\.py collectstatic"#,
      "command: python manage.py collectstatic --dry-run --noinput\nexpect: { exit: 0, stdout: { matches: '/(?m)^0 static files? copied/' } }\ntimeout: 2m",
      reason: "there is nothing that it would still copy"),
    Claim(
      #"(rails|rake) db:migrate( |$)"#, except: "status|rollback",
      "command: bin/rails db:abort_if_pending_migrations\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Rails has no migration that is pending"),
    Claim(
      #"(rails|rake) assets:precompile"#,
      "files: { path: [\"public/assets/.manifest.json\", \"public/assets/.sprockets-manifest*.json\"] }",
      reason: "the manifest that it writes is there"),
    Claim(
      #"prisma migrate deploy"#, "command: npx prisma migrate status\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Prisma finds the database up to date"),
    Claim(
      #"flyway migrate"#, "command: flyway validate\nexpect: { exit: 0 }\ntimeout: 2m",
      reason: "Flyway finds every migration applied"),
  ]
}
