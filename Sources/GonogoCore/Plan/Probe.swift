/// Code that looks at one kind of thing and reports facts. It never judges.
public protocol Probe: Sendable {
  static var descriptor: ProbeDescriptor { get }

  /// Reads the arguments. All misuse is found here, before anything runs.
  ///
  /// - Throws: ``InvalidArguments`` where nothing can be made of them; the reasons are in `arguments.sink`.
  init(_ arguments: Arguments) throws(InvalidArguments)

  /// What this use of the probe does to what it looks at.
  var effect: Effect { get }

  /// Whether ``observe(in:)`` may block the thread that it runs on, in a system call or a library. One that never does is
  /// spared a thread of its own.
  var blocks: Bool { get }

  /// Expectations that stand inside the arguments, such as those of a scenario's steps.
  var expectations: [Expectation] { get }

  /// What must hold unless the author says something else of the same fact: for probes that exist to find one thing.
  var builtinExpectations: [Expectation] { get }

  /// Whether what is expected is a refusal, which proves nothing without a positive control (law 2); the text says which.
  func denial(in expectations: [Expectation]) -> String?

  /// Whether what was seen is a refusal, however the expectations are worded; the text says which.
  func refusal(in facts: JSON) -> String?

  /// Every name the probe interpolates, so that the plan knows what a binding needs.
  var references: [(name: String, range: SourceRange)] { get }

  /// What it would do, a line each, for `gonogo plan`. Touches nothing.
  func requests(in scope: Scope) -> [String]

  /// Looks.
  ///
  /// - Throws: ``ProbeError`` where it could not look.
  func observe(in context: ProbeContext) async throws(ProbeError) -> Observation
}

extension Probe {
  public var effect: Effect { Self.descriptor.effect }
  public var blocks: Bool { true }
  public var expectations: [Expectation] { [] }
  public var builtinExpectations: [Expectation] { [] }
  public var references: [(name: String, range: SourceRange)] { [] }
  public func denial(in expectations: [Expectation]) -> String? { nil }
  public func refusal(in facts: JSON) -> String? { nil }
}

/// The facts that a probe saw.
public struct Observation: Sendable {
  public struct Attachment: Sendable, Equatable {
    public let name: String
    public let mediaType: String
    public let bytes: [UInt8]
    public init(name: String, mediaType: String, bytes: [UInt8]) {
      self.name = name
      self.mediaType = mediaType
      self.bytes = bytes
    }
  }

  public var facts: JSON
  /// Counts that show that something was really exercised. A pass needs at least one, and every one above zero.
  public var witness: [String: Int]
  public var attachments: [Attachment]
  /// What was looked at, secrets replaced.
  public var asked: String?
  /// A shell command that shows the same, secrets as variables.
  public var repeatCommand: String?
  /// Names that the expectations may refer to.
  public var captures: [String: Scope.Value]
  /// What makes a pass possible where the witness is zero: said in the message.
  public var vacuityMend: String?
  /// What ``ProbeContext/judge`` found not to hold on the way, so that the probe looked no further. Where there is any,
  /// it is the outcome, and nothing is said of what was therefore not seen.
  public var unmet: [Mismatch] = []

  public init(
    facts: JSON, witness: [String: Int], attachments: [Attachment] = [], asked: String? = nil,
    repeatCommand: String? = nil, captures: [String: Scope.Value] = [:], vacuityMend: String? = nil
  ) {
    self.facts = facts
    self.witness = witness
    self.attachments = attachments
    self.asked = asked
    self.repeatCommand = repeatCommand
    self.captures = captures
    self.vacuityMend = vacuityMend
  }
}

/// Why a probe could not look. Never a finding about the system under test.
public struct ProbeError: Error, Sendable, Equatable {
  /// Kebab-case names, stable; `gonogo explain` knows each.
  public enum Kind: String, Sendable, CaseIterable {
    case unreachable
    case denied
    case timedOut = "timed-out"
    case tls = "tls-failed"
    case malformed = "malformed-reply"
    case tooLarge = "too-large"
    case missing = "not-found"
    case toolMissing = "tool-missing"
    case vacuous
    case control = "control-failed"
    case configuration
    case interrupted
    case unexpected
  }

  public let kind: Kind
  public let message: String
  public var asked: String?
  public var mend: String?
  public var repeatCommand: String?
  /// What was seen before it went wrong.
  public var facts: JSON?

  public init(
    _ kind: Kind, _ message: String, asked: String? = nil, mend: String? = nil, repeatCommand: String? = nil,
    facts: JSON? = nil
  ) {
    self.kind = kind
    self.message = message
    self.asked = asked
    self.mend = mend
    self.repeatCommand = repeatCommand
    self.facts = facts
  }

  public func map(_ transform: (String) -> String) -> ProbeError {
    ProbeError(
      kind, transform(message), asked: asked.map(transform), mend: mend.map(transform),
      repeatCommand: repeatCommand.map(transform), facts: facts?.mapStrings(transform))
  }
}

/// The probes that a document may name.
public struct ProbeRegistry: Sendable {
  public let probes: [any Probe.Type]
  private let byName: [String: any Probe.Type]

  public init(_ probes: [any Probe.Type]) {
    self.probes = probes
    names = probes.map { $0.descriptor.name }
    byName = Dictionary(probes.map { ($0.descriptor.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public subscript(name: String) -> (any Probe.Type)? { byName[name] }
  public let names: [String]
}
