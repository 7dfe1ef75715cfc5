import GonogoCore

/// Sends events to a target while the run goes on, for formats that are made of events.
final class EventStream: Sendable {
  init?(_ target: OutputTarget) { return nil }
  static func streams(_ target: OutputTarget) -> Bool { false }
  func send(_ event: Event) {}
}
