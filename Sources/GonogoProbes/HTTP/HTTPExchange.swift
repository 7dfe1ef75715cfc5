import GonogoCore
import GonogoSystem

/// A request answered, with the redirections that were followed.
struct HTTPExchange: Sendable {
  struct Hop: Sendable {
    let url: String
    let status: Int
    let location: String?
    let chain: [CertificateDetails]
  }

  let reply: WireReply
  let headers: ReplyHeaders
  let url: String
  /// Every hop, the last included.
  let hops: [Hop]
  let cookies: [Cookie]
  let microseconds: Int
}

/// The header block of a reply.
struct ReplyHeaders: Sendable {
  private(set) var reason = ""
  private(set) var fields: [(name: String, value: String)] = []

  init(_ block: [UInt8]) {
    var first = true
    for line in block.split(separator: 10, omittingEmptySubsequences: true) {
      let trimmed = line.last == 13 ? line.dropLast() : line
      if first {
        first = false
        // HTTP/1.1 200 OK
        let words = trimmed.split(separator: 0x20, maxSplits: 2)
        if words.count == 3 { reason = String(decoding: words[2], as: UTF8.self) }
        continue
      }
      guard let colon = trimmed.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = trimmed[trimmed.index(after: colon)...]
      let from = value.firstIndex { $0 != 0x20 && $0 != 9 } ?? value.endIndex
      let to = value.lastIndex { $0 != 0x20 && $0 != 9 }.map { $0 + 1 } ?? from
      fields.append(
        (
          String(decoding: trimmed[..<colon], as: UTF8.self).lowercased(),
          String(decoding: value[from..<max(from, to)], as: UTF8.self)
        ))
    }
  }

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// Sends requests and follows redirections, within a deadline.
struct HTTPSender: Sendable {
  let context: ProbeContext
  let engine: CurlEngine
  /// In ticks of the run's clock.
  let deadline: Int64
  let budget: Int

  func send(_ request: HTTPRequest) async throws(ProbeError) -> HTTPExchange {
    var wire = request.wire
    var parts = request.parts
    var hops: [HTTPExchange.Hop] = []
    var cookies: [Cookie] = []
    var spent = 0
    while true {
      let now = context.clock.now()
      wire.headers = request.lines(to: parts, withBody: wire.body != nil, now: now)
      wire.timeout = Int(deadline - context.clock.ticks())
      if wire.timeout <= 0 {
        throw ProbeError(
          .timedOut,
          "no complete answer within \(Quantity.describe(milliseconds: budget)): the time was up before \(wire.method) was sent",
          mend: "see which step takes so long, or give the line more time with `timeout:`")
      }
      let reply: WireReply
      do throws(TransferFailure) { reply = try await engine.perform(wire) } catch {
        throw await describe(error, wire, parts, request)
      }
      spent += reply.timings.total
      let headers = ReplyHeaders(reply.header)
      for (name, value) in headers.fields where name == "set-cookie" {
        guard var cookie = Cookie(value) else { continue }
        cookie.accepted =
          request.jar?.store(cookie, from: parts, now: now) ?? CookieJar().store(cookie, from: parts, now: now)
        if ReplySecrets.isOpaque(cookie.value) || SecretPolicy.soundsSecret(cookie.name) {
          context.redactor.add(cookie.value)
          let decoded = URLText.decode(cookie.value)
          if decoded != cookie.value { context.redactor.add(decoded) }
        }
        cookies.removeAll { $0.name == cookie.name }
        cookies.append(cookie)
      }
      let location = headers["location"]
      hops.append(.init(url: wire.url, status: reply.status, location: location, chain: reply.chain))
      if reply.status == 407, wire.proxy != nil {
        throw ProbeError(
          .denied, "the proxy answered 407 when asked for \(parts.authority)",
          mend: "give the proxy's user and password in `proxy`")
      }
      guard request.follow > 0, [301, 302, 303, 307, 308].contains(reply.status), let location,
        let next = URLParts.resolve(location, from: wire.url), let target = URLParts(next)
      else {
        return HTTPExchange(
          reply: reply, headers: headers, url: wire.url, hops: hops, cookies: cookies, microseconds: spent)
      }
      context.redactor.add(ReplySecrets.inURL(next))
      if hops.count > request.follow {
        let chain = (hops.map(\.url) + [next]).map(context.redactor.redact)
        let ring = Set(hops.map(\.url)).count < hops.count || hops.contains { $0.url == next }
        throw ProbeError(
          .malformed,
          "\(ring ? "redirected in a ring" : "redirected more than \(request.follow) times"): \(shorten(chain))",
          mend: "correct the redirections, or raise it with `follow: N`")
      }
      // RFC 9110, section 15.4: 303 always becomes GET, and so, as every browser does, does a POST answered by 301 or 302.
      if reply.status == 303 && wire.method != "HEAD" || [301, 302].contains(reply.status) && wire.method == "POST" {
        wire.method = "GET"
        wire.body = nil
      }
      wire.url = next
      wire.isTLS = target.isTLS
      parts = target
    }
  }

  private func shorten(_ chain: [String]) -> String {
    chain.count <= 5 ? chain.joined(separator: " → ") : (chain.prefix(4) + ["…"]).joined(separator: " → ")
  }

  private func describe(
    _ failure: TransferFailure, _ wire: WireRequest, _ parts: URLParts, _ request: HTTPRequest
  ) async -> ProbeError {
    var chain: [CertificateDetails] = []
    if parts.isTLS, [35, 51, 60, 56].contains(failure.code), !wire.insecure {
      // libcurl shows the certificates of trusted peers only; this looks at the untrusted one, and sends nothing.
      var look = wire
      look.insecure = true
      look.connectOnly = true
      look.body = nil
      look.headers = []
      look.timeout = max(1, min(2000, Int(deadline - context.clock.ticks())))
      if let seen = try? await engine.perform(look) { chain = seen.chain }
    }
    return failure.probeError(
      to: parts, request, chain: chain, milliseconds: budget, now: context.clock.now())
  }
}

extension HTTPExchange {
  /// What a step saw, as facts.
  func facts(_ step: HTTPStep, statuses: [Int: Int]?, redactor: Redactor, now: Int64) -> JSON {
    var facts: [String: JSON] = [
      "status": JSON(reply.status), "url": .string(url), "bytes": JSON(reply.body.count),
      "sha256": .string(Digest.hex(Digest.sha256(reply.body))),
      "http_version": .string(["", "1.0", "1.1", "2", "3"][(0...4).contains(reply.version) ? reply.version : 0]),
    ]
    if !headers.reason.isEmpty { facts["reason"] = .string(headers.reason) }
    var fields: [String: JSON] = [:]
    for (name, value) in headers.fields where name != "set-cookie" {
      if name == "location" || name == "link" || name == "refresh" || name == "content-location" {
        redactor.add(ReplySecrets.inURL(value))
      } else if SecretPolicy.soundsSecret(name), ReplySecrets.isOpaque(value) {
        redactor.add(value)
      }
      if case .string(let before)? = fields[name] {
        fields[name] = .string("\(before), \(value)")
      } else {
        fields[name] = .string(value)
      }
    }
    facts["headers"] = .object(fields)
    facts["cookies"] = .object(
      Dictionary(cookies.map { ($0.name, $0.facts) }, uniquingKeysWith: { _, last in last }))
    if let type = headers["content-type"] {
      let essence = type.prefix { $0 != ";" }
      facts["content_type"] = .string(String(essence.filter { $0 != " " }).lowercased())
    }
    facts["text"] = .string(String(decoding: reply.body, as: UTF8.self))
    if !reply.body.isEmpty, let json = try? JSON.parse(reply.body) {
      facts["body"] = json
      var secrets: [String] = []
      ReplySecrets.inJSON(json, into: &secrets)
      if !secrets.isEmpty { redactor.add(secrets) }
    }
    facts["timings"] = timings
    facts["redirects"] = .array(
      hops.dropLast().map { hop in
        .object(["status": JSON(hop.status), "url": .string(hop.url), "location": .string(hop.location ?? "")])
      })
    if let last = hops.last, !last.chain.isEmpty || hops.contains(where: { !$0.chain.isEmpty }) {
      facts["certificate"] = CertificateDetails.facts(last.chain, verified: !step.insecure, at: now)
      facts["hops"] = .array(
        hops.map { hop in
          var facts: [String: JSON] = ["url": .string(hop.url), "status": JSON(hop.status)]
          facts["certificate"] = CertificateDetails.facts(hop.chain, verified: !step.insecure, at: now)
          return .object(facts)
        })
    }
    if step.insecure { facts["insecure"] = true }
    if let statuses {
      facts["statuses"] = .object(
        Dictionary(statuses.map { (String($0.key), JSON($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
    return .object(facts)
  }

  private var timings: JSON {
    let times = reply.timings
    func milliseconds(_ microseconds: Int) -> JSON { .number(Double(max(0, microseconds)) / 1000) }
    let connected = max(times.connect, times.lookup)
    return .object([
      "dns": milliseconds(times.lookup), "connect": milliseconds(connected - times.lookup),
      "tls": milliseconds(times.handshake > 0 ? times.handshake - connected : 0),
      "first_byte": milliseconds(times.firstByte), "total": milliseconds(microseconds),
    ])
  }
}
