import GonogoCore
import GonogoSystem
import Synchronization

/// What a run shows while it runs, on standard error: live lines on a terminal, plain lines elsewhere, or nothing.
final class Progress: Sendable {
  enum Mode: Sendable { case live, plain, quiet }

  private struct State {
    var running: [Int: (id: String, since: Int64)] = [:]
    var total = 0
    var done = 0
    var red = 0
    var open = 0
    var began: Int64 = 0
    /// Lines that are on the screen now, and will be drawn over.
    var drawn = 0
    var stopped = false
  }

  private let state = Mutex(State())
  private let mode: Mode
  private let clock = SystemClock()
  private let style: Style
  private let width: Int

  init(mode: Mode) {
    self.mode = mode
    style = Style(enabled: ProcessEnvironment.wantsColour(2))
    width = ProcessEnvironment.columns(2)
  }

  /// Draws ten times a second until ``stop()``.
  func start() {
    guard mode == .live else { return }
    Task { [self] in
      while !state.withLock({ $0.stopped }) {
        try? await Task.sleep(nanoseconds: 100_000_000)
        state.withLock { state in if !state.stopped { draw(&state) } }
      }
    }
  }

  func stop() {
    state.withLock { state in
      state.stopped = true
      if mode == .live { Terminal.error(erase(&state)) }
    }
  }

  /// A line that stays, whatever the mode.
  func note(_ text: String) {
    state.withLock { state in
      Terminal.error(erase(&state) + "\(text)\n")
      if mode == .live, !state.stopped { draw(&state) }
    }
  }

  func handle(_ event: Event) {
    if mode == .quiet { return }
    switch event {
    case .runStarted(let plan, _):
      state.withLock { state in
        state.total = plan.steps.count
        state.began = clock.ticks()
      }
    case .controlStarted(let index, let control, _):
      state.withLock { $0.running[index] = (control.id, clock.ticks()) }
    case .attemptFinished: break
    case .controlFinished(let index, let result):
      state.withLock { state in
        state.running[index] = nil
        state.done += 1
        switch result.outcome {
        case .failed: state.red += 1
        case .errored: state.open += 1
        default: break
        }
        if mode == .plain {
          Terminal.error("[\(state.done)/\(state.total)] \(line(result))\n")
        } else if case .passed = result.outcome {
          return
        } else if case .skipped = result.outcome {
          return
        } else {
          Terminal.error(erase(&state) + line(result) + "\n")
          draw(&state)
        }
      }
    case .runFinished: break
    }
  }

  private func line(_ result: ControlResult) -> String {
    let word: String
    switch result.outcome {
    case .passed: word = style.green("passed")
    case .failed: word = style.red("failed")
    case .errored: word = style.yellow("errored")
    case .skipped(let reason): return "skipped (\(reason.name)) \(result.control.id)"
    }
    let again = result.passedAfterRetry ? ", after a retry" : ""
    return "\(word) \(result.control.id) (\(Quantity.describe(milliseconds: result.milliseconds))\(again))"
  }

  private func erase(_ state: inout State) -> String {
    defer { state.drawn = 0 }
    return state.drawn == 0 ? "" : "\u{1B}[\(state.drawn)A\u{1B}[J"
  }

  private func draw(_ state: inout State) {
    let now = clock.ticks()
    var lines = state.running.sorted { $0.key < $1.key }.prefix(12).map { _, item in
      "  \(item.id)  \(Quantity.describe(milliseconds: Int(now - item.since)))"
    }
    if state.running.count > 12 { lines.append("  and \(state.running.count - 12) more") }
    var summary = "\(state.done)/\(state.total)  \(Quantity.describe(milliseconds: Int(now - state.began)))"
    if state.red > 0 { summary += "  \(state.red) failed" }
    if state.open > 0 { summary += "  \(state.open) errored" }
    lines.append(summary)
    let text = erase(&state) + lines.map { DisplayWidth.truncate($0, to: width - 1) + "\n" }.joined()
    state.drawn = lines.count
    Terminal.error(text)
  }
}
