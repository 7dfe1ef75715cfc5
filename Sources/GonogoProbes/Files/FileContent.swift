import Glibc
import GonogoCore
import GonogoDocument

/// What a file holds, made fit for searching.
enum FileContent {
  /// Git's measure: a zero byte near the beginning (xdiff-interface.c, FIRST_FEW_BYTES).
  static func isBinary(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      buffer.baseAddress.map { memchr($0, 0, min(8000, buffer.count)) != nil } ?? false
    }
  }

  /// The text of a file, UTF-16 with a byte order mark turned into UTF-8; `nil` where the file is binary.
  static func text(_ bytes: [UInt8]) -> [UInt8]? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      let little = bytes[0] == 0xFF
      var units: [UInt16] = []
      units.reserveCapacity(bytes.count / 2)
      var index = 2
      while index + 1 < bytes.count {
        let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        units.append(little ? first | second << 8 : first << 8 | second)
        index += 2
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    }
    return isBinary(bytes) ? nil : bytes
  }

  enum Format: String, CaseIterable, Sendable {
    case json, yaml, toml

    init?(path: String) {
      let name = path.lowercased()
      if name.hasSuffix(".json") || name.hasSuffix(".webmanifest") {
        self = .json
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        self = .yaml
      } else if name.hasSuffix(".toml") {
        self = .toml
      } else {
        return nil
      }
    }

    struct Fault: Error {
      let message: String
    }

    /// - Throws: ``Fault`` with place and reason.
    func parse(_ bytes: [UInt8]) throws(Fault) -> JSON {
      switch self {
      case .json:
        do { return try JSON.parse(bytes) } catch {
          throw Fault(message: "\(error.line):\(error.column): not JSON: \(error.message)")
        }
      case .toml:
        do { return try TOMLReader.read(bytes) } catch {
          throw Fault(message: "\(error.line):\(error.column): not TOML: \(error.message)")
        }
      case .yaml:
        if let offset = EncodingCheck.firstFault(in: bytes) {
          let place = SourceFile(name: "", bytes: bytes).position(of: offset)
          throw Fault(message: "\(place.line):\(place.column): not YAML: bytes that are not UTF-8")
        }
        let sink = DiagnosticSink()
        let node = YAMLReader(sink: sink).read(bytes)
        if let first = sink.sorted.first {
          let place = first.range.map { "\($0.start.line):\($0.start.column): " } ?? ""
          throw Fault(message: "\(place)not YAML: \(first.message)")
        }
        return node?.json ?? .null
      }
    }
  }

  /// Values under names that sound secret, so that a document among the facts shows none of them.
  static func secrets(in json: JSON, under name: String = "") -> [String] {
    switch json {
    case .string(let text):
      return SecretPolicy.soundsSecret(name) && text.utf8.count >= 8 && !text.hasPrefix("${")
        ? [text] : text.contains("://") ? SecretPolicy.secrets(in: text, name: "", isPublic: false) : []
    case .array(let elements): return elements.flatMap { secrets(in: $0, under: name) }
    case .object(let members): return members.flatMap { secrets(in: $0.value, under: $0.key) }
    default: return []
    }
  }

  /// Files whose whole content is secret, by what everyone calls them.
  static func isSecretive(_ path: String) -> Bool {
    let name = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
    if name == ".env" || name.hasSuffix(".env") { return true }
    if name.hasPrefix(".env."), ![".env.example", ".env.sample", ".env.template"].contains(name) { return true }
    return [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx"].contains { name.hasSuffix($0) }
      || ["id_rsa", "id_ed25519", "id_ecdsa", ".pgpass", ".netrc", ".npmrc", ".htpasswd", "credentials"].contains(name)
  }
}
