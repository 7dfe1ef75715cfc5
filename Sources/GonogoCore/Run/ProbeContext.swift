import Synchronization

/// Tells the time. The only clock of a run, so that tests can hold it still.
public protocol RunClock: Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  func now() -> Int64
  /// Milliseconds that only ever grow.
  func ticks() -> Int64
}

/// What a probe is given when it looks.
public struct ProbeContext: Sendable {
  public let scope: Scope
  /// Milliseconds this attempt may take. The probe passes it to the library it uses; the runner enforces it besides.
  public let timeout: Int
  public let clock: any RunClock
  public let redactor: Redactor
  public let judge: Judge
  /// Connections and sessions that checks share; closed when the run ends.
  public let resources: RunResources
  /// The directory that relative paths start from: the document's.
  public let directory: String

  public init(
    scope: Scope, timeout: Int, clock: any RunClock, redactor: Redactor, judge: Judge, resources: RunResources,
    directory: String
  ) {
    self.scope = scope
    self.timeout = timeout
    self.clock = clock
    self.redactor = redactor
    self.judge = judge
    self.resources = resources
    self.directory = directory
  }

  /// Fills in a template, and makes its secrets known to the redactor.
  ///
  /// - Throws: ``ProbeError`` of kind `configuration` where a name has no value.
  public func render(_ template: Template) throws(ProbeError) -> Rendered { try render(template, in: scope) }

  public func render(_ template: Template, in scope: Scope) throws(ProbeError) -> Rendered {
    do {
      let rendered = try scope.render(template)
      redactor.add(rendered.secrets)
      return rendered
    } catch { throw ProbeError(.configuration, error.message, mend: error.mend) }
  }

  public func render(_ value: TemplateValue, in scope: Scope) throws(ProbeError) -> JSON {
    do {
      let rendered = try scope.render(value)
      redactor.add(rendered.secrets)
      return rendered.json
    } catch { throw ProbeError(.configuration, error.message, mend: error.mend) }
  }

  public func render(_ value: TemplateValue) throws(ProbeError) -> JSON { try render(value, in: scope) }
}

/// Something that lives as long as a run.
public protocol RunResource: AnyObject, Sendable {
  func close() async
}

/// The connections, pools and sessions of a run, each made at its first use.
public final class RunResources: Sendable {
  private let made = Mutex<[String: any RunResource]>([:])

  public init() {}

  /// The resource called `key`, made by `make` if there is none.
  public func resource<Resource: RunResource>(_ key: String, make: () -> Resource) -> Resource {
    made.withLock { made in
      if let found = made[key] as? Resource { return found }
      let new = make()
      made[key] = new
      return new
    }
  }

  public func close() async {
    let all = made.withLock { made in
      defer { made = [:] }
      return made.sorted { $0.key < $1.key }.map(\.value)
    }
    for resource in all { await resource.close() }
  }
}
