import GonogoCore

/// Why a connection could not be made or used, in words for a message.
struct StreamError: Error, Sendable, Equatable {
  enum Reason: Sendable, Equatable {
    /// The name has no address.
    case unresolved
    /// The host answered that nobody listens.
    case refused
    case unreachable
    case timedOut
    /// The peer ended the connection.
    case closed
    case tls
    /// What is to be read or set here, such as a CA file, is not usable.
    case local
  }

  let reason: Reason
  let message: String

  init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  var probeError: ProbeError {
    switch reason {
    case .unresolved:
      ProbeError(.unreachable, message, mend: "correct the name, or see whether its DNS record is there")
    case .refused:
      ProbeError(.unreachable, message, mend: "see whether the service runs, and listens on that address and port")
    case .unreachable:
      ProbeError(.unreachable, message, mend: "see whether this machine has a route and leave to get there")
    case .timedOut:
      ProbeError(.timedOut, message, mend: "see whether the peer hangs, or give the line more time with `timeout:`")
    case .closed: ProbeError(.unreachable, message, mend: "see the peer's log for why it hung up")
    case .tls: ProbeError(.tls, message, mend: "see what the peer presents: `gonogo explain tls` shows a line for it")
    case .local: ProbeError(.configuration, message)
    }
  }
}
