import GonogoCore
import Synchronization

/// What rules found in the tree that claims are judged by, suppressed findings included: an excuse makes no claim true.
final class SceneFindings: Sendable {
  /// - `passedOver`: what is so where nothing runs it.
  typealias Seen = (found: [Finding], looked: Bool, passedOver: [TreePlace])

  private let known: Mutex<[String: Seen]>
  /// The rules that look when a judge first asks what they found.
  private let waiting: [String: any AuditRule.Type]

  /// - Parameter looked: the rules that looked at everything.
  init(_ findings: [Finding], looked: Set<String>, passedOver: [String: [TreePlace]] = [:]) {
    var known = Dictionary(grouping: findings) { $0.rule }.mapValues { Seen($0, false, []) }
    for rule in looked { known[rule, default: ([], true, [])].looked = true }
    for (rule, places) in passedOver { known[rule, default: ([], false, [])].passedOver = places }
    self.known = Mutex(known)
    waiting = [:]
  }

  /// Rules that have not looked yet: of most commits, judges ask for few of them.
  init(rules: [any AuditRule.Type]) {
    known = Mutex([:])
    waiting = Dictionary(rules.map { ($0.manual.id, $0) }) { first, _ in first }
  }

  /// What a rule found, in the order of findings, and whether it looked at everything.
  func of(_ rule: String, in context: AuditContext) -> Seen {
    if let seen = known.withLock({ $0[rule] }) { return seen }
    guard let type = waiting[rule] else { return ([], false, []) }
    let findings = Audit.look(type, in: context)
    let seen = Seen(
      findings.found.sorted(by: Finding.precedes), !findings.unlooked.contains { $0.rule == rule }, findings.passedOver)
    known.withLock { $0[rule] = seen }
    return seen
  }
}
