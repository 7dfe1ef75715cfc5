/// "HttpOnly, Secure and SameSite": of things that a line names side by side, those that a binding passes over.
enum Enumeration {
  /// The items that the binding has no word of, where it has one of another item.
  static func left(of text: String, _ meaning: BindingMeaning) -> [String] {
    list.all(in: text).compactMap { $0[0] }.flatMap { list -> [String] in
      let items = item.all(in: list).compactMap { $0[1] }.filter { !joint.isFound(in: $0) }
      func isThere(_ item: String) -> Bool {
        meaning.text.replacing("-", with: "").contains(item.lowercased().replacing("-", with: ""))
      }
      return items.contains(where: isThere) ? items.filter { !isThere($0) } : []
    }
  }

  /// Names as technology has them: with a capital, a hyphen or an underscore in them.
  private static let list = Phrase(
    #"(?<![\w-])[A-Z][\w-]*[\w](=\w+)?(,\s+[A-Z][\w-]*\w(=\w+)?)*,?\s+(and|or|и|или|\+|/)\s+[A-Z][\w-]*\w(?![\w-])"#,
    ignoringCase: false)
  private static let item = Phrase(#"([\p{L}][\w-]*\w)"#)
  private static let joint = Phrase(#"^(and|or|и|или|strict|lax|none|the|all)$"#)
}
