/// Pages and files that must not be served.
enum Removed {
  static let recogniser = Recogniser(
    "removed", probes: ["http"],
    manual: """
      A path or a file in backticks that, says the line, is removed, closed or not reachable over the web: the answer there is a refusal, and the
      front page, which anybody may see, is served in the same run. Nothing else takes a line that says so: a check that the thing is
      there would be green where the line is false.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `/test-buttons` is removed or closed",
        #"""
        http: { GET: "${web}/test-buttons" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] `.env` файл не доступен через веб",
        #"""
        http: { GET: "${web}/.env" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
    ],
    lookalikes: [
      "- [ ] `/status` is served", "- [ ] `docs/old.md` is removed", "- [ ] The closed beta is over: `/beta`",
      "- `DELETE /users` removes a user",
    ]
  ) { line, _ in
    guard isMeant(line), let code = line.codes.first(where: { path.isFound(in: $0) || hidden.isFound(in: $0) }) else {
      return nil
    }
    let place = code.hasPrefix("/") ? code : "/\(code)"
    return Draft(
      """
      http: { GET: "${web}\(place)" }
      expect: { status: { one_of: [401, 403, 404, 410] } }
      allowed:
        http: { GET: "${web}/", follow: true }
        expect: { status: 200 }
      """, confidence: .high, reason: "what the line says is gone is refused, while the front page is served")
  }

  /// Whether the line says of what it names that it must not be there.
  static func isMeant(_ line: ChecklistLine) -> Bool {
    if line.says(unreachable) { return true }
    return line.says(gone) && line.codes.contains { path.isFound(in: $0) }
  }

  private static let path = Phrase(#"^/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*$"#)
  private static let hidden = Phrase(#"^\.(env|git|htaccess)[\w./-]*$"#)
  private static let gone = Phrase(
    #"\b(is|are|was|were)? ?(removed|deleted|disabled|closed or removed|switched off|not served)\b|\b(удал[её]н\w*|закрыт\w*|отключ[её]н\w*|убран\w*)( |$|,)"#
  )
  private static let unreachable = Phrase(
    #"\bnot (reachable|accessible|served|exposed|available)\b.*\b(web|http|public|internet|outside)\w*|не ?доступ\w+ (через|из|по) (веб|web|http|интернет|сет)|недоступ\w+"#
  )
}
