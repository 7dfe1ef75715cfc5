import GonogoCore

/// The places of one file at which a rule has the same thing to say.
struct FileCause {
  let file: TreeFile
  let places: [TreePlace]
}

extension Findings {
  /// How many files of a package may be told of one by one.
  private static var several: Int { 3 }

  /// One finding a file; and where more of a package's files than a few share the cause, one for the package that names them all: who mends it,
  /// mends it in one place, and who has a reason against it has the same against each.
  ///
  /// - Parameters:
  ///   - one: what is told of a single place: "an outbound call has no timeout".
  ///   - many: what is told of several, to stand behind their number: "outbound calls have no timeout".
  ///   - noun: the several places alone, and `rest` what is told of them: "outbound calls", "have no timeout".
  mutating func add(
    _ causes: [FileCause], subject: (TreeFile) -> String, one: String, noun: String, rest: String,
    in context: AuditContext
  ) {
    let groups = Dictionary(grouping: causes) { Self.package(of: $0.file, in: context) }
    for (package, group) in groups.sorted(by: { $0.key < $1.key }) {
      let files = group.sorted { $0.file.index < $1.file.index }
      if files.count <= Self.several {
        for cause in files {
          let places = cause.places.sorted()
          add(
            places.count == 1 ? one : "\(places.count) \(noun) \(rest)", at: places[0], subject: subject(cause.file),
            related: places.dropFirst().prefix(20).map { Finding.Related($0, "another one") })
        }
        continue
      }
      let places = files.flatMap { $0.places.sorted() }
      let whole = package.isEmpty ? "" : " of '\(package)'"
      add(
        "\(places.count) \(noun) in \(files.count) files\(whole) \(rest)", at: places[0], subject: "package",
        related: places.dropFirst().prefix(100).map { Finding.Related($0, "another one") })
    }
  }

  /// What is built and deployed as one: the nearest manifest's directory; functions of Supabase have none.
  private static func package(of file: TreeFile, in context: AuditContext) -> String {
    if let functions = file.path.firstRange(of: "supabase/functions/") {
      return String(file.path[..<functions.upperBound].dropLast())
    }
    let manifests =
      switch CodeSyntax(file.language) {
      case .ecmascript: ["package.json", "deno.json"]
      case .python: ["pyproject.toml", "requirements.txt", "setup.py"]
      case .go: ["go.mod"]
      default: ["Gemfile", "Package.swift"]
      }
    return manifests.compactMap { CodeScope.package(of: file, $0, in: context) }.max { $0.utf8.count < $1.utf8.count }
      ?? ""
  }
}
