import GonogoCore
import GonogoProbes
import GonogoSystem

/// `gonogo isolation`: the proof of tenant isolation without a document.
enum IsolationCommand {
  static let command = Command(
    name: "isolation", summary: "proves that no tenant of a PostgreSQL database reaches another's rows",
    operands: "DSN|FOLDER...",
    arity: 1...16,
    options: [
      OptionSpec(
        "platform", value: "NAME", choices: IsolationPlatform.allCases.map(\.rawValue),
        "What surrounds the database (default: found)."),
      OptionSpec("tenant-key", value: "COLUMN", "The column that holds the tenant's key (default: found)."),
      OptionSpec("role", value: "ROLE", repeatable: true, "A role that the application uses (default: found)."),
      OptionSpec(
        "schema", value: "NAME", repeatable: true, "A schema that the application reaches (default: all of its own)."),
      OptionSpec("shared", value: "TABLE", repeatable: true, "A table without a tenant's data."),
      OptionSpec(
        "allow", value: "TEXT", repeatable: true, "What is open by design: 'plans SELECT anon: public price list'."),
      OptionSpec("timeout", value: "TIME", "How long it may take (default 2m)."),
      OptionSpec("scratch", "The database is a copy: functions with lasting effects may be called, too."),
      OptionSpec(
        "mode", value: "MODE", choices: IsolationSource.modes,
        "What one transaction of the migrations holds, as the repository applies them: a file (default), a statement, all of them, or file by file inside a function, as an RPC does."
      ),
      OptionSpec(
        "before", value: "FILE", repeatable: true, "A SQL file that runs before the migrations: a schema they build on."
      ),
      OptionSpec(
        "order", value: "ORDER", choices: IsolationSource.orders,
        "The order of the migrations: by name (default), or by the commit that added them."),
      OptionSpec(
        "on-error", value: "WHAT", choices: IsolationSource.reactions,
        "What to do after a migration that fails (default continue; --mode all stops)."),
      OptionSpec(
        "mutate",
        "Put the proof to the proof: spoil the scratch schema in one place at a time, and require the proof to turn red."
      ),
      OptionSpec(
        "beside", value: "TOOLS", repeatable: true,
        "Linters of others whose findings are shown beside: all, none, or some of plpgsql_check, pgrls, squawk (default: all for migrations, none for a database)."
      ),
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Puts two tenants in, tries everything that a stranger could, and rolls back. Exit status: 0 no leak and every table
      proven; 1 a leak; 3 something is not proven, or a migration has not applied; 2 it could not begin. Several files and
      folders run one after the other, such as a schema and the migrations that build on it. See `gonogo explain isolation`.

      A FOLDER holds migrations, or is a repository that has them in one of the usual places (supabase/migrations,
      prisma/migrations, db/migrations, migrations, drizzle, alembic.ini and the like, also in apps/* and packages/*); a file
      is a dump.
      They are applied to a scratch database that goes when the command ends.

      --mutate drops each policy, switches row security off on each table, widens each USING and WITH CHECK to true and grants
      each table, one at a time, in the scratch database. 1: a fault was not noticed, and is listed; 3: one could not be
      tried, or the table was red before. A database that is named is never spoiled.
      """,
    examples: [
      ("gonogo isolation \"$DATABASE_URL\"", "the matrix, each leak with its mend"),
      (
        "gonogo isolation supabase/migrations --platform supabase",
        "the same in a scratch database built from migrations"
      ),
      (
        "gonogo isolation schema.sql migrations --on-error retry",
        "migrations that build on a schema beside them, and of which some fail"
      ),
      ("gonogo isolation \"$DATABASE_URL\" --output json", "the same for scripts, with psql transcripts"),
      ("gonogo isolation . --mode function --before schema.sql", "a repository that applies its files through an RPC"),
      ("gonogo isolation supabase/migrations --mutate", "whether the proof would notice each fault of the schema"),
    ],
    run: { run($0) })

  static func run(_ invocation: Invocation) -> Int32 {
    var options = IsolationProof.Options()
    options.timeout = 120_000
    if let text = invocation.value("timeout") {
      guard let time = Quantity.milliseconds(text), time >= 1, time < 1e9 else {
        Terminal.complain("--timeout takes a time with its unit, not '\(text)'", mend: "write --timeout 2m")
        return ExitStatus.notRun
      }
      options.timeout = Int(time)
    }
    if let name = invocation.value("platform") {
      guard let platform = IsolationPlatform(rawValue: name) else {
        Terminal.complain(
          "there is no platform '\(name)'",
          mend: "platforms are \(IsolationPlatform.allCases.map(\.rawValue).joined(separator: ", "))")
        return ExitStatus.notRun
      }
      options.corrections.platform = platform
    }
    if let format = invocation.value("output"), format != "text", format != "json" {
      Terminal.complain("there is no format '\(format)' for this", mend: "formats are text, json")
      return ExitStatus.notRun
    }
    options.corrections.tenantKey = invocation.value("tenant-key")
    options.corrections.memberRoles = invocation.list("role")
    if invocation.flag("schema") { options.corrections.schemas = invocation.list("schema") }
    options.corrections.shared = invocation.list("shared")
    options.isScratch = invocation.flag("scratch")
    for text in invocation.all("allow") {
      guard let allowance = IsolationAllowance(text) else {
        Terminal.complain(
          "--allow takes a table, a command, a principal and a reason, not '\(text)'",
          mend: "write --allow 'plans SELECT anon: public price list'")
        return ExitStatus.notRun
      }
      options.allowances.append(allowance)
    }
    let target = invocation.operands[0]
    let isPath = !target.contains("://") && !target.contains("=") && FileSystem.exists(target)
    // No address of a database has neither: it is a path, and nothing is there.
    if !isPath, !target.contains("://"), !target.contains("=") {
      Terminal.complain(
        "there is no file or folder '\(target)'",
        mend: "name a folder of migrations, a dump, or the address of a database: postgresql://user@host/database")
      return ExitStatus.notRun
    }
    if invocation.operands.count > 1,
      let odd = invocation.operands.first(where: { $0.contains("://") || !FileSystem.exists($0) })
    {
      Terminal.complain(
        FileSystem.exists(odd) || odd.contains("://")
          ? "a database stands beside other operands" : "there is no '\(odd)'",
        mend: "name one database, or files and folders of migrations in the order in which they run")
      return ExitStatus.notRun
    }
    guard let beside = beside(invocation, isPath: isPath) else { return ExitStatus.notRun }
    options.beside = beside
    let redactor = Redactor()
    let result: IsolationResult
    do throws(ProbeError) {
      if isPath {
        options.mutates = invocation.flag("mutate")
        result = try IsolationCheck.run(source(invocation, options), options: options)
      } else {
        let scratch = ["mode", "before", "order", "on-error", "mutate"].filter { invocation.flag($0) }
        if let option = scratch.first {
          Terminal.complain(
            option == "mutate"
              ? "a live database is never spoiled: --mutate is for a folder of migrations or a dump"
              : "--\(option) is for migrations, and this is the address of a database",
            mend: "name a folder of migrations, or leave --\(option) out")
          return ExitStatus.notRun
        }
        result = try IsolationCheck.run(database: target, options: options, redactor: redactor)
      }
    } catch {
      let told = error.map { redactor.redact($0) }
      let failed = told.facts?["migrations"]?["failed"]?.arrayValue ?? []
      for migration in failed.prefix(20) {
        Terminal.error(
          "migration failed: \(migration["file"]?.stringValue ?? ""):\(migration["line"]?.integerValue ?? 1): \(migration["message"]?.stringValue ?? "")\n"
        )
      }
      if failed.count > 20 {
        Terminal.error("migration failed: and \(failed.count - 20) more (all in --output json)\n")
      }
      Terminal.complain("could not look: \(told.message)", mend: told.mend.map(asOptions))
      if invocation.value("output") == "json" {
        let nothing: JSON = ["applied": 0, "failed": []]
        let report: JSON = [
          "schema": "gonogo.isolation/1", "tables": 0, "proven": 0, "leaks": [], "unproven": [],
          "error": ["kind": .string(told.kind.rawValue), "message": .string(told.message)],
          "migrations": told.facts?["migrations"] ?? nothing, "model": told.facts?["model"] ?? .null,
        ]
        Terminal.out(redactor.redact(report.pretty) + "\n")
      }
      return ExitStatus.notRun
    }
    if invocation.value("output") == "json" {
      Terminal.out(redactor.redact(IsolationCheck.json(result).pretty) + "\n")
    } else {
      Terminal.out(redactor.redact(IsolationCheck.text(result)))
    }
    if !result.leaks.isEmpty || result.mutation?.verdict == .survivors { return ExitStatus.noGo }
    if result.mutation?.verdict == .undecided { return ExitStatus.undecided }
    // A schema of which a part is missing has proven nothing of that part.
    let failed = result.migrations["failed"]?.arrayValue ?? []
    let isWhole = failed.allSatisfy { $0["applied_later"] == true }
    return result.unproven.isEmpty && isWhole ? ExitStatus.go : ExitStatus.undecided
  }

  /// A mend speaks of a document's keys; here they are options.
  private static func asOptions(_ mend: String) -> String {
    mend.replacing("`timeout: 2m`", with: "--timeout 5m").replacing("`timeout:`", with: "--timeout")
      .replacing("`model: { tenant_key: … }`", with: "--tenant-key").replacing("`schemas:`", with: "--schema")
      .replacing("`model: { roles: { member: … } }`", with: "--role")
      .replacing("`model: { roles: … }`", with: "--role")
  }

  /// The linters to run; `nil` where a name is none of theirs, which has then been told.
  private static func beside(_ invocation: Invocation, isPath: Bool) -> Set<BesideTool>? {
    let names = invocation.list("beside")
    if names.isEmpty { return isPath ? Set(BesideTool.allCases) : [] }
    var tools: Set<BesideTool> = []
    for name in names where name != "none" {
      if name == "all" {
        tools.formUnion(BesideTool.allCases)
      } else if let tool = BesideTool(rawValue: name) {
        tools.insert(tool)
      } else {
        let known = BesideTool.allCases.map(\.rawValue)
        Terminal.complain(
          "there is no linter '\(name)' to run beside",
          mend: Suggestion.nearest(to: name, in: known).map { "did you mean '\($0)'?" }
            ?? "write all, none, or some of \(known.joined(separator: ", "))")
        return nil
      }
    }
    return tools
  }

  private static func source(_ invocation: Invocation, _ options: IsolationProof.Options)
    -> IsolationSource
  {
    var source = IsolationSource(invocation.operands)
    source.platform = options.corrections.platform
    source.mode = invocation.value("mode")
    source.order = invocation.value("order")
    source.onError = invocation.value("on-error")
    source.before = invocation.all("before")
    source.environment = ProcessEnvironment.all
    return source
  }
}
