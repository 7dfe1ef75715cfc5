import CSystem
import Glibc

/// Starts programs, all in one way: see `posix_spawn(3)`.
package enum ChildProcess {
  /// Starts a program in a process group of its own, with no signal blocked or ignored.
  ///
  /// A group of its own: an interrupt typed at a terminal reaches the caller, which ends, and ends its children in its own order. Signals
  /// are reset because a thread that blocks them would hand that down, and a shell would never hear that its child has ended.
  ///
  /// - Parameters:
  ///   - program: its path; `PATH` is not searched.
  ///   - arguments: the name it is called by first.
  ///   - prepare: adds what is done between `fork(2)` and `execve(2)`: descriptors, the directory.
  /// - Throws: ``SystemError`` with the code of `posix_spawn(3)`.
  package static func spawn(
    _ program: String, _ arguments: [String], environment: [String: String],
    prepare: (inout posix_spawn_file_actions_t) -> Void
  ) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    prepare(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var child = pid_t()
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let code = CStrings.with(arguments) { words in
      CStrings.with(variables) { posix_spawn(&child, program, &actions, &attributes, words, $0) }
    }
    guard code == 0 else { throw SystemError("run", program, code: code) }
    return child
  }
}

/// Texts as C has them.
package enum CStrings {
  /// Lends the texts as an array of C strings that ends with a null pointer; a text that is `nil` is one, too.
  package static func with<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let pointers: [UnsafeMutablePointer<CChar>?] = texts.map { $0.map { strdup($0) } ?? nil } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  /// The same, for functions that promise not to write: `const char * const *`.
  package static func withConstant<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    with(texts) { pointers in
      pointers.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: texts.count + 1) { body($0) }
    }
  }
}
