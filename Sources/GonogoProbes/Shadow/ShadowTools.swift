import GonogoCore
import GonogoSystem

/// Migrations that a program of their own applies.
extension ShadowBuild {
  func environment(host: String?) -> [String: String] {
    var environment = options.environment
    let connection = home.connection
    let user = PercentEncoding.encode(connection["user"] ?? "postgres")
    let password = connection["password"].map { ":\(PercentEncoding.encode($0))" } ?? ""
    let database = PercentEncoding.encode(connection["dbname"] ?? "postgres")
    let server = connection["host"] ?? "localhost"
    let port = connection["port"] ?? "5432"
    environment["DATABASE_URL"] =
      server.hasPrefix("/")
      ? "postgresql://\(user)\(password)@\(host ?? "")/\(database)?host=\(PercentEncoding.encode(server))&port=\(port)"
      : "postgresql://\(user)\(password)@\(server):\(port)/\(database)"
    environment["DIRECT_URL"] = environment["DATABASE_URL"]
    environment["PGHOST"] = server
    environment["PGPORT"] = port
    environment["PGUSER"] = connection["user"] ?? "postgres"
    environment["PGDATABASE"] = connection["dbname"] ?? "postgres"
    if let password = connection["password"] { environment["PGPASSWORD"] = password }
    return environment
  }

  func runTool(_ words: [String], in directory: String, host: String? = nil, install: String) throws(ProbeError)
    -> Subprocess.Outcome
  {
    let place = FileSystem.join(options.directory, directory)
    let process = Subprocess(words, environment: environment(host: host), directory: place.isEmpty ? nil : place)
    do throws(Subprocess.Failure) { return try process.run(milliseconds: max(1, deadline.left)) } catch {
      switch error {
      case .cannotStart(let program, let code):
        throw ProbeError(
          .toolMissing, "cannot run \(program): \(SystemError("run", program, code: code).reason)",
          asked: words.joined(separator: " "), mend: install)
      case .timedOut: throw ShadowCluster.late(words.joined(separator: " "))
      }
    }
  }

  static func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }

  /// The outcomes that a tool's report of its steps tells.
  func record(_ steps: [String], _ outcome: Subprocess.Outcome, tool: String) {
    let said = Self.lines(outcome.error) + Self.lines(outcome.output)
    var results = steps.map { MigrationOutcome(file: $0, status: .applied) }
    if outcome.status != 0 {
      let words = ["ERROR:", "Error", "error"]
      let message =
        words.lazy.compactMap { word in said.last { $0.contains(word) } }.first ?? said.last ?? "\(tool) failed"
      let failure = MigrationOutcome.Failure(line: nil, sqlstate: nil, message: message)
      if results.isEmpty { results = [MigrationOutcome(file: tool, status: .failed)] }
      results[results.count - 1].status = .failed
      results[results.count - 1].failures = [failure]
    }
    report.migrations += results
  }

  /// A tool that ends before its first step did not come to migrate: that says nothing of the migrations.
  func refuseEmpty(_ steps: [String], _ outcome: Subprocess.Outcome, tool: String) throws(ProbeError) {
    guard outcome.status != 0, steps.isEmpty else { return }
    let said = (Self.lines(outcome.output) + Self.lines(outcome.error)).filter { !$0.hasPrefix("INFO") }
    // Two heads are a fault of the migrations.
    if said.contains(where: { $0.contains("Multiple head") }) { return }
    throw ProbeError(
      .configuration, "\(tool) did not come to its first migration: \(said.last ?? "it said nothing")", asked: tool,
      mend: "let it read DATABASE_URL, which names the scratch database, and see that it runs by hand")
  }

  func runAlembic(_ directory: String) throws(ProbeError) {
    doing = "alembic upgrade head"
    let install = "pip install alembic psycopg2-binary, or put it on the PATH"
    let outcome = try runTool(["alembic", "upgrade", "head"], in: directory, install: install)
    // INFO  [alembic.runtime.migration] Running upgrade a1 -> b2, adds orders
    let steps = Self.lines(outcome.error).compactMap { line -> String? in
      guard let mark = line.range(of: "Running upgrade ") else { return nil }
      return String(line[mark.upperBound...].drop { $0 != ">" }.dropFirst(2))
    }
    try refuseEmpty(steps, outcome, tool: "alembic upgrade head")
    record(steps, outcome, tool: "alembic upgrade head")
    if steps.isEmpty, outcome.status == 0 {
      report.migrations.append(MigrationOutcome(file: "alembic upgrade head", status: .applied))
    }
    guard outcome.status == 0 else {
      // Alembic runs all revisions in one transaction, where its environment does not say otherwise.
      let versions = try? connection.rows("SELECT version_num FROM alembic_version", deadline: deadline)
      guard versions?.isEmpty ?? true else { return }
      for index in report.migrations.indices where report.migrations[index].status == .applied {
        report.migrations[index].status = .rolledBack
      }
      return
    }
    let check = try runTool(["alembic", "check"], in: directory, install: install)
    report.check = Self.alembicCheck(check)
  }

  /// What `alembic check` said: whether the models ask for nothing that the revisions do not make. It exits alike where it
  /// found a difference and where it could not compare, for want of models.
  static func alembicCheck(_ outcome: Subprocess.Outcome) -> JSON {
    let said = (lines(outcome.output) + lines(outcome.error)).filter { !$0.hasPrefix("INFO") }
    let difference = said.first { $0.contains("New upgrade operations detected") }
    let message = outcome.status == 0 ? said.last : difference ?? said.last
    var check: [String: JSON] = ["exit": JSON(orNull: outcome.status.map(Int.init)), "message": JSON(orNull: message)]
    check["ok"] = .null
    if outcome.status == 0 { check["ok"] = true } else if difference != nil { check["ok"] = false }
    return .object(check)
  }

  func runPrisma(_ directory: String) throws(ProbeError) {
    doing = "prisma migrate deploy"
    let install = "npm install prisma in \(directory), or name its folder: `migrations: prisma/migrations`"
    let local = FileSystem.join(FileSystem.join(options.directory, directory), "node_modules/.bin/prisma")
    let program = FileSystem.exists(local) ? "node_modules/.bin/prisma" : "prisma"
    let outcome = try runTool([program, "migrate", "deploy"], in: directory, host: "localhost", install: install)
    let steps = Self.lines(outcome.output).compactMap { line -> String? in
      guard let mark = line.range(of: "Applying migration `") else { return nil }
      return String(line[mark.upperBound...].prefix { $0 != "`" })
    }
    try refuseEmpty(steps, outcome, tool: "prisma migrate deploy")
    record(steps, outcome, tool: "prisma migrate deploy")
  }

  func runCommand(_ words: [String]) throws(ProbeError) {
    let shown = words.map(ShellQuote.quote).joined(separator: " ")
    doing = shown
    let outcome = try runTool(words, in: "", install: "install \(words[0]), or put it on the PATH")
    record(outcome.status == 0 ? [shown] : [], outcome, tool: shown)
  }
}
