import GonogoCore

/// Words for a POSIX shell, for the commands that a message offers to repeat.
enum ShellQuote {
  /// The word as it is where it is harmless, else in single quotes.
  static func quote(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "-_./:=@%+,".utf8.contains(byte)
      }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// A filled-in template: secrets stand as shell variables, so the word is in double quotes where it has one.
  static func quote(_ rendered: Rendered) -> String {
    rendered.secrets.isEmpty ? quote(rendered.exposed) : "\"\(rendered.shell)\""
  }
}
