import GonogoCore
import GonogoSystem

/// What a shadow database is built from, and how: ``ShadowArguments`` with its names filled in.
struct ShadowOptions: Sendable, Hashable {
  enum Source: Sendable, Hashable {
    /// Folders of SQL files, and single files, one after the other.
    case migrations([String])
    /// One file of SQL, such as pg_dump's.
    case dump(String)
    /// The directory of `alembic.ini`.
    case alembic(String)
    /// The directory of `prisma/schema.prisma`.
    case prisma(String)
    /// A program that is given `DATABASE_URL`.
    case command([String])
  }

  /// In which order the files of a folder run.
  enum Order: String, Sendable, CaseIterable { case name, git }
  enum OnError: String, Sendable, CaseIterable {
    case `continue`, stop
    /// What failed is tried again after the others, until nothing more applies; that it failed in its turn stays told.
    case retry
  }
  /// What one transaction holds.
  enum Mode: String, Sendable, CaseIterable { case file, statement, all, function }
  enum Platform: String, Sendable, CaseIterable { case auto, none, supabase }

  var source: Source
  /// `nil` where the folder's content decides.
  var style: MigrationStyle?
  var order: Order = .name
  var onError: OnError = .continue
  /// `nil` for the source's own: a file, and for a dump a statement.
  var mode: Mode?
  var platform: Platform = .auto
  /// Roles that the environment has and the migrations take for granted.
  var roles: [String] = []
  /// A role that is given all that was made, as if it had run the migrations: the application's own login.
  var owner: String?
  /// SQL files that run before the migrations, and are none of them.
  var before: [String] = []
  /// Where initdb and postgres are.
  var binaries: String?
  /// A server to make the database on, instead of a cluster of its own: keywords of libpq.
  var server: [String: String]?
  /// The directory that relative paths start from.
  var directory = ""
  /// What programs are given as their environment.
  var environment: [String: String] = [:]

  /// Controls with the same key share one shadow.
  var key: String {
    "shadow \(source) \(style.map(\.rawValue) ?? "") \(order) \(onError) \(mode.map(\.rawValue) ?? "") \(platform) "
      + "\(roles) \(owner ?? "") \(before) \(binaries ?? "") \((server ?? [:]).sorted { $0.key < $1.key }) \(directory)"
  }

  /// What proves the same on a terminal; `nil` where the database comes from a program that only the document names.
  var isolationCommand: String? {
    let places: [String]
    switch source {
    case .migrations(let paths): places = paths
    case .dump(let path), .alembic(let path), .prisma(let path): places = [path]
    case .command: return nil
    }
    var words = ["gonogo", "isolation"] + places.map { FileSystem.join(directory, $0) }
    for file in before { words += ["--before", FileSystem.join(directory, file)] }
    if let mode { words += ["--mode", mode.rawValue] }
    if order != .name { words += ["--order", order.rawValue] }
    if onError != .continue { words += ["--on-error", onError.rawValue] }
    return words.map(ShellQuote.quote).joined(separator: " ")
  }
}

/// The parameters of a shadow database, as they stand in a document: of the probe `shadow`, and of any probe that looks
/// into one (`shadow: { migrations: … }`).
struct ShadowArguments: Sendable {
  private enum Source: Sendable {
    case migrations([Template])
    case dump(Template)
    case alembic(Template)
    case prisma(Template)
    case command([Template])
  }

  private let source: Source
  private let style: MigrationStyle?
  private let order: ShadowOptions.Order
  private let onError: ShadowOptions.OnError
  private let mode: ShadowOptions.Mode?
  private let platform: ShadowOptions.Platform
  private let roles: [String]
  private let owner: String?
  private let before: [Template]
  private let binaries: Template?
  private let server: Template?

  static let sources = ["migrations", "dump", "alembic", "prisma", "command"]

  /// Reads them; the caller calls `finish()`.
  init(_ arguments: Arguments) throws(InvalidArguments) {
    let named = Self.sources.filter(arguments.has)
    if named.count > 1 {
      arguments.fail(
        .wrongType, "a shadow is built from one source, not from \(named.joined(separator: " and "))",
        at: arguments.keyRange(named[1]))
    }
    for name in Self.sources { _ = arguments.node(name) }
    style = arguments.choice("style", MigrationStyle.allCases.map(\.rawValue)).flatMap(MigrationStyle.init)
    order =
      arguments.choice("order", ShadowOptions.Order.allCases.map(\.rawValue)).flatMap(ShadowOptions.Order.init) ?? .name
    mode = arguments.choice("mode", ShadowOptions.Mode.allCases.map(\.rawValue)).flatMap(ShadowOptions.Mode.init)
    let onError = arguments.choice("on_error", ShadowOptions.OnError.allCases.map(\.rawValue)).flatMap(
      ShadowOptions.OnError.init)
    platform =
      arguments.choice("platform", ShadowOptions.Platform.allCases.map(\.rawValue)).flatMap(ShadowOptions.Platform.init)
      ?? .auto
    roles = arguments.strings("roles") ?? []
    owner = arguments.string("owner")
    before = arguments.templates("before") ?? []
    binaries = arguments.template("binaries")
    server = arguments.template("server")
    if mode == .all, onError == .continue || onError == .retry {
      arguments.fail(
        .wrongType, "one transaction for all files ends at the first failure", at: arguments.keyRange("on_error"),
        mend: "leave `on_error` out, or say `mode: file`")
    }
    self.onError = mode == .all ? .stop : onError ?? .continue
    switch named.first {
    case "migrations":
      let places = try arguments.require("migrations", arguments.templates("migrations"))
      if places.isEmpty {
        arguments.fail(.missingKey, "`migrations` names no folder", at: arguments.keyRange("migrations"))
      }
      source = .migrations(places)
    case "dump": source = .dump(try arguments.require("dump", arguments.template("dump")))
    case "alembic": source = .alembic(try arguments.require("alembic", arguments.template("alembic")))
    case "prisma": source = .prisma(try arguments.require("prisma", arguments.template("prisma")))
    case "command":
      let words = try arguments.require("command", arguments.templates("command"))
      if words.isEmpty { arguments.fail(.missingKey, "`command` names no program", at: arguments.keyRange("command")) }
      source = .command(words)
    default:
      arguments.fail(
        .missingKey, "\(arguments.owner) needs one of \(Self.sources.map { "`\($0)`" }.joined(separator: ", "))",
        mend: "write `migrations: supabase/migrations`")
      throw InvalidArguments()
    }
    let isFolder = if case .migrations = source { true } else { false }
    for name in ["style", "order"] where arguments.has(name) && !isFolder {
      arguments.fail(.wrongType, "`\(name)` is for a folder of migrations", at: arguments.keyRange(name))
    }
    switch source {
    case .alembic, .prisma, .command:
      for name in ["mode", "on_error"] where arguments.has(name) {
        arguments.fail(
          .wrongType, "the tool decides what a transaction holds, not `\(name)`", at: arguments.keyRange(name))
      }
    default: break
    }
  }

  var references: [(name: String, range: SourceRange)] {
    let own: [Template] =
      switch source {
      case .dump(let one), .alembic(let one), .prisma(let one): [one]
      case .migrations(let several), .command(let several): several
      }
    return (own + before + [binaries, server].compactMap { $0 }).flatMap(\.references)
  }

  /// What it is built from, for `gonogo plan`.
  func preview(in scope: Scope) -> String {
    let on = server.map { " on \(scope.preview($0))" } ?? ""
    switch source {
    case .migrations(let places):
      return "a scratch database\(on) from the migrations of \(places.map(scope.preview).joined(separator: ", "))"
    case .dump(let one): return "a scratch database\(on) from the dump \(scope.preview(one))"
    case .alembic(let one): return "a scratch database\(on) by alembic upgrade head in \(scope.preview(one))"
    case .prisma(let one): return "a scratch database\(on) by prisma migrate deploy in \(scope.preview(one))"
    case .command(let words):
      return "a scratch database\(on) by \(words.map { ShellQuote.quote(scope.preview($0)) }.joined(separator: " "))"
    }
  }

  /// - Throws: ``ProbeError`` of kind `configuration` where a name has no value.
  func options(in context: ProbeContext) throws(ProbeError) -> ShadowOptions {
    func text(_ template: Template) throws(ProbeError) -> String { try context.render(template).exposed }
    let filled: ShadowOptions.Source
    switch source {
    case .migrations(let places):
      var folders: [String] = []
      for place in places { folders.append(try text(place)) }
      filled = .migrations(folders)
    case .dump(let one): filled = .dump(try text(one))
    case .alembic(let one): filled = .alembic(try text(one))
    case .prisma(let one): filled = .prisma(try text(one))
    case .command(let words):
      var result: [String] = []
      for word in words {
        let rendered = try context.render(word)
        if !rendered.secrets.isEmpty {
          throw ProbeError(
            .configuration, "a secret on the command line could be read by anyone who lists processes",
            mend: "let the program read it from its environment")
        }
        // A plain text is split at blanks, as the probe command does.
        result += words.count == 1 ? rendered.exposed.split(separator: " ").map(String.init) : [rendered.exposed]
      }
      filled = .command(result)
    }
    var options = ShadowOptions(source: filled)
    options.style = style
    options.order = order
    options.onError = onError
    options.mode = mode
    options.platform = platform
    options.roles = roles
    options.owner = owner
    for file in before { options.before.append(try text(file)) }
    if let binaries { options.binaries = try text(binaries) }
    if let server {
      options.server = try PostgresTarget(try context.render(server), redactor: context.redactor).options
    }
    options.directory = context.directory
    options.environment = context.scope.environment
    return options
  }
}
