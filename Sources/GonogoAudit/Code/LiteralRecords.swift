import GonogoCore

/// The records of a list that stands in code: `[{ name: 'x', status: 'ok' }, …]` of JavaScript, `[{"name": "x"}, …]` of Python.
struct LiteralRecords {
  struct Record {
    /// By key, what stands behind the colon, comments left out.
    let values: [String: String]
    /// Offset in the text.
    let offset: Int

    /// The string that a value is; `nil` where it is no plain one.
    func string(_ key: String) -> String? { values[key].flatMap(LiteralRecords.string) }
  }

  let records: [Record]

  /// - Parameter text: from the opening bracket on.
  init(_ text: String, _ syntax: CodeSyntax) {
    let raw = Array(text.utf8)
    let code = CodeText(raw, syntax).code
    var records: [Record] = []
    var index = 1
    while index < code.count {
      switch code[index] {
      case UInt8(ascii: "{"):
        let end = Self.close(code, index)
        records.append(Self.record(raw, code, index, end))
        index = end
      case UInt8(ascii: "["), UInt8(ascii: "("): index = Self.close(code, index)
      default: index += 1
      }
    }
    self.records = records
  }

  private static func record(_ raw: [UInt8], _ code: [UInt8], _ start: Int, _ end: Int) -> Record {
    var values: [String: String] = [:]
    var index = start + 1
    var from = index
    var colon: Int?
    func take(_ stop: Int) {
      guard let colon, colon > from else { return }
      let key = String(decoding: raw[from..<colon], as: UTF8.self).trimmingWhitespace
        .filter { $0 != "\"" && $0 != "'" }
      var value = ""
      for place in (colon + 1)..<max(colon + 1, stop) {
        // A comment is blank in the code; the insides of strings are, too, and stay.
        value.unicodeScalars.append(Unicode.Scalar(raw[place]))
      }
      let last = key.split { $0 == "\n" || $0 == " " }.last.map(String.init) ?? key
      values[last] = value.trimmingWhitespace
    }
    while index < end - 1 {
      switch code[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("): index = close(code, index) - 1
      case UInt8(ascii: "`"):
        index += 1
        while index < end - 1, code[index] != UInt8(ascii: "`") { index += 1 }
      case UInt8(ascii: ":") where colon == nil: colon = index
      case UInt8(ascii: ","):
        take(index)
        from = index + 1
        colon = nil
      default: break
      }
      index += 1
    }
    take(end - 1)
    return Record(values: values, offset: start)
  }

  /// The offset behind the bracket that closes the one here.
  private static func close(_ code: [UInt8], _ open: Int) -> Int {
    var depth = 0
    var index = open
    while index < code.count {
      switch code[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return index
  }

  /// What stands between the quotes of a plain string, `as const` behind it passed over.
  static func string(_ value: String) -> String? {
    guard let quote = value.first, quote == "'" || quote == "\"" else { return nil }
    let rest = value.dropFirst()
    guard let end = rest.firstIndex(of: quote) else { return nil }
    let tail = rest[rest.index(after: end)...].drop { $0 == " " }
    return tail.isEmpty || tail.hasPrefix("as ") || tail.hasPrefix("satisfies ") ? String(rest[..<end]) : nil
  }
}

extension String {
  /// Without blanks and ends of lines at both ends.
  var trimmingWhitespace: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
