import GonogoCore

/// Who reads variables of the environment beside the repository's own programs: libraries, images and tools, under names of
/// theirs.
struct OutsideReaders {
  /// Read by libraries and images themselves, under these names.
  private static let libraries = [
    "AWS_", "NEXTAUTH_", "AUTH_", "SENTRY_", "NEXT_TELEMETRY", "NPM_", "PIP_", "UV_", "POSTGRES_", "PG", "MYSQL_",
    "REDIS_",
    "COMPOSE_", "DOCKER_", "DJANGO_", "FLASK_", "RAILS_", "GF_", "OTEL_", "TURBO_", "GOOGLE_APPLICATION", "HF_",
    "OPENAI_",
    "LANGCHAIN_", "LANGSMITH_", "LANGFUSE_", "STRIPE_", "SUPABASE_", "CLERK_", "NEXT_PUBLIC_CLERK_", "UPSTASH_", "KV_",
    "BLOB_",
    "MINIO_", "DD_", "NEW_RELIC_", "JAVA_", "NODE_", "PYTHON", "TZ", "RESEND_", "PRISMA_", "ANTHROPIC_", "GEMINI_",
    "CLICKHOUSE_",
    "KINDE_", "LOG_LEVEL", "DATABASE_", "HOSTNAME", "TELEGRAM_BOT_", "VAULT_", "CHROME_", "PUPPETEER_", "HONEYBADGER_",
    "GUNICORN_",
    "UVICORN_", "CELERY_", "RUST_", "GIT_", "EXPO_", "POSTHOG_", "AZURE_", "GCLOUD_", "GOOGLE_", "NGROK_", "TUNNEL_",
    "TRAEFIK_",
    "BETTER_AUTH_", "SECRET_KEY_BASE", "HELICONE_", "COHERE_", "FIREBASE_", "SNAPLET_",
  ]

  /// Read by the configuration that Laravel merges with the program's own: https://laravel.com/docs/configuration
  private static let laravel = [
    "APP_", "BCRYPT_", "BROADCAST_", "CACHE_", "DB_", "FILESYSTEM_", "LOG_", "MAIL_", "MEMCACHED_", "QUEUE_",
    "SESSION_",
    "SQS_", "VITE_APP_",
  ]

  private let dependencies: Set<String>

  init(_ context: AuditContext) { dependencies = Self.dependencies(context).union(Self.images(context)) }

  /// The words by which services are called that the repository does not build: their programs read what they are given.
  private static func images(_ context: AuditContext) -> Set<String> {
    var words: Set<String> = []
    for service in context.facts(ComposeProjects.self).flatMap(\.services) where !service.isBuilt {
      for name in [service.name, service.image?.name ?? ""] {
        words.formUnion(
          name.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 2 }.map(String.init))
      }
    }
    return words.subtracting(["app", "api", "web", "server", "worker", "service", "frontend", "backend"])
  }

  /// Whether a library, an image or a tool reads the variable by itself.
  func reads(_ name: String) -> Bool {
    Self.libraries.contains { name.hasPrefix($0) } || isDependencys(name)
      || dependencies.contains("laravel") && Self.laravel.contains { name.hasPrefix($0) }
  }

  /// The words of the files that name dependencies.
  private static func dependencies(_ context: AuditContext) -> Set<String> {
    var words: Set<String> = []
    for name in [
      "package.json", "pyproject.toml", "requirements.txt", "go.mod", "Gemfile", "Cargo.toml", "composer.json",
      "mix.exs",
    ] {
      for file in context.tree.files(named: name) {
        guard let text = context.tree.text(file) else { continue }
        for word in text.bytes.split(whereSeparator: { !$0.isWordByte || $0 == 0x5F }) where word.count >= 2 {
          words.insert(String(decoding: word, as: UTF8.self).lowercased())
        }
      }
    }
    return words
  }

  /// Whether a dependency has the name's first word, and so may read it by itself. Prices and webhooks of a provider are the
  /// program's own to read.
  private func isDependencys(_ name: String) -> Bool {
    let prefix = EnvironmentNames.publicPrefixes.first { name.hasPrefix($0) } ?? ""
    let words = name.dropFirst(prefix.utf8.count).split(separator: "_")
    if words.contains("WEBHOOK") || words.contains("PRICE") || words.contains("APP") { return false }
    return words.first.map { dependencies.contains($0.lowercased()) } ?? false
  }
}
