/// That the system says that it is well.
enum Health {
  static let recogniser = Recogniser(
    "health", probes: ["http"],
    manual: """
      "Health checks work", "verify all services running", "full system health check": the document's own health endpoint, or
      `/health` where it names none, answers 200.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- [x] Health checks работают",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- `GET /api/healthz` is there\n- [ ] Full system health check",
        #"""
        http: { GET: "${app}/api/healthz" }
        expect: { status: 200 }
        """#),
    ],
    lookalikes: ["- [ ] Health insurance reviewed", "- `GET /health` returns healthy", "- Monitor error rates"]
  ) { line, context in
    guard line.says(health), !endpoint.isFound(in: line.text) else { return nil }
    let named =
      context.lines.lazy.compactMap { endpoint.group(1, in: $0.raw) }.first
      ?? context.facts?.endpoints.sorted().first { $0.contains("health") }
    return Draft(
      "http: { GET: \"\(context.base(line).replacing("${web}", with: "${app}"))\(named ?? "/health")\" }\nexpect: { status: 200 }",
      confidence: named == nil ? .medium : .high,
      reason: named == nil
        ? "/health is where most services answer" : "the document or the repository names \(named ?? "")")
  }

  private static let health = Phrase(
    #"^(the )?(backend|api|django|server|application|app)( server| service)? (is )?(running|up|online|responding|live)( correctly)?$|health[- ]?checks?|health(check)?[- ]endpoint\b.*(respond|accessible|work|return|available|ok\b|healthy|up\b)|system health|validate health|verify all services running|services? (is |are )?(healthy|running)|проверк\w+ здоровья"#
  )
  private static let endpoint = Phrase(#"GET (/[\w/.-]*health\w*)"#)
}
