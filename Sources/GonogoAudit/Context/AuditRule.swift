public import GonogoCore
import GonogoSystem

/// A thing that can be wrong with a repository, and how it is seen.
///
/// A rule is one file: a type with its manual, its samples and its look; and one line in ``BuiltinRules``. It keeps no
/// state. It reads the tree only through the ``AuditContext``, and what several rules need through a ``Collector``.
///
/// A rule looks; it does not print, count or stop. Precision goes before count: where it cannot tell, it says nothing;
/// where it could not look, it says so with ``Findings/couldNotLook(_:at:mend:)`` or by throwing.
public protocol AuditRule: Sendable {
  static var manual: RuleManual { get }

  /// Small trees with what is found in each: at least one that has the fault, and at least one that looks like it.
  static var samples: [RuleSample] { get }

  /// The outside tool whose findings it reads in; `nil` for a rule that looks by itself, which is the usual.
  static var tool: OutsideTool? { get }

  /// What it looked at, for a rule that sees all of a kind: with no finding among them its sentence is true. `nil` where its
  /// silence proves nothing, because there may be what it does not know: the usual.
  static func examined(in context: AuditContext) -> Examined?

  /// Whether what it finds matters only where it runs: then what stands in files of which the tree shows that nothing runs them is passed over.
  static var isAboutWhatRuns: Bool { get }

  init()

  /// Puts what is wrong into `findings`. Runs beside other rules, on any thread.
  ///
  /// - Throws: ``CouldNotLook`` where the rule as a whole cannot look, because a tool is missing for instance. What was
  ///   found before stays found.
  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook)
}

extension AuditRule {
  public static var tool: OutsideTool? { nil }
  public static func examined(in context: AuditContext) -> Examined? { nil }
  public static var isAboutWhatRuns: Bool { manual.family == "code" }
}

/// All of a kind that a rule looked at.
public struct Examined: Sendable {
  public let places: [TreePlace]
  /// What they are, and what none of them lacks: "services", "without a health check".
  public let kind: String
  public let fault: String
  /// What it could not see into: with one of these nothing is proven.
  public let unseen: [TreePlace]
  /// Those that have the fault, where the rule does not tell it because nothing that goes live waits for them: with one of these it is not
  /// proven of all.
  public let untold: [TreePlace]

  public init(
    _ places: [TreePlace], _ kind: String, _ fault: String, unseen: [TreePlace] = [], untold: [TreePlace] = []
  ) {
    self.places = places
    self.kind = kind
    self.fault = fault
    self.unseen = unseen
    self.untold = untold
  }
}

/// A tool whose findings are read in where it is installed.
public struct OutsideTool: Sendable, Equatable {
  /// The program.
  public let name: String
  /// The command that installs it.
  public let install: String

  public init(_ name: String, install: String) {
    self.name = name
    self.install = install
  }

  public var isInstalled: Bool { Subprocess.find(name) != nil }
}

/// What one rule has found so far. The manual's texts are filled in.
public struct Findings: Sendable {
  let manual: RuleManual
  private(set) var found: [Finding] = []
  /// What is so and is not told, because nothing runs it: with one of these silence proves nothing.
  private(set) var passedOver: [TreePlace] = []
  private(set) var unlooked: [CouldNotLook] = []

  init(_ manual: RuleManual) { self.manual = manual }

  /// Something is wrong.
  ///
  /// - Parameters:
  ///   - message: what is wrong here: no capital, no full stop, names in single quotes; never a secret's value.
  ///   - subject: what it is about, whatever line it stands on (a service, a variable): with the rule and the path it
  ///     tells this finding from others when lines have moved.
  ///   - severity: where it weighs more or less than the rule usually does.
  ///   - precision: where it is surer or less sure than the rule usually is.
  ///   - because: why it weighs so; the message tells it: "(low here: a default stands in)".
  ///   - mend: where there is a better one for this place than the manual's.
  ///   - related: other places that have to do with it.
  public mutating func add(
    _ message: String, at place: TreePlace, subject: String, severity: FindingSeverity? = nil,
    precision: FindingPrecision? = nil, because: String? = nil, mend: String? = nil, related: [Finding.Related] = []
  ) {
    var message = message
    if let severity, let because, severity != manual.severity { message += " (\(severity.rawValue) here: \(because))" }
    found.append(
      Finding(
        rule: manual.id, severity: severity ?? manual.severity, precision: precision ?? manual.precision, place: place,
        message: message, why: manual.why, mend: mend ?? manual.mend, falsifies: manual.falsifies, subject: subject,
        related: related))
  }

  /// Something is wrong where nothing runs it.
  mutating func passOver(_ place: TreePlace) { passedOver.append(place) }

  /// Takes out what stands in such files alone.
  mutating func passOver(where isUnused: (String) -> Bool) {
    found.removeAll { finding in
      guard isUnused(finding.place.path), finding.related.allSatisfy({ isUnused($0.place.path) }) else { return false }
      passedOver.append(finding.place)
      return true
    }
  }

  /// One of several things could not be looked at; the others still are.
  public mutating func couldNotLook(_ message: String, at place: TreePlace? = nil, mend: String? = nil) {
    unlooked.append(CouldNotLook(message, at: place, mend: mend, rule: manual.id))
  }

  mutating func couldNotLook(_ error: CouldNotLook) {
    var error = error
    error.rule = error.rule ?? manual.id
    unlooked.append(error)
  }
}

/// Several things in one message.
enum Fold {
  /// `a, b, c and 4 more`.
  static func list(_ names: [String], _ limit: Int) -> String {
    names.prefix(limit).joined(separator: ", ") + (names.count > limit ? " and \(names.count - limit) more" : "")
  }
}

/// A small tree, and what its rule finds there.
public struct RuleSample: Sendable {
  /// What the sample shows: "a database behind 127.0.0.1".
  public let name: String
  /// The texts by path.
  public let files: [String: String]
  /// `path:line:column` of every finding of the rule, in any order; empty for a look-alike.
  public let places: [String]

  /// A tree with the fault.
  public static func finds(_ places: String..., in files: [String: String], _ name: String) -> RuleSample {
    RuleSample(name: name, files: files, places: places)
  }

  /// A tree that looks like it and is right.
  public static func silent(_ name: String, _ files: [String: String]) -> RuleSample {
    RuleSample(name: name, files: files, places: [])
  }
}

/// Facts that several rules and the inventory share: read from the tree once, when first asked for.
///
/// ```swift
/// let projects = context.facts(ComposeProjects.self)
/// ```
/// A collector may ask for other collectors' facts, in no circle. It does not judge; what it cannot read it gives to
/// ``AuditContext/couldNotLook(_:)`` and leaves out.
public protocol Collector: Sendable {
  associatedtype Facts: Sendable
  static func collect(in context: AuditContext) -> Facts
}

/// Facts of one file, told by its path and its text alone: read once, whatever commits of the repository hold the file alike.
///
/// ```swift
/// let hits = context.facts(ProviderKeys.self, of: file)
/// ```
public protocol FileCollector: Sendable {
  associatedtype Facts: Sendable
  static func collect(from text: SourceFile, of file: TreeFile) -> Facts
}

/// A line of the inventory. ``BuiltinInventory`` lists them in the order in which they are told.
public protocol InventoryPart: Sendable {
  /// Whether it needs the run of ast-grep: left out of an audit by some rules alone, none of which needs that.
  static var needsCode: Bool { get }
  /// What is counted; `nil` where there is nothing of the kind worth a line.
  static func entry(in context: AuditContext) -> InventoryEntry?
}

extension InventoryPart {
  public static var needsCode: Bool { false }
}
