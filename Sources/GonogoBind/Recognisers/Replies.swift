/// Request ids, and errors that tell nothing.
enum Replies {
  static let recogniser = Recogniser(
    "replies", probes: ["http"],
    manual: """
      "All responses include request_id", "request_id in error responses": in the header or the body of an answer and of an error.
      "Error redaction": an error's body has no trace, no SQL and no path of the server's files.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Request ID: All responses include request_id",
        #"""
        http: { GET: "${app}${path}" }
        jq: '(.headers["x-request-id"] // (.body | objects | (.request_id // .requestId)) // "") | tostring | length >= 8'
        cases: [{ path: / }, { path: /gonogo-no-such-page }]
        no_control: an error is asked for what it tells, not whether it refuses rightly
        """#),
      Recogniser.Sample(
        "- Verify request_id in error responses",
        #"""
        http: { GET: "${app}${path}" }
        jq: '(.headers["x-request-id"] // (.body | objects | (.request_id // .requestId)) // "") | tostring | length >= 8'
        cases: [{ path: /gonogo-no-such-page }]
        no_control: an error is asked for what it tells, not whether it refuses rightly
        """#),
      Recogniser.Sample(
        "- [x] Error redaction configured",
        #"""
        http: { GET: "${app}/gonogo-no-such-page" }
        expect:
          text:
            not: { matches: '/Traceback|\bat [\w.<>]+ \(.*:\d+:\d+\)|node_modules|SQLSTATE|syntax error at or near|panic:/' }
        no_control: an error is asked for what it tells, not whether it refuses rightly
        """#),
    ],
    lookalikes: ["- Request ID passed through all calls", "- [ ] Error pages", "- [ ] Error handling implemented"]
  ) { line, context in
    let base = context.base(line).replacing("${web}", with: "${app}")
    let look = "\nno_control: an error is asked for what it tells, not whether it refuses rightly"
    if line.says(requestID) {
      let onlyErrors = line.says(errors) && !line.says(all)
      let cases = onlyErrors ? "[{ path: /gonogo-no-such-page }]" : "[{ path: / }, { path: /gonogo-no-such-page }]"
      return Draft(
        "http: { GET: \"\(base)${path}\" }\njq: '(.headers[\"x-request-id\"] // (.body | objects | (.request_id // .requestId)) // \"\") | tostring | length >= 8'\ncases: \(cases)\(look)",
        confidence: .high,
        reason: "\(onlyErrors ? "an error" : "an answer and an error") bears a request id, in its header or its body")
    }
    guard line.says(redaction) else { return nil }
    return Draft(
      "http: { GET: \"\(base)/gonogo-no-such-page\" }\nexpect:\n  text:\n    not: { matches: '/Traceback|\\bat [\\w.<>]+ \\(.*:\\d+:\\d+\\)|node_modules|SQLSTATE|syntax error at or near|panic:/' }\(look)",
      confidence: .medium, reason: "the body of an error has no trace, no SQL and no path; one error stands for all")
  }

  private static let requestID = Phrase(
    #"(include|have|carry|in)\b.*request[_ -]?id|request[_ -]?id in|все ответы.*request"#)
  private static let errors = Phrase(#"error|ошиб"#)
  private static let all = Phrase(#"\ball\b|все "#)
  private static let redaction = Phrase(#"error redaction|errors? (are|is) redacted|stack traces? (are )?(hidden|not)"#)
}
