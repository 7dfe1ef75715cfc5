/// Numbers that a measure must keep to.
enum Thresholds {
  static let recogniser = Recogniser(
    "thresholds", probes: ["http", "command", "results"],
    manual: """
      "<1% error rate", ">25% error rate" as a reason to roll back, ">99% uptime", "p95 < 500ms" are asked of Prometheus with the metrics' usual names
      (`http_requests_total`, `http_request_duration_seconds`, `up`). "<2s average page load" is measured with five requests. "Lighthouse score > 90" runs
      lighthouse, "85% test coverage" reads the coverage report.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] <1% error rate",
        #"""
        http:
          GET: ${prometheus}/api/v1/query
          query: { query: 'sum(rate(http_requests_total{status=~"5.."}[1h])) / sum(rate(http_requests_total[1h]))' }
        expect: { status: 200 }
        jq: '.body.data.result | length >= 1 and (.[0].value[1] | tonumber < 0.01)'
        """#),
      Recogniser.Sample(
        "### Trigger conditions\n- >25% error rate on core functionality",
        #"""
        http:
          GET: ${prometheus}/api/v1/query
          query: { query: 'sum(rate(http_requests_total{status=~"5.."}[1h])) / sum(rate(http_requests_total[1h]))' }
        expect: { status: 200 }
        jq: '.body.data.result | length >= 1 and (.[0].value[1] | tonumber < 0.25)'
        """#),
      Recogniser.Sample(
        "- [ ] >99% uptime",
        #"""
        http:
          GET: ${prometheus}/api/v1/query
          query: { query: 'min(avg_over_time(up[7d]))' }
        expect: { status: 200 }
        jq: '.body.data.result | length >= 1 and (.[0].value[1] | tonumber > 0.99)'
        """#),
      Recogniser.Sample(
        "- [ ] <2s average page load",
        #"""
        http: { GET: "${web}/", repeat: 5 }
        expect: { status: 200, timings.total: "< 2s" }
        """#),
      Recogniser.Sample(
        "- [ ] p95 < 500ms",
        #"""
        http:
          GET: ${prometheus}/api/v1/query
          query: { query: 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1h])))' }
        expect: { status: 200 }
        jq: '.body.data.result | length >= 1 and (.[0].value[1] | tonumber < 0.5)'
        """#),
      Recogniser.Sample(
        "- [ ] Lighthouse score > 90",
        #"""
        command:
          run: [lighthouse, "${web}", --quiet, --only-categories=performance, --output=json, --output-path=stdout, --chrome-flags=--headless]
        expect: { exit: 0, json.categories.performance.score: "> 0.9" }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- **85%** test coverage",
        #"""
        files: { path: "${coverage_report}", json: { percent: total.lines.pct } }
        expect: { values.percent: ">= 85" }
        """#),
    ],
    lookalikes: [
      "- [ ] <10 support tickets/day", "- [ ] User adoption >80%", "- Critical (P1): 15 minutes",
      "- **95/100** security score",
    ]
  ) { line, _ in
    func number(_ phrase: Phrase) -> (sign: String, value: String, unit: String)? {
      guard let groups = phrase.first(in: line.text) else { return nil }
      return (groups[1] ?? "", groups[2] ?? "", groups[3] ?? "")
    }
    if let (sign, value, _) = number(errorRate), let percent = Double(value) {
      let trigger = sign.hasPrefix(">") || line.isAbout(rollback)
      return prometheus(
        #"sum(rate(http_requests_total{status=~"5.."}[1h])) / sum(rate(http_requests_total[1h]))"#,
        "< \(percent / 100)", .medium,
        "the share of answers that are 5xx in the last hour\(trigger ? ", below what would be a reason to roll back" : "")"
      )
    }
    if let (_, value, _) = number(uptime), let percent = Double(value) {
      return prometheus(
        "min(avg_over_time(up[7d]))", "> \(percent / 100)", .medium, "how much of the last week every target was up")
    }
    if let groups = percentile.first(in: line.text), let rank = groups[1], let value = groups[2], let unit = groups[3] {
      let seconds = (Double(value) ?? 0) / (unit.lowercased() == "ms" ? 1000 : 1)
      return prometheus(
        "histogram_quantile(0.\(rank), sum by (le) (rate(http_request_duration_seconds_bucket[1h])))", "< \(seconds)",
        .medium,
        "the \(rank)th percentile of the last hour")
    }
    if let (_, value, unit) = number(load) {
      return Draft(
        "http: { GET: \"${web}/\", repeat: 5 }\nexpect: { status: 200, timings.total: \"< \(value)\(unit.lowercased().hasPrefix("ms") ? "ms" : "s")\" }",
        confidence: .medium, reason: "the page comes in that time, five times; what a browser does with it is not in it"
      )
    }
    if line.says(lighthouse) {
      let score = Phrase(#"(\d{2,3})"#).group(1, in: line.text).flatMap { Double($0) }
      return Draft(
        "command:\n  run: [lighthouse, \"${web}\", --quiet, --only-categories=performance, --output=json, --output-path=stdout, --chrome-flags=--headless]\nexpect: { exit: 0\(score.map { ", json.categories.performance.score: \"> \($0 / 100)\"" } ?? ", json.categories.performance.score: \">= 0.5\"") }\ntimeout: 2m",
        confidence: score == nil ? .low : .high,
        reason: score == nil
          ? "lighthouse rates the front page; the line names no score, 0.5 is where it calls a page poor"
          : "lighthouse rates the front page")
    }
    if let value = coverage.group(1, in: line.text) {
      let part = covered.group(1, in: line.text)?.lowercased() ?? "lines"
      return Draft(
        "files: { path: \"${coverage_report}\", json: { percent: total.\(part).pct } }\nexpect: { values.percent: \">= \(value)\" }",
        confidence: .high, reason: "the \(part) that the tests run, by the coverage report")
    }
    return nil
  }

  private static func prometheus(_ query: String, _ bound: String, _ confidence: Confidence, _ reason: String) -> Draft
  {
    Draft(
      "http:\n  GET: ${prometheus}/api/v1/query\n  query: { query: \(YAMLText.single(query)) }\nexpect: { status: 200 }\njq: '.body.data.result | length >= 1 and (.[0].value[1] | tonumber \(bound))'",
      confidence: confidence, reason: reason + ", by Prometheus")
  }

  private static let errorRate = Phrase(
    #"([<>]=?|under|below)\s*(\d+(?:\.\d+)?)\s*%\s*()error rate|error rate ([<>])\s*(\d+)%"#)
  private static let uptime = Phrase(#"([<>]=?)\s*(\d+(?:\.\d+)?)\s*%\s*()(?:uptime|availability)"#)
  private static let percentile = Phrase(
    #"\bp(50|90|95|99)\b\D{0,60}?(?:<=?|\bunder|\bbelow|\bless than|\bwithin|\bat most|менее|не более)\s*(\d+(?:\.\d+)?)\s*(ms|s)\b"#
  )
  private static let load = Phrase(#"(<)\s*(\d+(?:\.\d+)?)\s*(ms|s|sec|seconds)\b.*(?:page load|response|load time)"#)
  private static let rollback = Phrase(#"rollback|trigger conditions|откат"#)
  private static let lighthouse = Phrase(#"\blighthouse\b"#)
  private static let covered = Phrase(#"\b(branches|functions|statements)\b"#)
  private static let coverage = Phrase(
    #"(?|(\d+(?:\.\d+)?)\s*%\s*(?:test )?(?:coverage|покрыти)|(?:coverage|покрыти\w+)\D{0,20}(?:above|over|at least|>=?|не менее|выше|более)\s*(\d+(?:\.\d+)?)\s*%)"#
  )
}
