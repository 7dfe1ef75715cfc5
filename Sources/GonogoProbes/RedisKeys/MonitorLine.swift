import GonogoCore

/// One command as MONITOR reports it: `1339518083.107412 [0 127.0.0.1:60866] "GET" "k"`.
///
/// Arguments are escaped as `sdscatrepr` does (https://redis.io/docs/latest/commands/monitor/).
struct MonitorLine: Sendable, Equatable {
  let database: String
  /// The client's address; `lua` for what a script does.
  let client: String
  let words: [String]

  init?(_ text: String) {
    guard let open = text.firstIndex(of: "["), let close = text.firstIndex(of: "]"), open < close else { return nil }
    let head = text[text.index(after: open)..<close]
    guard let blank = head.firstIndex(of: " ") else { return nil }
    database = String(head[..<blank])
    client = String(head[head.index(after: blank)...])
    var words: [String] = []
    var current: [UInt8]?
    var rest = Array(text[text.index(after: close)...].utf8)[...]
    while let byte = rest.popFirst() {
      guard var word = current else {
        if byte == UInt8(ascii: "\"") { current = [] }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        words.append(String(decoding: word, as: UTF8.self))
        current = nil
        continue
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else { return nil }
        switch escaped {
        case UInt8(ascii: "n"): word.append(10)
        case UInt8(ascii: "r"): word.append(13)
        case UInt8(ascii: "t"): word.append(9)
        case UInt8(ascii: "a"): word.append(7)
        case UInt8(ascii: "b"): word.append(8)
        case UInt8(ascii: "x"):
          guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
            return nil
          }
          rest = rest.dropFirst(2)
          word.append(value)
        default: word.append(escaped)
        }
      default: word.append(byte)
      }
      current = word
    }
    guard current == nil, !words.isEmpty else { return nil }
    self.words = words
  }

  var command: String { words[0].uppercased() }
}
