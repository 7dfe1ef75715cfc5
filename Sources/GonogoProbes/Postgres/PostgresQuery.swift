import GonogoCore

/// `query`: one statement, its rows as facts.
struct PostgresQuery: Sendable {
  let sql: String
  let examined: String?
  let parameters: [TemplateValue]
  let write: Bool
  let mayFail: Bool

  /// What would end the probe's own transaction, or change the session for the next.
  private static let refused: Set<String> = [
    "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare", "execute", "deallocate",
    "set", "reset", "discard", "listen", "unlisten", "notify", "copy", "declare", "fetch", "move", "close", "load",
  ]

  init(_ arguments: Arguments) throws(InvalidArguments) {
    sql = try arguments.require("query", Self.sql(arguments, "query"))
    examined = Self.sql(arguments, "examined")
    parameters = (arguments.list("parameters") ?? []).map { TemplateValue($0, sink: arguments.sink) }
    write = arguments.boolean("write") ?? false
    mayFail = arguments.boolean("may_fail") ?? false
    let used = [sql, examined ?? ""].flatMap(PostgresSQL.tokens).filter { $0.kind == .parameter }
      .compactMap { Int($0.text.dropFirst()) }
    let highest =
      PostgresSQL.tokens(sql).filter { $0.kind == .parameter }.compactMap { Int($0.text.dropFirst()) }.max() ?? 0
    if let missing = used.first(where: { $0 < 1 || $0 > parameters.count }) {
      arguments.fail(
        .missingKey, "the SQL has $\(missing), and `parameters` has \(parameters.count)",
        at: arguments.keyRange(arguments.has("parameters") ? "parameters" : "query"),
        mend: "give a value for each $n, in order")
    } else if highest < parameters.count {
      arguments.fail(
        .outOfRange, "`parameters` has \(parameters.count), and the SQL uses \(highest)",
        at: arguments.keyRange("parameters"), mend: "use $\(parameters.count) in the SQL, or take the value out")
    }
  }

  private static func sql(_ arguments: Arguments, _ name: String) -> String? {
    guard let node = arguments.node(name) else { return nil }
    guard let text = node.text else {
      arguments.wrongType(name, "SQL", node)
      return nil
    }
    let tokens = PostgresSQL.tokens(text)
    if text.contains("${") {
      arguments.fail(
        .badInterpolation, "`\(name)` is SQL, and nothing is put into it", at: node.range,
        mend: "use parameters: write $1 in the SQL and `parameters: [\"${name}\"]`")
    } else if tokens.isEmpty {
      arguments.fail(.wrongType, "`\(name)` has no statement", at: node.range, mend: "write a SELECT")
    } else if let first = tokens.first, first.kind == .word, refused.contains(first.name) {
      arguments.fail(
        .wrongType, "`\(name)` cannot be \(first.text.uppercased()): it runs inside a transaction of its own",
        at: node.range,
        mend: "write one SELECT (or INSERT, UPDATE, DELETE with `write: true`); see `role` and `settings`")
    } else if tokens.dropLast().contains(where: { $0.isSymbol(";") }) {
      arguments.fail(
        .wrongType, "`\(name)` has more than one statement", at: node.range, mend: "write one binding for each")
    }
    return text
  }

  var references: [(name: String, range: SourceRange)] { parameters.flatMap(\.references) }

  /// Law 2: an error that is expected proves nothing until the same statement works for someone.
  func denial(in expectations: [Expectation]) -> String? {
    guard mayFail else { return nil }
    let expects = expectations.contains { expectation in
      switch expectation.test {
      case .fact(let path, let matcher):
        guard path.steps.first == .key("error") else { return false }
        if case .absent = matcher { return false }
        return true
      case .query(_, let source): return source.contains(".error")
      }
    }
    return expects ? "a statement that the server refuses" : nil
  }

  func observe(_ session: PostgresSession) throws(ProbeError) -> Observation {
    var values: [String?] = []
    var shown: [String] = []
    var secrets: [(marker: String, shell: String)] = []
    for (index, parameter) in parameters.enumerated() {
      let text = PostgresValue.parameter(try session.context.render(parameter))
      values.append(text)
      guard let text else {
        shown.append("NULL")
        continue
      }
      var rendered: Rendered?
      if case .template(let template) = parameter { rendered = try session.context.render(template) }
      let (literal, hidden) = PostgresSession.shellLiteral(
        rendered, display: text, marker: "\u{E000}p\(index)\u{E000}")
      shown.append(literal)
      secrets += hidden
    }
    let command = session.command([(PostgresSQL.inlined(sql, shown), secrets)], write: write)
    do throws(ProbeError) {
      return try observe(session, values: values, command: command)
    } catch {
      var error = error
      error.repeatCommand = error.repeatCommand ?? command
      throw error
    }
  }

  private func observe(_ session: PostgresSession, values: [String?], command: String) throws(ProbeError) -> Observation
  {
    func own(_ sql: String, bounded: Bool) -> PostgresStatement {
      // A statement may be given only the parameters that it uses: the server cannot tell the type of another.
      let count = PostgresSQL.tokens(sql).filter { $0.kind == .parameter }.compactMap { Int($0.text.dropFirst()) }.max()
      return PostgresStatement(sql: sql, parameters: Array(values.prefix(count ?? 0)), bounded: bounded)
    }
    let begin = session.context.clock.ticks()
    let replies = try session.transaction(
      write: write, [[own(sql, bounded: true)] + (examined.map { [own($0, bounded: true)] } ?? [])])[0]
    let milliseconds = Int(session.context.clock.ticks() - begin)
    func refuse(_ failure: PostgresFailure, _ sql: String) -> ProbeError {
      PostgresErrors.refused(
        failure, sql: sql, target: session.target, holder: session.lockHolder,
        statementTimeout: session.statementTimeout)
    }
    let asked = session.target.display
    switch replies[0] {
    case .skipped: throw ProbeError(.unexpected, "the server skipped the statement", asked: asked)
    case .failed(let failure):
      guard mayFail, !Self.isBlind(failure.code) else { throw refuse(failure, sql) }
      return Observation(
        facts: ["error": error(failure), "duration_ms": JSON(milliseconds)], witness: ["refusals": 1], asked: asked,
        repeatCommand: command)
    case .table(let table):
      var facts: [String: JSON] = [
        "rows": .array(
          table.rows.map { row in .object(Dictionary(zip(table.columns, row), uniquingKeysWith: { first, _ in first }))
          }),
        "columns": JSON(table.columns), "row_count": JSON(table.count), "truncated": .bool(table.truncated),
        "value": table.rows.first?.first ?? .null, "duration_ms": JSON(milliseconds),
      ]
      if let affected = table.affected, table.columns.isEmpty { facts["affected"] = JSON(affected) }
      var witness = ["rows": table.columns.isEmpty ? table.affected ?? 0 : table.count]
      if let examined {
        switch replies[1] {
        case .failed(let failure): throw refuse(failure, examined)
        case .table(let counted):
          guard let number = counted.rows.first?.first?.integerValue else {
            throw ProbeError(
              .configuration, "`examined` gave no whole number", asked: asked,
              mend: "write a SELECT that gives one: SELECT count(*) FROM …")
          }
          facts["examined"] = JSON(number)
          witness = ["examined": number]
        case .skipped: throw ProbeError(.unexpected, "the server skipped `examined`", asked: asked)
        }
      }
      return Observation(
        facts: .object(facts), witness: witness, asked: asked, repeatCommand: command,
        vacuityMend: examined == nil
          ? "no row may mean that there is nothing to look at: add `examined: SELECT count(*) FROM …`, which counts it"
          : "`examined` counted nothing: fill the table, or look where there is data")
    }
  }

  /// Failures of the look itself, which are never a fact of the statement: timeouts, resources, connection.
  private static func isBlind(_ code: String) -> Bool {
    ["08", "53", "57", "58", "XX", "25"].contains(code.prefix(2)) || code == "55P03"
  }

  private func error(_ failure: PostgresFailure) -> JSON {
    var members: [String: JSON] = ["code": .string(failure.code), "message": .string(failure.message)]
    members["detail"] = failure.detail.map(JSON.string)
    members["hint"] = failure.hint.map(JSON.string)
    members["constraint"] = failure.constraint.map(JSON.string)
    if let position = failure.position, let place = PostgresSQL.place(position, in: sql) {
      members["line"] = JSON(place.line)
      members["column"] = JSON(place.column)
    }
    return .object(members)
  }
}
