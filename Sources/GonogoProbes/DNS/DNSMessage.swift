import GonogoCore

/// A DNS message (RFC 1035, section 4), read with bounds: no input leads out of the buffer, into a loop, or into work that
/// grows faster than the message.
struct DNSMessage: Sendable, Equatable {
  enum Kind: UInt16, Sendable, CaseIterable {
    case a = 1
    case ns = 2
    case cname = 5
    case soa = 6
    case ptr = 12
    case mx = 15
    case txt = 16
    case aaaa = 28
    case srv = 33
    case caa = 257

    var name: String { "\(self)".uppercased() }
    init?(name: String) {
      guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = kind
    }
  }

  struct Record: Sendable, Equatable {
    /// In lower case, without the last dot.
    let owner: String
    let kind: UInt16
    /// Seconds.
    let ttl: UInt32
    /// `nil` where the kind is not one that is read here.
    let data: JSON?
  }

  struct Malformed: Error, Equatable {
    let reason: String
  }

  let id: UInt16
  let isReply: Bool
  let isAuthoritative: Bool
  let isTruncated: Bool
  let code: UInt8
  let question: (name: String, kind: UInt16)?
  let answers: [Record]

  static func == (left: DNSMessage, right: DNSMessage) -> Bool {
    left.id == right.id && left.answers == right.answers && left.code == right.code
  }

  /// The names of the codes (IANA, DNS RCODEs).
  static let codes: [UInt8: String] = [
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH",
  ]
  var codeName: String { Self.codes[code] ?? "RCODE\(code)" }

  /// A question with recursion desired.
  ///
  /// - Returns: `nil` where the name cannot be one (RFC 1035, section 2.3.4: labels of 1 to 63 octets, 255 in all).
  static func query(id: UInt16, name: String, kind: Kind) -> [UInt8]? {
    guard let wire = encode(name) else { return nil }
    var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    bytes += wire
    bytes += [UInt8(kind.rawValue >> 8), UInt8(kind.rawValue & 255), 0, 1]
    return bytes
  }

  static func encode(_ name: String) -> [UInt8]? {
    var text = Substring(name)
    if text.hasSuffix(".") { text = text.dropLast() }
    var bytes: [UInt8] = []
    if !text.isEmpty {
      for label in text.split(separator: ".", omittingEmptySubsequences: false) {
        guard (1...63).contains(label.utf8.count), label.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
          return nil
        }
        bytes.append(UInt8(label.utf8.count))
        bytes += label.utf8
      }
    }
    bytes.append(0)
    return bytes.count <= 255 ? bytes : nil
  }

  init(_ bytes: [UInt8]) throws(Malformed) {
    var reader = Reader(bytes)
    id = try reader.short()
    let flags = try reader.short()
    isReply = flags & 0x8000 != 0
    isAuthoritative = flags & 0x0400 != 0
    isTruncated = flags & 0x0200 != 0
    code = UInt8(flags & 15)
    let questions = try reader.short()
    let count = try reader.short()
    _ = try reader.short()
    _ = try reader.short()
    guard questions <= 1 else { throw Malformed(reason: "it has \(questions) questions") }
    if questions == 1 {
      let name = try reader.name()
      let kind = try reader.short()
      guard try reader.short() == 1 else { throw Malformed(reason: "its question is not of the class IN") }
      question = (name.lowercased(), kind)
    } else {
      question = nil
    }
    var answers: [Record] = []
    // A truncated message ends where it ends; it is asked again over TCP.
    for _ in 0..<(isTruncated ? 0 : count) {
      let owner = try reader.name().lowercased()
      let kind = try reader.short()
      let recordClass = try reader.short()
      let ttl = try reader.long()
      let length = Int(try reader.short())
      let end = reader.position + length
      guard end <= bytes.count else { throw Malformed(reason: "a record is longer than the message") }
      let data = recordClass == 1 ? try Self.data(kind, &reader, end: end) : nil
      guard data == nil || reader.position == end else {
        throw Malformed(reason: "a record's data has another length than it says")
      }
      reader.position = end
      // A TTL with its first bit set is taken as zero (RFC 2181, section 8).
      if recordClass == 1 {
        answers.append(Record(owner: owner, kind: kind, ttl: ttl > 0x7FFF_FFFF ? 0 : ttl, data: data))
      }
    }
    self.answers = answers
  }

  private static func data(_ kind: UInt16, _ reader: inout Reader, end: Int) throws(Malformed) -> JSON? {
    switch Kind(rawValue: kind) {
    case nil: return nil
    case .a:
      let bytes = try reader.bytes(4, end: end)
      return .string(bytes.map { "\($0)" }.joined(separator: "."))
    case .aaaa: return .string(IPText.six(try reader.bytes(16, end: end)))
    case .ns, .cname, .ptr: return .string(try reader.name())
    case .mx:
      let preference = try reader.short()
      return ["preference": JSON(Int(preference)), "exchange": .string(try reader.name())]
    case .srv:
      let (priority, weight, port) = (try reader.short(), try reader.short(), try reader.short())
      return [
        "priority": JSON(Int(priority)), "weight": JSON(Int(weight)), "port": JSON(Int(port)),
        "target": .string(try reader.name()),
      ]
    case .soa:
      let (primary, mailbox) = (try reader.name(), try reader.name())
      var numbers: [JSON] = []
      for _ in 0..<5 { numbers.append(JSON(Int(try reader.long()))) }
      return [
        "primary": .string(primary), "mailbox": .string(mailbox), "serial": numbers[0], "refresh": numbers[1],
        "retry": numbers[2], "expire": numbers[3], "minimum": numbers[4],
      ]
    case .txt:
      // The strings of one record are one text (RFC 7208, section 3.3).
      var text: [UInt8] = []
      while reader.position < end {
        let length = Int(try reader.bytes(1, end: end)[0])
        text += try reader.bytes(length, end: end)
      }
      return .string(String(decoding: text, as: UTF8.self))
    case .caa:
      // RFC 8659, section 4.1.
      let head = try reader.bytes(2, end: end)
      let tag = try reader.bytes(Int(head[1]), end: end)
      let value = try reader.bytes(max(0, end - reader.position), end: end)
      return [
        "critical": .bool(head[0] & 0x80 != 0), "tag": .string(String(decoding: tag, as: UTF8.self).lowercased()),
        "value": .string(String(decoding: value, as: UTF8.self)),
      ]
    }
  }

  /// A place in the message that only moves forward, but for names.
  struct Reader {
    private let message: [UInt8]
    var position = 0

    init(_ message: [UInt8]) { self.message = message }

    mutating func bytes(_ count: Int, end: Int? = nil) throws(Malformed) -> [UInt8] {
      guard count >= 0, position + count <= min(end ?? message.count, message.count) else {
        throw Malformed(reason: "it ends too early")
      }
      defer { position += count }
      return Array(message[position..<position + count])
    }

    mutating func short() throws(Malformed) -> UInt16 {
      try bytes(2).reduce(0) { $0 << 8 | UInt16($1) }
    }

    mutating func long() throws(Malformed) -> UInt32 {
      try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A name, its compression followed: each pointer must lead to an earlier place than the one before, so that a ring of
    /// them ends, and a name has at most 255 octets.
    mutating func name() throws(Malformed) -> String {
      var labels: [String] = []
      var place = position
      var jumped = false
      var barrier = position
      var total = 1
      while true {
        guard place < message.count else { throw Malformed(reason: "a name leads out of it") }
        let length = Int(message[place])
        switch length & 0xC0 {
        case 0xC0:
          guard place + 1 < message.count else { throw Malformed(reason: "a name leads out of it") }
          let target = (length & 0x3F) << 8 | Int(message[place + 1])
          guard target < barrier else { throw Malformed(reason: "a name's pointer does not lead back") }
          if !jumped { position = place + 2 }
          jumped = true
          barrier = target
          place = target
        case 0:
          if length == 0 {
            if !jumped { position = place + 1 }
            return labels.joined(separator: ".")
          }
          guard place + 1 + length <= message.count else { throw Malformed(reason: "a name leads out of it") }
          total += length + 1
          if total > 255 { throw Malformed(reason: "a name is longer than 255 octets") }
          labels.append(Self.label(message[place + 1..<place + 1 + length]))
          place += 1 + length
        default: throw Malformed(reason: "a name has a label of an unknown kind")
        }
      }
    }

    /// A label as zone files write it: what is not plain is `\DDD` (RFC 1035, section 5.1), so that a dot inside a label
    /// does not look like one between labels.
    private static func label(_ bytes: ArraySlice<UInt8>) -> String {
      var text = ""
      for byte in bytes {
        if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "\\") {
          text += "\\" + String(UnicodeScalar(byte))
        } else if (0x21...0x7E).contains(byte) {
          text.unicodeScalars.append(UnicodeScalar(byte))
        } else {
          let number = String(byte)
          text += "\\" + String(repeating: "0", count: 3 - number.count) + number
        }
      }
      return text
    }
  }
}
