public import GonogoCore

/// Whether a port takes connections, and what it says first.
public struct TCPProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "tcp",
    summary: "whether a port is open, how fast, and what it says",
    discussion: """
      Connects to a port and hangs up. Every address of the name is tried, IPv6 and IPv4 in turn, until one answers.

      A refused connection is an answer: `open: false` with `reason: refused`. Silence is none, because a port behind a filter
      cannot be told from a host that is gone or a road that is closed; the line is then undecided. Where silence is what
      the filter is meant to give, say `filtered_is_closed: true`: `open` is then false with `reason: filtered`.

      That a port is closed proves nothing if nothing of that host can be reached from here, so it needs `allowed:`, an
      attempt that must succeed in the same run: another port of the same host, or the same port from inside.
      """,
    parameters: [
      .init("address", .string, required: true, "`host:port`; an IPv6 address in brackets."),
      .init("read", .boolean, "Waits for what the peer says first."),
      .init("send", .string, "What to send; what the peer says to it is then the banner."),
      .init("filtered_is_closed", .boolean, "Silence and unreachable hosts count as closed, not as an error."),
    ],
    shorthand: "address",
    facts: [
      .init("open", "boolean", "The port took the connection."),
      .init("reason", "string", "Why it is not open: refused, or filtered; absent where it is open."),
      .init("connect_ms", "integer", "Milliseconds until the connection stood."),
      .init("address", "string", "The address that answered."),
      .init("banner", "string", "With `read` or `send`: the first line, or up to 4 KiB until the peer pauses."),
    ],
    witness: [("answers", "attempts that had an outcome: connected, refused, or silence where that counts")],
    failures: [
      ("the name has no address", "unreachable"),
      ("no answer, or no road there", "timed-out or unreachable, unless `filtered_is_closed: true`"),
      ("`read: true` and the peer says nothing", "timed-out"),
    ],
    examples: [
      .init(
        "The mail server answers",
        "tcp: { address: 'mail.example.com:25', read: true }\nexpect: { banner: { starts_with: '220 ' } }"),
      .init(
        "The database is not open to the world",
        "tcp: { address: 'app.example.com:5432', filtered_is_closed: true }\nexpect: { open: false }\nallowed:\n  tcp: app.example.com:443\n  expect: { open: true }"
      ),
    ])

  let address: Template
  let reads: Bool
  let message: Template?
  let filteredIsClosed: Bool

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    reads = arguments.boolean("read") ?? false
    message = arguments.template("send")
    filteredIsClosed = arguments.boolean("filtered_is_closed") ?? false
    address = try arguments.require("address", arguments.template("address"))
    if reads == false, arguments.has("read"), message != nil {
      arguments.fail(.wrongType, "`send` reads the answer; `read: false` denies that", at: arguments.keyRange("read"))
    }
    Endpoint.check(address, arguments)
  }

  public var references: [(name: String, range: SourceRange)] {
    ([address] + [message].compactMap { $0 }).flatMap(\.references)
  }

  public func denial(in expectations: [Expectation]) -> String? {
    for expectation in expectations {
      guard case .fact(let path, let matcher) = expectation.test, path.steps.count == 1,
        case .key(let name) = path.steps[0]
      else { continue }
      if name == "open", Self.expectsFalse(matcher) { return "a closed port" }
      if name == "reason" {
        if case .absent = matcher { continue }
        return "a closed port"
      }
    }
    return nil
  }

  private static func expectsFalse(_ matcher: Matcher) -> Bool {
    switch matcher {
    case .equals(.constant(.bool(false))): true
    case .not(.equals(.constant(.bool(true)))): true
    case .oneOf(let values): values.contains(.constant(.bool(false)))
    case .allOf(let inner), .anyOf(let inner): inner.contains(where: expectsFalse)
    default: false
    }
  }

  public func requests(in scope: Scope) -> [String] { ["connect to \(scope.preview(address)) over TCP"] }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = StreamDeadline(attempt: context.timeout)
    let rendered = try context.render(address)
    let target = try Endpoint.read(rendered)
    let bytes = try message.map { template throws(ProbeError) in try context.render(template) }
    var command = "nc -vz \(ShellQuote.quote(target.host)) \(target.port)"
    if let bytes {
      command = "printf %s \(ShellQuote.quote(bytes)) | nc -v \(ShellQuote.quote(target.host)) \(target.port)"
    } else if reads {
      command = "nc -v \(ShellQuote.quote(target.host)) \(target.port) </dev/null"
    }
    let asked = "tcp://\(target)"
    func closed(_ reason: String) -> Observation {
      Observation(
        facts: ["open": false, "reason": .string(reason)], witness: ["answers": 1], asked: asked, repeatCommand: command
      )
    }
    func told(_ error: StreamError, mend: String? = nil) -> ProbeError {
      var told = error.probeError
      told.asked = asked
      told.repeatCommand = command
      told.mend = mend ?? told.mend
      return told
    }
    let stream: SocketStream
    do throws(StreamError) { stream = try SocketStream.connect(to: target, deadline: deadline) } catch {
      switch error.reason {
      case .refused: return closed("refused")
      case .timedOut, .unreachable:
        if filteredIsClosed { return closed("filtered") }
        throw told(
          error,
          mend:
            "see whether the host is there at all; where a filter is meant to swallow this, add `filtered_is_closed: true`"
        )
      default: throw told(error)
      }
    }
    var facts: [String: JSON] = [
      "open": true, "connect_ms": JSON(stream.connectMilliseconds), "address": .string(stream.address),
    ]
    do throws(StreamError) {
      if let bytes {
        stream.awaiting = "what is sent to be taken"
        try stream.write(Array(bytes.exposed.utf8))
      }
      if reads || bytes != nil { facts["banner"] = .string(try Self.banner(stream)) }
    } catch { throw told(error) }
    return Observation(facts: .object(facts), witness: ["answers": 1], asked: asked, repeatCommand: command)
  }

  private static let bannerLimit = 4096

  /// The first line, or what came until the peer paused for 200 ms, or hung up.
  private static func banner(_ stream: SocketStream) throws(StreamError) -> String {
    stream.awaiting = "what the peer says"
    let whole = stream.deadline
    var bytes: [UInt8] = []
    while bytes.count < bannerLimit, !bytes.contains(UInt8(ascii: "\n")) {
      if !bytes.isEmpty { stream.deadline = whole.capped(200) }
      let more: [UInt8]
      do throws(StreamError) { more = try stream.read(limit: bannerLimit - bytes.count) } catch {
        if bytes.isEmpty || error.reason != .timedOut { throw error }
        break
      }
      if more.isEmpty { break }
      bytes += more
    }
    while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
