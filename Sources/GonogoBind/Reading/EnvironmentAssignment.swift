/// `NAME=value` as files of an environment have it.
enum EnvironmentAssignment {
  /// `NAME=value` without quotes and without a comment behind it; `nil` where the line is another.
  static func normal(_ line: String) -> String? {
    guard let groups = form.first(in: line), let name = groups[1] else { return nil }
    var value = Inline.trimmed(comment.first(in: groups[2] ?? "").flatMap { $0[1] } ?? groups[2] ?? "")
    for quote in ["\"", "'"] where value.count > 1 && value.hasPrefix(quote) && value.hasSuffix(quote) {
      value = String(value.dropFirst().dropLast())
    }
    return "\(name)=\(value)"
  }

  private static let form = Phrase(#"^([A-Z][A-Z0-9_]{2,})=([^`]*)$"#, ignoringCase: false)
  private static let comment = Phrase(#"^(.*?)\s+#.*$"#)
}
