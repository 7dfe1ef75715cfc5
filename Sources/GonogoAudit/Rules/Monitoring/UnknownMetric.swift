public import GonogoCore

/// An alert that can never fire.
public struct UnknownMetric: AuditRule {
  public static let manual = RuleManual(
    id: "alert-unknown-metric", severity: .high, family: "monitoring",
    title: "An alert or a dashboard asks for a metric that nothing exports",
    what: """
      Takes the names of the series out of the expressions of Prometheus rules and Grafana dashboards, and looks for \
      each in the code, whole or behind a prefix, with and without the endings that clients add (`_total`, `_bucket`, \
      a unit). Told are those of a family that the code exports others of (`jobs_lost_total` beside \
      `jobs_duration_seconds`): of any other name nothing shows that it is the tree's own to export. The metrics of the usual exporters, of runtimes, of a collector that the tree configures and of \
      instrumentation libraries that it depends on pass, as do series that other rules record. One finding a file; dashboards weigh less.
      """,
    why: "the alert stays silent for ever, and silence looks like health",
    mend: "export the metric, or write the name under which it is exported",
    falsifies: "alerts are configured for the critical conditions",
    references: ["https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let files = context.facts(Monitoring.self)
    if files.rules.isEmpty && files.dashboards.isEmpty { return }
    let recorded = Set(files.rules.flatMap(\.rules).filter { !$0.isAlert }.map(\.name))
    var wanted: Set<String> = []
    for node in files.rules.flatMap(\.rules).map(\.expression) + files.dashboards.flatMap(\.expressions) {
      wanted.formUnion(PromQL.metrics(in: node.text ?? ""))
    }
    wanted.subtract(recorded)
    let libraries = Self.instruments(context, by: Self.instrumentation)
    let collected = Self.collects(context)
    wanted = wanted.filter { name in
      !Self.isForeign(name, instrumented: libraries || collected)
        && !(collected && Self.collectors.contains(where: name.hasPrefix))
    }
    if wanted.isEmpty { return }
    // A library that names metrics by what it is bound to gives out more than the code says.
    if Self.instruments(context, by: Self.naming) { return }
    // Where no code is, the exporters are elsewhere.
    guard let exported = Self.exported(wanted, files, context) else { return }
    let families = Set(exported.map(Self.family))
    let unknown = wanted.subtracting(exported).filter { families.contains(Self.family($0)) }

    func tell(_ uses: [(name: String, place: TreePlace, by: String)], _ word: String, _ severity: FindingSeverity) {
      guard let first = uses.first else { return }
      var names: [String] = []
      for use in uses where !names.contains(use.name) { names.append(use.name) }
      let list = Fold.list(names.map { "'\($0)'" }, 5)
      findings.add(
        names.count == 1
          ? "\(word) \(list), which nothing exports" : "\(word) \(names.count) metrics that nothing exports: \(list)",
        at: first.place, subject: "metrics", severity: severity,
        because: severity == .low ? "a panel stays empty, no alert is missed" : "no alert of this file is missed",
        related: uses.dropFirst().map { .init($0.place, "\($0.by) asks for '\($0.name)'") })
    }
    for file in files.rules {
      tell(
        file.rules.flatMap { rule in
          PromQL.metrics(in: rule.expression.text ?? "").filter(unknown.contains).map {
            ($0, TreePlace(file.file.path, rule.expression.range.start), "'\(rule.name)'")
          }
        }, "the rules ask for", file.rules.contains(where: \.isAlert) ? .high : .medium)
    }
    for dashboard in files.dashboards {
      tell(
        dashboard.expressions.flatMap { node in
          PromQL.metrics(in: node.text ?? "").filter(unknown.contains).map {
            ($0, TreePlace(dashboard.file.path, node.range.start), "a panel")
          }
        }, "the dashboard asks for", .low)
    }
  }

  /// The first word of a name, which is its exporter's.
  private static func family(_ name: String) -> Substring { name.prefix { $0 != "_" } }

  private static let exporters = [
    "node_", "container_", "kube_", "process_", "nodejs_", "go_", "python_", "pg_", "redis_", "probe_", "rabbitmq_",
    "nginx_", "traefik_",
    "envoy_", "istio_", "alertmanager_", "prometheus_", "grafana_", "machine_", "kubelet_", "apiserver_", "etcd_",
    "coredns_", "jvm_", "tomcat_",
    "hikaricp_", "aws_", "mysql_", "mongodb_", "kafka_", "celery_", "flower_", "pgbouncer_", "haproxy_", "caddy_",
    "minio_", "loki_", "promtail_",
    "scrape_", "windows_", "elasticsearch_", "memcached_", "cadvisor_", "certmanager_", "argocd_", "flux_", "gotk_",
    "vault_", "consul_",
    "dotnet_", "ruby_", "puma_", "sidekiq_", "erlang_", "otelcol_", "tempo_", "net_conntrack_", "promhttp_",
    "cloudwatch_", "stackdriver_",
    "cloudflare_", "blackbox_", "snmp_", "smartctl_", "ALERTS", "workqueue_", "rest_client_", "controller_runtime_",
    "gc_", "linkerd_", "k6_", "otel_", "traces_span", "traces_service_graph", "target_info",
  ]
  /// What the receivers and connectors of OpenTelemetry's collector give out.
  private static let collectors = [
    "system_", "postgresql_", "calls_", "duration_", "docker_", "k8s_", "httpcheck_", "messaging_", "mssql_",
    "sqlserver_",
    "oracledb_", "zookeeper_", "vcenter_", "feature_flag_",
  ]

  /// Whether the tree configures a collector of OpenTelemetry's.
  private static func collects(_ context: AuditContext) -> Bool {
    context.tree.files(in: .yaml).contains { file in
      guard let text = context.tree.text(file) else { return false }
      return ["receivers:", "exporters:", "service:"].allSatisfy(text.hasLine(beginning:))
    }
  }

  private static func isForeign(_ name: String, instrumented: Bool) -> Bool {
    if name == "up" || name == "absent" || !name.contains("_") || name.contains(":") || name.hasPrefix("__") {
      return true
    }
    if exporters.contains(where: name.hasPrefix) { return true }
    return instrumented
      && ["http_", "rpc_", "grpc_", "db_", "django_", "flask_", "starlette_", "fastapi_"].contains(
        where: name.hasPrefix)
  }

  private static let instrumentation = [
    "prometheus-fastapi-instrumentator", "starlette-exporter", "starlette_exporter", "express-prom-bundle",
    "fastify-metrics", "prometheus-net",
    "micrometer", "django-prometheus", "prometheus-flask-exporter", "nestjs-prometheus", "prometheus_exporter",
    "yabeda", "opentelemetry",
    "prometheus-api-metrics", "go-grpc-prometheus", "go-grpc-middleware", "spring-boot-starter-actuator", "prom_ex",
    "swift-prometheus", "dapr",
    "otelhttp", "echo-contrib", "ginprometheus", "axum-prometheus", "actix-web-prom", "hono/prometheus", "elysia",
  ]
  /// Of these the ones whose binders (caches, pools, schedulers) may be of any name.
  private static let naming = ["micrometer", "spring-boot-starter-actuator", "yabeda", "prom_ex", "dapr"]

  /// Whether the tree depends on a library that exports metrics of its own names.
  private static func instruments(_ context: AuditContext, by libraries: [String]) -> Bool {
    let manifests: Set<String> = [
      "package.json", "pyproject.toml", "requirements.txt", "gemfile", "go.mod", "pom.xml", "build.gradle",
      "build.gradle.kts", "mix.exs",
      "cargo.toml", "package.swift", "uv.lock",
    ]
    return context.tree.files.contains { file in
      guard
        manifests.contains(file.name.lowercased()) || file.name.hasSuffix(".csproj")
          || file.name.hasPrefix("requirements"),
        let text = context.tree.text(file)
      else { return false }
      return libraries.contains { text.contains($0) }
    }
  }

  private static let endings = [
    "_bucket", "_sum", "_count", "_total", "_created", "_info", "_seconds", "_milliseconds", "_bytes", "_ratio",
    "_percent",
  ]

  /// Those of `wanted` that the code names; `nil` where there is no code at all.
  private static func exported(_ wanted: Set<String>, _ files: MonitoringFiles, _ context: AuditContext) -> Set<String>?
  {
    // Each way to write a name, by its hash: the files are read once, whatever is wanted.
    var ways: [UInt64: Set<String>] = [:]
    var begins = [Bool](repeating: false, count: 256)
    for name in wanted {
      var bases: Set<String> = [name]
      for _ in 0..<3 {
        for base in bases {
          for ending in endings where base.hasSuffix(ending) { bases.insert(String(base.dropLast(ending.utf8.count))) }
        }
      }
      for base in bases {
        var rest = Substring(base)
        while true {
          // A single word is said by chance.
          guard rest.contains("_") else { break }
          ways[hash(Array(rest.utf8)), default: []].insert(name)
          begins[Int(rest.utf8.first ?? 0)] = true
          rest = rest[rest.index(after: rest.firstIndex(of: "_")!)...]
        }
      }
    }
    // Most words are none of them: a bit for each tells so without a look into the dictionary.
    var mayBe = [Bool](repeating: false, count: 1 << 12)
    for way in ways.keys { mayBe[Int(way & 0xFFF)] = true }
    let own = Set(
      files.rules.map(\.file) + files.dashboards.map(\.file) + files.prometheus.map(\.file)
        + files.alertmanagers.map(\.file))
    let silent: Set<Language> = [.markdown, .css, .scss, .text, .html]
    let code: Set<Language> = [
      .typescript, .javascript, .python, .go, .swift, .ruby, .java, .kotlin, .csharp, .rust, .elixir, .php, .scala, .c,
      .cpp, .dart, .shell,
    ]
    var hasCode = false
    var found: Set<String> = []
    for file in context.tree.files where !own.contains(file) {
      guard let language = file.language, !silent.contains(language), let text = context.tree.text(file) else {
        continue
      }
      hasCode = hasCode || code.contains(language)
      text.bytes.withUnsafeBufferPointer { bytes in
        var index = 0
        while index < bytes.count {
          guard isPart(bytes[index]) else {
            index += 1
            continue
          }
          let start = index
          var hash = seed
          if begins[Int(bytes[start])] {
            while index < bytes.count, isPart(bytes[index]) {
              // OpenTelemetry and Micrometer write `jobs.failed` for what is exported as jobs_failed.
              hash = (hash ^ UInt64(bytes[index] == 0x2E ? 0x5F : bytes[index])) &* 0x100_0000_01B3
              index += 1
            }
            if index - start > 3, mayBe[Int(hash & 0xFFF)], let names = ways[hash] { found.formUnion(names) }
          } else {
            while index < bytes.count, isPart(bytes[index]) { index += 1 }
          }
        }
      }
    }
    if !hasCode { return nil }
    return found.union(spaced(wanted.subtracting(found), context))
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte >= 0x30 && byte <= 0x39 || byte == 0x5F || byte == 0x2E
  }

  /// Those that a client of Go's puts together from a name of one word and a namespace that stands beside it.
  private static func spaced(_ names: Set<String>, _ context: AuditContext) -> Set<String> {
    let files = context.tree.files(in: .go).compactMap(context.tree.text).filter {
      $0.contains("Namespace:") || $0.contains("Subsystem:")
    }
    return names.filter { name in
      var bases = [name]
      for ending in endings where name.hasSuffix(ending) { bases.append(String(name.dropLast(ending.utf8.count))) }
      return files.contains { file in
        bases.contains { base in
          guard let cut = base.firstIndex(of: "_") else { return false }
          return file.contains("\"\(base[base.index(after: cut)...])\"") && file.contains("\"\(base[..<cut])\"")
        }
      }
    }
  }

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  /// FNV-1a.
  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "ops/alerts.yml:5:15", "ops/dashboard.json:1:35",
      in: [
        "ops/alerts.yml": """
        groups:
          - name: a
            rules:
              - alert: Lost
                expr: sum by (queue_name) (rate(jobs_lost_total{state="jobs_x"}[5m])) > 0 and up == 1
              - alert: Slow
                expr: histogram_quantile(0.9, rate(jobs_duration_seconds_bucket[5m])) > 2
        """,
        "ops/dashboard.json": #"{"panels": [{"targets": [{"expr": "rate(jobs_gone_total[5m])"}]}]}"#,
        "src/metrics.ts": "new Histogram({ name: 'jobs_duration_seconds' })\n",
      ], "one that the code has, one that it has not"),
    .silent(
      "prefixes, endings, recorded series, exporters",
      [
        "ops/alerts.yml": """
        groups:
          - name: a
            rules:
              - record: jobs:rate
                expr: rate(acme_jobs_failed_total[5m])
              - alert: A
                expr: jobs:rate > 1 or node_load1 > 3 or pg_up == 0
              - alert: B
                expr: acme_lost_total > 1 and http_latency_seconds_count offset 5m > on (instance) group_left (zone_name) absent(queue_depth)
        """,
        "src/metrics.go":
          #"prometheus.CounterOpts{Namespace: "acme", Name: "jobs_failed_total"}; meter("http.latency"); "queue_depth"; "lost""#,
      ]),
    .silent(
      "what a collector and a load test give out",
      [
        "ops/host.json":
          #"{"panels": [{"targets": [{"expr": "system_cpu_time_seconds_total / postgresql_commits_total"}]}]}"#,
        "ops/load.json":
          #"{"panels": [{"targets": [{"expr": "k6_http_reqs_total + k6_time_$stat{was_answered=1} + traces_span_metrics_calls_total"}]}]}"#,
        "ops/collector.yaml": "receivers: {}\nexporters: {}\nservice: { pipelines: {} }\n",
        "src/main.go": "package main\n",
      ]),
    .silent(
      "a library that names metrics by what it is bound to",
      [
        "ops/dashboard.json": #"{"panels": [{"targets": [{"expr": "rate(jobs_gone_total[5m])"}]}]}"#,
        "pom.xml": "<artifactId>micrometer-core</artifactId>\n",
        "src/A.java": "registry.counter(\"jobs_started_total\");\n",
      ]),
    .silent(
      "an exporter that nobody has heard of",
      [
        "ops/alerts.yml":
          "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: heatpump_flow_celsius > 60 and jobs_failed_total > 1\n",
        "src/metrics.ts": "new Counter({ name: 'jobs_failed_total' })\n",
      ]),
    .silent(
      "rules without code",
      ["alerts.yml": "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: acme_jobs_total > 1\n"]),
  ]
}
