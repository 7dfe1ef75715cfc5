/// Tables by name, under a heading that speaks of tables.
enum TableList {
  static let recogniser = Recogniser(
    "table-list", probes: ["postgres"],
    manual: """
      A line that begins with names in backticks, under a heading or a line that speaks of tables: they must be in the catalogue.
      "(with `column`)" asks for the column as well.
      """,
    samples: [
      Recogniser.Sample(
        "### Verify Tables\n- `bot_events` - event store (with `processed_at`)",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                bot_events: { columns: [processed_at] }
        """#),
      Recogniser.Sample(
        "### Tables\n- `customers`, `leads`, `orders` - entities",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                customers: {}
                leads: {}
                orders: {}
        """#),
    ],
    lookalikes: [
      "### Files\n- `orders` - entities", "### Tables\n- `docs/tables.md`", "### Tables\n- All tables are there",
    ]
  ) { line, _ in
    guard Phrase(#"\btables?\b|таблиц"#).isFound(in: line.near), line.raw.hasPrefix("`"),
      [.bullet, .task, .step, .row].contains(line.kind)
    else { return nil }
    let head = line.raw.firstRange(of: "(").map { String(line.raw[..<$0.lowerBound]) } ?? line.raw
    let names = codes(head).filter(identifier.isFound)
    guard !names.isEmpty, names.count == codes(head).count else { return nil }
    let columns = with.first(in: line.raw)?[1].map(codes) ?? []
    let rows = names.map { name in
      "        \(name): \(columns.isEmpty || names.count > 1 ? "{}" : "{ columns: \(YAMLText.list(columns)) }")"
    }
    return Draft(
      "postgres:\n  schema:\n    tables:\n      at_least:\n" + rows.joined(separator: "\n"), confidence: .high,
      reason: "the line names the table\(names.count > 1 ? "s" : "")\(columns.isEmpty ? "" : " and its column")")
  }

  private static let identifier = Phrase(#"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$"#, ignoringCase: false)
  private static let with = Phrase(#"\((?:with|incl\w*|с|со|включая) ([^)]*)\)"#)
  private static func codes(_ raw: String) -> [String] {
    raw.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
      String($0.element)
    }
  }
}
