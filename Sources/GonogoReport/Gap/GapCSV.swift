import GonogoCore

/// The gap analysis as a table (RFC 4180), its last line the checksum of all before it.
///
/// `head -n -1 gap.csv | sha256sum` prints the same digits.
public struct GapCSV: GapFormat {
  public static let name = "csv"
  public static let summary = "a table (RFC 4180) that ends with the SHA-256 of what stands above"

  public init(options: ReportOptions) {}

  public func render(_ gap: Gap) -> [UInt8] { gap.table + Array("# sha256 \(gap.checksum)\r\n".utf8) }

  static let columns = [
    "section", "id", "line", "title", "ticked", "blocking", "state", "tick", "reason", "mend", "evidence",
  ]

  /// The rows, the header first; every line of it ends with CRLF.
  static func table(_ rows: [Gap.Row]) -> [UInt8] {
    let lines =
      [columns]
      + rows.map { row in
        [
          row.section, row.id, "\(row.line)", row.title, row.ticked.map { $0 ? "yes" : "no" } ?? "",
          row.blocking ? "yes" : "no",
          row.state.rawValue, row.tick.rawValue, row.reason, row.mend, row.evidence,
        ]
      }
    return Array(lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined().utf8)
  }

  /// Quoted where it must be. A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
  /// injection): a title is anybody's text.
  static func field(_ text: String) -> String {
    var value = Visible.line(text)
    if let first = value.first, "=+-@\t\r".contains(first) { value = "'" + value }
    guard value.contains(where: { ",\"\r\n".contains($0) }) else { return value }
    return "\"" + value.replacing("\"", with: "\"\"") + "\""
  }
}
