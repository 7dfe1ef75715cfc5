/// Finds the name an author probably meant.
public enum Suggestion {
  /// The candidate nearest to `name`, only when it is close: at most one edit in three letters. Among equals the first in
  /// the order of the alphabet, so that two runs say the same.
  public static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
    let typed = Array(name.lowercased().unicodeScalars)
    var limit = max(1, typed.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      // An edit changes the length by one at the most, and a scalar has one to four bytes: most names are passed over here.
      if candidate.utf8.count > (typed.count + limit) * 4 || candidate.utf8.count + limit < typed.count { continue }
      let other = Array(candidate.lowercased().unicodeScalars)
      guard let distance = editDistance(typed, other, atMost: limit) else { continue }
      if let found = best, found.distance == distance ? found.name <= candidate : found.distance < distance { continue }
      best = (candidate, distance)
      limit = distance
    }
    return best?.name
  }

  /// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, replacements, swapped neighbours;
  /// `nil` where it is more than `limit`.
  static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], atMost limit: Int) -> Int? {
    if abs(left.count - right.count) > limit { return nil }
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var before: [Int] = []
    var previous = Array(0...right.count)
    for i in 1...left.count {
      var row = [i] + Array(repeating: 0, count: right.count)
      var least = i
      for j in 1...right.count {
        let cost = left[i - 1] == right[j - 1] ? 0 : 1
        row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          row[j] = min(row[j], before[j - 2] + 1)
        }
        least = min(least, row[j])
      }
      // A swap reaches back two rows, so one row above the bound does not end it, but both do.
      if least > limit, previous.min() ?? 0 > limit { return nil }
      before = previous
      previous = row
    }
    return previous[right.count] <= limit ? previous[right.count] : nil
  }
}
