/// Prometheus and its like: that they run, their rules, thresholds on what they measure.
enum Monitoring {
  static let recogniser = Recogniser(
    "monitoring", probes: ["http"],
    manual: """
      Prometheus, Grafana and Alertmanager by name: each answers its own health endpoint. "Monitoring stack" is the three. `/metrics`: the endpoint
      answers in the text format. "Alert rules configured", "19 alert rules": Prometheus evaluates at least so many, and none of them is broken.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "Prometheus and Grafana.\n\n- [ ] Настроить monitoring stack",
        #"""
        http: { GET: "${prometheus}/-/ready" }
        expect: { status: 200 }
        """#,
        #"""
        http: { GET: "${grafana}/api/health" }
        expect: { status: 200, body.database: ok }
        """#),
      Recogniser.Sample(
        "- [x] **Monitoring** (Prometheus, Grafana, AlertManager configured)",
        #"""
        http: { GET: "${prometheus}/-/ready" }
        expect: { status: 200 }
        """#,
        #"""
        http: { GET: "${grafana}/api/health" }
        expect: { status: 200, body.database: ok }
        """#,
        #"""
        http: { GET: "${alertmanager}/-/ready" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Настроить monitoring stack",
        #"""
        http: { GET: "${prometheus}/-/ready" }
        expect: { status: 200 }
        """#,
        #"""
        http: { GET: "${grafana}/api/health" }
        expect: { status: 200, body.database: ok }
        """#,
        #"""
        http: { GET: "${alertmanager}/-/ready" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- `/metrics` is exported",
        #"""
        http: { GET: "${app}/metrics" }
        expect: { status: 200, text: { matches: '/(?m)^# (HELP|TYPE) /' } }
        """#),
      Recogniser.Sample(
        "- [x] Alert rules configured",
        #"""
        http: { GET: "${prometheus}/api/v1/rules?type=alert" }
        expect: { status: 200 }
        jq: '[.body.data.groups[].rules[]] | length >= 1 and all(.[]; .health != "err")'
        """#),
      Recogniser.Sample(
        "- [ ] Prometheus scrapes `/metrics`.",
        #"""
        http: { GET: "${prometheus}/api/v1/targets?state=active" }
        expect: { status: 200 }
        jq: '[.body.data.activeTargets[].health] | length >= 1 and all(.[]; . == "up")'
        """#),
      Recogniser.Sample(
        "- [ ] Grafana dashboard is provisioned.",
        #"""
        http:
          GET: ${grafana}/api/search?type=dash-db
          bearer: ${GRAFANA_TOKEN}
        expect: { status: 200, body: { length: ">= 1" } }
        """#),
      Recogniser.Sample(
        "- **19** alert rules",
        #"""
        http: { GET: "${prometheus}/api/v1/rules?type=alert" }
        expect: { status: 200 }
        jq: '[.body.data.groups[].rules[]] | length == 19 and all(.[]; .health != "err")'
        """#),
    ],
    lookalikes: [
      "- [ ] Monitoring alerts configured in DO dashboard", "- [ ] Alerts configured",
      "- [ ] Uptime monitoring configured", "- [ ] Alert flows tested", "- Monitor webhook DLQ for failures",
    ]
  ) { line, context in
    if let groups = rules.first(in: line.text), !line.says(others) {
      // Alerts that are "configured" are Prometheus's where the document has one.
      guard line.says(named) || context.mentions(prometheus) else { return nil }
      let count = groups[1] ?? groups[2]
      return Draft(
        "http: { GET: \"${prometheus}/api/v1/rules?type=alert\" }\nexpect: { status: 200 }\njq: '[.body.data.groups[].rules[]] | length \(count.map { "== \($0)" } ?? ">= 1") and all(.[]; .health != \"err\")'",
        confidence: count == nil ? .medium : .high,
        reason:
          "Prometheus evaluates \(count ?? "at least one") alert rule\(count == "1" ? "" : "s"), and none is broken")
    }
    if line.says(scrapes) {
      return Draft(
        "http: { GET: \"${prometheus}/api/v1/targets?state=active\" }\nexpect: { status: 200 }\njq: '[.body.data.activeTargets[].health] | length >= 1 and all(.[]; . == \"up\")'",
        confidence: .high, reason: "Prometheus has targets, and its last look at each of them worked")
    }
    if line.says(dashboards) {
      return Draft(
        "http:\n  GET: ${grafana}/api/search?type=dash-db\n  bearer: ${GRAFANA_TOKEN}\nexpect: { status: 200, body: { length: \">= 1\" } }",
        confidence: .medium, reason: "Grafana has a dashboard; what it shows is for a reader")
    }
    if line.says(metrics) {
      return Draft(
        "http: { GET: \"${app}/metrics\" }\nexpect: { status: 200, text: { matches: '/(?m)^# (HELP|TYPE) /' } }",
        confidence: .high,
        reason: "the endpoint answers in Prometheus's text format")
    }
    let stack = line.says(stack)
    let named = products.filter { $0.phrase.isFound(in: stack ? context.text : line.text) }
    let blocks = (stack && named.isEmpty ? products : named).map(\.block)
    guard !blocks.isEmpty, stack || line.says(state) else { return nil }
    return Draft(
      blocks: blocks, confidence: stack && named.isEmpty ? .low : .medium,
      reason: stack
        ? (named.isEmpty
          ? "a monitoring stack is most often these three" : "what the document says the stack is made of")
        : "each that the line names answers its health endpoint")
  }

  private static let rules = Phrase(
    #"(?:\b(\d+)\s+alert rules|alert rules:?\s*(\d+))|alert(?:ing)? rules (?:are )?(?:configured|defined|active|loaded|set up|in place)|(?:configure|настроить) alerts?\b|alerts (?:configured|настроены)"#
  )
  private static let named = Phrase(#"alert rules"#)
  private static let prometheus = Phrase(#"prometheus|alertmanager|grafana"#)
  private static let others = Phrase(
    #"\b(DO|digital ?ocean|cloudwatch|datadog|sentry|new relic|pagerduty|uptime|dashboard|supabase|firebase|azure|stackdriver|cloud monitoring)\b"#
  )
  private static let scrapes = Phrase(#"prometheus\b.*\b(scrap\w+|targets)\b"#)
  private static let dashboards = Phrase(
    #"grafana dashboards? (is |are )?(provisioned|imported|created|configured|loaded|available|set up)|дашборд\w* grafana"#
  )
  private static let metrics = Phrase(#"(^|\s)/metrics\b"#)
  private static let stack = Phrase(#"monitoring stack|^monitoring (настроен|configured)|^мониторинг настроен"#)
  private static let state = Phrase(#"configured|running|deployed|настроен|up\b|ready|healthy"#)
  private static let products: [(phrase: Phrase, block: String)] = [
    (Phrase(#"prometheus"#), "http: { GET: \"${prometheus}/-/ready\" }\nexpect: { status: 200 }"),
    (Phrase(#"grafana"#), "http: { GET: \"${grafana}/api/health\" }\nexpect: { status: 200, body.database: ok }"),
    (Phrase(#"alert-?manager"#), "http: { GET: \"${alertmanager}/-/ready\" }\nexpect: { status: 200 }"),
  ]
}
