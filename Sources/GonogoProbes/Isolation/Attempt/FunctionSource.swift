/// What a function's body does with its arguments, as far as its text tells.
struct FunctionSource {
  let text: String

  init(_ source: String) {
    var kept = ""
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      let code = line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line
      kept += code + "\n"
    }
    text = kept
  }

  private func matches(_ pattern: String) -> [[String]] {
    guard let regex = try? Regex(pattern).ignoresCase().dotMatchesNewlines().wordBoundaryKind(.simple) else {
      return []
    }
    return text.matches(of: regex).map { match in
      match.output.dropFirst().map { $0.substring.map(String.init) ?? "" }
    }
  }

  /// An argument as it is named in a body: by its name, or by its place.
  static func argument(_ function: Catalogue.Function, _ place: Int) -> String {
    let name = place < function.argumentNames.count ? function.argumentNames[place] : ""
    let isPlain = !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    return isPlain ? "(?:\\b\(name)\\b|\\$\(place + 1)\\b)" : "(?:\\$\(place + 1)\\b)"
  }

  private static let wrapping = "(?:(?:lower|upper|trim|btrim)\\()*"
  private static let cast = "\\)*(?:\\s*::\\s*\\w+)?\\s*"

  /// The texts that an argument is compared with.
  func literals(_ argument: String) -> [String] {
    let equal = matches("\(argument)\(Self.cast)(?:=|<>|!=|is\\s+(?:not\\s+)?distinct\\s+from)\\s*'([^']*)'")
    let turned = matches("'([^']*)'(?:::\\w+)?\\s*=\\s*\(Self.wrapping)\(argument)")
    let listed = matches("\(argument)\(Self.cast)(?:not\\s+)?in\\s*\\(([^)]*)\\)")
    let array = matches("\(argument)\(Self.cast)=\\s*any\\s*\\(([^)]*)\\)")
    let cases = matches("case\\s+\(argument)(.*?)\\bend\\b").flatMap { match in
      SQLText.strings(in: match[0].replacing("then", with: " then "))
    }
    return (equal + turned).map { $0[0] } + (listed + array).flatMap { SQLText.strings(in: $0[0]) } + cases
  }

  /// The columns that an argument is compared with.
  func columns(_ argument: String) -> [String] {
    let equal = matches("\\b(\\w+)\(Self.cast)(?:=|i?like)\\s*(?:'%'\\s*\\|\\|\\s*)?\(Self.wrapping)\(argument)")
    let turned = matches("\(argument)\(Self.cast)=\\s*\(Self.wrapping)(?:\\w+\\.)?(\\w+)")
    return (equal + turned).map { $0[0].lowercased() }
  }

  /// The columns by whose value a row is changed instead of added.
  var conflicting: [String] {
    matches("on\\s+conflict\\s*\\(([\\w\\s,]+)\\)").flatMap { match in
      match[0].split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { $0.lowercased() }
    }
  }

  /// The members that are asked of a JSON argument, and the type that each is read as.
  func members(_ argument: String) -> [(key: String, type: String)] {
    var found: [(key: String, type: String)] = []
    for match in matches("\(argument)\\s*->>?\\s*'([^']+)'\\s*\\)*(?:\\s*::\\s*(\\w+))?") {
      if let place = found.firstIndex(where: { $0.key == match[0] }) {
        if found[place].type.isEmpty { found[place].type = match[1].lowercased() }
      } else {
        found.append((match[0], match[1].lowercased()))
      }
    }
    return found
  }

  /// Whether an argument is asked for NULL: then it need not be given.
  func isOptional(_ argument: String) -> Bool {
    !matches("\(argument)\\s+is\\s+(null)").isEmpty || !matches("(coalesce)\\s*\\(\\s*\(argument)").isEmpty
  }

  /// Whether one of these arguments, texts, becomes part of a statement as it stands.
  func runs(_ arguments: [String]) -> Bool {
    if matches("(\\bexecute\\b)").isEmpty { return false }
    return arguments.contains { argument in
      [
        "(\\bexecute\\s+)\(argument)", "(\\|\\|\\s*)\(argument)", "\(argument)(\\s*\\|\\|)",
        "(:=\\s*)\(argument)\\s*;", "(%s)", "(%\\d+\\$s)",
      ].contains { !matches($0).isEmpty }
    }
  }
}
