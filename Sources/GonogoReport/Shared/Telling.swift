import GonogoCore

/// What is said of one result. Every format says the same words, so that they are chosen once.
struct Telling {
  /// One labelled line below the headline.
  struct Detail: Equatable {
    enum Form { case prose, value, command }
    let label: String
    let text: String
    let form: Form

    init(_ label: String, _ text: String, _ form: Form = .prose) {
      self.label = label
      self.text = text
      self.form = form
    }
  }

  /// The heading that a result stands under, in the order of their weight.
  enum Group: String, CaseIterable {
    case tickedAndFalse = "Ticked and false"
    case tickedAndNotProven = "Ticked and not proven"
    case trueAndNotTicked = "True and not ticked"
    case failed = "Failed"
    case undecided = "Could not be decided"
    case person = "Waiting for a person's word"
    case unbound = "Unbound: nothing looks at these lines"
    case notApplicable = "Does not apply here"
    case passed = "Passed"
  }

  /// Of one result, at most this many checks are described, and of one check this many mismatches.
  static let checkLimit = 10
  static let mismatchLimit = 20

  let result: ControlResult
  let report: Report
  /// The SHA-256 of the result's evidence.
  let digest: String?

  var control: Control { result.control }

  static func all(_ report: Report) -> [Telling] {
    report.results.enumerated().map { index, result in
      Telling(
        result: result, report: report, digest: report.digests.indices.contains(index) ? report.digests[index] : nil)
    }
  }

  var group: Group {
    switch result.outcome {
    case .passed: return result.tickTruth == .trueAndNotTicked ? .trueAndNotTicked : .passed
    case .failed: return result.tickTruth == .tickedAndFalse ? .tickedAndFalse : .failed
    case .errored: return result.tickTruth == .tickedAndNotProven ? .tickedAndNotProven : .undecided
    case .skipped(let reason):
      switch reason {
      case .unbound: return .unbound
      case .awaitsWord: return .person
      case .when: return .notApplicable
      case .blocked, .notAllowed, .protected, .interrupted:
        return result.tickTruth == .tickedAndNotProven ? .tickedAndNotProven : .undecided
      }
    }
  }

  /// `no-go`, `undecided`, `skipped` or `passed`: "it is bad" and "it was not seen" never share a word.
  var word: String {
    switch result.outcome {
    case .passed: return "passed"
    case .failed: return "no-go"
    case .errored: return "undecided"
    case .skipped(let reason): return reason.excuses ? "skipped" : "undecided"
    }
  }

  /// What stands behind the id: the title where it is bad, the reason where it was not seen.
  var headline: String {
    let said: String
    switch result.outcome {
    case .passed: said = control.title
    case .failed: said = control.title
    case .errored(let error): said = "could not look: \(error.message)"
    case .skipped(let reason): said = reason.excuses ? reason.message : "not looked at: \(reason.message)"
    }
    return result.blocking ? said : "\(said) (advisory)"
  }

  /// `Security › Sessions`.
  var section: String { control.section.joined(separator: " › ") }

  var place: String { "\(report.file.name):\(control.range.start.line):\(control.range.start.column)" }

  /// Runs this line again.
  var again: String {
    var command = "gonogo check \(ShellQuote.quote(report.file.name)) --only \(ShellQuote.quote(control.id))"
    if let environment = report.environment { command += " --environment \(ShellQuote.quote(environment))" }
    return command
  }

  // MARK: Details

  /// Everything below the headline, of a result that is not as it should be.
  var details: [Detail] {
    var details: [Detail] = []
    if result.outcome.name == "errored" || result.outcome.name == "skipped" {
      details.append(Detail("line", control.title))
    }
    if !section.isEmpty { details.append(Detail("under", section)) }
    if result.tickTruth == .tickedAndFalse { details.append(Detail("tick", "[x] although it is false")) }
    if result.tickTruth == .tickedAndNotProven { details.append(Detail("tick", "[x] although nothing proves it")) }
    let open = result.checks.filter { $0.outcome != .passed }
    if result.checks.count > 1 {
      details.append(Detail("checks", "\(open.count) of \(result.checks.count) did not pass"))
    }
    for check in open.prefix(Self.checkLimit) { details += self.details(of: check) }
    if open.count > Self.checkLimit {
      details.append(Detail("more", "\(open.count - Self.checkLimit) more checks that did not pass"))
    }
    if open.isEmpty { details += self.details(of: result.outcome) }
    if let mend { details.append(Detail("mend", mend)) }
    details.append(Detail("then", again, .command))
    return details
  }

  private func details(of check: CheckResult) -> [Detail] {
    var details: [Detail] = []
    if let label = check.label { details.append(Detail("case", label)) }
    details += self.details(of: check.outcome)
    var asked = check.asked
    var command = check.repeatCommand
    if case .errored(let error) = check.outcome {
      asked = asked ?? error.asked
      command = command ?? error.repeatCommand
    }
    if let asked, asked != command { details.append(Detail("asked", asked, .value)) }
    details += controlDetails(check)
    if check.attempts.count > 1 { details.append(Detail("attempts", Self.attempts(check))) }
    if let command { details.append(Detail("repeat", command, .command)) }
    return details
  }

  private func details(of outcome: Outcome) -> [Detail] {
    switch outcome {
    case .passed: return []
    case .failed(let mismatches):
      var details = mismatches.prefix(Self.mismatchLimit).flatMap {
        [Detail("expected", "\($0.path): \($0.expected)", .value), Detail("found", $0.found, .value)]
      }
      if mismatches.count > Self.mismatchLimit {
        details.append(Detail("more", "\(mismatches.count - Self.mismatchLimit) more expectations that did not hold"))
      }
      return details
    case .errored(let error):
      var details = [Detail("kind", "\(error.kind.rawValue) (`gonogo explain \(error.kind.rawValue)`)")]
      if case .errored(let first) = result.outcome, first.message != error.message {
        details.append(Detail("because", error.message))
      } else if case .failed = result.outcome {
        details.append(Detail("because", "could not look: \(error.message)"))
      }
      return details
    case .skipped(let reason):
      return [Detail("kind", "\(reason.name) (`gonogo explain \(reason.name)`)")]
    }
  }

  /// What the positive control of a denial said, and why there is none.
  func controlDetails(_ check: CheckResult) -> [Detail] {
    var details: [Detail] = []
    for control in check.allowed {
      let asked = control.asked.map { ": \($0)" } ?? ""
      details.append(Detail("control", "the allowed attempt \(Self.past(control.outcome))\(asked)"))
    }
    if let reason = check.noControl { details.append(Detail("control", "none: \(reason)")) }
    return details
  }

  /// The author's words, else the probe's; `nil` where neither said any.
  var mend: String? {
    if let words = result.mend { return result.outcome == .passed ? nil : words }
    switch result.outcome {
    case .passed, .failed: break
    case .skipped(let reason): return reason.mend
    case .errored(let error): if let mend = error.mend { return mend }
    }
    for check in result.checks {
      if case .errored(let error) = check.outcome, let mend = error.mend { return mend }
    }
    return nil
  }

  /// What a passed result rests on: its witnesses, its control, its attempts.
  var proof: [Detail] {
    var details: [Detail] = []
    for check in result.checks {
      if let label = check.label { details.append(Detail("case", label)) }
      if !check.witness.isEmpty { details.append(Detail("witness", Self.witness(check))) }
      if let asked = check.asked { details.append(Detail("asked", asked, .value)) }
      details += controlDetails(check)
      if check.attempts.count > 1 { details.append(Detail("attempts", Self.attempts(check))) }
    }
    return details
  }

  static func witness(_ check: CheckResult) -> String {
    check.witness.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.replacing("_", with: " "))" }
      .joined(separator: ", ")
  }

  /// `3: errored, failed, passed`.
  static func attempts(_ check: CheckResult) -> String {
    let names = check.attempts.map(\.outcome.name)
    let shown = names.count > 12 ? names.prefix(5) + ["…"] + names.suffix(5) : names[...]
    return "\(names.count): \(shown.joined(separator: ", "))"
  }

  private static func past(_ outcome: Outcome) -> String {
    switch outcome {
    case .passed: "passed"
    case .failed: "failed"
    case .errored(let error): "could not be made (\(error.message))"
    case .skipped: "was not made"
    }
  }
}

extension Report {
  /// The verdict as a sentence, with the ids it rests on: the last line of every report.
  var verdictSentence: String {
    func ids(_ list: [String]) -> String {
      let shown = list.prefix(12).map(Visible.line).joined(separator: ", ")
      return list.count > 12 ? "\(shown) and \(list.count - 12) more" : shown
    }
    func controls(_ count: Int) -> String { count == 1 ? "1 blocking control" : "\(count) blocking controls" }
    let stopped = interrupted ? "the run was interrupted; " : ""
    switch verdict {
    case .go:
      let passed = results.filter { $0.blocking && $0.outcome == .passed }.count
      let excused = results.filter { result in
        if result.blocking, case .skipped(let reason) = result.outcome { return reason.excuses }
        return false
      }.count
      return "GO: \(stopped)\(controls(passed)) passed"
        + (excused > 0 ? ", \(excused) \(excused == 1 ? "does" : "do") not apply here" : "")
    case .noGo(let list): return "NO-GO: \(stopped)\(controls(list.count)) failed (\(ids(list)))"
    case .undecided(let list):
      return list.isEmpty
        ? "UNDECIDED: \(stopped)no blocking control passed, so nothing was proven"
        : "UNDECIDED: \(stopped)\(controls(list.count)) could not be decided (\(ids(list)))"
    }
  }

  /// `14 controls: 6 passed (1 after a retry), 3 failed, 2 errored, 3 skipped; 4 left out by the selection`.
  var countsSentence: String {
    let counts = counts
    var text = results.count == 1 ? "1 control: " : "\(results.count) controls: "
    text += "\(counts.passed) passed"
    if counts.retried > 0 { text += " (\(counts.retried) after a retry)" }
    text += ", \(counts.failed) failed, \(counts.errored) errored, \(counts.skipped) skipped"
    let advisory = results.filter { !$0.blocking }.count
    if advisory > 0 { text += "; \(advisory) advisory" }
    if excluded > 0 { text += "; \(excluded) left out by the selection" }
    return text
  }

  /// What the ticks say beside the truth; `nil` where all agree.
  var ticksSentence: String? {
    var parts: [String] = []
    for truth in [ControlResult.TickTruth.tickedAndFalse, .tickedAndNotProven, .trueAndNotTicked] {
      let count = results.filter { $0.tickTruth == truth }.count
      if count > 0 { parts.append("\(count) \(truth.rawValue.replacing("-", with: " "))") }
    }
    return parts.isEmpty ? nil : "ticks: " + parts.joined(separator: ", ")
  }

  /// `run 0198… · staging · 2026-08-19T02:00:04.000Z · 1.2 s · gonogo 0.1.0`.
  var runSentence: String {
    var parts: [String] = []
    if let run { parts.append("run \(run)") }
    if let environment { parts.append(environment) }
    parts += [Timestamp.format(started), Quantity.describe(milliseconds: milliseconds), "gonogo \(version)"]
    return Visible.line(parts.joined(separator: " · "))
  }

  /// The results by section, sections in the order in which each is first met.
  func sections() -> [(name: String, tellings: [Telling])] {
    var order: [String] = []
    var bySection: [String: [Telling]] = [:]
    for telling in Telling.all(self) {
      if bySection[telling.section] == nil { order.append(telling.section) }
      bySection[telling.section, default: []].append(telling)
    }
    return order.map { ($0, bySection[$0] ?? []) }
  }
}
