/// Names, of which those near another are asked for; see ``EnvironmentNames/areNear(_:_:)``.
///
/// Most pairs are told apart by a few numbers of each name, so that some thousand names are compared with as many others in
/// no time. What remains is counted: names that nobody wrote may all look alike.
struct NearNames {
  /// The most pairs that are compared letter by letter.
  static let limit = 200_000

  private struct Traits {
    let length: Int
    let words: Int
    /// The set of words, as one number.
    let set: Int
    /// The name without its digits, as one number.
    let bare: Int
    /// The set of letters: a bit for each, which some share.
    let letters: UInt64

    init(_ name: String) {
      length = name.utf8.count
      let parts = name.split(separator: "_")
      words = parts.count
      set = Set(parts).hashValue
      bare = name.filter { !$0.isNumber }.hashValue
      letters = name.utf8.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }

    /// `false` where the names cannot be near.
    func mayBeNear(_ other: Traits) -> Bool {
      if bare == other.bare { return false }
      if set == other.set { return true }
      // Two letters changed are at most four that only one of the two has.
      if abs(length - other.length) <= 2, (letters ^ other.letters).nonzeroBitCount <= 4 { return true }
      let (short, long) = words < other.words ? (self, other) : (other, self)
      return long.words == short.words + 1 && short.letters & ~long.letters == 0
    }
  }

  private let names: [(name: String, traits: Traits)]
  private var left = NearNames.limit

  init(_ names: [String]) { self.names = names.map { ($0, Traits($0)) } }

  /// The places of the names that are near; `nil` where the limit of pairs is reached.
  mutating func near(to name: String) -> [Int]? {
    let traits = Traits(name)
    var result: [Int] = []
    for index in names.indices where traits.mayBeNear(names[index].traits) {
      if left == 0 { return nil }
      left -= 1
      if EnvironmentNames.areNear(name, names[index].name) { result.append(index) }
    }
    return result
  }
}
