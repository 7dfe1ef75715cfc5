import GonogoCore

/// The head of the bound copy: where to look, and as whom.
struct FrontMatterText {
  /// What the document has already; empty where it has no front matter of Gonogo's.
  let existing: [String]
  let declared: Set<String>
  let declaredPrincipals: Set<String>

  /// The lines of a whole front matter, its fences included, for these targets and principals.
  func lines(targets: Set<String>, principals: Set<String>, given: [String: String]) -> [String] {
    let wanted = targets.subtracting(declared)
    let names =
      TargetCatalogue.all.map(\.name).filter(wanted.contains)
      + wanted.filter { name in !TargetCatalogue.all.contains { $0.name == name } }.sorted()
    let values = names.map { name -> String in
      let value = given[name].map(Self.value) ?? "\"${\(TargetCatalogue.variable(name))}\""
      let meaning = TargetCatalogue.meaning(name).map { "  # \($0)" } ?? ""
      return "\(name): \(value)\(meaning)"
    }
    let people = principals.subtracting(declaredPrincipals).sorted().map {
      "\($0): { http: { bearer: \"${\($0.uppercased())_TOKEN}\" } }"
    }
    if existing.isEmpty {
      var lines = ["---", "gonogo: 1"]
      if !values.isEmpty {
        lines += ["environments:", "  production:", "    protected: true"] + values.map { "    \($0)" }
      }
      if !people.isEmpty { lines += ["principals:"] + people.map { "  \($0)" } }
      return lines + ["---"]
    }
    var lines = existing
    Self.put(values, under: "vars", in: &lines)
    Self.put(people, under: "principals", in: &lines)
    return lines
  }

  /// A value as it was named on the command line: `${NAME}` stays a reference, everything else is a text.
  private static func value(_ text: String) -> String {
    text.contains("${") ? "\"\(text.replacing("\"", with: "\\\""))\"" : YAMLText.quoted(text)
  }

  /// Adds members to a mapping of the front matter that is there, or the mapping itself.
  private static func put(_ members: [String], under key: String, in lines: inout [String]) {
    if members.isEmpty { return }
    if let index = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) {
      let below = index + 1 < lines.count ? lines[index + 1].prefix { $0 == " " }.count : 0
      let indent = String(repeating: " ", count: max(2, below))
      lines.insert(contentsOf: members.map { indent + $0 }, at: index + 1)
    } else {
      lines.insert(contentsOf: ["\(key):"] + members.map { "  \($0)" }, at: lines.count - 1)
    }
  }
}
