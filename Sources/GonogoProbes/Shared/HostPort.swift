/// `host:port`, with an IPv6 address in brackets.
struct HostPort: Sendable, Equatable, CustomStringConvertible {
  let host: String
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `example.com:443`, `10.0.0.1:53`, `[::1]:53`, and each without its port where there is a default; `nil` where
  /// the text is none. A URL is not taken: what is meant by its path would be lost.
  init?(_ text: String, defaultPort: Int? = nil) {
    var host = Substring(text)
    var port: Substring?
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<close]
      let rest = text[text.index(after: close)...]
      if rest.hasPrefix(":") { port = rest.dropFirst() } else if !rest.isEmpty { return nil }
      guard host.contains(":") else { return nil }
    } else if let colon = text.lastIndex(of: ":") {
      if text.firstIndex(of: ":") == colon {
        host = text[..<colon]
        port = text[text.index(after: colon)...]
      } else if defaultPort == nil {
        return nil  // a bare IPv6 address: which colon begins the port?
      }
    }
    guard !host.isEmpty, host.utf8.count <= 253,
      host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"/@?#[]\\\"'".utf8.contains($0) })
    else { return nil }
    if let port {
      guard !port.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
        (1...65535).contains(number)
      else { return nil }
      self.init(host: String(host), port: number)
    } else if let defaultPort {
      self.init(host: String(host), port: defaultPort)
    } else {
      return nil
    }
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
