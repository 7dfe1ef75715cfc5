/// What a reader should do about migrations that fail: the few causes behind many failures.
struct MigrationRemarks {
  private(set) var lines: [String] = []
  /// What would let more of the schema stand.
  private(set) var mend: String?

  init(_ report: ShadowDatabase.Report) {
    let failed = report.migrations.filter { $0.status == .failed }
    if failed.isEmpty { return }
    let total = report.migrations.filter { $0.status != .skipped }.count
    func list(_ tables: [MissingTable]) -> String {
      tables.prefix(4).map(\.name).joined(separator: ", ") + (tables.count > 4 ? " and \(tables.count - 4) more" : "")
    }
    let later = failed.filter(\.appliedLater).count
    if later > 0 {
      lines.append(
        "\(failed.count) of \(total) migrations failed in their turn; \(later) of them applied when they were tried again after the others"
      )
    }
    let absent = report.missing.filter { $0.madeBy == nil }
    if !absent.isEmpty {
      var text =
        "no migration makes \(list(absent)), for which \(Self.count(absent)) fail: the schema they build on is not among them"
      if let best = report.elsewhere.first {
        text += "; \(best.file) makes \(best.makes) of these"
        mend =
          "name it before the folder: `gonogo isolation \(best.file) FOLDER`, in a document `migrations: [\(best.file), FOLDER]`"
      } else {
        mend =
          "dump the schema they build on (pg_dump --schema-only), and name it before the folder: `gonogo isolation FILE FOLDER`, in a document `migrations: [FILE, FOLDER]`"
      }
      lines.append("\(text). \(mend ?? "")")
    }
    let late = report.missing.filter { $0.madeBy != nil }
    if !late.isEmpty, failed.count > later, later == 0 {
      lines.append(
        "\(list(late)) are made by migrations that failed themselves or come later than one that needs them: --on-error retry (in a document: `on_error: retry`) tries what failed again after the others"
      )
      if mend == nil { mend = "try what failed again after the others: --on-error retry" }
    }
    if failed.count > later, report.mode == .file, !report.missing.isEmpty {
      lines.append(
        "a file that fails leaves nothing behind, as its tool would have it: --mode statement (in a document: `mode: statement`) keeps what it makes beside the failure"
      )
    }
  }

  private static func count(_ tables: [MissingTable]) -> String {
    let most = tables.map(\.migrations).reduce(0, +)
    return most == 1 ? "1 migration" : "\(most) migrations"
  }
}
