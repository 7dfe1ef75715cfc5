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
      OptionSpec(
        "order", value: "ORDER", choices: IsolationCheck.Migrations.orders,
        "The migrations' order: by name (default), or by the commit that added them."),
      OptionSpec(
        "mode", value: "MODE", choices: IsolationCheck.Migrations.modes,
        "What one transaction holds (default: a file)."),
      OptionSpec(
        "on-error", value: "WHAT", choices: IsolationCheck.Migrations.endings,
        "After a migration that fails: continue (default), stop, or retry it after the others."),
      OptionSpec("timeout", value: "TIME", "How long it may take (default 2m)."),
      OptionSpec("scratch", "The database is a copy: functions with lasting effects may be called, too."),
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Puts two tenants in, tries everything that a stranger could, and rolls back. Exit status: 0 no leak and every table
      proven; 1 a leak; 3 something is not proven, or a migration has not applied; 2 it could not begin. Several files and
      folders run one after the other, such as a schema and the migrations that build on it. See `gonogo explain isolation`.
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
    let redactor = Redactor()
    let result: IsolationResult
    do throws(ProbeError) {
      let target = invocation.operands[0]
      let isDatabase = { (text: String) in text.contains("://") || text.contains("=") && !FileSystem.exists(text) }
      if invocation.operands.count > 1, let odd = invocation.operands.first(where: isDatabase) {
        Terminal.complain(
          "'\(odd)' is a database, and stands beside other operands",
          mend: "name one database, or files and folders of migrations in the order in which they run")
        return ExitStatus.notRun
      }
      if !isDatabase(target) {
        var migrations = IsolationCheck.Migrations(invocation.operands)
        for (name, choices) in [
          ("order", IsolationCheck.Migrations.orders), ("mode", IsolationCheck.Migrations.modes),
          ("on-error", IsolationCheck.Migrations.endings),
        ] {
          guard let given = invocation.value(name), !choices.contains(given) else { continue }
          Terminal.complain(
            "there is no \(name) '\(given)'", mend: "--\(name) takes \(choices.joined(separator: ", "))")
          return ExitStatus.notRun
        }
        migrations.mode = invocation.value("mode")
        migrations.order = invocation.value("order")
        migrations.onError = invocation.value("on-error")
        migrations.environment = ProcessEnvironment.all
        result = try IsolationCheck.run(migrations, platform: options.corrections.platform, options: options)
      } else {
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
      Terminal.complain("could not look: \(told.message)", mend: told.mend)
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
    if !result.leaks.isEmpty { return ExitStatus.noGo }
    // A schema of which a part is missing has proven nothing of that part.
    let failed = result.migrations["failed"]?.arrayValue ?? []
    let isWhole = failed.allSatisfy { $0["applied_later"] == true }
    return result.unproven.isEmpty && isWhole ? ExitStatus.go : ExitStatus.undecided
  }
}
