public import GonogoCore

/// A port that a Compose service publishes on its host
/// (https://docs.docker.com/reference/compose-file/services/#ports).
public struct PublishedPort: Sendable {
  /// The host's address; `nil` where every interface is meant.
  public let address: String?
  /// The host's port or range, variables and all; `nil` where the engine chooses one.
  public let published: String?
  public let target: String
  public let place: TreePlace

  /// Whether the address is one of the machine itself.
  public var isLoopback: Bool {
    guard let address else { return false }
    return address.hasPrefix("127.") || address == "::1" || address == "localhost"
  }

  /// Whether every interface of the host answers; unknown addresses (a variable, a private network) are not.
  public var isOnEveryInterface: Bool { address.map { ["0.0.0.0", "::", "*", ""].contains($0) } ?? true }

  /// The ports that a service publishes. Those that cannot be told, because a variable stands for the whole, are left out.
  public static func of(_ service: ComposeService) -> [PublishedPort] {
    service.items("ports").compactMap { item in
      if item.node.entries != nil {
        guard let target = item.node["target"]?.text else { return nil }
        return PublishedPort(
          address: item.node["host_ip"]?.text.map { Interpolation.resolve($0) ?? $0 },
          published: item.node["published"]?.text, target: target, place: item.place)
      }
      return item.node.text.flatMap { parse($0, item.place) }
    }
  }

  /// `[address:][published:]target[/protocol]`.
  static func parse(_ text: String, _ place: TreePlace) -> PublishedPort? {
    // Colons inside `${…:-…}` and `[…]` do not divide.
    var parts: [String] = [""]
    var depth = 0
    for character in text {
      if "{[".contains(character) { depth += 1 }
      if "}]".contains(character) { depth -= 1 }
      if character == ":", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    let target = parts[parts.count - 1].split(separator: "/").first.map(String.init) ?? ""
    guard !target.isEmpty, parts.count <= 3 || !text.contains("[") else { return nil }
    let address = parts.count >= 3 ? parts[..<(parts.count - 2)].joined(separator: ":") : nil
    return PublishedPort(
      address: address.map { text in
        let resolved = Interpolation.resolve(text) ?? text
        return resolved.hasPrefix("[") ? String(resolved.dropFirst().dropLast()) : resolved
      }, published: parts.count >= 2 ? parts[parts.count - 2] : nil, target: target, place: place)
  }
}
