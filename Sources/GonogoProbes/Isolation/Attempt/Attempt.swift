import GonogoCore

/// One thing that somebody tries.
struct Attempt: Sendable {
  let table: Int
  let command: String
  /// `by key`, `blind`, `scan` …
  var kind: String
  /// What runs.
  var sql: String
  /// The rows that the statement itself counts, instead of the one number that it gives.
  var countsRows = false
  /// As the privileged role, before.
  var prepare: String?
  /// As the principal, before: what was gained.
  var gain: String?
  /// As the privileged role, after: how many rows of B are no longer what they were, or are there that should not be.
  var check: String?
  /// The same for a transcript, where ``check`` holds for this run alone.
  var evidence: Evidence?
  /// Try again without foreign keys where one of them stopped it, since what is asked is the policy.
  var retriesBare = false
  /// Keys of the row itself, for which that is no way out: what it writes must point at something that is there.
  var ownKeys: [String] = []
  /// As the privileged role, before a second try where a unique key stopped the first: what makes room, and what is counted
  /// then instead of ``check``.
  var room: (sql: String, check: String, evidence: Evidence?)?
  /// As the connection's own role: an expression that is evaluated for somebody.
  var asPrivileged = false
  /// How a person would write it; `sql` where `nil`.
  var shown: String?
  /// What shows the harm in a transcript.
  var shows: String?
  /// What to do where the attempt succeeds.
  var note: String?
  /// Keys of the row itself that hold it wherever it is, since the caller may not write all of their columns.
  var heldBy: Set<String> = []
  /// What tells is that an answer changes, not that a row does.
  var comparesAnswers = false
  /// It would change whose a row is.
  var isMove = false
  /// It is harm only where it opens something else to the caller: to ask for a membership is not to have it.
  var countsByGains = false
  /// The columns by which a caller raises itself, where their names do not say so.
  var raises: Set<String> = []
  /// It succeeds by what it gives as well as by what it changes.
  var countsEither = false

  /// Touching no row changes nothing: no trigger and no rule stands on the table, and there is nothing to look up then.
  var isPlain = false
  /// Needs all that the `by key` attempt before it needs, and more: not tried where that one was refused.
  var followsKey = false
  /// Needs all that the attempt without WHERE before it needs, and more: not tried where that one ran and did no harm.
  var followsBlind = false
  /// Needs all that the scan before it needs: not tried where that one ran and saw nothing.
  var followsScan = false
  /// A control: not tried again where another of the tenant's own people has shown that it can be done.
  var endsControl = false

  /// The second try, as it was made.
  var withRoom: Attempt {
    guard let room else { return self }
    var attempt = self
    attempt.prepare = [prepare, room.sql].compactMap { $0 }.joined(separator: ";\n")
    attempt.check = room.check
    attempt.evidence = room.evidence
    attempt.room = nil
    return attempt
  }

  var json: JSON {
    var members: [String: JSON] = ["s": .string(sql)]
    if countsRows { members["n"] = true }
    if let prepare { members["p"] = .string(prepare) }
    if let gain { members["w"] = .string(gain) }
    if let check { members["c"] = .string(check) }
    if retriesBare { members["x"] = true }
    if !ownKeys.isEmpty { members["m"] = JSON(ownKeys) }
    if let room {
      members["r"] = .string(room.sql)
      members["rc"] = .string(room.check)
    }
    if isPlain { members["z"] = true }
    if followsBlind { members["q"] = true }
    if kind.contains("blind") { members["b"] = true }
    if followsKey { members["f"] = true } else if kind == "by key" { members["k"] = true }
    if asPrivileged { members["o"] = true }
    if kind == "scan" { members["y"] = true }
    if followsScan { members["i"] = true }
    if endsControl { members["d"] = .string("\(table) \(command)") }
    // What moves rows to another tenant finds no others than what merely touches them.
    if isPlain, kind == "blind" { members["u"] = true }
    if isPlain, kind == "takes rows blindly" { members["v"] = true }
    return .object(members)
  }
}

struct AttemptResult: Sendable {
  var attempt: Attempt
  let code: String
  let message: String
  let constraint: String
  /// Where it ended: `p`reparing, `a`ttempting, `c`hecking; or it was `i`mplied by what another showed, and not tried.
  let phase: String
  let rows: Int
  let harm: Int
  let bare: Bool

  var ran: Bool { phase != "i" }
  var succeeded: Bool { code == "00000" && (harm > 0 || rows > 0 && (attempt.check == nil || attempt.countsEither)) }
  /// The policy let it pass, and only a key or a condition of this very row stopped it.
  ///
  /// Policies are asked before any constraint is (ExecUpdate, ExecInsert). A statement without WHERE that merely touches
  /// rows may have been stopped at one of the caller's own; one that moves them to another tenant has got too far already.
  var isStoppedByConstraint: Bool {
    guard phase == "a", code.hasPrefix("23") else { return false }
    if code == "23503", constraint.isEmpty { return false }
    if attempt.kind.contains("blind") { return attempt.isMove && !constraint.isEmpty }
    return code != "23503" || attempt.isMove || attempt.command == "DELETE"
  }
  var isOutOfReach: Bool {
    code == "57014" || code == "55P03" || phase == "p" && code != "00000" || phase == "c" && code != "00000"
      || code.hasPrefix("53")
      || code == "25006" || code == "40P01"
  }
}

/// One field of the matrix.
struct IsolationCell: Sendable {
  static let commands = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "EXECUTE"]
  enum State: String, Sendable {
    case leak
    case safe
    case allowed
    case unproven = "nothing proven"
  }
  let table: String
  let command: String
  let principal: String
  var state: State
  var kinds: [String] = []
  var reason: String?
}
