import CSystem
import Glibc
public import GonogoCore

/// The machine's clocks.
public struct SystemClock: RunClock {
  public init() {}

  public func now() -> Int64 { Self.read(CLOCK_REALTIME) }
  public func ticks() -> Int64 { Self.read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
