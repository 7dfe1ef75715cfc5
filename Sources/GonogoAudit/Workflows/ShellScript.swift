import GonogoCore

/// The simple commands of a shell script, with their places: as much of POSIX 2.10 as it takes to tell a command that is run
/// from one that is printed, quoted or commented out. Nothing is expanded.
struct ShellScript: Sendable {
  struct Command: Sendable {
    /// The program first; assignments before it, and words that only start something else (`sudo`, `npx`, `then`), are
    /// left out. Quotes are taken off.
    let words: [String]
    let position: SourcePosition
    /// What stands behind it: `||`, `&&`, `|`, `;`, `&`, `)`, or a line end as "\n".
    let end: String
    /// Where its output goes, if to a file.
    let redirected: Bool

    var program: String { words.first.map { String($0.split(separator: "/").last ?? "") } ?? "" }
    var arguments: ArraySlice<String> { words.dropFirst() }
    /// Whether the arguments hold these words, in this order, at the beginning; options between them are passed over.
    func begins(_ expected: String...) -> Bool {
      let plain = arguments.filter { !$0.hasPrefix("-") }
      return plain.prefix(expected.count).elementsEqual(expected)
    }
    func has(_ option: String) -> Bool { arguments.contains { $0 == option || $0.hasPrefix(option + "=") } }
    /// The value of `--name value` or `--name=value`.
    func value(of option: String) -> String? {
      for (index, word) in words.enumerated() {
        if word == option, index + 1 < words.count { return words[index + 1] }
        if word.hasPrefix(option + "=") { return String(word.dropFirst(option.utf8.count + 1)) }
      }
      return nil
    }
  }

  private(set) var commands: [Command] = []
  /// Whether `$?` or `PIPESTATUS` is asked for anywhere.
  let keepsStatus: Bool

  /// - Parameter lines: each line with the place of its first byte.
  init(_ lines: [(text: ArraySlice<UInt8>, position: SourcePosition)]) {
    var bytes: [UInt8] = []
    var places: [(offset: Int, position: SourcePosition)] = []
    for line in lines {
      places.append((bytes.count, line.position))
      bytes += line.text
      bytes.append(0x0A)
    }
    let whole = SourceFile(name: "", bytes: bytes)
    keepsStatus = whole.contains("$?") || whole.contains("PIPESTATUS")
    var reader = ShellReader(bytes: bytes, places: places)
    reader.read(until: nil)
    commands = reader.commands.sorted { $0.position < $1.position }
  }

  /// A script as a text of its own, from line 1.
  init(text: String) {
    let file = SourceFile(name: "", bytes: Array(text.utf8))
    self.init((1...file.lineCount).map { (file.line($0), SourcePosition(line: $0, column: 1)) })
  }

  /// The command behind another: for `a || b`, what `b` is.
  func following(_ index: Int) -> Command? { index + 1 < commands.count ? commands[index + 1] : nil }
}

private struct ShellReader {
  let bytes: [UInt8]
  let places: [(offset: Int, position: SourcePosition)]
  var commands: [ShellScript.Command] = []
  private var index = 0
  private var depth = 0
  /// Whether the commands being read stand between backticks, the next of which ends them.
  private var inBackticks = false
  private var heredocs: [(end: [UInt8], indented: Bool)] = []

  init(bytes: [UInt8], places: [(offset: Int, position: SourcePosition)]) {
    self.bytes = bytes
    self.places = places
  }

  /// Words that begin another command rather than being one.
  private static let starters: Set<String> = [
    "then", "else", "elif", "do", "if", "while", "until", "!", "{", "time", "sudo", "exec", "command", "npx", "bunx",
    "env", "nohup", "eval", "xvfb-run", "doppler",
  ]
  private static let runners: [[String]] = [
    ["pnpm", "exec"], ["pnpm", "dlx"], ["yarn", "dlx"], ["yarn", "exec"], ["npm", "exec"], ["uv", "run"],
    ["poetry", "run"], ["pipenv", "run"], ["bundle", "exec"], ["hatch", "run"], ["pdm", "run"], ["rye", "run"],
    ["bun", "x"], ["uvx"], ["python", "-m"], ["python3", "-m"], ["dotenv", "--"], ["corepack"],
  ]

  private func position(_ offset: Int) -> SourcePosition {
    var low = 0
    var high = places.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if places[middle].offset <= offset { low = middle } else { high = middle - 1 }
    }
    guard !places.isEmpty else { return SourcePosition(line: 1, column: 1) }
    let place = places[low]
    return SourcePosition(line: place.position.line, column: place.position.column + offset - place.offset)
  }

  private func at(_ offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Reads commands up to a closing byte (of `$(…)` or backticks), or to the end.
  mutating func read(until close: UInt8?) {
    var words: [(text: String, start: Int, quoted: Bool)] = []
    var redirected = false
    // A script of nothing but opening brackets must not take the stack.
    depth += 1
    let outer = inBackticks
    inBackticks = close == UInt8(ascii: "`")
    defer {
      depth -= 1
      inBackticks = outer
    }

    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    while index < bytes.count {
      let byte = bytes[index]
      if let close, byte == close {
        finish(&words, &redirected, ")")
        index += 1
        return
      }
      switch byte {
      case 0x20, 0x09: index += 1
      case UInt8(ascii: "\\") where at(index + 1) == 0x0A: index += 2
      case 0x0A:
        finish(&words, &redirected, "\n")
        index += 1
        skipHeredocs()
      case UInt8(ascii: "#"):
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      case UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"):
        finish(&words, &redirected, byte == UInt8(ascii: ")") ? ")" : ";")
        index += 1
      case UInt8(ascii: "|"), UInt8(ascii: "&"):
        if byte == UInt8(ascii: "&"), at(index + 1) == UInt8(ascii: ">") {
          redirected = true
          index += 2
          continue
        }
        let double = at(index + 1) == byte
        let mark = String(decoding: [UInt8](repeating: byte, count: double ? 2 : 1), as: UTF8.self)
        finish(&words, &redirected, mark)
        index += double ? 2 : 1
      case UInt8(ascii: "<") where at(index + 1) == UInt8(ascii: "<") && at(index + 2) != UInt8(ascii: "<"):
        index += 2
        let indented = at(index) == UInt8(ascii: "-")
        if indented { index += 1 }
        while let next = at(index), isBlank(next) { index += 1 }
        heredocs.append((Array(word().text.utf8), indented))
      case UInt8(ascii: "<"), UInt8(ascii: ">"):
        let isOutput = byte == UInt8(ascii: ">")
        // A digit right before it is the descriptor's number.
        var descriptor = ""
        if let last = words.last, !last.quoted, last.start + 1 == index, Int(last.text) != nil {
          descriptor = last.text
          words.removeLast()
        }
        while let next = at(index), next == byte || next == UInt8(ascii: "|") { index += 1 }
        // `2>&1` and `>&2` copy a descriptor.
        let copies = at(index) == UInt8(ascii: "&")
        if copies { index += 1 }
        while let next = at(index), isBlank(next) { index += 1 }
        _ = word()
        if isOutput, !copies, descriptor != "2" { redirected = true }
      default:
        let start = index
        let (text, quoted) = word()
        // A byte that begins no word would otherwise be met for ever.
        if index == start { index += 1 }
        words.append((text, start, quoted))
      }
    }
    finish(&words, &redirected, "\n")
  }

  /// A word, its quotes taken off; commands in `$(…)` are read as commands.
  private mutating func word() -> (text: String, quoted: Bool) {
    var text: [UInt8] = []
    var quoted = false
    while let byte = at(index) {
      switch byte {
      case 0x20, 0x09, 0x0A, UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "("),
        UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"):
        return (String(decoding: text, as: UTF8.self), quoted)
      case UInt8(ascii: "'"):
        quoted = true
        index += 1
        while let inner = at(index), inner != UInt8(ascii: "'") {
          text.append(inner)
          index += 1
        }
        index += 1
      case UInt8(ascii: "\""):
        quoted = true
        index += 1
        while let inner = at(index), inner != UInt8(ascii: "\"") {
          if inner == UInt8(ascii: "\\"), let next = at(index + 1) {
            text.append(next)
            index += 2
          } else if !substitution(&text) {
            text.append(inner)
            index += 1
          }
        }
        index += 1
      case UInt8(ascii: "\\"):
        if let next = at(index + 1), next != 0x0A { text.append(next) }
        index += 2
      default:
        if byte == UInt8(ascii: "`"), inBackticks || depth >= 100 {
          return (String(decoding: text, as: UTF8.self), quoted)
        }
        if !substitution(&text) {
          text.append(byte)
          index += 1
        }
      }
    }
    return (String(decoding: text, as: UTF8.self), quoted)
  }

  /// `$(…)`, `` `…` ``, `${…}` and `${{ … }}` at the index.
  private mutating func substitution(_ text: inout [UInt8]) -> Bool {
    let byte = bytes[index]
    if byte == UInt8(ascii: "`"), !inBackticks, depth < 100 {
      // The inner one of a pair closes: it is met by `read`.
      index += 1
      read(until: UInt8(ascii: "`"))
      text += Array("$()".utf8)
      return true
    }
    guard byte == UInt8(ascii: "$") else { return false }
    if at(index + 1) == UInt8(ascii: "("), at(index + 2) != UInt8(ascii: "("), depth < 100 {
      index += 2
      read(until: UInt8(ascii: ")"))
      text += Array("$()".utf8)
      return true
    }
    if at(index + 1) == UInt8(ascii: "{") {
      var open = 0
      while let inner = at(index) {
        text.append(inner)
        index += 1
        if inner == UInt8(ascii: "{") { open += 1 }
        if inner == UInt8(ascii: "}") {
          open -= 1
          if open <= 0 { break }
        }
        if inner == 0x0A { break }
      }
      return true
    }
    return false
  }

  private mutating func finish(
    _ words: inout [(text: String, start: Int, quoted: Bool)], _ redirected: inout Bool, _ end: String
  ) {
    defer {
      words = []
      redirected = false
    }
    var rest = words[...]
    while let first = rest.first {
      if !first.quoted, Self.starters.contains(first.text) || Self.isAssignment(first.text) {
        rest = rest.dropFirst()
      } else if let runner = Self.runners.first(where: { runner in
        rest.count > runner.count && zip(rest, runner).allSatisfy { $0.text == $1 }
      }) {
        rest = rest.dropFirst(runner.count)
        // `npx --yes x`, `npm exec -- x`, `uv run --locked x`
        while let option = rest.first, option.text.hasPrefix("-"), rest.count > 1 { rest = rest.dropFirst() }
      } else if first.text.hasPrefix("-"), rest.count < words.count, rest.count > 1 {
        rest = rest.dropFirst()
      } else {
        break
      }
    }
    guard let first = rest.first else { return }
    commands.append(
      ShellScript.Command(
        words: rest.map(\.text), position: position(first.start), end: end, redirected: redirected))
  }

  /// `NAME=value`; an assignment with a quoted value counts too.
  private static func isAssignment(_ text: String) -> Bool {
    guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals != text.utf8.startIndex else { return false }
    let name = text.utf8[..<equals]
    return name.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x5F }
      && !(name.first.map { $0 >= 0x30 && $0 <= 0x39 } ?? true)
  }

  /// The bodies of here-documents, which are data.
  private mutating func skipHeredocs() {
    for heredoc in heredocs {
      while index < bytes.count {
        var end = index
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        var line = bytes[index..<end]
        // In YAML the script's own indent has been taken off, or has not: blanks before the mark are forgiven.
        line = line.drop { $0 == 0x20 || $0 == 0x09 }
        index = min(end + 1, bytes.count)
        if line.elementsEqual(heredoc.end) { break }
      }
    }
    heredocs = []
  }
}
