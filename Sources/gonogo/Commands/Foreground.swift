import Glibc

/// A program that has the terminal while it runs.
enum Foreground {
  /// A shell's command with one argument. A signal from the keyboard reaches every process in front of the terminal: it is ignored
  /// here while the program runs, and the shell outlives it, so that nobody else reads from the terminal until that program has
  /// ended; the program decides for itself.
  /// - Returns: The exit status; `nil` where it did not start or a signal ended it.
  static func run(shell command: String, _ argument: String) -> Int32? {
    let keyboard = [SIGINT, SIGQUIT]
    let handlers = keyboard.map { ($0, signal($0, SIG_IGN)) }
    defer { for (number, handler) in handlers { signal(number, handler) } }
    // What is ignored stays so in a child, unless it is told.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in keyboard { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var child: pid_t = 0
    let arguments = ["sh", "-c", "trap : INT QUIT; \(command) \"$1\"", "sh", argument]
    let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    guard posix_spawnp(&child, "sh", nil, &attributes, words, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { if errno != EINTR { return nil } }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
  }
}
