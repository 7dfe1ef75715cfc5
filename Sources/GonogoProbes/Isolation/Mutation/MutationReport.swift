public import GonogoCore

/// How the proof fares on a schema that is spoiled in one place at a time: a proof that stays green shows nothing.
public struct MutationReport: Sendable {
  public enum Fate: String, Sendable {
    /// The proof turned red.
    case killed
    /// The proof stayed green although something changed for a role under test: a blind spot, or a rule that does nothing.
    case survived
    /// Nothing changed for any role under test, so that there is nothing to notice.
    case equivalent
    /// Something comes out otherwise, and nobody reaches another's rows by it: only the tenant's own people lose, or see what
    /// is their own tenant's, which the proof of isolation takes for meant.
    case tightened
    /// The table holds no tenant's data, and no policy of it asks who is calling: nothing of isolation is at stake.
    case shared
    /// The unspoiled schema is red there, so that it cannot turn red.
    case alreadyRed = "already-red"
    /// Time was up, or the server refused the change.
    case notRun = "not-run"
  }

  public struct Entry: Sendable {
    public let kind: String
    public let table: String
    public let policy: String?
    /// What was done to the schema.
    public let sql: String
    public var fate: Fate
    /// What turned red, or why nothing did.
    public var why: String
    /// A control that fails or a table that is broken killed it, and no leak.
    public var isKilledByControl = false
    /// Where the policy or the table stands in the migrations: `file:line`.
    public var place: String?
    /// Under which the place stands in the migrations' map, the nearest first.
    var keys: [String] = []

    public var json: JSON {
      var members: [String: JSON] = [
        "kind": .string(kind), "table": .string(table), "sql": .string(sql), "fate": .string(fate.rawValue),
        "why": .string(why),
      ]
      if let policy { members["policy"] = .string(policy) }
      if let place { members["place"] = .string(place) }
      if fate == .killed { members["by"] = .string(isKilledByControl ? "control" : "leak") }
      return .object(members)
    }
  }

  public internal(set) var entries: [Entry] = []

  /// Finds the faults' places in the migrations.
  mutating func locate(in shadow: ShadowDatabase) {
    for index in entries.indices {
      entries[index].place = entries[index].keys.lazy.compactMap { shadow.sourceMap[$0] }.first.map {
        "\($0.file):\($0.line)"
      }
    }
  }

  /// Those of some tables, each by itself or with its schema.
  func restricted(to names: [String]) -> MutationReport {
    var part = self
    part.entries = entries.filter { entry in
      names.contains { entry.table == $0 || entry.table.hasSuffix(".\($0)") && !$0.contains(".") }
    }
    return part
  }

  public func count(_ fate: Fate) -> Int { entries.filter { $0.fate == fate }.count }
  public func entries(_ fate: Fate) -> [Entry] { entries.filter { $0.fate == fate } }

  public enum Verdict: Sendable { case passed, survivors, undecided }

  /// Survivors outweigh what could not be told; without a single kill nothing is shown.
  public var verdict: Verdict {
    if count(.survived) > 0 { return .survivors }
    return count(.killed) == 0 || count(.alreadyRed) > 0 || count(.notRun) > 0 ? .undecided : .passed
  }

  /// `12 mutants: 9 killed (2 by a control), 1 survived, 2 equivalent, 0 already red, 0 not run`.
  public var sentence: String {
    let controls = entries.filter { $0.fate == .killed && $0.isKilledByControl }.count
    return
      "\(entries.count) mutants: \(count(.killed)) killed (\(controls) by a control that fails), \(count(.survived)) survived, \(count(.tightened)) only tightened, \(count(.shared)) on shared tables, \(count(.equivalent)) equivalent, \(count(.alreadyRed)) already red, \(count(.notRun)) not run"
  }

  public var json: JSON {
    func list(_ fate: Fate) -> JSON { .array(entries(fate).map(\.json)) }
    return [
      "mutants": JSON(entries.count), "killed": JSON(count(.killed)),
      "killed_by_control": JSON(entries.filter { $0.fate == .killed && $0.isKilledByControl }.count),
      "survivors": list(.survived), "tightened": list(.tightened), "shared": list(.shared),
      "equivalent": list(.equivalent),
      "already_red": list(.alreadyRed),
      "not_run": list(.notRun), "kills": list(.killed),
    ]
  }

  /// Every mutant that was not killed, and the numbers.
  public var text: String {
    var lines: [String] = []
    for (fate, word) in [
      (Fate.survived, "survivor"), (.alreadyRed, "already-red"), (.notRun, "not-run"),
      (.tightened, "tightened"), (.shared, "shared"), (.equivalent, "equivalent"),
    ] {
      for entry in entries(fate) {
        let place = entry.place.map { "\($0): " } ?? ""
        lines.append("\(place)\(word)[\(entry.kind)]: \(entry.table)\(entry.policy.map { ", policy \($0)" } ?? "")")
        lines.append("  = mutant: \(entry.sql)")
        lines.append("  = why:    \(entry.why)")
      }
    }
    lines.append(sentence)
    return lines.joined(separator: "\n") + "\n"
  }
}
