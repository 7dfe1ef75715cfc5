/// What the whole file needs, from the YAML between the `---` lines at its head.
public struct FrontMatter: Sendable {
  public struct Environment: Sendable {
    public let name: String
    public let targets: [(name: String, value: Template)]
    /// Nothing but reading happens here unless the environment is named on the command line.
    public let protected: Bool
  }

  public var environments: [Environment] = []
  public var variables: [(name: String, value: Template)] = []
  public var secrets: [(name: String, value: Template)] = []
  /// Names of environment variables whose values may be shown.
  public var publicNames: Set<String> = []
  /// Milliseconds an attempt may take where its binding says nothing.
  public var timeout: Int?
  public var title: String?

  /// The keys of the front matter, for the reader and for the JSON Schema.
  public static let parameters: [ProbeDescriptor.Parameter] = [
    .init("gonogo", .integer, required: true, "The version of this format: 1."),
    .init("title", .string, "What the checklist is called in reports."),
    .init("description", .string, "For people; not used."),
    .init(
      "environments", .map(.map(.either([.string, .boolean]))),
      "Where to look: for each environment its targets by name, and `protected: true` where nothing may be disturbed."),
    .init(
      "principals", .map(.map(.any)),
      "Identities that probes act as: for each, a mapping from a probe's name to what it needs, and `vars`."),
    .init("vars", .map(.string), "Values for `${name}`."),
    .init("secrets", .map(.string), "Values for `${name}` that never reach any output."),
    .init("public", .list(.string), "Environment variables whose values may be shown in reports."),
    .init("timeout", .duration, "How long an attempt may take (default 10s)."),
    .init(
      "audit", .any, "For `gonogo audit`: `suppress`, the findings that are excused, each with a reason and an end."),
  ]
}

/// What probes may ask of the document while they read their arguments.
public final class PlanContext {
  /// Parsed principals: by name, then by probe.
  public internal(set) var principals: [String: [String: any Sendable]] = [:]
  /// Parsed defaults of the front matter, by probe.
  public internal(set) var defaults: [String: any Sendable] = [:]
  public internal(set) var principalNames: [String] = []
  /// jq of bindings whose probe cannot be made, to be compiled with the rest so that their faults are told as well.
  var orphans: [Expectation] = []
  public init() {}
}
