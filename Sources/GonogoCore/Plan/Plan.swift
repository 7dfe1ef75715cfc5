/// What a run will do, as a value: made before anything is touched.
public struct Plan: Sendable {
  public let checklist: Checklist
  public let frontMatter: FrontMatter
  /// The environment that `${target}` names come from.
  public let environment: FrontMatter.Environment?
  public let steps: [Step]
  /// How many controls the selection left out.
  public let excluded: Int
  public let scope: Scope

  public struct Step: Sendable {
    public let control: Control
    public let blocking: Bool
    public let tags: [String]
    /// Indices, in this plan, of the steps that must have passed first.
    public let needs: [Int]
    public let action: Action
    /// The author's own words on what to do when it fails.
    public let mend: String?
  }

  public enum Action: Sendable {
    case run([Check])
    case skip(SkipReason)
  }
}

extension Plan {
  /// The same plan with other checks in the place of its own, for a look at the checks themselves. A control that no check is
  /// left of is left out, and counted as such; nobody waits for another.
  public func replacing(_ transform: (Check) -> Check?) -> Plan {
    let kept = steps.compactMap { step -> Step? in
      guard case .run(let checks) = step.action else { return nil }
      let others = checks.compactMap(transform)
      return others.isEmpty
        ? nil
        : Step(
          control: step.control, blocking: step.blocking, tags: step.tags, needs: [], action: .run(others),
          mend: step.mend)
    }
    return Plan(
      checklist: checklist, frontMatter: frontMatter, environment: environment, steps: kept,
      excluded: excluded + steps.count - kept.count, scope: scope)
  }
}

/// One use of a probe, with what must hold.
public struct Check: Sendable {
  public struct Retry: Sendable, Equatable {
    /// How many attempts at the most.
    public let times: Int
    /// Milliseconds between two attempts.
    public let every: Int
    /// Milliseconds after which no further attempt begins.
    public let within: Int?
  }

  /// Which case of `cases:` this is.
  public let label: String?
  public let probeName: String
  public let probe: any Probe
  public let expectations: [Expectation]
  /// The attempt that must succeed in the same run, or a denial proves nothing.
  public let allowed: [Check]
  /// Why a denial is taken without one, in the author's words.
  public let noControl: String?
  /// What `${…}` means here beyond the plan's scope.
  public let columns: [String: Scope.Value]
  /// Milliseconds an attempt may take.
  public let timeout: Int
  public let retry: Retry
  public let effect: Effect
  public let range: SourceRange

  /// The same place of the document with another probe, tried once and judged by that probe's own expectations.
  public func with(probe: any Probe, timeout: Int) -> Check {
    Check(
      label: label, probeName: probeName, probe: probe, expectations: probe.expectations + probe.builtinExpectations,
      allowed: [], noControl: noControl, columns: columns, timeout: timeout,
      retry: Retry(times: 1, every: retry.every, within: nil), effect: effect, range: range)
  }
}

/// Why a control was not looked at.
public enum SkipReason: Sendable, Equatable {
  /// No binding stands under it.
  case unbound
  /// It needs a person's signed word, from this role.
  case awaitsWord(of: String)
  /// Its own `when:` does not hold.
  case when(String)
  /// A control it needs did not pass.
  case blocked(by: String, outcome: String)
  /// It writes or disturbs, and was not allowed to.
  case notAllowed(Effect)
  /// It writes or disturbs in a protected environment that was not named.
  case protected(Effect, environment: String)
  /// The run was stopped first.
  case interrupted

  /// Whether the control may count as decided: only its own `when:` excuses it.
  public var excuses: Bool {
    if case .when = self { return true }
    return false
  }

  public var name: String {
    switch self {
    case .unbound: "unbound"
    case .awaitsWord: "awaits-word"
    case .when: "when"
    case .blocked: "blocked"
    case .notAllowed, .protected: "not-allowed"
    case .interrupted: "interrupted"
    }
  }

  public var message: String {
    switch self {
    case .unbound: "no binding: nothing looks at this line"
    case .awaitsWord(let role): "waits for the word of \(role)"
    case .when(let reason): reason
    case .blocked(let id, let outcome): "needs \(id), which \(outcome)"
    case .notAllowed(let effect): "it \(effect.rawValue), and that was not allowed"
    case .protected(let effect, let environment):
      "it \(effect.rawValue), and \(environment) is protected and was not named with --environment"
    case .interrupted: "the run was interrupted before it began"
    }
  }

  public var mend: String? {
    switch self {
    case .unbound: "bind it with a fenced `yaml gonogo` block, or mark it `attest: ROLE`"
    case .awaitsWord, .when: nil
    case .blocked(let id, _): "mend \(id) first"
    case .notAllowed(let effect): "run with --allow \(effect.rawValue)"
    case .protected(let effect, let environment): "run with --environment \(environment) --allow \(effect.rawValue)"
    case .interrupted: "run it again"
    }
  }
}
