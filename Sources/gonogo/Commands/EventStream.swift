import Glibc
import GonogoCore
import GonogoReport
import GonogoSystem
import Synchronization

/// Sends events to a `jsonl` target while the run goes on: whoever reads it sees each result as it comes, and a run that is
/// killed leaves the lines it had.
final class EventStream: Sendable {
  private let encoder: EventEncoder
  private let descriptor: Int32
  private let keeper: EvidenceKeeper?
  private let lock = Mutex(false)  // whether a write has failed
  let name: String

  /// `nil` where the target is no stream, or cannot be opened, which has then been told.
  init?(_ target: ReportTarget, file: String, keeper: EvidenceKeeper?) {
    guard Self.streams(target) else { return nil }
    if let path = target.path {
      descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      if descriptor < 0 {
        Terminal.complain("\(SystemError("write", path))", mend: "write it elsewhere")
        return nil
      }
    } else {
      descriptor = 1
    }
    name = target.path ?? "standard output"
    encoder = EventEncoder(file: file, version: GonogoTool.version)
    self.keeper = keeper
  }

  static func streams(_ target: ReportTarget) -> Bool { target.format == JSONLinesReport.self }

  func send(_ event: Event) {
    var digest: String?
    if case .controlFinished(let index, _) = event { digest = keeper?.digests[index] }
    let line = encoder.line(event, digest: digest)
    // Attempts end on many tasks: one line at a time.
    lock.withLock { failed in
      if !failed, !FileSystem.writeAll(line, to: descriptor) { failed = descriptor != 1 }
    }
  }

  /// Whether every line was written; a reader of standard output that went away is no fault.
  var isWhole: Bool { lock.withLock { !$0 } }
}
