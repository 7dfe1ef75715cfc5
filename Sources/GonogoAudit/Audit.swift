public import GonogoCore
import GonogoSystem
import Synchronization

/// An audit of a tree: every rule looks, the document's suppressions are applied, the inventory is told.
public struct Audit: Sendable {
  public struct Options: Sendable {
    /// The rules that look; all that come with Gonogo where nothing else is said.
    public var rules: [any AuditRule.Type] = BuiltinRules.all
    /// Lighter findings are not told, unless they turn the audit red.
    public var severity = FindingSeverity.low
    /// What is less sure is counted, and neither told nor weighed.
    public var precision = FindingPrecision.medium
    /// The weight from which a finding turns the audit red.
    public var failOn = FindingSeverity.high
    /// Rules that look at the same time.
    public var threads = 2
    /// Outside tools that have to be there: without them the audit could not look at everything.
    public var wanted: Set<String> = []
    /// Whether the migrations are run in a PostgreSQL of their own: where they fail is a finding, and claims about them are judged by
    /// it. What they hold is SQL that somebody else wrote: off unless asked for.
    public var replay = false
    /// Whether claims are judged.
    public var claims = true
    public init() {}
  }

  public let options: Options
  public let version: String

  public init(options: Options = Options(), version: String) {
    self.options = options
    self.version = version
  }

  /// Looks at a directory, or at a commit of the repository that it is in.
  ///
  /// - Parameter commit: whatever git takes for one; `nil` for the files as they are.
  /// - Throws: ``CouldNotLook`` where there is no tree to look at.
  public func run(directory: String, commit: String? = nil) async throws(CouldNotLook) -> AuditResult {
    let clock = SystemClock()
    let started = clock.now()
    let ticks = clock.ticks()
    let tree = try SourceTree(directory: directory, commit: commit)
    let context = AuditContext(tree: tree, now: started, wanted: options.wanted)
    if options.replay { await context.runMigrations() }
    // Of commits nothing depends on what the rules find in this tree: they are looked at meanwhile. With a server for the
    // migrations of each, one thing at a time is enough.
    let executor = ProbeExecutor(limit: options.threads)
    let early =
      options.claims && !options.replay
      ? Task.detached(executorPreference: executor) { await self.past(of: context, directory: directory) } : nil
    var outcome = await look(in: context)
    if options.claims {
      let past = if let early { await early.value } else { await past(of: context, directory: directory) }
      await judge(in: context, past, &outcome)
    }
    // What turns the audit red is told, whatever is asked for: a red that nobody sees could only be guessed at.
    let lightest = min(options.severity, options.failOn)
    let findings = outcome.findings.filter { $0.severity >= lightest }
    var places = (findings + outcome.suppressed.map(\.finding)).flatMap { [$0.place] + $0.related.map(\.place) }
    places += outcome.unlooked.compactMap(\.place)
    return AuditResult(
      root: directory, commit: tree.commit, inventory: outcome.inventory, findings: findings,
      suppressed: outcome.suppressed, claims: outcome.claims, unlooked: outcome.unlooked,
      rules: options.rules.map { $0.manual }, failOn: options.failOn, precision: options.precision, started: started,
      milliseconds: Int(clock.ticks() - ticks), version: version, characterColumns: tree.characterColumns(of: places))
  }

  struct Outcome {
    var inventory: [InventoryEntry] = []
    var findings: [Finding] = []
    var suppressed: [AuditResult.Suppressed] = []
    var claims: [Claim] = []
    var unlooked: [CouldNotLook] = []
    /// What the rules found, suppressed findings included.
    var all: [Finding] = []
    /// The rules that could not look at everything.
    var blind: Set<String> = []
    /// What rules passed over because nothing runs it, by rule.
    var passedOver: [String: [TreePlace]] = [:]
  }

  /// Every rule, the inventory, and the suppressions, in a fixed order whatever the threads did.
  func look(in context: AuditContext) async -> Outcome {
    let rules = options.rules
    let isWhole = rules.count == BuiltinRules.all.count
    let usesCode = isWhole || rules.contains { $0 is any CodeRule.Type }
    let parts = BuiltinInventory.all.filter { usesCode || !$0.needsCode }
    let board = Board()
    // Rules block on files, programs and facts that another is collecting: they get threads of their own, and one more than looks at a time.
    let workers = options.threads + 1
    let executor = ProbeExecutor(limit: workers + 1)
    await withTaskGroup(of: Void.self) { group in
      // The one program that many rules wait for, from the start.
      if usesCode { group.addTask(executorPreference: executor) { _ = context.facts(CodeMatches.self) } }
      for _ in 0..<workers {
        group.addTask(executorPreference: executor) { board.work(rules, parts, context) }
      }
    }
    let (found, inventory) = board.state.withLock { ($0.found, $0.inventory) }
    var outcome = Outcome()
    outcome.inventory = parts.indices.compactMap { inventory[$0] }
    let all = rules.indices.compactMap { found[$0] }
    let findings = all.flatMap(\.found).sorted(by: Finding.precedes)
    // Whoever reads the checklists meanwhile may meet some that are not UTF-8.
    if options.claims { _ = context.facts(ClaimDocuments.self) }
    let suppressions = Suppressions.read(in: context)
    let judged = suppressions.apply(
      to: findings, ran: Set(rules.map { $0.manual.id }), unlooked: Set(all.flatMap(\.unlooked).compactMap(\.rule)),
      now: context.now)
    outcome.findings = FindingFolds.apply(to: judged.findings.sorted(by: Finding.precedes))
    outcome.suppressed = judged.suppressed
    outcome.all = findings
    outcome.blind = Set(all.flatMap(\.unlooked).compactMap(\.rule))
    for seen in all where !seen.passedOver.isEmpty { outcome.passedOver[seen.manual.id] = seen.passedOver }
    // Last: the suppressions may have met files that do not parse, too.
    outcome.unlooked = context.troubles.sorted { ($0.place ?? TreePlace("")) < ($1.place ?? TreePlace("")) }
    outcome.unlooked = Self.folded(outcome.unlooked + all.flatMap(\.unlooked))
    return outcome
  }

  /// What kept several rules from looking, such as a tool that is missing, told once and with their names.
  static func folded(_ all: [CouldNotLook]) -> [CouldNotLook] {
    var order: [CouldNotLook] = []
    var rules: [[String]] = []
    for one in all {
      let bare = CouldNotLook(one.message, at: one.place, mend: one.mend)
      if let known = order.firstIndex(of: bare) {
        if let rule = one.rule, !rules[known].contains(rule) { rules[known].append(rule) }
      } else {
        order.append(bare)
        rules.append(one.rule.map { [$0] } ?? [])
      }
    }
    return zip(order, rules).map { one, rules in
      if rules.count < 2 { return CouldNotLook(one.message, at: one.place, mend: one.mend, rule: rules.first) }
      return CouldNotLook(
        "\(one.message); \(rules.count) rules did not look: \(rules.joined(separator: ", "))", at: one.place,
        mend: one.mend)
    }
  }

  /// What is still to be looked at, and what was seen; by index, so that the order never depends on the threads.
  private final class Board: Sendable {
    struct State {
      var next = 0
      var found: [Int: Findings] = [:]
      var inventory: [Int: InventoryEntry] = [:]
    }
    let state = Mutex(State())

    func work(_ rules: [any AuditRule.Type], _ parts: [any InventoryPart.Type], _ context: AuditContext) {
      while true {
        let index = state.withLock { state in
          state.next += 1
          return state.next - 1
        }
        if index < rules.count {
          let findings = Audit.look(rules[index], in: context)
          state.withLock { $0.found[index] = findings }
        } else if index < rules.count + parts.count {
          let entry = parts[index - rules.count].entry(in: context)
          state.withLock { $0.inventory[index - rules.count] = entry }
        } else {
          return
        }
      }
    }
  }

  /// What one rule finds, and what it could not look at: for a rule's samples and tests.
  public static func examine(
    _ rule: any AuditRule.Type, in context: AuditContext
  ) async -> (findings: [Finding], unlooked: [CouldNotLook]) {
    if rule == MigrationReplayFails.self { await context.runMigrations() }
    let findings = look(rule, in: context)
    return (findings.found.sorted(by: Finding.precedes), context.troubles + findings.unlooked)
  }

  static func look(_ rule: any AuditRule.Type, in context: AuditContext) -> Findings {
    var findings = Findings(rule.manual)
    do throws(CouldNotLook) { try rule.init().look(in: context, findings: &findings) } catch {
      findings.couldNotLook(error)
    }
    if rule.isAboutWhatRuns, !findings.found.isEmpty { findings.passOver(where: context.isUnused) }
    return findings
  }
}

extension SourceTree {
  /// A directory as it is, or as it was at a commit.
  ///
  /// - Throws: ``CouldNotLook`` where there is no such directory or commit, or where it has no file: nothing to look at is
  ///   never a pass.
  public convenience init(directory: String, commit: String? = nil) throws(CouldNotLook) {
    let status: FileSystem.Status
    do throws(SystemError) { status = try FileSystem.status(directory) } catch {
      throw CouldNotLook(error.description, mend: "name a directory")
    }
    guard status.isDirectory else { throw CouldNotLook("'\(directory)' is no directory", mend: "name a directory") }
    if let commit {
      try self.init(source: CommitTree(repository: directory, commit: commit))
    } else {
      try self.init(source: WorkingTree(root: directory))
    }
    if files.isEmpty {
      throw CouldNotLook("there is no file in '\(directory)' to look at", mend: "name the directory of a repository")
    }
  }
}
