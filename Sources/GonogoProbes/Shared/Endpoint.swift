import GonogoCore

/// The `host:port` of a binding.
enum Endpoint {
  private static let mend = "write `HOST:PORT`, and an IPv6 address in brackets: `[::1]:443`"

  /// Reports what is known to be wrong while planning.
  static func check(_ template: Template, _ arguments: Arguments, defaultPort: Int? = nil) {
    guard let text = template.constant, HostPort(text, defaultPort: defaultPort) == nil else { return }
    arguments.fail(.wrongType, "'\(PeerText.line(text))' is no address", at: template.range, mend: mend)
  }

  /// - Throws: ``ProbeError`` of kind `configuration`.
  static func read(_ rendered: Rendered, defaultPort: Int? = nil) throws(ProbeError) -> HostPort {
    if let target = HostPort(rendered.exposed, defaultPort: defaultPort) { return target }
    throw ProbeError(.configuration, "'\(PeerText.line(rendered.display))' is no address", mend: mend)
  }
}
