import GonogoSystem

/// The moment by which something has to be done.
struct StreamDeadline: Sendable {
  /// In the ticks of ``SystemClock``.
  private let end: Int64
  /// The whole time that was given, in milliseconds.
  let milliseconds: Int

  init(milliseconds: Int) {
    self.milliseconds = milliseconds
    end = SystemClock().ticks() + Int64(milliseconds)
  }

  /// For a probe's attempt: a little before the runner's own deadline, so that the probe can still say what it waited for.
  init(attempt milliseconds: Int) {
    self.init(milliseconds: max(1, milliseconds - min(50, milliseconds / 10)))
  }

  /// Milliseconds until then, never negative.
  var left: Int { Int(max(0, end - SystemClock().ticks())) }

  /// The earlier of this deadline and `milliseconds` from now.
  func capped(_ milliseconds: Int) -> StreamDeadline { StreamDeadline(milliseconds: min(left, milliseconds)) }
}
