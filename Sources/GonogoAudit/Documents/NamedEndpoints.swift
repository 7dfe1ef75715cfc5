import GonogoCore

/// An endpoint of the service itself that a text names: `GET /users/{id}`, `curl localhost:3000/health`, `/api/health`.
struct NamedEndpoint: Sendable {
  /// In capitals; `nil` where the text names none.
  let method: String?
  /// As it is written.
  let text: String
  let path: RoutePath
  /// Offset of the path in the line, in bytes.
  let offset: Int
  /// The port of the machine's own address before it.
  var port: String?

  var shown: String { method.map { "\($0) \(text)" } ?? text }
}

enum NamedEndpoints {
  private static let methods: Set<String> = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]

  /// The endpoints that a line names.
  ///
  /// - Parameter isCode: the line stands in a block of code.
  static func read(_ line: String, isCode: Bool = false) -> [NamedEndpoint] {
    let bytes = Array(line.utf8)
    var result: [NamedEndpoint] = []
    let isCall = line.contains("curl ") || line.contains("wget ") || line.contains("http ")
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "/") || isScheme(bytes, index) else {
        index += 1
        continue
      }
      var end = index
      while end < bytes.count, bytes[end] > 0x20, !"`\"'|,;".utf8.contains(bytes[end]), bytes[end] < 0x80 { end += 1 }
      defer { index = max(end, index + 1) }
      // What goes on before the slash is a word with a slash in it, a relative path, an address.
      if bytes[index] == UInt8(ascii: "/"), index > 0 {
        guard " `\t|\"'(*}>".utf8.contains(bytes[index - 1]) else { continue }
      }
      var text = String(decoding: bytes[index..<end], as: UTF8.self)
      var start = index
      var port: String?
      if let scheme = text.firstRange(of: "://") {
        let rest = text[scheme.upperBound...]
        guard isOwnHost(rest.prefix { $0 != "/" }), let slash = rest.firstIndex(of: "/") else { continue }
        start += text[..<slash].utf8.count
        port = rest[..<slash].split(separator: ":").dropFirst().first.map(String.init)
        text = String(rest[slash...])
      } else if index > 0, bytes[index - 1] == UInt8(ascii: "}") || bytes[index - 1] == UInt8(ascii: ">") {
        // `${BASE_URL}/x`, `{{base}}/x`, `<host>/x`.
        guard isBase(bytes[..<index]) else { continue }
      }
      while let last = text.last,
        ")]>*".contains(last) && !balanced(text) || ".:".contains(last) || text.hasSuffix("**")
      {
        text.removeLast(text.hasSuffix("**") ? 2 : 1)
      }
      guard isPath(text) else { continue }
      let method = method(bytes, before: index) ?? (isCode ? nil : methodBehind(bytes, end))
      let isSpan = index > 0 && bytes[index - 1] == UInt8(ascii: "`")
      guard method != nil || isCall && start != index || isSpan && isCalled(text, line) else { continue }
      let path = RoutePath(text)
      guard let first = path.words.first, !["endpoint", "resource", "your-endpoint", "route"].contains(first) else {
        continue
      }
      result.append(NamedEndpoint(method: method, text: text, path: path, offset: start, port: port))
    }
    return result
  }

  private static func isScheme(_ bytes: [UInt8], _ index: Int) -> Bool {
    bytes[index...].starts(with: "http://".utf8) || bytes[index...].starts(with: "https://".utf8)
  }

  /// Ports on which something listens that is no code of the tree: Prometheus, Grafana, Elasticsearch, Supabase's local stack and others.
  private static let foreignPorts: Set<String> = [
    "9090", "9091", "9093", "9100", "3100", "3200", "9200", "5601", "16686", "14268", "4317", "4318", "11434", "54321",
    "54323", "8025", "1025", "15672", "9000", "9001", "8200", "8500", "6333", "7474", "5050", "8086", "2379", "4566",
    "9411", "13133", "8888", "9999", "4040", "3003",
  ]

  private static func isOwnHost(_ host: Substring) -> Bool {
    let parts = host.split(separator: ":", maxSplits: 1)
    guard let name = parts.first?.lowercased() else { return false }
    if parts.count > 1, foreignPorts.contains(String(parts[1])) { return false }
    return ["localhost", "127.0.0.1", "0.0.0.0"].contains(name)
      || ["your-", "yourdomain", "your_", "<your", "{your", "$", "example.com", "<host", "<domain", "{{"].contains {
        name.hasPrefix($0)
      }
  }

  private static func isBase(_ bytes: ArraySlice<UInt8>) -> Bool {
    let tail = String(decoding: bytes.suffix(40), as: UTF8.self).lowercased()
    guard let open = tail.lastIndex(where: { $0 == "{" || $0 == "<" }) else { return false }
    let name = tail[open...]
    return ["base", "host", "domain", "url", "app", "api"].contains { name.contains($0) }
  }

  private static func balanced(_ text: String) -> Bool {
    var depth = 0
    for character in text {
      if "([{<".contains(character) { depth += 1 }
      if ")]}>".contains(character) { depth -= 1 }
    }
    return depth == 0
  }

  /// The method before a path, whatever marks stand between: ``**GET** `/x` ``, `| POST | /x |`.
  private static func method(_ bytes: [UInt8], before index: Int) -> String? {
    var end = index
    while end > 0, " `*|_\t\"':-X".utf8.contains(bytes[end - 1]) { end -= 1 }
    var start = end
    while start > 0, (0x41...0x5A).contains(bytes[start - 1]) { start -= 1 }
    if start > 0, RouteLiterals.isLetter(bytes[start - 1]) { return nil }
    let word = String(decoding: bytes[start..<end], as: UTF8.self)
    return methods.contains(word) ? word : nil
  }

  /// The method in the next cell of a table.
  private static func methodBehind(_ bytes: [UInt8], _ end: Int) -> String? {
    var start = end
    var isCell = false
    while start < bytes.count, " `*|".utf8.contains(bytes[start]) {
      isCell = isCell || bytes[start] == UInt8(ascii: "|")
      start += 1
    }
    guard isCell else { return nil }
    let word = String(decoding: bytes[start...].prefix { (0x41...0x5A).contains($0) }, as: UTF8.self)
    return methods.contains(word) ? word : nil
  }

  /// Whether a path alone, in a code span, is meant as an endpoint.
  private static func isCalled(_ text: String, _ line: String) -> Bool {
    if text.hasPrefix("/api/") { return true }
    let lower = line.lowercased()
    let name = text.lowercased().split(separator: "/").last.map(String.init) ?? ""
    return ["health", "healthz", "ready", "readyz", "livez", "live", "metrics", "readiness", "liveness", "ping"]
      .contains(name)
      && ["endpoint", "route", "probe", "health", "эндпоинт"].contains { lower.contains($0) }
  }

  private static func isPath(_ text: String) -> Bool {
    // One that ends in a hyphen goes on in the next line.
    guard text.count > 2, !text.hasSuffix("-"), !text.contains("..."), !text.contains("…"), !text.contains("//"),
      !text.contains("*"),
      !text.contains("\\"), text.dropFirst().first != "/"
    else { return false }
    let lower = text.lowercased()
    let roots = [
      "/etc", "/var", "/usr", "/home", "/opt", "/tmp", "/mnt", "/root", "/dev/", "/proc", "/bin", "/sbin", "/lib",
      "/run/",
      "/data/", "/srv", "/app/", "/src/", "/path", "/users/me/", "/workspace", "/repo",
      // What Supabase serves.
      "/auth/v1", "/rest/v1", "/storage/v1", "/realtime/v1", "/graphql/v1",
    ]
    if roots.contains(where: lower.hasPrefix) { return false }
    // A file, unless the endpoint is one.
    let last = lower.split(separator: "/").last ?? ""
    if let dot = last.lastIndex(of: "."), !last.contains("{"), !last.contains("<"), last[dot...].count <= 6 {
      return false
    }
    return true
  }
}
