/// The targets that recognisers refer to: what each is, and the variable that gives it where nobody named it.
enum TargetCatalogue {
  /// In the order of the front matter.
  static let all: [(name: String, variable: String, meaning: String)] = [
    ("app", "APP_URL", "base URL of the application's API"),
    ("web", "WEB_URL", "base URL of its front end"),
    ("domain", "DOMAIN", "the domain that users come to, without a scheme"),
    ("database", "DATABASE_URL", "PostgreSQL, as a role that may read the catalogue"),
    ("redis", "REDIS_URL", "redis:// or rediss://"),
    ("env", "ENV_FILE", "a .env file, instead of the process's environment"),
    ("migrations", "MIGRATIONS_DIR", "the folder of migrations, seen from this document"),
    ("logs", "LOG_FILES", "a glob of log files, exported where they are kept elsewhere"),
    ("backups", "BACKUP_FILES", "a glob of backup files"),
    ("security_report", "SECURITY_REPORT", "the scanner's SARIF or JUnit file"),
    ("test_report", "TEST_REPORT", "the suite's JUnit or TAP files, a glob"),
    ("coverage_report", "COVERAGE_REPORT", "coverage-summary.json, as istanbul writes it"),
    ("limited", "LIMITED_URL", "URL of an endpoint that is rate limited"),
    ("login", "LOGIN_URL", "URL whose GET sets the session's cookie"),
    ("mutation", "MUTATION_URL", "URL of a POST that changes something"),
    ("object", "OBJECT_URL", "URL of an object that belongs to `user`"),
    ("restricted", "RESTRICTED_URL", "URL that `admin` may read and `user` may not"),
    ("webhook", "WEBHOOK_URL", "URL of the webhook"),
    ("websocket", "WEBSOCKET_URL", "URL of the WebSocket, with http:// or https://"),
    ("one_time_key", "ONE_TIME_KEY", "a key of Redis that was just made"),
    ("namespace", "KUBE_NAMESPACE", "the namespace of Kubernetes that it runs in"),
    ("cluster", "ECS_CLUSTER", "the cluster of ECS"),
    ("service", "ECS_SERVICE", "the service of ECS"),
    ("bucket", "S3_BUCKET", "the bucket's name"),
    ("dkim_selector", "DKIM_SELECTOR", "the selector that mail is signed with: what stands before `._domainkey`"),
    ("mail_ip", "MAIL_IP", "the address that mail is sent from"),
    ("prometheus", "PROMETHEUS_URL", "base URL of Prometheus"),
    ("grafana", "GRAFANA_URL", "base URL of Grafana"),
    ("alertmanager", "ALERTMANAGER_URL", "base URL of Alertmanager"),
  ]

  static func variable(_ name: String) -> String {
    all.first { $0.name == name }?.variable ?? name.uppercased()
  }
  static func meaning(_ name: String) -> String? { all.first { $0.name == name }?.meaning }

  private static let reference = Phrase(#"(?<!\$)\$\{([a-z][a-z0-9_]*)\}"#, ignoringCase: false)
  private static let principal = Phrase(#"\bas: ([a-z][a-z0-9_]*)"#, ignoringCase: false)
  private static let ownDatabase = Phrase(#"^(postgres|isolation):"#, ignoringCase: false)
  private static let ownRedis = Phrase(#"^redis:"#, ignoringCase: false)
  private static let cases = Phrase(#"(?m)^cases: .*$"#, ignoringCase: false)
  private static let member = Phrase(#"\{ ([a-z_]+):"#, ignoringCase: false)
  private static let capture = Phrase(#"capture: \{ ([a-z_]+):"#, ignoringCase: false)

  /// The targets that a block needs, those included that its probe takes by itself.
  static func needed(by block: String) -> Set<String> {
    var names = Set(reference.all(in: block).compactMap { $0[1] })
    for own in cases.all(in: block).compactMap({ $0[0] }).flatMap({ member.all(in: $0).compactMap { $0[1] } }) {
      names.remove(own)
    }
    for own in capture.all(in: block).compactMap({ $0[1] }) { names.remove(own) }
    for line in block.split(separator: "\n") {
      if ownDatabase.isFound(in: String(line)), !block.contains("shadow:") { names.insert("database") }
      if ownRedis.isFound(in: String(line)) { names.insert("redis") }
    }
    names.remove("timestamp")
    return names
  }

  static func principals(of block: String) -> Set<String> { Set(principal.all(in: block).compactMap { $0[1] }) }
}
