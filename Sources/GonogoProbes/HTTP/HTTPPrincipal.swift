import GonogoCore
import Synchronization

/// The scenarios of the front matter.
struct HTTPDefaults: Sendable {
  var scenarios: [String: [HTTPStep]] = [:]
}

/// Who a step acts as, as the front matter says.
struct HTTPPrincipal: Sendable {
  let name: String
  let login: [HTTPStep]
  let headers: [(name: String, values: [TemplateValue])]
  let credentials: Credentials
  let cookies: [(name: String, value: Template)]
  /// Milliseconds for the whole login.
  let timeout: Int

  init(_ name: String, _ arguments: Arguments) {
    self.name = name
    let scenarios = (arguments.plan.defaults["http"] as? HTTPDefaults)?.scenarios ?? [:]
    login = arguments.node("login").map { HTTPStep.list($0, arguments, scenarios: scenarios) } ?? []
    for step in login {
      if let principal = step.principal {
        arguments.fail(.wrongType, "the login of \(name) is \(name)'s own; it has no `as`", at: principal.range)
      }
    }
    headers = HTTPStep.pairs("headers", arguments)
    credentials = Credentials(arguments)
    cookies = HTTPStep.cookies(arguments)
    timeout = arguments.duration("timeout") ?? 10_000
  }

  var captureNames: [String] { login.flatMap(\.captures).map(\.name) }

  /// What it needs from the plan; the login's own captures are known here.
  var references: [(name: String, range: SourceRange)] {
    var known: Set<String> = []
    var result: [(name: String, range: SourceRange)] = []
    for step in login {
      result += step.references.filter { !Self.covers(known, $0.name) }
      known.formUnion(step.captures.map(\.name))
    }
    known.formUnion(known.map { "\(name).\($0)" })
    let rest =
      headers.flatMap(\.values).flatMap(\.references)
      + (credentials.templates + cookies.map(\.value)).flatMap(\.references)
    return result + rest.filter { !Self.covers(known, $0.name) }
  }

  /// Whether a name is one of these, or a path into one of them.
  static func covers(_ known: Set<String>, _ name: String) -> Bool {
    var head = Substring(name)
    while true {
      if known.contains(String(head)) { return true }
      guard let cut = head.lastIndex(where: { $0 == "." || $0 == "[" }) else { return false }
      head = head[..<cut]
    }
  }
}

/// A principal who has signed in: the jar and what the login captured.
struct HTTPSession: Sendable {
  let jar: CookieJar
  let captures: [String: Scope.Value]
}

/// The one login of a principal in a run: the first who needs it starts it, all wait for the same one.
final class HTTPSignIn: RunResource {
  typealias Outcome = Result<HTTPSession, ProbeError>
  private struct State {
    var outcome: Outcome?
    var task: Task<Outcome, Never>?
  }
  private let state = Mutex(State())

  func close() async { state.withLock { $0.task }?.cancel() }

  /// - Parameter milliseconds: how long this caller can wait; the login itself goes on for the others.
  func session(
    of name: String, within milliseconds: Int, _ login: @escaping @Sendable () async -> Outcome
  ) async throws(ProbeError) -> HTTPSession {
    let (known, running) = state.withLock { state in
      if state.outcome == nil, state.task == nil {
        state.task = Task.detached {
          let outcome = await login()
          self.state.withLock { $0.outcome = outcome }
          return outcome
        }
      }
      return (state.outcome, state.task)
    }
    if let known { return try known.get() }
    guard let running, let outcome = await Self.first(running, milliseconds) else {
      throw ProbeError(
        .timedOut, "\(name) was still signing in after \(Quantity.describe(milliseconds: milliseconds))",
        mend: "give the line more time with `timeout:`")
    }
    return try outcome.get()
  }

  private static func first(_ task: Task<Outcome, Never>, _ milliseconds: Int) async -> Outcome? {
    let once = Once()
    return await withCheckedContinuation { continuation in
      once.continuation.withLock { $0 = continuation }
      let timer = Task {
        try? await Task.sleep(nanoseconds: UInt64(max(1, milliseconds)) * 1_000_000)
        once.resume(nil)
      }
      Task {
        once.resume(await task.value)
        timer.cancel()
      }
    }
  }

  private final class Once: Sendable {
    let continuation = Mutex<CheckedContinuation<Outcome?, Never>?>(nil)
    func resume(_ outcome: Outcome?) {
      continuation.withLock { continuation in
        defer { continuation = nil }
        return continuation
      }?.resume(returning: outcome)
    }
  }
}
