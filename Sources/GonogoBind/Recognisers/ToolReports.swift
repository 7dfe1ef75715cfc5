/// Reports of tests and scanners.
enum ToolReports {
  static let recogniser = Recogniser(
    "tool-reports", probes: ["results"],
    manual: """
      "All tests passing" reads the suite's report, `${test_report}`; "security scan", "vulnerability scan" the scanner's, `${security_report}`, which must
      be of the last month. "End-to-end tests created" looks for their files.
      """,
    samples: [
      Recogniser.Sample(
        "- [x] All tests passing",
        #"""
        results: { path: "${test_report}", max_age: 7d }
        """#),
      Recogniser.Sample(
        "- [x] Vulnerability scan performed",
        #"""
        results: { path: "${security_report}", max_age: 30d }
        """#),
      Recogniser.Sample(
        "- [ ] End-to-end tests created",
        #"""
        files: { path: ["**/e2e/**", "**/cypress/**", "**/*.e2e.*", "**/playwright/**"], exclude: [node_modules] }
        expect: { count: ">= 1" }
        """#),
    ],
    lookalikes: [
      "- [ ] Test transactions completed", "- [ ] Final smoke tests пройдены", "- [ ] Review all test scenarios",
      "- [x] Security audit completed",
    ]
  ) { line, context in
    if line.says(scan) {
      return Draft(
        "results: { path: \"${security_report}\", max_age: 30d }", confidence: .medium,
        reason: "the scanner's report is of the last month, and has no error in it")
    }
    if line.says(endToEnd) {
      return Draft(
        "files: { path: [\"\(context.root)**/e2e/**\", \"\(context.root)**/cypress/**\", \"\(context.root)**/*.e2e.*\", \"\(context.root)**/playwright/**\"], exclude: [node_modules] }\nexpect: { count: \">= 1\" }",
        confidence: .medium, reason: "the repository has files where end-to-end tests are kept")
    }
    guard line.says(tests), !line.says(others) else { return nil }
    return Draft(
      "results: { path: \"${test_report}\", max_age: 7d }", confidence: .high,
      reason: "the suite's report is of the last week, and nothing in it failed")
  }

  /// Tests of which no suite writes a report.
  private static let others = Phrase(#"\b(smoke|load|stress|penetration|manual)\b|нагрузочн|ручн"#)
  private static let scan = Phrase(
    #"(security|vulnerability|dependency) scans?\b|scanned for vulnerabilit|сканирование (безопасности|уязвимостей)"#)
  private static let endToEnd = Phrase(#"(e2e|end-to-end) tests? (created|written|added|implemented)"#)
  private static let tests = Phrase(
    #"^run (the )?(all|full|unit|integration|e2e|end-to-end)( \w+)? tests?( suite)?$|(all|unit|integration|e2e|end-to-end)?\s*tests (are )?(passing|passed|pass|green)\b|^no (failing|failed) tests$|^no tests? (fails?|failed)$|\b(тесты|tests) (проходят|пройдены|зелен)"#
  )
}
