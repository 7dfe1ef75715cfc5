import GonogoCore
import GonogoSystem

/// A step filled in: what goes over the wire, and how it is told.
struct HTTPRequest: Sendable {
  struct Header: Sendable {
    let name: String
    /// `nil` leaves out a header that libcurl would send.
    let value: Worded?
    /// It says who the caller is, and is not sent on to another host.
    let sensitive: Bool
  }

  var wire: WireRequest
  let url: Worded
  let parts: URLParts
  let headers: [Header]
  /// Cookies beside the jar's.
  let extraCookies: [(name: String, value: Worded)]
  /// `nil` sends and keeps none.
  let jar: CookieJar?
  let follow: Int
  /// The body's part of the curl command.
  let bodyOptions: [String]
  let principal: String?

  /// What was asked, for people.
  var asked: String { "\(principal.map { "as \($0): " } ?? "")\(wire.method) \(url.display)" }

  /// The lines for libcurl. On another origin nothing that names the caller is sent.
  func lines(to target: URLParts, withBody: Bool, now: Int64) -> [String] {
    let same = target.origin == parts.origin
    var lines: [String] = []
    for header in headers where same || !header.sensitive {
      let lower = header.name.lowercased()
      if !withBody, lower.hasPrefix("content-") { continue }
      guard let value = header.value?.exposed else {
        lines.append("\(header.name):")
        continue
      }
      lines.append(value.isEmpty ? "\(header.name);" : "\(header.name): \(value)")
    }
    if withBody {
      // Without these libcurl calls every body a form, and asks leave before it sends a large one.
      if !headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
      lines.append("Expect:")
    }
    let cookies = cookies(to: target, now: now)
    if !cookies.isEmpty {
      lines.append("Cookie: " + cookies.map { "\($0.name)=\($0.value.exposed)" }.joined(separator: "; "))
    }
    return lines
  }

  private func cookies(to target: URLParts, now: Int64) -> [(name: String, value: Worded)] {
    var cookies = target.origin == parts.origin ? extraCookies : []
    for cookie in jar?.cookies(for: target, now: now) ?? []
    where !extraCookies.contains(where: { $0.name == cookie.name }) {
      cookies.append((cookie.name, Worded(secret: cookie.value, variable: Scope.shellName(cookie.name))))
    }
    return cookies
  }

  /// The command that does the same, secrets as variables.
  func command(now: Int64) -> String {
    var words = ["curl", "-sS", "-i"]
    if wire.method == "HEAD" {
      words = ["curl", "-sS", "-I"]
    } else if wire.method != (wire.body == nil ? "GET" : "POST") {
      words += ["-X", wire.method]
    }
    if follow > 0 { words += ["-L", "--max-redirs", "\(follow)"] }
    switch wire.version {
    case .http10: words.append("--http1.0")
    case .http11: words.append("--http1.1")
    case .http2: words.append(wire.isTLS ? "--http2" : "--http2-prior-knowledge")
    case nil: break
    }
    if wire.insecure { words.append("-k") }
    for (option, path) in [
      ("--cacert", wire.certificateAuthority), ("--cert", wire.certificate), ("--key", wire.key),
    ] {
      if let path { words += [option, ShellQuote.quote(path)] }
    }
    if let proxy { words += ["-x", proxy.shellWord] }
    if let encoding = wire.acceptEncoding {
      words += ["--compressed", "-H", ShellQuote.quote("Accept-Encoding: \(encoding)")]
    }
    for header in headers {
      var line = Worded(header.name)
      if let value = header.value {
        line.append(value.exposed.isEmpty ? ";" : ": ")
        line.append(value)
      } else {
        line.append(":")
      }
      words += ["-H", line.shellWord]
    }
    let cookies = cookies(to: parts, now: now)
    if !cookies.isEmpty {
      var line = Worded()
      for (index, cookie) in cookies.enumerated() {
        line.append("\(index == 0 ? "" : "; ")\(cookie.name)=")
        line.append(cookie.value)
      }
      words += ["-b", line.shellWord]
    }
    words += bodyOptions
    words.append(url.shellWord)
    return words.joined(separator: " ")
  }

  var proxy: Worded?
}

extension StepRenderer {
  /// Fills in a step.
  ///
  /// - Parameter identity: the principal's own headers, credentials and cookies are filled in with its captures.
  func request(
    _ step: HTTPStep, principal: HTTPPrincipal?, identity: StepRenderer, jar: CookieJar?
  ) throws(ProbeError) -> HTTPRequest {
    var url = try url(step.url)
    var query: [Worded] = []
    for (name, values) in step.query {
      for value in values {
        var pair = Worded(URLText.component(name) + "=")
        pair.append(try component(value, URLText.component))
        query.append(pair)
      }
    }
    if !query.isEmpty {
      url.append(url.exposed.contains("?") ? (url.exposed.hasSuffix("?") ? "" : "&") : "?")
      url.append(Worded.joined(query, separator: "&"))
    }
    guard let parts = URLParts(url.exposed) else {
      throw ProbeError(
        .configuration, "'\(url.display)' is not a URL that begins with http:// or https://",
        asked: "\(step.method) \(url.display)", mend: "correct the target that it is made of")
    }
    context.redactor.add(ReplySecrets.inURL(url.exposed))

    var headers: [HTTPRequest.Header] = []
    var acceptEncoding: String?
    func add(_ name: String, _ value: Worded) throws(ProbeError) {
      if value.exposed.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
        throw ProbeError(
          .configuration, "the value of the header \(name) has a line end in it",
          asked: "\(step.method) \(url.display)",
          mend: "a header is one line; encode the value")
      }
      if name.lowercased() == "accept-encoding", !value.exposed.isEmpty {
        acceptEncoding = value.exposed
        return
      }
      let (kept, sensitive) = secured(name, value)
      headers.append(.init(name: name, value: kept, sensitive: sensitive))
    }
    func given(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name.lowercased() } }
    for (name, values) in step.headers {
      for value in values {
        if case .constant(.null) = value {
          headers.append(.init(name: name, value: nil, sensitive: false))
        } else {
          try add(name, try words(value))
        }
      }
    }
    if let principal {
      for (name, values) in principal.headers where !given(name) {
        for value in values { try add(name, try identity.words(value)) }
      }
    }
    let own = !step.credentials.isEmpty
    let renderer = own ? self : identity
    if !given("Authorization"), let credentials = own ? step.credentials : principal?.credentials, !credentials.isEmpty
    {
      headers.append(.init(name: "Authorization", value: try renderer.authorization(credentials), sensitive: true))
    }
    if !given("User-Agent") { headers.append(.init(name: "User-Agent", value: Worded("gonogo"), sensitive: false)) }

    let (body, type, options) = try body(step)
    if let type, !given("Content-Type") {
      headers.append(.init(name: "Content-Type", value: Worded(type), sensitive: false))
    }
    if let signature = step.signature {
      let value = try sign(signature, body: body ?? [])
      try add(signature.header, value)
    }

    var wire = WireRequest(
      method: step.method, url: url.exposed, isTLS: parts.isTLS, timeout: context.timeout, limit: step.limit)
    wire.body = body
    if body == nil, step.method == "POST" || step.method == "PUT" || step.method == "PATCH" { wire.body = [] }
    wire.version = step.version
    wire.acceptEncoding = acceptEncoding
    wire.insecure = step.insecure
    wire.certificateAuthority = try step.certificateAuthority.map(path)
    wire.certificate = try step.certificate.map(path)
    wire.key = try step.key.map(path)
    let proxy = try step.proxy.map { template throws(ProbeError) in try words(template) }
    wire.proxy = proxy?.exposed

    var extra: [(name: String, value: Worded)] = []
    func addCookie(_ name: String, _ value: Worded) throws(ProbeError) {
      if value.exposed.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: ";") }) {
        throw ProbeError(
          .configuration, "the cookie \(name) has a character that no cookie can have",
          asked: "\(step.method) \(url.display)", mend: "encode the value")
      }
      var value = value
      if ReplySecrets.isOpaque(value.exposed) || SecretPolicy.soundsSecret(name) {
        context.redactor.add(value.exposed)
        if !value.hasSecret { value = Worded(secret: value.exposed, variable: Scope.shellName(name)) }
      }
      extra.append((name, value))
    }
    if case .jar(let cookies) = step.cookies {
      for (name, template) in cookies { try addCookie(name, try words(template)) }
      for (name, template) in principal?.cookies ?? [] where !extra.contains(where: { $0.name == name }) {
        try addCookie(name, try identity.words(template))
      }
    }
    var request = HTTPRequest(
      wire: wire, url: url, parts: parts, headers: headers, extraCookies: extra, jar: jar, follow: step.follow,
      bodyOptions: options, principal: principal?.name)
    request.proxy = proxy
    return request
  }

  /// A value where it stands in a query or a form.
  private func component(_ value: TemplateValue, _ transform: (String) -> String) throws(ProbeError) -> Worded {
    if case .template(let template) = value {
      var result = Worded()
      for part in template.parts {
        switch part {
        case .literal(let text): result.append(transform(text))
        case .reference(_, let range):
          result.append(try context.render(Template(parts: [part], range: range), in: scope), transform)
        }
      }
      return result
    }
    return try words(value).map(transform)
  }

  private func path(_ template: Template) throws(ProbeError) -> String {
    FileSystem.join(context.directory, try text(template))
  }

  /// A header that names the caller never shows its value, wherever that came from.
  private func secured(_ name: String, _ value: Worded) -> (Worded, Bool) {
    let lower = name.lowercased()
    let credentials = lower == "authorization" || lower == "proxy-authorization"
    guard credentials || lower == "cookie" || SecretPolicy.soundsSecret(name) else { return (value, false) }
    if credentials, let blank = value.exposed.firstIndex(of: " ") {
      let scheme = value.exposed[..<blank]
      let secret = String(value.exposed[value.exposed.index(after: blank)...])
      context.redactor.add(secret)
      if value.hasSecret { return (value, true) }
      var kept = Worded("\(scheme) ")
      kept.append(Worded(secret: secret, variable: "CREDENTIALS"))
      return (kept, true)
    }
    if lower == "cookie" {
      for pair in value.exposed.split(separator: ";") {
        if let equals = pair.firstIndex(of: "=") {
          let text = String(pair[pair.index(after: equals)...])
          if ReplySecrets.isOpaque(text) { context.redactor.add(text) }
        }
      }
    } else if !ReplySecrets.isOpaque(value.exposed) {
      return (value, true)
    } else {
      context.redactor.add(value.exposed)
    }
    return (value.hasSecret ? value : Worded(secret: value.exposed, variable: Scope.shellName(name)), true)
  }

  private func authorization(_ credentials: Credentials) throws(ProbeError) -> Worded {
    if let bearer = credentials.bearer {
      let token = try words(bearer)
      context.redactor.add(token.exposed)
      var value = Worded("Bearer ")
      value.append(token.hasSecret ? token : Worded(secret: token.exposed, variable: "TOKEN"))
      return value
    }
    guard let basic = credentials.basic else { return Worded() }
    let user = try words(basic.user)
    let password = try words(basic.password)
    context.redactor.add(password.exposed)
    let encoded = Base64.encode(Array("\(user.exposed):\(password.exposed)".utf8))
    context.redactor.add(encoded)
    var value = Worded("Basic ")
    value.append(Worded(secret: encoded, variable: "BASIC_CREDENTIALS"))
    return value
  }

  private func body(_ step: HTTPStep) throws(ProbeError) -> (bytes: [UInt8]?, type: String?, options: [String]) {
    func data(_ words: Worded) -> [String] { ["--data-raw", words.shellWord] }
    switch step.body {
    case .none: return (nil, nil, [])
    case .json(let value):
      let words = try json(value)
      return (Array(words.exposed.utf8), "application/json", data(words))
    case .raw(let template):
      let words = try words(template)
      return (Array(words.exposed.utf8), nil, data(words))
    case .form(let fields):
      var pairs: [Worded] = []
      for (name, values) in fields {
        for value in values {
          var pair = Worded(URLText.formValue(name) + "=")
          pair.append(try component(value, URLText.formValue))
          pairs.append(pair)
        }
      }
      let words = Worded.joined(pairs, separator: "&")
      return (Array(words.exposed.utf8), "application/x-www-form-urlencoded", data(words))
    case .file(let template):
      let path = try path(template)
      return (try read(path), "application/octet-stream", ["--data-binary", ShellQuote.quote("@\(path)")])
    case .multipart(let parts): return try multipart(parts)
    }
  }

  private func read(_ path: String) throws(ProbeError) -> [UInt8] {
    do { return try FileSystem.read(path, limit: 64 << 20) } catch {
      throw ProbeError(.configuration, error.description, mend: "the path is seen from the document's directory")
    }
  }

  /// multipart/form-data, RFC 7578.
  private func multipart(_ parts: [(name: String, part: HTTPStep.Part)]) throws(ProbeError) -> (
    bytes: [UInt8]?, type: String?, options: [String]
  ) {
    let boundary = "gonogo-\(Digest.hex(Digest.random(16)))"
    // The names stand in quotes; RFC 7578, section 2 leaves browsers' percent-encoding of these three.
    func quoted(_ text: String) -> String {
      text.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }
    var bytes: [UInt8] = []
    var options: [String] = []
    for (name, part) in parts {
      var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quoted(name))\""
      var content: [UInt8]
      var option = Worded("\(name)=")
      switch part {
      case .text(let value, let type):
        let words = try words(value)
        content = Array(words.exposed.utf8)
        option.append(words)
        if let type = try type.map({ template throws(ProbeError) in try text(template) }) {
          head += "\r\nContent-Type: \(quoted(type))"
          option.append(";type=\(type)")
        }
      case .file(let template, let type, let fileName):
        let path = try path(template)
        content = try read(path)
        let shown =
          try fileName.map { template throws(ProbeError) in try text(template) } ?? FileSystem.lastComponent(of: path)
        let media = try type.map { template throws(ProbeError) in try text(template) } ?? "application/octet-stream"
        head += "; filename=\"\(quoted(shown))\"\r\nContent-Type: \(quoted(media))"
        option.append("@\(path);type=\(media);filename=\(shown)")
      }
      bytes += Array("\(head)\r\n\r\n".utf8)
      bytes += content
      bytes += [13, 10]
      options += ["-F", option.shellWord]
    }
    bytes += Array("--\(boundary)--\r\n".utf8)
    return (bytes, "multipart/form-data; boundary=\(boundary)", options)
  }

  private func sign(_ signature: HTTPStep.Signature, body: [UInt8]) throws(ProbeError) -> Worded {
    let text = try text(signature.key)
    context.redactor.add(text)
    let key: [UInt8]?
    switch signature.keyEncoding {
    case "hex": key = Self.hex(text)
    case "base64": key = Base64.decode(text)
    default: key = Array(text.utf8)
    }
    guard let key, let algorithm = Digest.Algorithm(rawValue: signature.algorithm) else {
      throw ProbeError(
        .configuration, "the key of the signature is not \(signature.keyEncoding)",
        mend: "leave `key_encoding` out where the key is the text itself")
    }
    var message = body
    if let over = signature.over {
      var renderer = self
      renderer.scope.set("body", Scope.Value(.string(String(decoding: body, as: UTF8.self))))
      message = Array(try renderer.text(over).utf8)
    }
    let mac = Digest.hmac(message, key: key, algorithm)
    var value = try signature.prefix.map { template throws(ProbeError) in try words(template) } ?? Worded()
    let encoded = signature.encoding == "hex" ? Digest.hex(mac) : Base64.encode(mac)
    context.redactor.add(encoded)
    value.append(Worded(secret: encoded, variable: "SIGNATURE"))
    return value
  }

  static func hex(_ text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x41...0x46: byte - 0x41 + 10
      case 0x61...0x66: byte - 0x61 + 10
      default: nil
      }
    }
    guard digits.count == text.utf8.count, digits.count % 2 == 0, !digits.isEmpty else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
