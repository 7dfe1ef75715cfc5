package import GonogoCore

/// Squawk, a linter of migrations: how it is asked, and what it answers. The proof and the audit both run it.
package enum Squawk {
  package static let install = BesideTool.squawk.install(server: 0)

  /// The command line for files of PostgreSQL's SQL, seen from where it runs.
  ///
  /// - Parameter configuration: a file to read in place of the `.squawk.toml` that lies there.
  package static func command(_ files: [String], configuration: String? = nil) -> [String] {
    // A name that begins with a hyphen would be an option.
    ["squawk", "--reporter", "json"] + (configuration.map { ["--config", $0] } ?? [])
      + files.map { $0.hasPrefix("-") ? "./\($0)" : $0 }
  }

  /// Its report, in its own words.
  package static func findings(_ items: [JSON]) -> [BesideReport.Finding] {
    items.map { item in
      .init(
        rule: item["rule_name"]?.stringValue ?? "", level: item["level"]?.stringValue?.lowercased() ?? "", object: "",
        message: item["message"]?.stringValue ?? "", file: item["file"]?.stringValue,
        // Its lines count from 0.
        line: item["line"]?.integerValue.map { $0 + 1 })
    }
  }
}
