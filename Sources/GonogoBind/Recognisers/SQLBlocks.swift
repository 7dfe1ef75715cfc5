/// Statements of a fenced block of SQL: what they make must be there.
enum SQLBlocks {
  static let recogniser = Recogniser(
    "sql-block", probes: ["postgres"],
    manual: """
      `CREATE INDEX`, `CREATE TABLE` and `CREATE FUNCTION` in a fenced block of SQL: the catalogue must have what they make. Indexes are
      compared by what they are, whatever their name. A line that says "create the … functions (see below)" takes the functions of
      the document's blocks.
      """,
    samples: [
      Recogniser.Sample(
        "```sql\nCREATE UNIQUE INDEX IF NOT EXISTS i ON t(a, b DESC);\n```",
        #"""
        postgres:
          schema:
            indexes:
              - CREATE UNIQUE INDEX i ON t(a, b DESC)
        """#),
      Recogniser.Sample(
        "```sql\nCREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, name text NOT NULL, UNIQUE (name));\n```",
        #"""
        postgres:
          schema:
            tables:
              at_least:
                t: { columns: [id, name] }
        """#),
      Recogniser.Sample(
        "```sql\nCREATE OR REPLACE FUNCTION f(lock_id bigint)\nRETURNS boolean AS $$\nBEGIN RETURN true; END;\n$$ LANGUAGE plpgsql SECURITY DEFINER;\n```",
        #"""
        postgres:
          schema:
            functions:
              at_least:
                "f(bigint)": { security_definer: true }
        """#),
    ],
    lookalikes: ["```sql\nSELECT 1;\n```", "- [ ] Create the index", "```sql\nDROP INDEX i;\n```"]
  ) { line, context in
    if line.kind != .statement {
      guard line.says(below) else { return nil }
      let functions = context.lines.filter { $0.kind == .statement }.compactMap { function($0.text) }
      return functions.isEmpty
        ? nil : Draft(wanted("functions", functions), confidence: .high, reason: "the functions of the document's SQL")
    }
    let text = line.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let groups = index.first(in: text), let rest = groups[2] {
      let unique = groups[1] == nil ? "" : "UNIQUE "
      return Draft(
        "postgres:\n  schema:\n    indexes:\n      - \(YAMLText.plainSentence("CREATE \(unique)INDEX \(rest)"))",
        confidence: .high,
        reason: "the index by what it is: table, columns, order, uniqueness")
    }
    if let entry = function(line.text) {
      return Draft(wanted("functions", [entry]), confidence: .high, reason: "the function by its name and arguments")
    }
    if let groups = table.first(in: text), let name = groups[1], let body = groups[2] {
      let columns = columns(body)
      return Draft(
        "postgres:\n  schema:\n    tables:\n      at_least:\n        \(YAMLText.scalar(name)): \(columns.isEmpty ? "{}" : "{ columns: \(YAMLText.list(columns)) }")",
        confidence: .high, reason: "the table and its columns by name")
    }
    return nil
  }

  private static let below = Phrase(#"create .*functions.*(see below|below|ниже)|functions \(see below\)"#)
  private static let index = Phrase(#"^create (unique )?index (?:concurrently )?(?:if not exists )?(.+)$"#)
  private static let table = Phrase(#"^create table (?:if not exists )?"?([a-z_][a-z0-9_.]*)"? ?\((.*)\)"#)
  private static let functionHead = Phrase(
    #"(?s)^create\s+(?:or\s+replace\s+)?function\s+(?:public\.)?([a-z_][a-z0-9_.]*)\s*\(([^)]*)\)"#)
  private static let definer = Phrase(#"security\s+definer"#)

  private static func wanted(_ kind: String, _ entries: [String]) -> String {
    "postgres:\n  schema:\n    \(kind):\n      at_least:\n" + entries.map { "        \($0)" }.joined(separator: "\n")
  }

  private static func function(_ text: String) -> String? {
    guard let groups = functionHead.first(in: text), let name = groups[1] else { return nil }
    let types = (groups[2] ?? "").split(separator: ",").map { argument -> String in
      let words = argument.split(whereSeparator: \.isWhitespace).prefix { $0.lowercased() != "default" && $0 != "=" }
      return words.count > 1 ? words.dropFirst().joined(separator: " ") : words.joined()
    }
    let properties = definer.isFound(in: text) ? "{ security_definer: true }" : "{}"
    return "\"\(name)(\(types.joined(separator: ", ")))\": \(properties)"
  }

  private static func columns(_ body: String) -> [String] {
    var depth = 0
    var parts = [""]
    for character in body {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    let constraints: Set<String> = ["constraint", "primary", "unique", "foreign", "check", "exclude", "like"]
    return parts.compactMap { part in
      guard let word = part.split(whereSeparator: \.isWhitespace).first.map(String.init) else { return nil }
      let name = word.replacing("\"", with: "")
      return constraints.contains(name.lowercased()) ? nil : name
    }
  }
}

extension YAMLText {
  /// A sentence as a plain scalar where it may be one.
  static func plainSentence(_ text: String) -> String {
    text.contains(": ") || text.contains(" #") || text.contains("'") || text.contains("\"") ? quoted(text) : text
  }
}
