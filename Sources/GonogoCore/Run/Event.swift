/// What a run tells while it runs. Progress, the store and the event log are handlers of these.
public enum Event: Sendable {
  case runStarted(Plan, started: Int64)
  case controlStarted(index: Int, Control, started: Int64)
  case attemptFinished(index: Int, Control, Attempt)
  case controlFinished(index: Int, ControlResult)
  case runFinished([ControlResult], Verdict, interrupted: Bool, started: Int64, milliseconds: Int)
}
