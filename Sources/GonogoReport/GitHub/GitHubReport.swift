import GonogoCore

/// Annotations of a GitHub workflow, at their lines of the Markdown.
///
/// GitHub shows ten annotations of a kind for each step and drops the rest without a word, so the tenth says how many
/// more there are. The step summary, ``GitHubStepSummary``, has them all.
public struct GitHubReport: ReportFormat {
  public static let name = "github"
  public static let summary = "annotations of a GitHub workflow, and its step summary"
  static let limit = 10

  public init(options: ReportOptions) {}

  enum Kind: String, CaseIterable { case error, warning, notice }

  public func render(_ report: Report) -> [UInt8] {
    var byKind: [Kind: [Telling]] = [:]
    // The lies first: they are the last to be cut.
    for group in Telling.Group.allCases {
      for telling in Telling.all(report) where telling.group == group {
        if let kind = Self.kind(telling) { byKind[kind, default: []].append(telling) }
      }
    }
    var lines: [String] = []
    for kind in Kind.allCases {
      let members = byKind[kind] ?? []
      let shown = members.count > Self.limit ? Array(members.prefix(Self.limit - 1)) : members
      lines += shown.map { Self.annotation($0, kind) }
      if shown.count < members.count {
        lines.append(
          Self.command(
            kind.rawValue, [("file", report.file.name), ("title", "gonogo")],
            "\(members.count - shown.count) more of this kind; the step summary has them all"))
      }
    }
    lines.append(report.countsSentence)
    lines.append(report.verdictSentence)
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func kind(_ telling: Telling) -> Kind? {
    switch telling.result.outcome {
    case .passed: telling.result.passedAfterRetry ? .notice : nil
    case .failed: telling.result.blocking ? .error : .warning
    case .errored: telling.result.blocking ? .warning : .notice
    case .skipped(let reason): reason.excuses ? nil : .notice
    }
  }

  private static func annotation(_ telling: Telling, _ kind: Kind) -> String {
    let control = telling.control
    var message = telling.headline
    if telling.result.passedAfterRetry {
      let attempts = telling.result.checks.map(\.attempts.count).max() ?? 0
      message = "passed only at attempt \(attempts): \(control.title)"
    } else {
      message += telling.details.filter { $0.label != "line" }.map { "\n\($0.label): \($0.text)" }.joined()
    }
    return command(
      kind.rawValue,
      [
        ("file", telling.report.file.name), ("line", String(control.range.start.line)),
        ("col", String(control.range.start.column)), ("title", "\(telling.word)[\(control.id)]"),
      ], Visible.cut(message, to: 4000))
  }

  /// `::error file=…,line=…::…`, escaped as the runner unescapes it (actions/toolkit, `command.ts`).
  static func command(_ name: String, _ properties: [(String, String)], _ message: String) -> String {
    "::\(name) "
      + properties.map { "\($0.0)=\(escape($0.1).replacing(":", with: "%3A").replacing(",", with: "%2C"))" }
      .joined(separator: ",") + "::\(escape(message))"
  }

  private static func escape(_ text: String) -> String {
    Visible.lines(text).map { $0.replacing("%", with: "%25") }.joined(separator: "%0A")
  }
}

/// What a step of a GitHub workflow shows on its page: the Markdown report, within the runner's bound.
public enum GitHubStepSummary {
  /// The most that the runner takes of one step.
  public static let limit = 1 << 20

  /// - Parameter used: the bytes that the step's summary holds already.
  public static func render(_ report: Report, used: Int = 0) -> [UInt8] {
    let room = limit - used - 1
    let whole = MarkdownReport(options: ReportOptions()).render(report)
    if whole.count <= room { return whole }
    let note = Array(
      "\n\nThe rest did not fit into the step summary.\n\n**\(Markup.markdown(report.verdictSentence))**\n".utf8)
    guard room > note.count else { return [] }
    // Cut at the end of a line outside a fence: an open fence would swallow the note.
    var kept: [UInt8] = []
    var pending: [UInt8] = []
    var fence: [UInt8]?
    for line in whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      pending += line + [UInt8(ascii: "\n")]
      let text = line.drop { $0 == UInt8(ascii: " ") }
      let marks = Array(text.prefix { $0 == UInt8(ascii: "`") })
      if let open = fence {
        if marks == open, text.count == marks.count { fence = nil }
      } else if marks.count >= 3 {
        fence = marks
      }
      if fence == nil {
        if kept.count + pending.count + note.count > room { break }
        kept += pending
        pending = []
      }
    }
    return kept + note
  }
}
