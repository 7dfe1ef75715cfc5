/// A line of a checklist that may say something that must be true.
public struct ChecklistLine: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// `- [ ] …`, a control already.
    case task
    /// A list item without a box; numbered ones are steps.
    case bullet, step
    /// A row of a table.
    case row
    /// A heading or a line of a paragraph that bears a status mark or a label in bold.
    case heading, paragraph
    /// A statement of a fenced block of SQL.
    case statement
    /// A line of a fenced block of shell.
    case command
    /// `[x] …` inside a fenced block.
    case box
    /// `NAME=value` inside a fenced block of an environment.
    case assignment
  }

  /// An emoji that stands for a state.
  public enum Mark: String, Sendable { case done, open, warning, failed }

  public let kind: Kind
  /// From 1.
  public let number: Int
  /// The last line of the text of its own; what is nested comes behind it.
  public let lastLine: Int
  /// As it is written, without marker, box and status marks; with backticks and emphasis.
  public let raw: String
  /// Without markup.
  public let text: String
  public let ticked: Bool?
  public let mark: Mark?
  public let section: [String]
  /// The items that it stands in, outermost first, without markup.
  public let parents: [String]
  /// The last paragraph before its list, without markup.
  public let lead: String
  /// Of a row: its cells without markup.
  public let cells: [String]
  /// Raw texts of the items directly under it.
  public var children: [String] = []
  /// Where a block under it begins, in columns from 0; `nil` where none can stand under it.
  public let indent: Int?
  /// A binding stands under it already.
  public var isBound = false

  /// What stands in backticks.
  public var codes: [String] {
    raw.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
      String($0.element)
    }
  }
  /// What the line is about: its headings, the items around it and the paragraph before its list.
  public var about: String { (section + parents + [lead]).joined(separator: "\n") }
  /// What it stands right under: the items around it, and the paragraph before its list.
  public var near: String { ([section.last ?? ""] + parents + [lead]).joined(separator: "\n") }
}

extension ChecklistLine {
  func says(_ phrase: Phrase) -> Bool { phrase.isFound(in: text) }
  func isAbout(_ phrase: Phrase) -> Bool { phrase.isFound(in: about) }

  /// A line of a list, a table or a box: one that somebody ticks off.
  var isItem: Bool { [.task, .box, .bullet, .step, .row].contains(kind) }

  /// It tells what was found or done once, or explains a trouble: nothing that must hold at go-live.
  public var isHistory: Bool { Self.history.isFound(in: text) || Self.historySection.isFound(in: about) }

  private static let history = Phrase(
    #"^current (state|status)\b|^(issue|solution|root cause|cause|symptoms?|impact)\s*:|^(найден|проанализирован|проверен[аоы] |проведен|всего |before/after|issue\b|found \d|analy[sz]ed)"#
  )
  private static let historySection = Phrase(
    #"quick fixes|troubleshoot|common (issues|problems|errors)|known issues|failure indicators|red flags|warning signs|risk assessment|(?m:^)if (an? |the )?[\w ]*(issues?|problems?|breach|errors?|incident)\b[\w ]*(occurs?|arises?|detected|persists?|happens?)?:?(?m:$)|устранение (проблем|неполадок)|если что-то пошло не так|проблем\w* (найден|решен)|найдено проблем"#
  )
}
