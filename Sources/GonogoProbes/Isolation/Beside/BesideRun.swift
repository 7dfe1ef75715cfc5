import GonogoCore
import GonogoSystem

/// Runs the linters of others on a database and the files that it was built from.
struct BesideRun {
  let connection: [String: String]
  /// Schemas of the application's own.
  let schemas: [String]
  /// What the database was built from; `nil` for one that was there.
  var shadow: ShadowDatabase?
  let environment: [String: String]
  /// Milliseconds that each may take.
  var limit = 30_000
  let deadline: PostgresDeadline

  func run(_ tools: Set<BesideTool>) -> [BesideReport] {
    BesideTool.allCases.filter(tools.contains).map { tool in
      if deadline.left < 100 { return BesideReport(tool: tool, state: .failed("no time was left for it")) }
      return switch tool {
      case .plpgsqlCheck: plpgsqlCheck()
      case .pgrls: pgrls()
      case .squawk: squawk()
      }
    }
  }

  private var milliseconds: Int { max(1, min(limit, deadline.left)) }

  /// Where an object stands in the migrations.
  private func place(_ keys: [String]) -> ShadowDatabase.Place? {
    keys.lazy.compactMap { shadow?.sourceMap[$0] }.first
  }

  // MARK: plpgsql_check

  /// In a transaction that is rolled back, the extension's creation with it.
  private func plpgsqlCheck() -> BesideReport {
    var report = BesideReport(tool: .plpgsqlCheck, state: .ran)
    do throws(IsolationFailure) {
      let connection = try IsolationConnection(connection, end: SystemClock().ticks() + Int64(milliseconds))
      let server = try connection.run(
        "SELECT current_setting('server_version_num')::int / 10000, (SELECT default_version FROM pg_available_extensions WHERE name = 'plpgsql_check')"
      )
      guard let version = server.first?[1] else {
        let major = Int(server.first?[0] ?? "") ?? 15
        report.state = .notInstalled(install: BesideTool.plpgsqlCheck.install(server: major))
        return report
      }
      report.version = version
      try connection.run("BEGIN; SET LOCAL client_min_messages = error; CREATE EXTENSION IF NOT EXISTS plpgsql_check")
      try checkFunctions(connection, &report)
      try connection.run("ROLLBACK")
    } catch { report.state = .failed(error.message) }
    return report
  }

  private func checkFunctions(_ connection: IsolationConnection, _ report: inout BesideReport) throws(IsolationFailure)
  {
    let names = schemas.map { SQLText.literal($0) }.joined(separator: ", ")
    // A trigger's function is checked as the trigger of each of its tables: without one its rows have no type.
    let functions = try connection.run(
      """
      SELECT p.oid::int8, coalesce(t.tgrelid, 0)::int8, n.nspname || '.' || p.proname FROM pg_proc p
      JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
      LEFT JOIN pg_trigger t ON t.tgfoid = p.oid AND NOT t.tgisinternal
      WHERE l.lanname = 'plpgsql' AND n.nspname = ANY(ARRAY[\(names)]::name[]) AND p.prokind IN ('f', 'p')
        AND (p.prorettype <> 'trigger'::regtype OR t.tgrelid IS NOT NULL)
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      ORDER BY 3, 1, 2
      """)
    for function in functions {
      guard let oid = function[0], let table = function[1], let name = function[2] else { continue }
      try connection.run("SAVEPOINT gonogo_beside")
      do throws(IsolationFailure) {
        let rows = try connection.run(
          """
          SELECT coalesce(sqlstate, ''), level, coalesce(lineno, 0), message, coalesce(detail, '')
          FROM plpgsql_check_function_tb(\(oid)::oid, \(table)::oid, fatal_errors => false, security_warnings => true)
          """)
        let place = place(["function \(name)", "procedure \(name)"])
        for row in rows {
          let detail = row[4].flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
          report.findings.append(
            .init(
              rule: row[0] ?? "", level: row[1] ?? "", object: name,
              message: "line \(row[2] ?? "0") of its body: \(row[3] ?? "")\(detail)", file: place?.file,
              line: place?.line))
        }
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        try connection.run("ROLLBACK TO SAVEPOINT gonogo_beside")
        report.findings.append(
          .init(rule: refusal.code, level: "not checked", object: name, message: refusal.message, file: nil, line: nil))
      }
      try connection.run("RELEASE SAVEPOINT gonogo_beside")
    }
    if functions.isEmpty { report.state = .nothingToRead("there is no function in PL/pgSQL") }
  }

  // MARK: pgrls

  private func pgrls() -> BesideReport {
    var report = BesideReport(tool: .pgrls, state: .ran)
    guard let program = find("pgrls") else {
      report.state = .notInstalled(install: BesideTool.pgrls.install(server: 0))
      return report
    }
    report.version = version(program)
    var words = [program, "lint", "--format", "json"]
    if !schemas.isEmpty { words += ["--schemas", schemas.joined(separator: ",")] }
    // The address may hold a password: in the environment it is, and never an argument.
    var environment = environment
    environment["DATABASE_URL"] = address
    guard let outcome = run(words, environment: environment, &report) else { return report }
    guard let json = try? JSON.parse(outcome.output), let violations = json["violations"]?.arrayValue else {
      report.state = .failed(Self.said(outcome))
      return report
    }
    report.findings = violations.map { item in
      let object = item["location"]?.stringValue ?? ""
      let table = object.split(separator: ".").prefix(2).joined(separator: ".")
      let place = place(["policy \(object)", "function \(object)", "view \(object)", "table \(table)"])
      return .init(
        rule: item["rule_id"]?.stringValue ?? "", level: item["severity"]?.stringValue ?? "", object: object,
        message: item["title"]?.stringValue ?? item["message"]?.stringValue ?? "", file: place?.file, line: place?.line)
    }
    return report
  }

  /// The database's address, as psycopg reads it.
  private var address: String {
    let others = connection.filter { $0.key != "dbname" }.sorted { $0.key < $1.key }.map {
      "\($0.key)=\(PercentEncoding.encode($0.value))"
    }
    return
      "postgresql:///\(PercentEncoding.encode(connection["dbname"] ?? "postgres"))?\(others.joined(separator: "&"))"
  }

  // MARK: squawk

  private func squawk() -> BesideReport {
    var report = BesideReport(tool: .squawk, state: .ran)
    let files = (shadow?.migrations ?? []).filter { $0.status != .skipped && $0.file.hasSuffix(".sql") }.map(\.file)
    guard let program = find("squawk") else {
      report.state = .notInstalled(install: BesideTool.squawk.install(server: 0))
      return report
    }
    report.version = version(program)
    guard !files.isEmpty else {
      report.state = .nothingToRead("it reads migrations in SQL")
      return report
    }
    // A name that begins with a hyphen would be an option.
    let operands = files.map { $0.hasPrefix("-") ? "./\($0)" : $0 }
    guard let outcome = run([program, "--reporter", "json"] + operands, environment: environment, &report) else {
      return report
    }
    guard let items = (try? JSON.parse(outcome.output))?.arrayValue else {
      // Without a finding it prints an empty list; older ones nothing at all.
      if outcome.status != 0 { report.state = .failed(Self.said(outcome)) }
      return report
    }
    report.findings = Squawk.findings(items)
    return report
  }

  // MARK: Programs

  private func find(_ program: String) -> String? { Subprocess.find(program, path: environment["PATH"]) }

  private func version(_ program: String) -> String? {
    let process = Subprocess([program, "--version"], environment: environment)
    guard let outcome = try? process.run(milliseconds: min(5000, milliseconds)), outcome.status == 0 else { return nil }
    return String(decoding: outcome.output, as: UTF8.self).split(whereSeparator: \.isWhitespace).last.map(String.init)
  }

  /// Its outcome; `nil` where it could not be run to its end, which then stands in the report.
  private func run(_ words: [String], environment: [String: String], _ report: inout BesideReport)
    -> Subprocess.Outcome?
  {
    let directory = shadow?.report.directory ?? ""
    var process = Subprocess(words, environment: environment, directory: directory.isEmpty ? nil : directory)
    process.limit = 64 << 20
    do throws(Subprocess.Failure) { return try process.run(milliseconds: milliseconds) } catch {
      switch error {
      case .cannotStart(let program, let code):
        report.state = .failed("cannot run \(program): \(SystemError("run", program, code: code).reason)")
      case .timedOut(let time): report.state = .failed("it did not end within \(time) ms")
      }
      return nil
    }
  }

  private static func said(_ outcome: Subprocess.Outcome) -> String {
    let lines = (outcome.error + outcome.output).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    return
      "exit \(outcome.status.map(String.init) ?? "by a signal"): \(lines.last.map { String($0.prefix(300)) } ?? "it said nothing")"
  }
}
