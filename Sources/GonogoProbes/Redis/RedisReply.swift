import GonogoCore

/// One reply of RESP2.
indirect enum RedisReply: Sendable, Equatable {
  case text([UInt8])
  case status(String)
  case integer(Int64)
  case null
  case array([RedisReply])
  case error(RedisRefusal)

  /// The reply as a fact. A text that is not UTF-8 is `{ "base64": … }`.
  var json: JSON {
    switch self {
    case .text(let bytes):
      String(validating: bytes, as: UTF8.self).map(JSON.string) ?? ["base64": .string(Base64.encode(bytes))]
    case .status(let text): .string(text)
    case .integer(let value): .integer(value)
    case .null: .null
    case .array(let elements): .array(elements.map(\.json))
    case .error(let refusal): refusal.json
    }
  }

  var string: String? {
    switch self {
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    case .status(let text): text
    default: nil
    }
  }

  var integer: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .text, .status: string.flatMap { Int($0) }
    default: nil
    }
  }

  var elements: [RedisReply] {
    if case .array(let elements) = self { return elements }
    return []
  }

  var refusal: RedisRefusal? {
    if case .error(let refusal) = self { return refusal }
    return nil
  }

  /// The values of a flat list of names and values, which RESP2 has for a map.
  var members: [String: RedisReply] {
    var result: [String: RedisReply] = [:]
    let elements = elements
    for index in stride(from: 0, to: elements.count - 1, by: 2) {
      if let name = elements[index].string { result[name] = elements[index + 1] }
    }
    return result
  }
}

/// An error reply: its first word is a code (https://redis.io/docs/latest/develop/reference/protocol-spec/, "Simple errors").
struct RedisRefusal: Error, Sendable, Equatable {
  let code: String
  let message: String

  init(_ text: String) {
    let word = text.prefix { $0 != " " }
    code = String(word)
    message = String(text.dropFirst(word.count).drop { $0 == " " })
  }

  var json: JSON { ["code": .string(code), "message": .string(message)] }

  /// The refusal as the reason why nothing was seen.
  func probeError(to command: String) -> ProbeError {
    let words = PeerText.line("\(code) \(message)")
    switch code {
    case "NOAUTH", "WRONGPASS":
      return ProbeError(
        .denied, "the server did not accept who asks: \(words)",
        mend: "correct the user and password of the URL or of the principal")
    case "NOPERM":
      return ProbeError(
        .denied, "the user may not run \(command): \(words)",
        mend: "give the user leave (ACL SETUSER), or expect the refusal with `may_fail: true`")
    case "DENIED":
      return ProbeError(
        .denied, "the server takes no connection from here: \(words)",
        mend: "see `protected-mode` and `bind` of its settings")
    case "LOADING":
      return ProbeError(
        .unreachable, "the server is still reading its data from disk: \(words)",
        mend: "wait until it is ready, or add `within:`")
    case "MASTERDOWN":
      return ProbeError(
        .unreachable, "the replica has lost its master and serves no stale data: \(words)",
        mend: "mend the replication link")
    case "BUSY":
      return ProbeError(.unreachable, "the server is held up by a script: \(words)", mend: "see SCRIPT KILL")
    case "CLUSTERDOWN", "TRYAGAIN":
      return ProbeError(.unreachable, "the cluster does not serve this now: \(words)", mend: "see CLUSTER INFO")
    case "MOVED", "ASK":
      return ProbeError(
        .configuration, "another node of the cluster holds the key: \(words)", mend: "let `url:` name that node")
    case "ERR" where message.hasPrefix("max number of clients"):
      return ProbeError(.unreachable, "the server takes no more clients", mend: "see maxclients and who is connected")
    case "ERR" where message.hasPrefix("Client sent AUTH"), "ERR" where message.hasPrefix("AUTH <password> called"):
      return ProbeError(
        .denied, "the server knows no password, and was given one: \(words)",
        mend: "set one on the server, or take it out here")
    default:
      return ProbeError(
        .configuration, "the server refused \(command): \(words)",
        mend: "correct the command, or expect the refusal with `may_fail: true`")
    }
  }
}
