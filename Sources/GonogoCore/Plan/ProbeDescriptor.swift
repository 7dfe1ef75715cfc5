/// What a probe does to what it looks at. Anything but `reads` needs the operator's leave (`--allow`).
public enum Effect: String, Sendable, CaseIterable, Comparable {
  /// Only looks, or writes inside a transaction that is rolled back.
  case reads
  /// Leaves something behind: a row, a message, a used one-time token.
  case writes
  /// May be felt by others: load, a signal, a restart.
  case disrupts

  public static func < (left: Effect, right: Effect) -> Bool { left.rank < right.rank }
  private var rank: Int { self == .reads ? 0 : self == .writes ? 1 : 2 }
}

/// What a probe is, for the planner, for `gonogo probes`, for its manual page and for the JSON Schema: one source for all.
public struct ProbeDescriptor: Sendable {
  /// The form of a parameter's value.
  public indirect enum Form: Sendable {
    case string
    /// A string that is not interpolated, one of these.
    case choice([String])
    case integer
    case boolean
    /// `500ms`, `10s`, `24h`.
    case duration
    case pattern
    case any
    case list(Form)
    /// A mapping with names of the author's choosing.
    case map(Form)
    /// A mapping with these members.
    case object([Parameter])
    case either([Form])
  }

  public struct Parameter: Sendable {
    public let name: String
    public let form: Form
    public let required: Bool
    public let summary: String
    public init(_ name: String, _ form: Form, required: Bool = false, _ summary: String) {
      self.name = name
      self.form = form
      self.required = required
      self.summary = summary
    }
  }

  public struct Fact: Sendable {
    /// The path, as `expect:` names it: `cookies.NAME.httponly`, `rows[*]`.
    public let path: String
    public let type: String
    public let summary: String
    public init(_ path: String, _ type: String, _ summary: String) {
      self.path = path
      self.type = type
      self.summary = summary
    }
    var root: String { FactPath(path).flatMap { $0.steps.first }.map { "\(FactPath(steps: [$0]))" } ?? path }
  }

  public struct Example: Sendable {
    public let title: String
    /// A binding, as it stands in the fenced block.
    public let yaml: String
    public init(_ title: String, _ yaml: String) {
      self.title = title
      self.yaml = yaml
    }
  }

  public struct Tool: Sendable {
    public let program: String
    /// The command that installs it on Debian.
    public let install: String
    public init(_ program: String, install: String) {
      self.program = program
      self.install = install
    }
  }

  public let name: String
  /// One line, for lists.
  public let summary: String
  /// Paragraphs of Markdown: what it looks at, and how to read what it says.
  public let discussion: String
  public let parameters: [Parameter]
  /// The parameter that a binding's plain value stands for: `command: make test`.
  public let shorthand: String?
  public let facts: [Fact]
  /// Each count that a pass needs to be above zero, with its meaning.
  public let witness: [(name: String, summary: String)]
  /// How looking can go wrong, and what is said then.
  public let failures: [(when: String, says: String)]
  public let examples: [Example]
  public let effect: Effect
  /// Programs it runs.
  public let tools: [Tool]

  public init(
    name: String, summary: String, discussion: String, parameters: [Parameter], shorthand: String? = nil, facts: [Fact],
    witness: [(name: String, summary: String)], failures: [(when: String, says: String)], examples: [Example],
    effect: Effect = .reads, tools: [Tool] = []
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.parameters = parameters
    self.shorthand = shorthand
    self.facts = facts
    var roots: [String] = []
    for fact in facts where !roots.contains(fact.root) { roots.append(fact.root) }
    factRoots = roots
    self.witness = witness
    self.failures = failures
    self.examples = examples
    self.effect = effect
    self.tools = tools
  }

  /// The names that a fact's path may begin with.
  public let factRoots: [String]
}
