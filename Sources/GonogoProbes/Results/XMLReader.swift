import GonogoDocument

/// Why a text is not the XML that is read here, and where.
struct XMLFault: Error, Equatable {
  let message: String
  let line: Int
  let column: Int
}

/// A pull reader for XML 1.0 as report writers write it, made for files that nobody trusts.
///
/// There is no document type, so there are no entities but the five and numeric ones, nothing is fetched, and nothing can
/// grow; depth, attributes and names are bounded. Namespaces are not resolved: an element is given without its prefix. Control
/// characters, which XML forbids and test runners write all the same, are let through.
struct XMLReader {
  enum Event: Equatable {
    case start(String, attributes: [String: String])
    case end(String)
    case text(String)
  }

  private static let maximumDepth = 256
  private static let maximumAttributes = 256

  private let bytes: [UInt8]
  private var index = 0
  private var open: [(name: String, offset: Int)] = []
  private var pendingEnd: String?
  private var rootSeen = false

  init(_ bytes: [UInt8]) throws(XMLFault) {
    self.bytes = bytes
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw fault("the file is UTF-16; save it as UTF-8", at: 0)
    }
    if let offset = EncodingCheck.firstFault(in: bytes) {
      throw fault("bytes that are not UTF-8", at: offset)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    try declaration()
  }

  func fault(_ message: String, at position: Int? = nil) -> XMLFault {
    let end = min(position ?? index, bytes.count)
    var line = 1
    var start = 0
    for offset in 0..<end where bytes[offset] == 0x0A {
      line += 1
      start = offset + 1
    }
    return XMLFault(message: message, line: line, column: end - start + 1)
  }

  private func at(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
  }

  private mutating func skip(past text: StaticString, _ what: String) throws(XMLFault) {
    let start = index
    while index < bytes.count {
      if at(text) {
        index += text.utf8CodeUnitCount
        return
      }
      index += 1
    }
    throw fault("\(what) is never closed", at: start)
  }

  private mutating func skipSpace() {
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
  }

  private mutating func declaration() throws(XMLFault) {
    guard at("<?xml"), index + 5 < bytes.count, bytes[index + 5] == 0x20 || bytes[index + 5] == 0x09 else { return }
    let start = index
    try skip(past: "?>", "the declaration")
    let text = String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
    guard let mark = text.firstRange(of: "encoding") else { return }
    let value = text[mark.upperBound...].drop { $0 == " " || $0 == "=" || $0 == "\"" || $0 == "'" }
    let name = value.prefix { $0 != "\"" && $0 != "'" && $0 != "?" }
    let known = ["utf-8", "utf8", "us-ascii", "ascii"]
    // A file of ASCII alone is the same in every encoding that a writer may claim.
    if !known.contains(String(name)), bytes.contains(where: { $0 >= 0x80 }) {
      throw fault("the encoding \(name.prefix(40)) is not read; save it as UTF-8", at: start)
    }
  }

  /// The next event; `nil` after the root's end.
  mutating func next() throws(XMLFault) -> Event? {
    if let name = pendingEnd {
      pendingEnd = nil
      return .end(name)
    }
    while index < bytes.count {
      if bytes[index] != UInt8(ascii: "<") {
        let text = try characters()
        if open.isEmpty {
          if text.contains(where: { !$0.isWhitespace }) { throw fault("text outside the root element") }
          continue
        }
        return .text(text)
      }
      if at("<!--") {
        try skip(past: "-->", "the comment")
      } else if at("<![CDATA[") {
        if open.isEmpty { throw fault("text outside the root element") }
        let start = index + 9
        try skip(past: "]]>", "the CDATA section")
        return .text(String(decoding: bytes[start..<index - 3], as: UTF8.self))
      } else if at("<!") {
        throw fault("document type declarations are not read")
      } else if at("<?") {
        try skip(past: "?>", "the processing instruction")
      } else if at("</") {
        return try endTag()
      } else {
        return try startTag()
      }
    }
    if let last = open.last { throw fault("the file ends inside <\(last.name)>") }
    if !rootSeen { throw fault("there is no element") }
    return nil
  }

  private mutating func startTag() throws(XMLFault) -> Event {
    let start = index
    if open.isEmpty, rootSeen { throw fault("a second root element") }
    if open.count >= Self.maximumDepth { throw fault("nested more than \(Self.maximumDepth) deep") }
    index += 1
    let name = try self.name()
    var attributes: [String: String] = [:]
    while true {
      let before = index
      skipSpace()
      guard index < bytes.count else { throw fault("the file ends inside the tag <\(name)>") }
      if at("/>") {
        index += 2
        pendingEnd = name
        break
      }
      if at(">") {
        index += 1
        open.append((name, start))
        break
      }
      if before == index { throw fault("expected a blank, '>' or '/>' in the tag <\(name)>") }
      let at = index
      let key = try self.name(whole: true)
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { throw fault("expected '=' after \(key)") }
      index += 1
      skipSpace()
      let value = try attributeValue()
      if attributes.updateValue(value, forKey: key) != nil {
        throw fault("the attribute \(key) is written twice", at: at)
      }
      if attributes.count > Self.maximumAttributes { throw fault("more than \(Self.maximumAttributes) attributes") }
    }
    rootSeen = true
    return .start(name, attributes: attributes)
  }

  private mutating func endTag() throws(XMLFault) -> Event {
    let start = index
    index += 2
    let name = try self.name()
    skipSpace()
    guard at(">") else { throw fault("expected '>'") }
    index += 1
    guard let last = open.popLast() else { throw fault("</\(name)> closes nothing", at: start) }
    if last.name != name { throw fault("</\(name)> where </\(last.name)> was expected", at: start) }
    return .end(name)
  }

  /// A name without its namespace prefix, or whole.
  private mutating func name(whole: Bool = false) throws(XMLFault) -> String {
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      let good =
        byte >= 0x80 || byte.isASCIIDigit || byte.isASCIILetter
        || "_-.:".utf8.contains(byte)
      if !good { break }
      index += 1
    }
    guard index > start, index - start <= 256, !"0123456789-.".utf8.contains(bytes[start]) else {
      throw fault("expected a name", at: start)
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if whole { return text }
    return text.lastIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? text
  }

  private mutating func attributeValue() throws(XMLFault) -> String {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") else {
      throw fault("expected a value in quotes")
    }
    let quote = bytes[index]
    let start = index
    index += 1
    var output: [UInt8] = []
    while index < bytes.count, bytes[index] != quote {
      switch bytes[index] {
      case UInt8(ascii: "<"): throw fault("'<' inside a value")
      case UInt8(ascii: "&"): try reference(into: &output)
      default:
        output.append(bytes[index])
        index += 1
      }
    }
    if index == bytes.count { throw fault("the value is never closed", at: start) }
    index += 1
    return String(decoding: output, as: UTF8.self)
  }

  private mutating func characters() throws(XMLFault) -> String {
    var output: [UInt8] = []
    while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
      if bytes[index] == UInt8(ascii: "&") {
        try reference(into: &output)
      } else {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "<"), bytes[index] != UInt8(ascii: "&") { index += 1 }
        output.append(contentsOf: bytes[start..<index])
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private mutating func reference(into output: inout [UInt8]) throws(XMLFault) {
    let start = index
    let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
    guard let end else { throw fault("'&' that begins no reference", at: start) }
    let name = String(decoding: bytes[index + 1..<end], as: UTF8.self)
    index = end + 1
    switch name {
    case "amp": output.append(UInt8(ascii: "&"))
    case "lt": output.append(UInt8(ascii: "<"))
    case "gt": output.append(UInt8(ascii: ">"))
    case "quot": output.append(UInt8(ascii: "\""))
    case "apos": output.append(UInt8(ascii: "'"))
    default:
      guard name.hasPrefix("#") else { throw fault("the entity &\(name); is not known", at: start) }
      let digits = name.dropFirst()
      let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      guard let value, let scalar = Unicode.Scalar(value), value != 0 else {
        throw fault("&\(name); is no character", at: start)
      }
      output.append(contentsOf: String(Character(scalar)).utf8)
    }
  }
}
