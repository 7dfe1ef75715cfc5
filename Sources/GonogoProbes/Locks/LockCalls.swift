import GonogoCore

/// The application's way to take a lock and to give it back.
struct LockCalls: Sendable {
  let acquire: String
  /// `nil` where the end of the transaction releases it.
  let release: String?
  /// The lock is held until the transaction ends.
  let inTransaction: Bool

  enum Won: Sendable {
    case won
    /// It said no, or waited until it was stopped.
    case lost(waited: Bool)
    case refused(PostgresFailure)
  }

  struct Taken: Sendable {
    let outcome: Won
    let backend: String
  }

  /// How long a call that waits for its turn is let wait, in milliseconds.
  static let patience = 700

  /// The text that takes the lock, one message: one server connection, whoever pools.
  var taking: String {
    """
    \(inTransaction ? "BEGIN;" : "") SET LOCAL lock_timeout = \(Self.patience); SELECT pg_catalog.pg_backend_pid(); \(acquire)
    """
  }

  static func read(_ answer: SQLAnswer) -> Taken {
    let backend = answer.tables.first?.first?.first.flatMap { $0 } ?? ""
    if let refusal = answer.refusal {
      let waited = ["55P03", "57014"].contains(refusal.code)
      return Taken(outcome: waited ? .lost(waited: true) : .refused(refusal), backend: backend)
    }
    // The process' number was the first table: an answer without a second one has no value to say no with.
    guard answer.tables.count > 1 else { return Taken(outcome: .won, backend: backend) }
    guard let value = answer.value else { return Taken(outcome: .lost(waited: false), backend: backend) }
    let no = ["f", "false", "0", "no"].contains(value.lowercased())
    return Taken(outcome: no ? .lost(waited: false) : .won, backend: backend)
  }

  /// Whether a release said that there was nothing to release.
  static func saysNo(_ answer: SQLAnswer) -> Bool {
    guard answer.refusal == nil, let row = answer.tables.last?.first, let value = row.first else { return false }
    return value.map { ["f", "false", "0", "no"].contains($0.lowercased()) } ?? true
  }
}
