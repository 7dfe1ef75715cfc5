import GonogoCore
import GonogoSystem

/// A pattern of the recognisers' own, compiled once. Case does not matter unless the pattern says so.
struct Phrase: Sendable {
  private let pattern: any GonogoCore.Pattern

  /// The pattern is written in this module, so one that does not compile is a mistake of its author: it ends the program at
  /// its first use, which every test of its recogniser is.
  init(_ source: String, ignoringCase: Bool = true) {
    do { pattern = try PCREngine().compile(source, ignoringCase: ignoringCase) } catch {
      fatalError("the phrase \(source) is not well formed: \(error.message)")
    }
  }

  func isFound(in text: String) -> Bool { first(in: text) != nil }

  /// The whole match and its groups. A match that would take more steps than the engine allows is none.
  func first(in text: String) -> [String?]? { (try? pattern.firstMatch(in: text))?.groups }

  /// A group of the first match.
  func group(_ number: Int, in text: String) -> String? {
    guard let groups = first(in: text), groups.indices.contains(number) else { return nil }
    return groups[number]
  }

  /// Every match that does not overlap another, from the beginning.
  func all(in text: String) -> [[String?]] {
    var rest = Substring(text)
    var found: [[String?]] = []
    while let groups = first(in: String(rest)), let whole = groups[0], !whole.isEmpty,
      let range = rest.firstRange(of: whole)
    {
      found.append(groups)
      rest = rest[range.upperBound...]
    }
    return found
  }
}
