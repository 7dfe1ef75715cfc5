import GonogoCore
import GonogoSystem

/// The names that modules go by, and the names that texts give.
enum ModuleNames {
  /// A string of code.
  struct Quoted {
    let text: String
    /// It stands where an import names what it wants.
    let isImported: Bool
  }

  private static let endings = [".tsx", ".ts", ".jsx", ".js", ".mjs", ".cjs", ".mts", ".cts", ".py"]
  /// What a bundler or a framework leaves out of an import.
  private static let variants = [
    ".ios", ".android", ".native", ".web", ".server", ".client", ".browser", ".node", ".edge", ".lazy",
  ]

  /// A name or a path without an ending of code.
  static func bare(_ text: String) -> String {
    for ending in endings where text.hasSuffix(ending) { return String(text.dropLast(ending.utf8.count)) }
    return text
  }

  /// The names that a module is imported by; of a folder's index the folder's.
  static func names(of file: TreeFile, isPython: Bool) -> [String] {
    let stem = bare(String(file.name))
    if stem == (isPython ? "__init__" : "index") {
      return file.directory.split(separator: "/").last.map { [String($0)] } ?? []
    }
    for variant in variants where stem.hasSuffix(variant) { return [stem, String(stem.dropLast(variant.utf8.count))] }
    return [stem]
  }

  /// The paths that a relative import of a module leads to.
  static func paths(of file: TreeFile) -> [String] {
    let folder = file.directory.isEmpty ? "" : file.directory + "/"
    let stem = bare(String(file.name))
    var result = [file.path, folder + stem]
    if stem == "index" { result.append(String(file.directory)) }
    for variant in variants where stem.hasSuffix(variant) { result.append(folder + stem.dropLast(variant.utf8.count)) }
    return result
  }

  // MARK: Strings of JavaScript

  /// The strings of a text without comments, those with blanks in them in words.
  static func strings(in bytes: [UInt8]) -> [Quoted] {
    var result: [Quoted] = []
    var index = 0
    while index < bytes.count {
      let quote = bytes[index]
      guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") else {
        index += 1
        continue
      }
      var end = index + 1
      while end < bytes.count, bytes[end] != quote, bytes[end] != 0x0A, end - index < 300 { end += 1 }
      // An apostrophe of a text; what follows may still be a string.
      guard end < bytes.count, bytes[end] == quote else {
        index += 1
        continue
      }
      let isImported = isImport(before: index, in: bytes)
      for word in bytes[(index + 1)..<end].split(whereSeparator: { $0 <= 0x20 }) where isImported || mayBeModule(word) {
        result.append(Quoted(text: String(decoding: word, as: UTF8.self), isImported: isImported))
      }
      index = end + 1
    }
    return result
  }

  /// Whether it has a slash behind something, or a dot.
  private static func mayBeModule(_ word: ArraySlice<UInt8>) -> Bool {
    word.dropFirst().contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
  }

  /// Whether `from`, `import`, `import(` or `require(` stands before a quote.
  private static func isImport(before index: Int, in bytes: [UInt8]) -> Bool {
    var at = index - 1
    while at >= 0, bytes[at] <= 0x20 || bytes[at] == UInt8(ascii: "(") { at -= 1 }
    let last = bytes[max(0, at - 10)..<(at + 1)]
    return [Array("from".utf8), Array("import".utf8), Array("require".utf8), Array("resolve".utf8)]
      .contains { last.suffix($0.count).elementsEqual($0) }
  }

  /// The names that a string gives: its last part, with and without endings. A path from the root of a site names none, except by a file of code.
  static func named(by quoted: Quoted) -> [String] {
    var text = Substring(quoted.text)
    if let query = text.firstIndex(where: { $0 == "?" || $0 == "#" && text.first != "#" }) { text = text[..<query] }
    let isCode = endings.contains { text.hasSuffix($0) }
    if text.hasPrefix("/") && !isCode && !quoted.isImported { return [] }
    guard let last = text.split(separator: "/").last else { return [] }
    let name = String(last.drop { "@~#$".contains($0) })
    var result = [name]
    let short = bare(name)
    if short != name { result.append(short) }
    // `handlers/order.handle`: a function of it.
    if let dot = name.firstIndex(of: "."), dot > name.startIndex { result.append(String(name[..<dot])) }
    // `services/index`, and a folder that is named with what is in it.
    if short == "index", let folder = text.split(separator: "/").dropLast().last { result.append(String(folder)) }
    return result
  }

  // MARK: Words of other texts

  /// The hash (FNV-1a, 64 bits) of a name.
  static func hash(_ name: some Sequence<UInt8>) -> UInt64 { name.reduce(offset) { step($0, $1) } }

  private static let offset: UInt64 = 0xcbf2_9ce4_8422_2325
  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

  /// Which of the wanted names a text has as words, whole or up to or between dots.
  static func words(in bytes: [UInt8], of wanted: Set<UInt64>, _ take: (UInt64) -> Void) {
    var whole = offset
    var piece = offset
    var isInside = false
    func end() {
      if wanted.contains(whole) { take(whole) }
      if piece != whole, wanted.contains(piece) { take(piece) }
    }
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"), 0x80...0xFF:
        whole = step(whole, byte)
        piece = step(piece, byte)
        isInside = true
      case UInt8(ascii: ".") where isInside:
        end()
        whole = step(whole, byte)
        piece = offset
      default:
        if isInside {
          end()
          whole = offset
          piece = offset
          isInside = false
        }
      }
    }
    if isInside { end() }
  }

  /// What a document's commands start.
  static func commands(in bytes: [UInt8], of wanted: Set<UInt64>, _ take: (UInt64) -> Void) {
    var from = 0
    while let hit = runners?.first(in: bytes, from: from) {
      var start = hit
      while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
      let end = bytes[hit...].firstIndex(of: 0x0A) ?? bytes.count
      from = end
      if hit - start < 400 { words(in: Array(bytes[start..<end].prefix(400)), of: wanted, take) }
    }
  }

  private static let runners = LiteralSearch(
    [
      "node ", "python", "tsx ", "ts-node", "bun ", "deno ", "npx ", "uvicorn", "gunicorn", "celery", "hypercorn",
      "pm2 ", "flask ", "streamlit", "nodemon", "psql ", "./", "wrangler", "pytest", "k6 ",
    ].map { Array($0.utf8) }, ignoringCase: false)

  /// Whether a text that is no code may name a module: no lock, record, translation, picture or table of a program's own.
  static func mayName(_ file: TreeFile) -> Bool {
    switch file.language {
    case .sql, .css, .scss, .graphql, .protobuf, .prisma: return false
    case .text: return file.name == "Procfile"
    default: break
    }
    let name = file.name.lowercased()
    if name.hasSuffix(".lock") || name.contains("-lock.") || name == "go.sum" || name.hasSuffix(".tsbuildinfo") {
      return false
    }
    if ["csv", "svg", "map", "snap", "log", "patch", "diff", "po", "pot", "woff", "ttf"].contains(file.fileExtension) {
      return false
    }
    let folders = file.directory.lowercased().split(separator: "/")
    return !folders.contains {
      ["locales", "locale", "i18n", "translations", "lang", "messages", "coverage", "node_modules"].contains($0)
    }
  }

  /// Whether `#` begins a comment in it.
  static func isHashed(_ file: TreeFile) -> Bool {
    switch file.language {
    case .yaml, .toml, .dockerfile, .shell, .make, .dotenv, .ini, .nginx, .hcl: true
    default: false
    }
  }

  // MARK: Python

  /// The lines of imports, and the strings.
  static func pythonRanges(in bytes: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var isOpen = false
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      let body = line.drop { $0 == 0x20 || $0 == 0x09 }
      if isOpen || body.starts(with: Array("import ".utf8)) || body.starts(with: Array("from ".utf8)) {
        result.append(start..<end)
        isOpen =
          isOpen
          ? !line.contains(UInt8(ascii: ")"))
          : line.contains(UInt8(ascii: "(")) && !line.contains(UInt8(ascii: ")")) || line.last == UInt8(ascii: "\\")
      } else {
        var from: Int?
        for index in line.indices where line[index] == UInt8(ascii: "'") || line[index] == UInt8(ascii: "\"") {
          if let open = from {
            result.append(open..<index)
            from = nil
          } else {
            from = index + 1
          }
        }
      }
      start = end + 1
    }
    return result
  }
}
