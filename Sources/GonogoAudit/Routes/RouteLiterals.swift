import GonogoCore

/// The strings of code and configuration that can be a route's path, or a part of one.
///
/// It takes in more than there is on purpose: what serves a path is written in some string, whatever the framework, and who asks
/// wants to know that nothing does.
enum RouteLiterals {
  /// A string as it stands between its quotes, and the offset of its first byte.
  struct Literal {
    let text: String
    let offset: Int
  }

  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  /// The strings of a file of code.
  static func literals(of bytes: [UInt8], _ language: Language?) -> [Literal] {
    bytes.withUnsafeBufferPointer { literals(of: $0, language) }
  }

  private static func literals(of bytes: UnsafeBufferPointer<UInt8>, _ language: Language?) -> [Literal] {
    var result: [Literal] = []
    let isOpen = takesAnyWord(language)
    var lineStart = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x0A { lineStart = index + 1 }
      if byte == UInt8(ascii: ":"), language == .ruby, index + 1 < bytes.count, isLetter(bytes[index + 1]),
        index == 0 || bytes[index - 1] <= 0x20 || bytes[index - 1] == UInt8(ascii: "[")
      {
        var end = index + 1
        while end < bytes.count, isLetter(bytes[end]) || bytes[end] == UInt8(ascii: "_") { end += 1 }
        result.append(Literal(text: String(decoding: bytes[index + 1..<end], as: UTF8.self), offset: index + 1))
        index = end
        continue
      }
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") else {
        index += 1
        continue
      }
      let start = index + 1
      var end = start
      while end < bytes.count, bytes[end] != byte, bytes[end] != 0x0A, end - start < 240 {
        end += bytes[end] == 0x5C ? 2 : 1
      }
      guard end < bytes.count, bytes[end] == byte, end > start else {
        index = start
        continue
      }
      let before = bytes[lineStart..<index]
      if isPossible(bytes[start..<end]), let text = path(bytes[start..<end], isOpen || isRoutePosition(before)),
        !isClientCall(before)
      {
        result.append(Literal(text: text, offset: start))
      }
      index = end + 1
    }
    return result
  }

  /// The words of a configuration that begin with a slash, and the paths of its addresses.
  static func words(of bytes: [UInt8]) -> [Literal] {
    bytes.withUnsafeBufferPointer { words(of: $0) }
  }

  private static func words(of bytes: UnsafeBufferPointer<UInt8>) -> [Literal] {
    var result: [Literal] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "/") else {
        index += 1
        continue
      }
      var end = index
      while end < bytes.count, bytes[end] > 0x20, !"\"'`,;|".utf8.contains(bytes[end]) { end += 1 }
      let next = end
      // A key of YAML's.
      if bytes[end - 1] == UInt8(ascii: ":") { end -= 1 }
      defer { index = next }
      var start = index
      // An address: the path follows its host.
      if end > index + 2, bytes[index + 1] == UInt8(ascii: "/") {
        start = bytes[(index + 2)..<end].firstIndex(of: UInt8(ascii: "/")) ?? end
      }
      if start < end, end - start < 240, let text = path(bytes[start..<end], true) {
        result.append(Literal(text: text, offset: start))
      }
    }
    return result
  }

  /// Whether a string may have the form of a path, by its bytes: most have not.
  private static func isPossible(_ bytes: Bytes) -> Bool {
    guard let space = bytes.firstIndex(of: 0x20), space + 1 == bytes.endIndex || bytes[space + 1] < 0x80 else {
      return true
    }
    // Behind a method alone.
    return space - bytes.startIndex <= 7 && bytes[..<space].allSatisfy { (0x41...0x5A).contains($0) }
  }

  /// The text, where it has the form of a path: from the slash on, or any words where routes are written without one.
  private static func path(_ whole: Bytes, _ takesWords: Bool) -> String? {
    // A path begins with a slash, whatever is taken away before it.
    guard takesWords || whole.contains(UInt8(ascii: "/")) else { return nil }
    var text = whole
    // Go's mux: `GET /users/{id}`.
    if let space = text.firstIndex(of: 0x20) {
      let method = text[..<space]
      guard methods.contains(where: { method.elementsEqual($0.utf8) }) else { return nil }
      text = text[(space + 1)...]
    }
    // An address of the service itself, and what a variable stands before: `${base}/users`.
    if let scheme = colonSlashes(text) {
      guard let slash = text[(scheme + 3)...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
      text = text[slash...]
    } else if text.starts(with: "${".utf8) || text.first == UInt8(ascii: "{"),
      let close = text.firstIndex(of: UInt8(ascii: "}"))
    {
      if text[(close + 1)...].first == UInt8(ascii: "/") { text = text[(close + 1)...] }
    } else if text.first == UInt8(ascii: "^") {
      text = text.dropFirst()
    }
    guard text.count > 1 || takesWords, text.first == UInt8(ascii: "/") || takesWords,
      text.first != UInt8(ascii: "."), text.allSatisfy({ allowed[Int($0)] })
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  private static func colonSlashes(_ text: Bytes) -> Int? {
    var rest = text
    while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
      if text[colon...].starts(with: "://".utf8) { return colon }
      rest = text[(colon + 1)...]
    }
    return nil
  }

  /// The bytes that a path may have.
  private static let allowed: [Bool] = (0...255).map { byte in
    isLetter(UInt8(byte)) || (0x30...0x39).contains(byte)
      || "/-_.:{}[]<>*$()~%+=?|\\^@&,!#".utf8.contains(UInt8(byte))
  }

  private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

  /// Languages that no route of which is known by its form: any string in them may be one.
  private static func takesAnyWord(_ language: Language?) -> Bool {
    switch language {
    case .javascript, .typescript, .python, .go, .vue, .svelte: false
    default: true
    }
  }

  /// Whether a string without a slash may be a route where it stands: `@Get('users')`, `path("users/", …)`, `prefix: 'users'`.
  private static func isRoutePosition(_ line: Bytes) -> Bool {
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }
    guard let last = text.last(where: { $0 != 0x20 && $0 != UInt8(ascii: "r") && $0 != UInt8(ascii: "f") }) else {
      // The first of a line of its own: an argument, or an element of a list.
      return true
    }
    if last == UInt8(ascii: "(") || last == UInt8(ascii: "[") {
      let name = word(before: text.lastIndex(of: last) ?? text.startIndex, in: text)
      return name.isEmpty || positions.contains(name.lowercased())
    }
    guard last == UInt8(ascii: ":") || last == UInt8(ascii: "=") else { return false }
    let name = word(before: text.lastIndex(of: last) ?? text.startIndex, in: text).lowercased()
    return ["path", "url", "route", "prefix", "url_prefix", "url_path", "basepath", "base_path", "pattern", "version"]
      .contains(name)
  }

  private static let positions: Set<String> = [
    "get", "post", "put", "patch", "delete", "head", "options", "all", "any", "controller", "path", "re_path", "url",
    "register", "route", "router", "group", "grouped", "prefix", "mount", "use", "handle", "handlefunc", "include",
    "blueprint", "apirouter", "namespace", "resource", "add_url_rule", "add_route", "add_resource", "requestmapping",
    "getmapping", "postmapping", "websocket", "basepath", "endpoint", "sse", "message", "ws",
  ]

  private static func word(before end: Int, in text: Bytes) -> String {
    var stop = end
    while stop > text.startIndex, text[stop - 1] == 0x20 || text[stop - 1] == UInt8(ascii: "\"") { stop -= 1 }
    var start = stop
    while start > text.startIndex, isLetter(text[start - 1]) || text[start - 1] == UInt8(ascii: "_") { start -= 1 }
    return String(decoding: text[start..<stop], as: UTF8.self)
  }

  /// Whether the string is what a client asks for.
  private static func isClientCall(_ line: Bytes) -> Bool {
    guard let open = line.lastIndex(where: { $0 != 0x20 && $0 != 0x66 }), line[open] == UInt8(ascii: "(") else {
      return false
    }
    var start = open
    while start > line.startIndex,
      isLetter(line[start - 1]) || line[start - 1] == UInt8(ascii: ".") || line[start - 1] == UInt8(ascii: "$")
        || line[start - 1] == UInt8(ascii: "_")
    {
      start -= 1
    }
    let callee = String(decoding: line[start..<open], as: UTF8.self)
    let parts = callee.split(separator: ".").map(String.init)
    return parts.contains { clients.contains($0) }
  }

  private static let clients: Set<String> = [
    "fetch", "axios", "ky", "got", "$fetch", "useSWR", "requests", "httpx", "apiFetch", "fetchJson", "fetcher",
    "authFetch",
    "useFetch", "redirect", "push", "navigate",
  ]

  static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
