import Synchronization

/// The lines of files that match the patterns of judges, kept for the next line that a judge is asked about.
final class CodeHits: Sendable {
  private let cache = Mutex<[String: [Int: [ClaimScene.Hit]]]>([:])

  /// - Parameter search: what finds them where nobody has looked yet.
  func of(_ pattern: String, in file: TreeFile, _ search: () -> [ClaimScene.Hit]) -> [ClaimScene.Hit] {
    if let hits = cache.withLock({ $0[pattern]?[file.index] }) { return hits }
    let hits = search()
    cache.withLock { $0[pattern, default: [:]][file.index] = hits }
    return hits
  }
}
