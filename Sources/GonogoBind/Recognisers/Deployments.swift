/// That something is deployed where the line says.
enum Deployments {
  static let recogniser = Recogniser(
    "deployments", probes: ["http", "env"],
    manual: """
      "Deploy on Vercel", "deploy frontend": the front end answers, and on Vercel says so in `x-vercel-id`. "Deploy after core, verify X is correct": the variable holds a
      URL, and what it leads to answers.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Deploy на Vercel (frontend)",
        #"""
        http: { GET: "${web}/" }
        expect: { status: 200, headers.x-vercel-id: exists }
        """#),
      Recogniser.Sample(
        "5. Deploy frontend.",
        #"""
        http: { GET: "${web}/" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "3. **Web** - after the API, verify API_ORIGIN is correct",
        #"""
        env:
          variables:
            API_ORIGIN: { schemes: [https, http] }
        """#,
        #"""
        http: { GET: "${API_ORIGIN}/" }
        expect: { status: "< 400" }
        """#),
    ],
    lookalikes: [
      "1. Revert Vercel deployment to previous version", "- [ ] Deployment checklist создан",
      "- [ ] Deploy to production",
    ]
  ) { line, _ in
    if let name = correct.group(1, in: line.text) {
      return Draft(
        "env:\n  variables:\n    \(name): { schemes: [https, http] }",
        "http: { GET: \"${\(name)}/\" }\nexpect: { status: \"< 400\" }",
        confidence: .low,
        reason: "the variable holds a URL, and what it leads to answers; which path answers there is a guess")
    }
    guard line.says(deploy), line.says(front) else { return nil }
    let vercel = line.says(Phrase(#"vercel"#))
    return Draft(
      "http: { GET: \"${web}/\" }\nexpect: { status: 200\(vercel ? ", headers.x-vercel-id: exists" : "") }",
      confidence: .medium,
      reason: "the front end answers\(vercel ? ", from Vercel" : "")")
  }

  private static let correct = Phrase(#"verify ([A-Z][A-Z0-9_]+_(?:URL|ORIGIN|URI)) is correct"#)
  private static let deploy = Phrase(#"^deploy\b|^(развернуть|задеплоить)\b"#)
  private static let front = Phrase(#"front-?end|\bvercel\b|\bweb\b|netlify"#)
}
