import GonogoCore

extension ShellQuote {
  /// A filled-in template: secrets stand as shell variables, so the word is in double quotes where it has one.
  static func quote(_ rendered: Rendered) -> String {
    rendered.secrets.isEmpty ? quote(rendered.exposed) : "\"\(rendered.shell)\""
  }
}
