/// `` `A` or `B` `` of which one must be set, and the three of a break-glass.
enum EnvironmentGroups {
  static let recogniser = Recogniser(
    "environment-groups", probes: ["env"],
    manual: """
      Variables that belong together: "`A` or `B` or `C`" asks that at least one of them be set; a line that speaks of break-glass
      variables, with a flag, a reason and an expiry among the items under it, asks for all three or none.
      """, conditional: true,
    samples: [
      Recogniser.Sample(
        "- Provider key (`GROQ_API_KEY` or `OPENAI_API_KEY`)",
        #"""
        env:
          one_of: [[GROQ_API_KEY, OPENAI_API_KEY]]
        """#),
      Recogniser.Sample(
        "- Break-glass:\n  - `X_ALLOW=true`\n  - `X_REASON=<why>`\n  - `X_EXPIRES_AT=<until>`\n- If x is missing, set all break-glass vars: `X_ALLOW=true`, `X_REASON`, `X_EXPIRES_AT`",
        #"""
        env:
          break_glass:
            - flag: X_ALLOW
              reason: X_REASON
              expires_at: X_EXPIRES_AT
        """#),
    ],
    lookalikes: ["- `README.md` or `GUIDE.md`", "- `A_KEY` and `B_KEY`", "- Break-glass procedure rehearsed"]
  ) { line, context in
    let from = context.targets["env"] == nil ? "" : "  from: ${env}\n"
    if line.says(glass) {
      let names =
        (line.codes + line.children.flatMap { EnvironmentVariable.start.first(in: $0)?[1].map { [$0] } ?? [] })
        .map { String($0.prefix { $0 != "=" }) }
      guard let reason = names.first(where: { $0.hasSuffix("REASON") }),
        let expiry = names.first(where: { $0.contains("EXPIR") }),
        let flag = names.first(where: { $0 != reason && $0 != expiry && name.isFound(in: $0) })
      else { return nil }
      return Draft(
        "env:\n\(from)  break_glass:\n    - flag: \(flag)\n      reason: \(reason)\n      expires_at: \(expiry)",
        confidence: .high, reason: "a break-glass: all three are set, or none")
    }
    guard either.isFound(in: line.raw) else { return nil }
    let names = line.codes.filter(name.isFound)
    guard names.count >= 2, names.count == line.codes.count else { return nil }
    return Draft(
      "env:\n\(from)  one_of: [[\(names.joined(separator: ", "))]]", confidence: .high,
      reason: "one of the variables that the line names must be set")
  }

  private static let glass = Phrase(#"break-?\s?glass"#)
  private static let either = Phrase(#"` (or|или|\|) `"#)
  private static let name = Phrase(#"^[A-Z][A-Z0-9]*_[A-Z0-9_]+$"#, ignoringCase: false)
}
