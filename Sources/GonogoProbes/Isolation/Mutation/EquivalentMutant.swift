/// The author's word that a fault changes nothing that matters: `widen-check organizations admins_rename: …`.
public struct EquivalentMutant: Sendable, Equatable {
  let kind: String
  /// By itself, or with its schema.
  let table: String
  let policy: String?
  let reason: String

  /// `nil` where the kind, the table or the reason is missing, or the kind is none.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let reason = text[text.index(after: colon)...].drop { $0 == " " }
    let words = text[..<colon].split(separator: " ", maxSplits: 2).map(String.init)
    guard !reason.isEmpty, words.count >= 2, Mutant.Kind(rawValue: words[0]) != nil else { return nil }
    kind = words[0]
    table = words[1]
    policy = words.count > 2 ? words[2] : nil
    self.reason = String(reason)
  }

  func names(_ entry: MutationReport.Entry) -> Bool {
    entry.kind == kind && (policy == nil || entry.policy == policy)
      && (entry.table == table || entry.table.hasSuffix(".\(table)"))
  }
}
