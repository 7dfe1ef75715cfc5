import GonogoCore
import GonogoSystem

/// Holds what a checklist said of each broken deployment against what the fault says it breaks.
///
/// A run is the text report of `gonogo check`, whose lines `FILE:L:C: no-go[ID]: …` tell what is not passed. A line that is
/// told so on the whole deployment waits for a person or a browser, and is no part of the matrix.
struct Matrix {
  private enum Cell: Character {
    case green = "."
    case red = "X"
    case blind = "?"
  }

  private struct Column {
    let entry: FaultEntry
    let cells: [Cell]
    let expected: [Cell]
    var wrong: [Int] { cells.indices.filter { cells[$0] != expected[$0] } }
  }

  private struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  /// The bound lines, in the document's order.
  let lines: [String]
  private let waiting: [String]
  private let columns: [Column]
  private let cleanFaults: [String]

  /// - Parameter results: a directory of reports, `clean.txt` and `FAULT.txt`.
  init(document: String, results: String) throws {
    let all = Self.identifiers(String(decoding: try FileSystem.read(document), as: UTF8.self))
    let clean = try Self.report("\(results)/clean.txt")
    waiting = all.filter { clean[$0].map { $0 != "no-go" } ?? false }
    let bound = all.filter { clean[$0] == nil || clean[$0] == "no-go" }
    lines = bound
    cleanFaults = all.filter { clean[$0] == "no-go" }
    var columns: [Column] = []
    for entry in FaultCatalog.all {
      let path = "\(results)/\(entry.fault.rawValue).txt"
      guard FileSystem.exists(path) else { continue }
      let said = try Self.report(path)
      columns.append(
        Column(
          entry: entry,
          cells: bound.map { said[$0] == nil ? .green : said[$0] == "no-go" ? .red : .blind },
          expected: bound.map { entry.red.contains($0) ? .red : entry.blind.contains($0) ? .blind : .green }))
      for id in entry.red + entry.blind where !bound.contains(id) {
        throw Unreadable(description: "\(entry.fault.rawValue) names \(id), which is no bound line of \(document)")
      }
    }
    self.columns = columns
  }

  /// `**ID**` at the beginning of a task item.
  private static func identifiers(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let item = line.drop { $0 == " " }
      guard item.hasPrefix("- [") else { return nil }
      let rest = item.dropFirst("- [ ] ".count)
      guard rest.hasPrefix("**"), let end = rest.dropFirst(2).firstIndex(of: "*") else { return nil }
      return String(rest.dropFirst(2)[..<end])
    }
  }

  /// What was told of which line: `no-go`, `undecided`, `skipped`.
  private static func report(_ path: String) throws -> [String: String] {
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    guard ["GO", "NO-GO", "UNDECIDED"].contains(where: { verdict in text.contains("\n\(verdict)") }) else {
      throw Unreadable(description: "\(path) is no report with a verdict:\n\(text.prefix(2000))")
    }
    var said: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, Int(parts[1]) != nil, Int(parts[2]) != nil, let open = parts[3].firstIndex(of: "["),
        let close = parts[3].firstIndex(of: "]"), open < close
      else { continue }
      let word = parts[3][..<open].drop { $0 == " " }
      said[String(parts[3][parts[3].index(after: open)..<close])] = String(word)
    }
    return said
  }

  var wrong: Int { columns.reduce(0) { $0 + $1.wrong.count } + cleanFaults.count }

  /// A fault that breaks nothing that anybody looks at is a wrong cell too.
  var complaints: [String] {
    var result = cleanFaults.map { "the whole deployment: \($0) is red, and should be green" }
    for column in columns {
      for index in column.wrong {
        result.append(
          "\(column.entry.fault.rawValue): \(lines[index]) is \(Self.name(column.cells[index])), and should be \(Self.name(column.expected[index]))"
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

      Written by `make matrix`: the checklist beside this file, run against a whole deployment and against one for each fault
      of the Testbed. \(summary).

      On the whole deployment no line is red. `X` is red, `?` could not be decided (its question needs what is broken), `.` is
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
        "| \(index + 1) | `\(entry.fault.rawValue)` | \(entry.breaks) | \(entry.red.joined(separator: " ")) "
        + "| \(entry.blind.joined(separator: " ")) |\n"
    }
    let untouched = lines.indices.filter { index in columns.allSatisfy { $0.cells[index] != .red } }.map { lines[$0] }
    text += "\nLines that no fault turns red: \(untouched.isEmpty ? "none" : untouched.joined(separator: " ")).\n"
    return text
  }
}
