import Glibc
import Synchronization

/// Directories and files that are to be gone when the process is, however it ends: copies for outside tools, halves of reports.
public enum Leftovers {
  private struct State {
    var paths: Set<String> = []
    var isOver = false
  }

  private static let state = Mutex(State())

  /// Makes a directory that ``remove(_:)`` takes away again, or else ``removeAll()``.
  public static func makeDirectory(prefix: String) throws(SystemError) -> String {
    let path = try FileSystem.makeTemporaryDirectory(prefix: prefix)
    guard add(path) else {
      try FileSystem.remove(path)
      throw SystemError("make the directory", path, code: ECANCELED)
    }
    return path
  }

  /// Takes a path in.
  ///
  /// - Returns: `false` where the process is ending: nothing must be made there any more.
  public static func add(_ path: String) -> Bool {
    state.withLock { state in
      if !state.isOver { state.paths.insert(path) }
      return !state.isOver
    }
  }

  /// What is no leftover any more.
  public static func forget(_ path: String) { state.withLock { _ = $0.paths.remove(path) } }

  public static func remove(_ path: String) {
    try? FileSystem.remove(path)
    forget(path)
  }

  /// For a process that ends. Other threads may still be writing there, so it looks more than once.
  public static func removeAll() {
    let paths = state.withLock { state in
      state.isOver = true
      return state.paths
    }
    for path in paths {
      for attempt in 0..<20 where FileSystem.exists(path) {
        if attempt > 0 { usleep(10_000) }
        try? FileSystem.remove(path)
      }
    }
  }
}
