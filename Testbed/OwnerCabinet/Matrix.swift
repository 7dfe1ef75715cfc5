import GonogoCore
import GonogoSystem

/// What the matrix has to know of a fault.
struct MatrixFault {
  let name: String
  let breaks: String
  let red: [String]
  let blind: [String]

  /// Those of the Owner Cabinet.
  static var ofCatalog: [MatrixFault] {
    FaultCatalog.all.map { .init(name: $0.fault.rawValue, breaks: $0.breaks, red: $0.red, blind: $0.blind) }
  }

  /// Those of a folder: a file each, whose first comments say `breaks:`, `red:` and `undecided:`.
  static func ofFolder(_ folder: String) throws -> [MatrixFault] {
    try FileSystem.list(folder).sorted().map { file in
      let lines = String(decoding: try FileSystem.read("\(folder)/\(file)"), as: UTF8.self).split(separator: "\n")
      func value(_ name: String) -> String? {
        for line in lines {
          for mark in ["-- \(name): ", "// \(name): "] where line.hasPrefix(mark) {
            return String(line.dropFirst(mark.count))
          }
        }
        return nil
      }
      guard let breaks = value("breaks"), let red = value("red") else {
        throw Matrix.Unreadable(
          description: "\(folder)/\(file) does not say what it breaks, and which lines are red then")
      }
      func words(_ text: String?) -> [String] { (text ?? "").split(separator: " ").map(String.init) }
      return .init(
        name: String(file.prefix { $0 != "." }), breaks: breaks, red: words(red), blind: words(value("undecided")))
    }
  }
}

/// Holds what a checklist said of each broken deployment against what the fault says it breaks.
///
/// A run is the JSON report of `gonogo check`. Lines that wait for a person or a browser are no part of the matrix.
struct Matrix {
  private enum Cell: Character {
    case green = "."
    case red = "X"
    case blind = "?"
  }

  private struct Column {
    let entry: MatrixFault
    let cells: [Cell]
    let expected: [Cell]
    var wrong: [Int] { cells.indices.filter { cells[$0] != expected[$0] } }
  }

  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  /// The bound lines, in the document's order.
  let lines: [String]
  private let waiting: [String]
  private let columns: [Column]
  private let cleanFaults: [String]
  /// What is broken, in words: `deployment`.
  private let subject: String

  /// - Parameters:
  ///   - results: a directory of reports, `clean.json` and `FAULT.json`.
  ///   - subject: what is broken, in words.
  init(results: String, faults: [MatrixFault], subject: String) throws {
    self.subject = subject
    let clean = try Self.report("\(results)/clean.json")
    waiting = clean.filter { $0.outcome == "waiting" }.map(\.id)
    let bound = clean.filter { $0.outcome != "waiting" }.map(\.id)
    lines = bound
    cleanFaults = clean.filter { $0.outcome != "waiting" && $0.outcome != "passed" }.map { "\($0.id) \($0.outcome)" }
    var columns: [Column] = []
    for entry in faults {
      let path = "\(results)/\(entry.name).json"
      guard FileSystem.exists(path) else { continue }
      let said = Dictionary(try Self.report(path).map { ($0.id, $0.outcome) }, uniquingKeysWith: { first, _ in first })
      columns.append(
        Column(
          entry: entry,
          cells: bound.map { said[$0] == "passed" ? .green : said[$0] == "failed" ? .red : .blind },
          expected: bound.map { entry.red.contains($0) ? .red : entry.blind.contains($0) ? .blind : .green }))
      for id in entry.red + entry.blind where !bound.contains(id) {
        throw Unreadable(description: "\(entry.name) names \(id), which is no bound line")
      }
    }
    self.columns = columns
  }

  /// The outcome of each line: `passed`, `failed`, `errored`, `skipped`; `waiting` where no probe is bound to it.
  private static func report(_ path: String) throws -> [(id: String, outcome: String)] {
    let report: JSON
    do { report = try JSON.parse(try FileSystem.read(path)) } catch {
      throw Unreadable(description: "\(path) is no report: \(error)")
    }
    guard let results = report["results"]?.arrayValue, !results.isEmpty else {
      throw Unreadable(description: "\(path) has no results")
    }
    return results.compactMap { result in
      guard let id = result["control"]?["id"]?.stringValue, let outcome = result["outcome"]?.stringValue else {
        return nil
      }
      let reason = result["skip"]?["reason"]?.stringValue ?? ""
      return (id, ["unbound", "awaits-word"].contains(reason) ? "waiting" : outcome)
    }
  }

  var wrong: Int { columns.reduce(0) { $0 + $1.wrong.count } + cleanFaults.count }

  /// A fault that breaks nothing that anybody looks at is a wrong cell too.
  var complaints: [String] {
    var result = cleanFaults.map { "the whole \(subject): \($0), and should be passed" }
    for column in columns {
      for index in column.wrong {
        result.append(
          "\(column.entry.name): \(lines[index]) is \(Self.name(column.cells[index])), and should be \(Self.name(column.expected[index]))"
        )
      }
    }
    return result
  }

  private static func name(_ cell: Cell) -> String {
    switch cell {
    case .green: "green"
    case .red: "red"
    case .blind: "undecided"
    }
  }

  var summary: String {
    "\(lines.count) lines × \(columns.count) faults: \(lines.count * columns.count) cells, \(wrong) wrong; "
      + "\(waiting.count) lines wait for a person or a browser"
  }

  /// Lines down, faults across; a cell is one character, a wrong one is `!`.
  var grid: String {
    let numbers = columns.indices.map { $0 + 1 }
    let width = (lines.map(\.count).max() ?? 0) + 1
    func row(_ head: String, _ cells: String) -> String {
      head + String(repeating: " ", count: max(1, width - head.count)) + cells
    }
    var rows = [
      row("", numbers.map { $0 % 10 == 0 ? String($0 / 10) : " " }.joined()),
      row("", numbers.map { String($0 % 10) }.joined()),
    ]
    for (index, line) in lines.enumerated() {
      let cells = columns.map { column in
        column.cells[index] == column.expected[index] ? String(column.cells[index].rawValue) : "!"
      }
      rows.append(row(line, cells.joined()))
    }
    return rows.joined(separator: "\n")
  }

  var markdown: String {
    var text = """
      # Lines × faults

      Written by `make matrix`: the checklist beside this file, run against a whole \(subject) and against one for each fault
      of the Testbed. \(summary).

      On the whole \(subject) no line is red. `X` is red, `?` could not be decided (its question needs what is broken), `.` is
      green; a cell that is not as the fault declares would be `!`.

      ```
      \(grid)
      ```

      | | fault | what it breaks | red | undecided |
      |---|---|---|---|---|

      """
    for (index, column) in columns.enumerated() {
      let entry = column.entry
      text +=
        "| \(index + 1) | `\(entry.name)` | \(entry.breaks) | \(entry.red.joined(separator: " ")) "
        + "| \(entry.blind.joined(separator: " ")) |\n"
    }
    let untouched = lines.indices.filter { index in columns.allSatisfy { $0.cells[index] != .red } }.map { lines[$0] }
    text += "\nLines that no fault turns red: \(untouched.isEmpty ? "none" : untouched.joined(separator: " ")).\n"
    return text
  }
}
