import GonogoCore

/// One cause that two rules see is told once. What is left out is named by the finding that stays.
///
/// Folding comes after the suppressions: where the one is excused, the other is still told. Claims are judged by all findings, folded or
/// not.
enum FindingFolds {
  static func apply(to findings: [Finding]) -> [Finding] { ofFile(agreed(limited(once(findings)))) }

  /// Two projects that share a file show the same fault of it: the surer of the two is told.
  private static func once(_ findings: [Finding]) -> [Finding] {
    struct Key: Hashable {
      let rule: String
      let place: TreePlace
      let message: String
    }
    func key(_ finding: Finding) -> Key { Key(rule: finding.rule, place: finding.place, message: finding.message) }
    let groups = Dictionary(grouping: findings, by: key)
    var told: Set<Key> = []
    return findings.compactMap { finding in
      guard told.insert(key(finding)).inserted else { return nil }
      return groups[key(finding)]?.max { $0.precision < $1.precision } ?? finding
    }
  }

  /// The rules whose findings in one file are one habit: who mends a service of it mends the others with it.
  private static let habits: Set<String> = [
    NoMemoryLimit.manual.id, NoCPULimit.manual.id, NoHealthCheck.manual.id, NoRestartPolicy.manual.id,
    UnpinnedImage.manual.id,
  ]

  /// One finding a file for what its services lack, at the first of them; the others are its related places.
  private static func ofFile(_ findings: [Finding]) -> [Finding] {
    struct Key: Hashable {
      let rule: String
      let path: String
      let severity: FindingSeverity
      let precision: FindingPrecision
    }
    func key(_ finding: Finding) -> Key? {
      guard habits.contains(finding.rule) else { return nil }
      return Key(
        rule: finding.rule, path: finding.place.path, severity: finding.severity, precision: finding.precision)
    }
    let groups = Dictionary(grouping: findings.filter { key($0) != nil }) { key($0) }
    return findings.compactMap { finding in
      guard let group = groups[key(finding)], group.count > 1 else { return finding }
      let sorted = group.sorted { $0.place < $1.place }
      guard let first = sorted.first, first == finding else { return nil }
      let others = sorted.dropFirst()
      return first.saying(
        "\(first.message); and \(others.count) more of this file",
        related: first.related + others.flatMap { [.init($0.place, $0.message)] + $0.related })
    }
  }

  /// A service without any limit lacks one thing, `limits`, and not two.
  private static func limited(_ findings: [Finding]) -> [Finding] {
    struct Key: Hashable {
      let place: TreePlace
      let subject: String
    }
    func key(_ finding: Finding) -> Key { Key(place: finding.place, subject: finding.subject) }
    let (memory, processor) = (NoMemoryLimit.manual.id, NoCPULimit.manual.id)
    let without = Set(findings.filter { $0.rule == memory }.map(key))
    let both = Set(findings.filter { $0.rule == processor }.map(key)).intersection(without)
    return findings.compactMap { finding in
      guard both.contains(key(finding)) else { return finding }
      if finding.rule == processor { return nil }
      return finding.rule == memory ? finding.saying("\(finding.message), and no processor limit") : finding
    }
  }

  /// The rules that see what an audit of zizmor sees, and whether they stand on the same lines; where not, the file is what tells.
  private static let seen: [String: (rule: String, byLine: Bool)] = [
    "unpinned-uses": (UnpinnedAction.manual.id, true),
    "excessive-permissions": (TokenPermissions.manual.id, false),
    "template-injection": (ScriptInjection.manual.id, true),
    "dangerous-triggers": (UntrustedCheckout.manual.id, false),
    "concurrency-limits": (ConcurrentDeploys.manual.id, false),
  ]

  /// What zizmor says of something that a rule has told is left out, and the rule's finding says that it agrees. Where zizmor has seen more
  /// places than the rule, its finding stays.
  private static func agreed(_ findings: [Finding]) -> [Finding] {
    var agreeing: [Int: [String]] = [:]
    var told: Set<Int> = []
    for (index, finding) in findings.enumerated() where finding.rule == Zizmor.manual.id {
      guard let twin = seen[finding.subject] else { continue }
      let own = findings.indices.filter { findings[$0].rule == twin.rule }
      func lines(_ finding: Finding) -> Set<TreePlace> {
        Set(([finding.place] + finding.related.map(\.place)).map { TreePlace($0.path, line: $0.line) })
      }
      let partners = own.filter { candidate in
        twin.byLine
          ? !lines(findings[candidate]).isDisjoint(with: lines(finding))
          : findings[candidate].place.path == finding.place.path
      }
      let covered = partners.reduce(into: Set<TreePlace>()) { $0.formUnion(lines(findings[$1])) }
      guard let first = partners.first, !twin.byLine || lines(finding).isSubset(of: covered) else { continue }
      told.insert(index)
      if agreeing[first]?.contains(finding.subject) != true { agreeing[first, default: []].append(finding.subject) }
    }
    return findings.indices.filter { !told.contains($0) }.map { index in
      guard let names = agreeing[index] else { return findings[index] }
      return findings[index].saying("\(findings[index].message) (zizmor agrees: \(names.joined(separator: ", ")))")
    }
  }
}

extension Finding {
  /// The same finding with more to say.
  fileprivate func saying(_ message: String, related others: [Related]? = nil) -> Finding {
    Finding(
      rule: rule, severity: severity, precision: precision, place: place, message: message, why: why, mend: mend,
      falsifies: falsifies, subject: subject, related: others ?? related)
  }
}
